"""The tender document's versions against the log, and what the index says against them (招标文件)."""

from gongheng.crypto import canonical, labels
from gongheng.crypto.canonical import b64
from tools.verify.log import Line, Log
from tools.verify.report import Report, only


def check_tender(bundle: dict, tender: dict, log: Log, report: Report) -> str:
    """Check every published version: its digest in the log, the chain to the version before, its deadline."""
    only(
        bundle,
        "v",
        "lot",
        "lot_code",
        "deal_code",
        "lot_name",
        "tender",
        "tender_name",
        "origin",
        "clock",
        "mode",
        "made_at",
    )
    if bundle["mode"] not in ("full", "public") or bundle["clock"] not in ("demonstration", "real"):
        report.fault("bundle.json", "模式或时钟不是规定的取值")
    versions, lines = only(tender, "v", "versions")["versions"], published(log)
    if len(versions) != len(lines):
        report.fault("tender.json", f"有 {len(versions)} 个版本，存证日志发布了 {len(lines)} 个")
    before = None
    for number, (version, line) in enumerate(zip(versions, lines, strict=False), start=1):
        where = f"tender.json 第 {number} 版"
        digest = version_digest(version)
        if digest != line.facts["tender_document"]:
            report.fault(where, f"与第 {line.index} 条存证（{line.verb}）的摘要不符")
        if (version["version"], version["previous"], version["lot"]) != (number, before, bundle["lot"]):
            report.fault(where, "版次、前版摘要或标段不符")
        if version["bids_due_at"] != line.facts["bids_due_at"]:
            report.fault(where, "投标截止时间与存证不符")
        before = digest
    for name in ("lot_code", "deal_code", "lot_name"):
        if bundle[name] != versions[-1][name]:
            report.fault("bundle.json", f"{name} 与招标文件不符")
    added = log.one("lot.add")
    if (added.facts["code"], added.facts["deal_code"]) != (bundle["lot_code"], bundle["deal_code"]):
        report.fault("bundle.json", "标段编号或统一交易标识码与登记存证不符")
    return f"招标文件：{len(versions)} 个版本与存证摘要相符，前后相接"


def published(log: Log) -> list[Line]:
    """Return the entries that put a version of the tender document in force, first to last."""
    return log.all("lot.announce", "lot.amend")


def in_force(log: Log, index: int) -> tuple[int, str]:
    """Return (number, digest) of the version in force at a place of the log; LookupError before the first."""
    lines = [line for line in published(log) if line.index < index]
    return len(lines), lines[-1].facts["tender_document"]


def version_digest(version: dict) -> str:
    return b64(labels.digest(labels.DOCUMENT, canonical.encode(version)))
