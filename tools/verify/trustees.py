"""The trustees' keys, their words on shares, and the shares they released (密钥受托人)."""

from gongheng.crypto import canonical, labels, signing
from gongheng.crypto.canonical import unb64
from tools.verify.log import Line, Log
from tools.verify.report import Report

INDEXES = {"centre": 1, "supervisor": 2, "notary": 3}
#: On which grounds each policy of the tender document lets trustees open a bid.
GROUNDS = {
    "never": (),
    "on_bidder_request": ("on_bidder_request",),
    "on_platform_fault": ("on_bidder_request", "on_platform_fault"),
}


def check_trustees(lot: str, policy: dict, log: Log, report: Report) -> str:
    """Check every signature of a trustee: fresh keys, share checks, releases."""
    known = {name: unb64(key) for name, key in policy["trustees"].items()}

    def check(line: Line, label: str, message: dict) -> None:
        if not signing.verify(
            known[line.facts["trustee"]], canonical.encode(message), unb64(line.facts["signature"]), label
        ):
            report.fault(line.place, f"受托人 {line.facts['trustee']} 的签名无效")

    enrolled = log.all("trustee_key.enrol")
    for line in enrolled:
        facts = line.facts
        check(
            line, labels.TRUSTEE_KEY, {"v": 1, "lot": lot, "trustee": facts["trustee"], "public": facts["public_key"]}
        )
        if signing.kid(unb64(facts["public_key"])) != facts["kid"] or INDEXES[facts["trustee"]] != facts["index"]:
            report.fault(line.place, "受托人密钥的编号或次序不符")
    if sorted(line.facts["index"] for line in enrolled) != [1, 2, 3]:
        report.fault("log.json", "三方受托人没有各登记一把本标段密钥")
    checks = log.all("bid.share_check")
    for line in checks:
        check(line, labels.SHARE_CHECK, {"v": 1, "lot": lot, "D": line.facts["D"], "ok": line.facts["ok"]})
    releases = log.all("share.release")
    for line in releases:
        message = {"v": 1, "lot": lot, "D": line.facts["D"], "shares": line.facts["shares"]}
        check(line, labels.SHARE_RELEASE, message)
    return f"受托人：{len(enrolled)} 把密钥、{len(checks)} 次份额校验、{len(releases)} 次份额释放均由本人签名"


def kids(log: Log) -> list[str]:
    """Return the key ids of the lot's trustees in the order of their shares."""
    return [line.facts["kid"] for line in sorted(log.all("trustee_key.enrol"), key=lambda line: line.facts["index"])]


def check_fallback(
    row: dict, container, opened: Line, sealed: Line, fallback: str, lot: str, log: Log, report: Report
) -> None:
    """Check that a bid opened by trustees was asked for on a lawful ground by its holder, and released by two."""
    where = f"bids/{row['D']}"
    asked = [line for line in log.all("opening.request_fallback") if line.facts["D"] == row["D"]]
    given = {
        line.facts["trustee"]
        for line in log.all("share.release")
        if line.facts["D"] == row["D"] and line.index < opened.index
    }
    if not asked or asked[0].index > opened.index or len(given) < 2:
        report.fault(where, "兜底开启没有申请，或没有两方受托人释放份额")
        return
    facts = asked[0].facts
    if facts["ground"] not in GROUNDS[fallback]:
        report.fault(where, "招标文件不允许以该事由兜底开启")
    if facts["ground"] == "on_bidder_request" and not _holds(facts["proof"], container, sealed, row["D"], lot):
        report.fault(where, "申请兜底开启的人没有证明该投标文件由其封标")


def _holds(proof: dict, container, sealed: Line, digest: str, lot: str) -> bool:
    if "salt" in proof:
        return proof["salt"] == sealed.salt
    message = canonical.encode({"v": 1, "act": "fallback", "lot": lot, "D": digest})
    return signing.verify(container.otk_public, message, unb64(proof["otk_signature"]), labels.SEAL)
