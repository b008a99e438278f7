"""One bidder's receipt, without any bundle (投标回执核验)."""

from gongheng.crypto import canonical, labels, signing
from gongheng.crypto.canonical import unb64
from tools.verify.log import check_head, proof_row, read_entry
from tools.verify.report import Report


def check_receipt(receipt: dict, policy: dict, report: Report) -> str:
    """Check the platform's promise, the place of the seal in the witnessed log, and the trustees' words."""
    promise = receipt["promise"]
    body = canonical.encode(promise)
    if not signing.verify(unb64(policy["platform"]), body, unb64(receipt["signature"]), labels.RECEIPT):
        report.fault("回执承诺", "平台签名无效")
    if any(receipt[name] != promise[name] for name in ("lot", "D", "t")):
        report.fault("回执承诺", "承诺与回执的标段、摘要或时间不符")
    proof = receipt["proof"]
    heads = check_head(proof, policy)
    for algorithm in heads.holds(proof):
        report.fault("回执位次", f"封标存证不在 {algorithm} 存证树中")
    row = proof_row(proof) | {"reveal": {"salt": receipt["salt"], "hidden": receipt["hidden"]}}
    line = read_entry(row, receipt["lot"], "回执存证", report)
    if line is None:
        return ""
    if (line.verb, line.facts["D"], line.at) != ("bid.seal", receipt["D"], receipt["t"]):
        report.fault("回执存证", "存证不是这份投标文件的封标")
    if receipt["position"] != proof["index"] or receipt["entry"] != proof["entry"]:
        report.fault("回执位次", "位次或条目与证明不符")
    for check in receipt["share_checks"]:
        message = canonical.encode({"v": 1, "lot": receipt["lot"], "D": receipt["D"], "ok": check["ok"]})
        key = unb64(policy["trustees"][check["trustee"]])
        if not signing.verify(key, message, unb64(check["signature"]), labels.SHARE_CHECK):
            report.fault(f"受托人 {check['trustee']}", "份额校验签名无效")
    return f"回执有效：{receipt['D']} 于 {receipt['t']} 封标，位次 {proof['index']}，{len(heads.times)} 家见证方联署"
