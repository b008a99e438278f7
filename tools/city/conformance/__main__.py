"""``./gongheng conformance``: does an implementation of the interface keep its rules? (数据接口符合性检查)

Of a platform:  --url https://… --system 370200-V001 --key our.json
Of a receiver:  --receiver https://… --system 370200-V001 --key its-key.json --platform-key kit.json
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import httpx
from rich import box
from rich.console import Console
from rich.table import Table

from gongheng.crypto import canonical, signing
from tools.city.client import Exchange, Key, clock
from tools.city.conformance.checks import Check, Receiving, of_platform, of_receiver


def main(argv: list[str] | None = None) -> int:
    """Run all checks of one side and print them; 0 when all passed."""
    parser = argparse.ArgumentParser(prog="./gongheng conformance", description=__doc__.splitlines()[0])
    parser.add_argument("--url", help="检查平台一侧：平台地址")
    parser.add_argument("--receiver", help="检查回调接收一侧：接收网址（请用测试环境）")
    parser.add_argument("--system", required=True, help="系统编号")
    parser.add_argument("--key", type=Path, required=True, help="该系统的密钥文件")
    parser.add_argument("--platform-key", type=Path, help="检查接收一侧时，代替平台签名的 SM2 密钥文件")
    parser.add_argument("--demo-clock", type=Path, help="演示部署的时间偏移文件；真实部署不得使用")
    options = parser.parse_args(argv)
    if bool(options.url) == bool(options.receiver):
        parser.error("--url 与 --receiver 选其一")
    key, now = Key.of_file(options.key), clock(options.demo_clock)
    try:
        if options.url:
            with Exchange(options.url, options.system, key, now=now) as exchange:
                return report(of_platform(exchange))
        if options.platform_key is None:
            parser.error("检查接收一侧须给出 --platform-key，并让对方以其公钥为平台公钥")
        with httpx.Client(timeout=10, trust_env=False) as http:
            return report(of_receiver(Receiving(
                options.receiver, options.system, key.algorithm,
                signing.public_of(key.secret) if key.algorithm == "sm2" else key.secret,
                Key.of_file(options.platform_key).secret, http, now,
            )))
    except (httpx.HTTPError, canonical.NotCanonical) as error:
        print(f"检查没有做完：{error}", file=sys.stderr)
        return 1


def report(checks: Iterable[Check]) -> int:
    """Print one line per check; return 0 when all passed."""
    table = Table("检查", "应为", "实际", "", title="数据接口符合性检查", box=box.SIMPLE)
    done = list(checks)
    for one in done:
        table.add_row(one.name, one.expected, one.got, "通过" if one.is_passed else "[red]不通过")
    passed = sum(one.is_passed for one in done)
    console = Console()
    console.print(table)
    console.print(f"共 {len(done)} 项，通过 {passed} 项。")
    return 0 if passed == len(done) else 1


if __name__ == "__main__":
    sys.exit(main())
