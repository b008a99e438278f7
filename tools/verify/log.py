"""Entries against the witnessed heads, signed acts against their certificates (存证日志与签名行为)."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gongheng.crypto import canonical, certs, cosigning, labels, merkle, signing
from gongheng.crypto.canonical import b64, unb64
from gongheng.crypto.refused import CertificateRefused, ProofRefused
from tools.verify.report import Broken, Report, only

#: A witness's clock may lag this far behind the platform's (security.md, two-clock rule).
WITNESS_LAG = timedelta(seconds=1)
ENTRY_FIELDS = ("v", "verb", "subject", "lot", "actor", "at", "facts")


@dataclass(frozen=True)
class Line:
    """One entry of the lot, clear or revealed, at its place in the log."""

    index: int
    verb: str
    subject: str
    at: str
    actor: dict
    facts: dict
    salt: str | None = None  # of an opaque entry of the sealed phase

    @property
    def is_opaque(self) -> bool:
        return self.salt is not None

    @property
    def place(self) -> str:
        return f"log.json 第 {self.index} 条存证（{self.verb}）"


@dataclass
class Log:
    """The proved entries of a lot in the order of the log."""

    lines: list[Line] = field(default_factory=list)

    def all(self, *verbs: str) -> list[Line]:
        return [line for line in self.lines if line.verb in verbs]

    def first(self, verb: str) -> Line | None:
        return next(iter(self.all(verb)), None)

    def one(self, verb: str) -> Line:
        """Return the first entry of a verb; LookupError when there is none."""
        line = self.first(verb)
        if line is None:
            raise LookupError(f"log.json 中没有 {verb} 存证")
        return line


@dataclass(frozen=True)
class Heads:
    """The two signed heads of one moment, and when each witness saw it (Unix seconds)."""

    sha256: cosigning.Checkpoint
    sm3: cosigning.Checkpoint
    times: dict[str, int]

    def holds(self, row: dict) -> list[str]:
        """Return the trees in which a row {index, entry, path, path_sm3} does not lie."""
        body = unb64(row["entry"])
        return [
            algorithm
            for algorithm, path, head in (("sha256", "path", self.sha256), ("sm3", "path_sm3", self.sm3))
            if not merkle.verify_inclusion(
                algorithm,
                merkle.leaf_hash(algorithm, body),
                row["index"],
                head.size,
                [unb64(one) for one in row[path]],
                head.root,
            )
        ]


def check_head(export: dict, policy: dict) -> Heads:
    """Return the heads of an object {checkpoint, checkpoint_sm3} after both signatures and the quorum.

    Raises ProofRefused.
    """
    key, key_sm3 = cosigning.parse_key(policy["log"]), cosigning.parse_key(policy["log_sm3"])
    head = cosigning.verify(export["checkpoint"], key, policy["origin"])
    head_sm3 = cosigning.verify(export["checkpoint_sm3"], key_sm3, f"{policy['origin']}/sm3")
    witnesses = [cosigning.parse_key(text) for text in policy["witnesses"]]
    cosigning.quorum_times(export["checkpoint"], witnesses, policy["quorum"])
    times: dict[str, int] = {}
    for line in cosigning.parse(export["checkpoint"])[1][1:]:
        name, time = _cosigned(head, line, witnesses)
        times[name] = min(time, times.get(name, time))
    if len(cosigning.parse(export["checkpoint_sm3"])[1]) != 1:
        raise ProofRefused("NOTE", "国密日志头上有多余的签名行。")
    if head.size != head_sm3.size:
        raise ProofRefused("SIZE", "两棵存证树的大小不一致。")
    return Heads(head, head_sm3, times)


def _cosigned(head: cosigning.Checkpoint, line: str, witnesses: list[cosigning.VerifierKey]) -> tuple[str, int]:
    for witness in witnesses:
        try:
            return witness.name, cosigning.verify_cosignature(head, line, witness)
        except ProofRefused:
            continue
    raise ProofRefused("SIGNATURE", "日志头上有一行联署不是任何已知见证方的有效联署。")


def check_log(export: dict, policy: dict, log: Log, report: Report) -> str:
    """Check the head of the export and every entry's place under it; fill ``log``."""
    only(export, "v", "lot", "policy", "checkpoint", "checkpoint_sm3", "entries", "close", "consistency")
    if any(policy[key] != value for key, value in export["policy"].items()):
        report.fault("log.json", "所附公钥与 policy.json 不一致")
    try:
        heads = check_head(export, policy)
    except ProofRefused as refused:
        report.fault("log.json", f"日志头：{refused.message}")
        raise Broken from refused
    before = -1
    for row in export["entries"]:
        where = f"log.json 第 {row['index']} 条存证"
        for algorithm in heads.holds(row):
            report.fault(where, f"不在 {algorithm} 存证树中：条目、位次或证明被改动")
        if row["index"] <= before:
            report.fault(where, "位次没有递增")
        before = row["index"]
        line = read_entry(row, export["lot"], where, report)
        if line is not None:
            log.lines.append(line)
    witnessed = f"见证方 {'、'.join(sorted(heads.times))} 已联署" if heads.times else "没有见证方联署"
    _check_close(export, policy, heads, log, report)
    return (
        f"存证日志：{policy['origin']} 共 {heads.sha256.size} 条，{witnessed}；本标段 {len(log.lines)} 条逐条在两棵树中"
    )


