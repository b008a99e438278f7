"""``gongheng verify``: check an evidence bundle, a draw or a receipt offline (离线核验)."""

import argparse
import json
from pathlib import Path

from gongheng.crypto import canonical, certs
from gongheng.crypto.canonical import unb64
from tools.verify import bids, draw, log, scoring, tender, trustees
from tools.verify.folder import Folder
from tools.verify.receipt import check_receipt
from tools.verify.recording import verify_recording
from tools.verify.report import MALFORMED, Broken, Report, only

POLICY = ("v", "origin", "log", "log_sm3", "witnesses", "quorum", "platform", "trustees", "roots")


def verify(path: Path, pinned: dict | None = None) -> Report:
    """Check a bundle; ``pinned`` is a policy from another source, which the bundle's own must equal."""
    report = Report()
    try:
        _verify(path, pinned, report)
    except Broken:
        pass
    except MALFORMED as error:
        # Only a changed bundle lacks a field or holds one of another form: say so, do not crash.
        report.fault("存证包", f"缺少字段或格式不符（{type(error).__name__}: {error}）")
    return report


def _verify(path: Path, pinned: dict | None, report: Report) -> None:
    folder = Folder(path, report)
    report.run("存证包", folder.check_files)
    policy = only(folder.read("policy.json"), *POLICY)
    for key, value in (pinned or {}).items():
        if policy.get(key) != value:
            report.fault("policy.json", f"包内公钥（{key}）与您指定的信任根不一致，以下按您指定的核对")
    policy |= pinned or {}
    report.run("policy.json", folder.check_signature, unb64(policy["platform"]))
    bundle, versions, record = folder.read("bundle.json"), folder.read("tender.json"), folder.read("bids.json")
    draws, evaluation, documents = (folder.read(f"{name}.json") for name in ("draw", "evaluation", "documents"))
    acts, export = folder.read("acts.json"), folder.read("log.json")
    roots = [certs.parse(unb64(der)) for der in policy["roots"]]
    if (bundle["lot"], bundle["origin"]) != (export["lot"], policy["origin"]):
        report.fault("bundle.json", "标段或日志名称与存证日志不符")
    entries, nonces = log.Log(), {}
    case = bids.Case(folder, bundle, record, versions, entries, roots)
    report.run("log.json", log.check_log, export, policy, entries)
    report.run("log.json", log.check_order, entries)
    report.run("tender.json", tender.check_tender, bundle, versions, entries)
    report.run("acts.json", log.check_acts, acts, entries, roots, case.is_public)
    report.run("log.json", trustees.check_trustees, bundle["lot"], policy, entries)
    report.run("bids.json", bids.check_sealed_phase, case)
    report.run("bids.json", bids.check_covers, case)
    report.run("bids.json", bids.check_bids, case, nonces)
    report.run("bids.json", bids.check_opening, case)
    report.run("bids.json", bids.check_coefficient, case, nonces)
    report.run("draw.json", draw.check_draws, draws, roots, entries)
    report.run("evaluation.json", scoring.check_scores, case, evaluation, draws)
    report.run("documents.json", log.check_documents, folder, documents, entries, case.is_public)
    report.run("存证包", folder.check_use)


def main(argv: list[str] | None = None) -> int:
    """Run one verification and return the exit status: 0 sound, 1 faults found, 2 nothing to check."""
    parser = argparse.ArgumentParser(
        prog="gongheng verify",
        description=(
            "离线核验：verify 存证包文件夹 | verify draw 抽取文件 | verify receipt 投标回执 | "
            "verify recording 录像文件夹"
        ),
    )
    parser.add_argument("what", nargs="+", metavar="[draw|receipt|recording] 路径", help="存证包文件夹，或类别及其文件")
    parser.add_argument("--policy", type=Path, help="从其他渠道取得的公钥文件（policy.json）；核验回执时必需")
    options = parser.parse_args(argv)
    *kind, path = options.what
    place = Path(path)
    is_folder = kind in ([], ["recording"])
    if kind not in ([], ["draw"], ["receipt"], ["recording"]) or not (place.is_dir() if is_folder else place.is_file()):
        print(f"✗ 没有可核验的内容：{' '.join(options.what)}")
        return 2
    pinned = json.loads(options.policy.read_text()) if options.policy else None
    if kind == ["receipt"] and pinned is None:
        print("✗ 核验回执须用 --policy 给出公钥文件。")
        return 2
    if kind == ["recording"]:
        return _conclude(verify_recording(place, pinned))
    if kind:
        return _conclude(_verify_file(kind[0], place, pinned))
    report = verify(place, pinned)
    status = _conclude(report)
    if pinned is None:
        print("· 未用 --policy 指定信任根：以上使用包内公钥，证明存证包自洽并经见证方签名。")
    bundle = place / "bundle.json"
    if bundle.is_file() and b'"clock":"demonstration"' in bundle.read_bytes():
        print("· 本存证包由演示环境的演示时钟产生，是一次演练，不是真实交易。")
    return status


def _verify_file(kind: str, place: Path, policy: dict | None) -> Report:
    report = Report()
    if kind == "receipt":
        # The browser may have saved it indented; what counts is signed inside.
        report.run(place.name, lambda told: check_receipt(json.loads(place.read_text()), policy, told))
    else:
        report.run(place.name, lambda told: _replay_draws(canonical.decode(place.read_bytes()), told))
    return report


def _replay_draws(value: dict, report: Report) -> str:
    rows = value.get("draws", [value])
    for one in rows:
        draw.replay(one, f"第 {one['attempt']} 次抽取", report)
    return f"抽取：{len(rows)} 次按所附数据重演相符（未核对存证日志）"


def _conclude(report: Report) -> int:
    print(report.text())
    print("结论：核验通过。" if report.is_clean else f"结论：核验不通过，发现 {len(report.faults)} 处问题。")
    return 0 if report.is_clean else 1


if __name__ == "__main__":
    raise SystemExit(main())
