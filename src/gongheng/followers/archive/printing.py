"""What the printed index of a volume says (归档目录), shape ArchiveIndex."""

from datetime import datetime

from gongheng.followers.archive import rules
from gongheng.followers.archive.checking import Finding
from gongheng.followers.archive.packing import Placed
from gongheng.kernel.calendar import in_words
from gongheng.kernel.clock import SHANGHAI
from gongheng.trading.notices.printing import common
from gongheng.trading.projects.models import Lot

RESULTS = {"pass": "通过", "warn": "提示", "fail": "不通过"}


def index(
    lot: Lot,
    number: str,
    placed: list[Placed],
    findings: list[Finding],
    digest: str,
    signer: tuple[str, str],
    now: datetime,
) -> dict:
    """Return the data of the index; ``signer`` is the archivist's (name, certificate serial)."""
    tender = lot.tender_project
    stages: dict[str, list[Placed]] = {}
    for one in placed:
        stages.setdefault(rules.folder_of(one.item.number), []).append(one)
    return common(lot, now) | {
        "red_head": "",
        "document_number": "",
        "archive_number": number,
        "retention": rules.RETENTION,
        "tenderer": tender.tenderer.name,
        "agency": tender.agency.name if tender.agency else "自行招标",
        "item_count": f"{len(placed)} 件",
        "byte_count": size_text(sum(one.size for one in placed)),
        "package_digest": digest,
        "stages": [{"stage": stage, "items": [_row(one) for one in rows]} for stage, rows in stages.items()],
        "checks": [
            {
                "property": one.property,
                "item": f"{one.code} {one.item}",
                "result": RESULTS[one.result],
                "evidence": one.evidence,
            }
            for one in findings
        ],
        "signatures": [{"role": "交易中心归档人", "name": signer[0], "serial": signer[1], "at": in_words(now)}],
    }


def size_text(size: int) -> str:
    """Return a size as people read it."""
    if size < 1 << 20:
        return f"{size / (1 << 10):,.1f} KB"
    return f"{size / (1 << 20):,.1f} MB"


def _row(one: Placed) -> dict:
    return {
        "number": one.item.number,
        "title": one.item.title,
        "responsible": one.item.responsible,
        "date": f"{one.item.date.astimezone(SHANGHAI):%Y-%m-%d}",
        "format": one.item.suffix.upper(),
        "size": size_text(one.size),
        "digest": one.digest,
    }
