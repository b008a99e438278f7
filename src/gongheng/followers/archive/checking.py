"""The four properties of a volume: authentic, complete, usable, safe (四性检测), DA/T 70."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from gongheng.crypto import canonical, hashing, labels, signing
from gongheng.followers.archive import holdings, rules
from gongheng.followers.archive.packing import Placed
from gongheng.trading.projects.models import Lot
from gongheng.trust.documents import sandbox, store

TOOL = "gongheng.archive/1"
#: Signs in a document of ours that would make it act when opened.
ACTIVE = {"javascript", "launch", "embedded", "encrypted", "xfa", "submit", "macro", "external"}


@dataclass(frozen=True)
class Finding:
    """One check (检测项): ``result`` is pass, warn (says why, does not stop) or fail."""

    code: str
    property: str
    item: str
    result: str
    evidence: str


def examine(lot: Lot, folder: Path, placed: list[Placed]) -> list[Finding]:
    """Check a written volume before it is sealed; reads every file back from the disk."""
    issued = [one for one in placed if one.item.issued]
    pdfs = [one for one in issued if one.item.suffix == "pdf"]
    with ThreadPoolExecutor(2) as pool:
        seen = dict(
            zip(
                [one.path for one in pdfs],
                pool.map(lambda one: sandbox.inspect(folder / one.path, "pdf"), pdfs),
                strict=True,
            )
        )
    return [*_authentic(folder, placed), *_complete(placed), *_usable(lot, issued, seen), *_safe(placed, issued, seen)]


def report(findings: Iterable[Finding], now: datetime) -> dict:
    """Return the report as canonical-JSON data, point of use 归档 (GD)."""
    rows = [asdict(one) | {"method": "auto", "tool": TOOL, "time": canonical.timestamp(now)} for one in findings]
    return {
        "v": 1,
        "point": "GD",
        "result": "pass" if all(one["result"] != "fail" for one in rows) else "fail",
        "checks": rows,
    }


def _authentic(folder: Path, placed: list[Placed]) -> list[Finding]:
    changed = [
        one.path
        for one in placed
        if _sm3(folder / one.path) != one.digest or (one.item.digest and _stored(folder / one.path) != one.item.digest)
    ]
    bundle = folder / "存证包"
    manifest, signature = (bundle / "MANIFEST.json").read_bytes(), (bundle / "MANIFEST.sig").read_bytes()
    _, platform = settings.KEYRING.signing_key("platform")
    is_signed = signing.verify(platform, manifest, signature, labels.BUNDLE)
    broken = [row["path"] for row in canonical.decode(manifest)["files"] if _sm3(bundle / row["path"]) != row["sm3"]]
    return [
        _finding("GD-ZS-1", "真实性", "固化信息有效性：逐件读回与登记摘要比对", changed, f"{len(placed)} 件摘要相符"),
        _finding(
            "GD-ZS-2",
            "真实性",
            "存证包清单的电子签名与全部文件摘要",
            broken if is_signed else ["清单签名无效"],
            "签名有效，摘要相符",
        ),
    ]


def _complete(placed: list[Placed]) -> list[Finding]:
    numbers = {one.item.number for one in placed}
    empty = [one.path for one in placed if not one.size]
    return [
        _finding(
            "GD-WZ-1", "完整性", "归档范围必备件齐全", rules.missing(numbers), f"{len(rules.MANDATORY)} 项必备件齐全"
        ),
        _finding("GD-WZ-2", "完整性", "每件均有内容", empty, f"{len(placed)} 件均非空"),
    ]


def _usable(lot: Lot, issued: list[Placed], seen: dict[str, sandbox.Inspection]) -> list[Finding]:
    unread = [f"{path}（{found.reason}）" for path, found in seen.items() if not found.ok]
    forms = [one.path for one in issued if one.item.suffix == "json" and not _is_canonical(one)]
    # A bidder's own file that cannot be read is the bidder's fault, and evidence as it is.
    foreign = [
        f"{bid.bidder_name} {file.name}（{file.problem or '尚未检查'}）"
        for bid, files in holdings.bids_read(lot)
        for file in files
        if file.problem or file.kind == "unknown"
    ]
    return [
        _finding("GD-KY-1", "可用性", "平台文书逐页打开", unread, f"{len(seen)} 份 PDF 均可打开"),
        _finding("GD-KY-2", "可用性", "数据文件可解析", forms, "全部为规范格式"),
        _finding("GD-KY-3", "可用性", "投标人文件可读", foreign, "全部可读", result="warn"),
    ]


def _safe(placed: list[Placed], issued: list[Placed], seen: dict[str, sandbox.Inspection]) -> list[Finding]:
    strange = [one.path for one in issued if one.item.suffix not in rules.FORMATS]
    foreign = [one.path for one in placed if not one.item.issued and one.item.suffix not in rules.FORMATS]
    active = [
        f"{path}（{'、'.join(ACTIVE & set(found.flags))}）" for path, found in seen.items() if ACTIVE & set(found.flags)
    ]
    return [
        _finding("GD-AQ-1", "安全性", "平台文书格式在白名单内", strange, "全部在白名单内"),
        _finding("GD-AQ-2", "安全性", "平台文书不含脚本、嵌入文件或加密", active, "未发现"),
        _finding("GD-AQ-3", "安全性", "投标人文件格式在白名单内", foreign, "全部在白名单内", result="warn"),
    ]


def _finding(code: str, kind: str, item: str, wrong: list[str], evidence: str, result: str = "fail") -> Finding:
    if not wrong:
        return Finding(code, kind, item, "pass", evidence)
    return Finding(code, kind, item, result, "；".join(wrong[:20]) + ("…" if len(wrong) > 20 else ""))


def _is_canonical(one: Placed) -> bool:
    try:
        canonical.decode(one.item.source if isinstance(one.item.source, bytes) else one.item.source.read_bytes())
    except canonical.NotCanonical:
        return False
    return True


def _stored(path: Path) -> str:
    """Return the digest by which the file store and the log know a file."""
    state = labels.hasher(labels.FILE)
    with path.open("rb") as file:
        while block := file.read(store.BLOCK):
            state.update(block)
    return canonical.b64(state.digest())


def _sm3(path: Path) -> str:
    with path.open("rb") as file:
        return hashing.file_digest(file)
