"""``./gongheng city``: a simulated city joins by the interface and answers offers (模拟城市场地管理系统)."""

import argparse
import signal
import sys
import threading
from pathlib import Path

import httpx

from gongheng.crypto import canonical, signing
from tools.city.client import Exchange, Key, Refused, Untrustworthy, clock
from tools.city.receiver import Receiver, serve
from tools.city.venue import SCENARIOS, Venue


def main(argv: list[str] | None = None) -> int:
    """Make a key, or serve until a signal asks to stop; returns the exit status."""
    parser = argparse.ArgumentParser(prog="./gongheng city", description="模拟城市场地管理系统（不是真实的场地系统）")
    parser.add_argument("--new-key", action="store_true", help="只生成 SM2 密钥，打印登记用的公钥")
    parser.add_argument("--key", type=Path, required=True, help="密钥文件")
    parser.add_argument("--platform", help="平台地址，如 http://localhost:8000")
    parser.add_argument("--system", help="登记得到的系统编号")
    parser.add_argument("--region", help="本市区划代码，如 370200")
    parser.add_argument("--port", type=int, default=0, help="接收回调的端口（仅本机），0 为任选")
    parser.add_argument("--receipts", type=Path, help="保存凭据的目录")
    parser.add_argument("--scenario", choices=SCENARIOS, default="confirm", help="怎样答复要约")
    parser.add_argument("--demo-clock", type=Path, help="演示部署的时间偏移文件；真实部署不得使用")
    options = parser.parse_args(argv)
    if options.new_key:
        private, public = signing.generate()
        Key("sm2", private).keep(options.key)
        print(canonical.b64(public))
        return 0
    if not (options.platform and options.system and options.region):
        parser.error("请给出 --platform、--system、--region")
    key = Key.of_file(options.key)
    try:
        with Exchange(
            options.platform, options.system, key, receipts=options.receipts, now=clock(options.demo_clock)
        ) as exchange:
            return _run(exchange, key, options)
    except (Refused, Untrustworthy, httpx.HTTPError) as error:
        print(f"不能接入：{error}", file=sys.stderr)
        return 1


def _run(exchange: Exchange, key: Key, options: argparse.Namespace) -> int:
    venue = Venue(exchange, options.region, options.scenario)
    server = serve(Receiver(options.system, key, exchange.platform_key, venue.hear, exchange.now), options.port)
    exchange.call("set_notify_url", {"url": f"http://127.0.0.1:{server.server_port}/callbacks"})
    print(f"模拟城市已接入（{SCENARIOS[options.scenario]}）：http://127.0.0.1:{server.server_port}", flush=True)
    worker = threading.Thread(target=venue.work)
    worker.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop it would interrupt, so it runs beside it.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()
    venue.offers.put(None)
    worker.join()
    return 0


if __name__ == "__main__":
    sys.exit(main())
