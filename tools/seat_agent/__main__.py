"""Run a seat's self-test: ``./gongheng seat-agent --platform URL --code CODE`` once, later without the code."""

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

import httpx

from tools.seat_agent import checks, vouching
from tools.seat_agent.platform import Platform, Store, refusal_of

log = logging.getLogger("seat-agent")


def main(argv: list[str] | None = None) -> int:
    """Enrol when a code is given, then report each minute until a signal asks to stop."""
    parser = argparse.ArgumentParser(
        prog="./gongheng seat-agent", description="席位自检程序：每分钟检查本席位各部件并签名上报"
    )
    parser.add_argument("--platform", required=True, help="平台网址")
    parser.add_argument("--store", type=Path, default=Path.home() / ".gongheng-seat", help="保存设备密钥的目录")
    parser.add_argument("--code", help="席位页面生成的一次性登记码（仅首次）")
    parser.add_argument("--simulate", metavar="STATE", help="模拟：ok，或故障部件名（逗号分隔）；报告会注明是模拟")
    parser.add_argument("--port", type=int, default=vouching.PORT, help="本机登录验证端口（平台按默认端口引导浏览器）")
    parser.add_argument("--once", action="store_true", help="只检查并上报一次")
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if options.simulate is not None:
        try:
            checks.simulated(options.simulate)
        except ValueError as error:
            parser.error(str(error))
        log.warning("这是模拟：部件状态由命令行给定，并非本机实测。")
    store = Store(options.store)
    with httpx.Client(base_url=options.platform, timeout=10, trust_env=False) as http:
        return run(store, Platform(http, store.key()), options)


def run(store: Store, platform: Platform, options: argparse.Namespace) -> int:
    """Enrol if asked to, then report; a refused enrolment ends the program with the platform's words."""
    if options.code:
        try:
            store.keep_enrolment(platform.enrol(options.code))
        except httpx.HTTPStatusError as error:
            print(f"登记未成功：{refusal_of(error)}", file=sys.stderr)
            return 1
        except httpx.HTTPError as error:
            print(f"无法连接平台：{type(error).__name__}", file=sys.stderr)
            return 1
    seat = store.enrolment()
    if seat is None:
        print("本机尚未登记，请在席位页面生成登记码后以 --code 运行一次。", file=sys.stderr)
        return 1
    log.info("%s %s %s 号席位", seat["centre"], seat["room"], seat["number"])
    stop = threading.Event()
    if not options.once:
        try:
            vouching.serve(options.platform, platform.private, seat, options.port)
        except OSError:
            log.warning("端口 %s 被占用，本机暂不能验证席位登录。", options.port)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    has_reported = False
    while not stop.is_set():
        has_reported = report(store, platform, seat["agent"], options.simulate)
        if options.once:
            break
        stop.wait(seat["every"])
    return 0 if has_reported else 1


def report(store: Store, platform: Platform, agent: str, simulate: str | None) -> bool:
    """Test once and send what was found; a platform out of reach is tried again next time."""
    try:
        skew, round_trip = platform.measure()
        parts = checks.look(skew, round_trip, store.folder) if simulate is None else checks.simulated(simulate)
        answer = platform.report(agent, parts, skew, is_simulated=simulate is not None)
    except httpx.HTTPStatusError as error:
        log.warning("平台拒收：%s", refusal_of(error))
        return False
    except httpx.HTTPError as error:
        log.warning("无法连接平台：%s", type(error).__name__)
        return False
    found = "，".join(f"{part} {state}" for part, state in parts.items() if state != checks.OK)
    log.info("已上报：%s（%s）", found or "各部件正常", answer["state"])
    return True


if __name__ == "__main__":
    raise SystemExit(main())