def read_entry(row: dict, lot: str, where: str, report: Report) -> Line | None:
    """Return what an entry says, an opaque one by what it revealed; None after noting a fault."""
    entry = canonical.decode(unb64(row["entry"]))
    if entry.get("t") == "c":
        only(row, "index", "entry", "path", "path_sm3", "reveal")
        salt, hidden = only(row["reveal"], "salt", "hidden")["salt"], row["reveal"]["hidden"]
        committed = b64(labels.digest(labels.EVIDENCE_BLIND, unb64(salt) + canonical.encode(hidden)))
        if committed != only(entry, "t", "h")["h"] or hidden["lot"] != lot:
            report.fault(where, "公开的内容与封标期存证的承诺不符")
            return None
        return Line(row["index"], hidden["verb"], "", hidden["at"], {}, hidden["facts"], salt)
    only(row, "index", "entry", "path", "path_sm3")
    if only(entry, *ENTRY_FIELDS)["lot"] != lot:
        report.fault(where, "属于另一标段")
        return None
    return Line(row["index"], entry["verb"], entry["subject"], entry["at"], entry["actor"], entry["facts"])


def _check_close(export: dict, policy: dict, heads: Heads, log: Log, report: Report) -> None:
    """The first witnessed head over ``lot.close`` dates the close by somebody else's clock."""
    proof, line = export["close"], log.one("lot.close")
    early = check_head(proof, policy)
    if (
        early.holds(proof)
        or proof["index"] != line.index
        or read_entry(proof_row(proof), export["lot"], "", report) != line
    ):
        report.fault(line.place, "截标存证不在为它联署的日志头中")
    told = only(export["consistency"], "old", "new", "proof", "proof_sm3")
    for algorithm, name, old, new in (
        ("sha256", "proof", early.sha256, heads.sha256),
        ("sm3", "proof_sm3", early.sm3, heads.sm3),
    ):
        steps = [unb64(one) for one in told[name]]
        if (told["old"], told["new"]) != (old.size, new.size) or not merkle.verify_consistency(
            algorithm, old.size, new.size, old.root, new.root, steps
        ):
            report.fault("log.json", f"截标时的日志头与最终日志头不是同一本日志的前后两头（{algorithm}）")
    due = canonical.parse_timestamp(deadline(log))
    for name, time in early.times.items():
        if datetime.fromtimestamp(time, UTC) < due - WITNESS_LAG:
            report.fault(line.place, f"见证方 {name} 在投标截止时间之前就联署了截标存证")


def proof_row(proof: dict) -> dict:
    """Return the row of a proof {v, checkpoint, checkpoint_sm3, index, entry, path, path_sm3}."""
    only(proof, "v", "checkpoint", "checkpoint_sm3", "index", "entry", "path", "path_sm3")
    return {name: proof[name] for name in ("index", "entry", "path", "path_sm3")}


def deadline(log: Log) -> str:
    """Return the bid deadline as the last announcement or corrigendum set it."""
    return log.all("lot.announce", "lot.amend")[-1].facts["bids_due_at"]


