"""``gongheng bid``: seal, look after, withdraw and open a bid from the command line (投标命令行)."""

import argparse
import getpass
import sys
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

from gongheng.crypto.refused import ContainerRefused
from gongheng.kernel.money import to_fen
from tools.bid import client, machine
from tools.visitor import Refused, SoftCertificate, Visitor


def main(argv: list[str] | None = None) -> int:
    """Run one command; 1 and the platform's words when it was refused."""
    options = _parser().parse_args(argv)
    pin = options.pin or getpass.getpass("软证书口令：")
    try:
        key = SoftCertificate.unlock(options.certificate.read_bytes(), pin)
        session = Visitor(options.platform, key)
        session.sign_in("bidder")
        return options.run(options, session, key)
    except (Refused, ContainerRefused, ValueError, OSError) as refused:
        print(refused, file=sys.stderr)
        return 1


def seal(options: argparse.Namespace, session: Visitor, key: SoftCertificate) -> int:
    """编制并封标；已有封标记录时以新文件替换。"""
    kept_file = _kept(options)
    offer = client.Offer(
        to_fen(Decimal(options.price)), options.days, options.quality, options.manager, options.contact, options.phone,
        options.guarantee,
    )
    with ExitStack() as stack:
        opened = {
            name: [(path.name, stack.enter_context(path.open("rb"))) for path in paths]
            for name, paths in (("qualification", options.qualification), ("technical", options.technical))
        }
        rows = machine.told()
        copy = stack.enter_context(options.copy.open("wb")) if options.copy else None
        kept = client.seal_and_submit(
            session, client.sealing_rules(session, options.lot), key, offer, opened["qualification"],
            opened["technical"], replaces=client.KeptBid.load(kept_file) if kept_file.exists() else None, copy_to=copy,
            machine=rows,
        )
    kept.save(kept_file)
    client.fetch_receipt(session, kept, patience=15)
    kept.save(kept_file)
    told = "，".join(f"{kind} {value}" for kind, value in rows) or "无"
    print(f"随资格文件封入的本机信息：{told}；开标后仅供监督。")
    print(f"已封标，文件摘要 {kept.D}；回执与密钥保存在 {kept_file}，请妥善保管至开标结束。")
    return 0


def status(options: argparse.Namespace, session: Visitor, key: SoftCertificate) -> int:
    """查看封标回执。"""
    kept = client.KeptBid.load(_kept(options))
    receipt = client.fetch_receipt(session, kept)
    kept.save(_kept(options))
    print(f"文件摘要 {kept.D}，封标时间 {kept.promise['t']}")
    if receipt is None:
        print("存证证明尚未生成")
    else:
        sound = sum(check["ok"] for check in receipt["share_checks"])
        print(f"存证位次 {receipt['position']}，兜底份额校验 {sound}/3")
    return 0


def withdraw(options: argparse.Namespace, session: Visitor, key: SoftCertificate) -> int:
    """撤回投标。"""
    client.withdraw(session, client.KeptBid.load(_kept(options)))
    _kept(options).unlink()
    print("投标已撤回。")
    return 0


def open_bid(options: argparse.Namespace, session: Visitor, key: SoftCertificate) -> int:
    """开标时解密自己的投标文件。"""
    answer = client.open_own(session, client.KeptBid.load(_kept(options)), key)
    print("投标文件已开启。" if answer["state"] == "opened" else f"投标文件无法开启：{answer['problem']}")
    return 0 if answer["state"] == "opened" else 1


def fallback(options: argparse.Namespace, session: Visitor, key: SoftCertificate) -> int:
    """开标时申请由受托人兜底开启。"""
    client.request_fallback(session, client.KeptBid.load(_kept(options)))
    print("已申请兜底开启。")
    return 0


def _kept(options: argparse.Namespace) -> Path:
    options.store.mkdir(mode=0o700, parents=True, exist_ok=True)
    return options.store / f"{options.lot}.json"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gongheng bid", description="投标命令行客户端")
    parser.add_argument("--platform", required=True, help="平台网址")
    parser.add_argument("--certificate", required=True, type=Path, help="软证书文件（.gkey）")
    parser.add_argument("--pin", help="软证书口令；不填则提示输入")
    parser.add_argument("--store", type=Path, default=Path.home() / ".gongheng-bids", help="保存回执与密钥的文件夹")
    commands = parser.add_subparsers(required=True)
    for name, run in (
        ("seal", seal), ("status", status), ("withdraw", withdraw), ("open", open_bid), ("fallback", fallback),
    ):
        command = commands.add_parser(name, help=run.__doc__)
        command.set_defaults(run=run)
        command.add_argument("--lot", required=True, help="标段标识（标段页面网址中的编号）")
        if name == "seal":
            command.add_argument("--qualification", required=True, nargs="+", type=Path, help="资格文件")
            command.add_argument("--technical", required=True, nargs="+", type=Path, help="技术文件")
            command.add_argument("--price", required=True, help="投标总价，元")
            command.add_argument("--days", required=True, type=int, help="工期，日历天")
            command.add_argument("--quality", default="合格", help="质量承诺")
            command.add_argument("--manager", required=True, help="项目负责人")
            command.add_argument("--contact", required=True, help="联系人")
            command.add_argument("--phone", required=True, help="联系电话")
            command.add_argument("--guarantee", default="", help="投标保函编号")
            command.add_argument("--copy", type=Path, help="另存密封文件（.gbid）")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