def check_acts(acts: dict, log: Log, roots: list[certs.Certificate], is_public: bool, report: Report) -> str:
    """Check each signed act's signature and certificate, and that entries and acts name each other."""
    only(acts, "v", "acts")
    named: dict[str, list[Line]] = {}
    for line in log.lines:
        if "act" in line.facts:
            named.setdefault(line.facts["act"], []).append(line)
    known = set()
    for number, row in enumerate(acts["acts"], start=1):
        where = f"acts.json 第 {number} 项签名行为"
        only(row, "digest", "act", "signature", "certificate", "signed_at")
        body = unb64(row["act"])
        digest = b64(labels.digest(labels.ACT, body))
        lines = named.get(digest, [])
        known.add(digest)
        if digest != row["digest"] or not lines:
            report.fault(where, "行为摘要不符，或没有存证引用它")
        elif row["signed_at"] not in {line.at for line in lines}:
            report.fault(where, "签名时间与存证时间不符")
        where = f"{where}（{'、'.join(f'第 {line.index} 条存证 {line.verb}' for line in lines)}）"
        try:
            certificate = certs.parse(unb64(row["certificate"]))
            certs.verify_chain(certificate, roots, canonical.parse_timestamp(row["signed_at"]), "sign")
        except CertificateRefused as refused:
            report.fault(where, f"证书：{refused.message}")
            continue
        if not signing.verify(certificate.public, body, unb64(row["signature"]), labels.ACT):
            report.fault(where, "签名无效")
    for digest, lines in named.items():
        # Public bundles leave out what experts signed: certificate and act would tell who thought what.
        if digest not in known and not (is_public and lines[0].actor["role"] == "expert"):
            report.fault(lines[0].place, "缺少对应的签名行为")
    return f"签名行为：{len(acts['acts'])} 项签名与证书有效，均由存证引用"


#: The steps of a tender in the order the law gives them; a later one never precedes an earlier one.
ORDER = (
    "lot.add",
    "lot.submit",
    "lot.file",
    "lot.announce",
    "lot.close",
    "lot.open_start",
    "lot.open",
    "lot.evaluate",
    "lot.report",
    "lot.publicise",
    "lot.award",
    "lot.notify",
    "lot.contract",
    "lot.archive",
)


def check_order(log: Log, report: Report) -> str:
    """Check that the main steps stand in the log in their lawful order, and their times do not run back."""
    steps = [line for verb in ORDER if (line := log.first(verb)) is not None]
    if [line.verb for line in steps] != list(ORDER[: len(steps)]):
        report.fault("log.json", "主要步骤有缺失：" + "、".join(set(ORDER) - {line.verb for line in steps}))
    for before, line in itertools.pairwise(steps):
        if line.index < before.index or line.at < before.at:
            report.fault(line.place, f"排在“{before.verb}”之前，步骤顺序不合法")
    close = log.one("lot.close")
    if close.at < deadline(log):
        report.fault(close.place, "早于投标截止时间截标")
    return f"步骤顺序：从登记到“{steps[-1].verb}”依次发生，截标不早于投标截止时间 {deadline(log)}"


#: Typeset from the tender's data, whose digest is in the log: the page itself need not be.
BOUND_BY_DATA = {"tender_document"}


def check_documents(folder, documents: dict, log: Log, is_public: bool, report: Report) -> str:
    """Check each document's digest, that an entry vouches for it, and that none that an entry names is missing."""
    only(documents, "v", "documents")
    vouched: dict[str, Line] = {}
    for line in log.lines:
        for text in _texts(line.facts):
            vouched.setdefault(text, line)
    there, loose = set(), 0
    for row in documents["documents"]:
        only(row, "file", "kind", "title", "digest", "size")
        where = f"documents/{row['file']}"
        data = folder.bytes(where)
        digest = b64(labels.digest(labels.FILE, data))
        there.add(digest)
        if digest != row["digest"] or len(data) != row["size"]:
            report.fault(where, "文书内容与登记的摘要或大小不符")
        if digest not in vouched:
            loose += 1
            if row["kind"] not in BOUND_BY_DATA:
                report.fault(where, "存证日志中没有这份文书的摘要")
    for line in log.lines:
        if not is_public and line.facts.get("document", next(iter(there), None)) not in there:
            report.fault(line.place, "存证所指的文书不在存证包中")
    remark = f"（其中 {loose} 份由招标文件数据排版而成，以数据摘要为准）" if loose else ""
    return f"文书：{len(documents['documents'])} 份与存证摘要相符{remark}"


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
