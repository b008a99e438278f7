"""Taking tenders into history: those opened here as they happen, those of other systems by import (交易记录)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from gongheng.crypto import canonical, labels
from gongheng.followers.analytics import gathering
from gongheng.followers.analytics.models import BidRecord, FileTraces, PictureTrace, TenderRecord
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import region
from gongheng.kernel.roles import Actor
from gongheng.trading.award.models import Award
from gongheng.trading.bids.models import BidFile
from gongheng.trading.bids.queries import opened_bids
from gongheng.trading.projects.models import Lot
from gongheng.trust.evidence.moving import note

_BATCH = 1000
LONGEST_CODE = 18


@dataclass(frozen=True)
class BidRow:
    """One bid of an imported tender; ``total`` in 元."""

    uscc: str
    name: str
    total: Decimal
    won: bool | None


@dataclass(frozen=True)
class TenderRow:
    """One tender of another system, as it is imported."""

    code: str
    name: str
    region: str
    trade: str
    buyer: str
    opened_at: datetime
    decided_at: datetime | None
    bids: tuple[BidRow, ...]
    ceiling: Decimal | None = None
    agency: str = ""
    method: str = ""
    evidence: dict = field(default_factory=dict)


def record_opening(lot: Lot) -> TenderRecord:
    """Take a lot that was opened into history, once; the log's own entry of the opening is the proof."""
    found = TenderRecord.objects.filter(lot=lot).first()
    if found is not None:
        return found
    record = TenderRecord.objects.create(lot=lot, source=TenderRecord.OWN, **gathering.facts_of(lot))
    BidRecord.objects.bulk_create([BidRecord(tender=record, **bid) for bid in gathering.bids_of(lot)])
    return record


def take_traces(lot: Lot) -> None:
    """Take out of every opened bid's files what they tell besides their words, once (痕迹提取).

    No entry: the files are in the log already, and what follows from them is told by the run that used it.
    """
    waiting = BidFile.objects.filter(bid__in=opened_bids(lot), traces=None).order_by("bid", "number")
    if not waiting:
        return
    # It loads the engine's libraries, which the web process must not.
    from gongheng.followers.analytics.extracting import traces_of_file

    for file in waiting:
        columns, pictures = traces_of_file(file.digest, lot.bids_due_at)
        with transaction.atomic():
            traces = FileTraces.objects.create(file=file, **columns)
            PictureTrace.objects.bulk_create([PictureTrace(traces=traces, **one) for one in pictures], _BATCH)


def record_award(lot: Lot) -> None:
    """Note who won; a decision on another candidate later replaces the first."""
    award = Award.objects.select_related("candidate__bid").get(lot=lot)
    TenderRecord.objects.filter(lot=lot).update(decided_at=award.decided_at)
    bids = BidRecord.objects.filter(tender__lot=lot)
    bids.update(won=False)
    bids.filter(uscc=award.candidate.bid.uscc).update(won=True)


def import_history(rows: Iterable[TenderRow], *, source: str, actor: Actor, clock: Clock) -> int:
    """Take tenders of another system into history (导入历史交易), all or none; return how many.

    Refusal SOURCE when the source calls itself this platform, IMPORT for rows that cannot be a tender.
    """
    rows = sorted(rows, key=lambda row: (row.opened_at, row.code))
    if not source.strip() or source == TenderRecord.OWN:
        raise Refusal("SOURCE", "请写明历史数据来自哪个系统。", "source")
    for row in rows:
        _check(row)
    body = canonical.encode([_plain(row) for row in rows])
    with note("history.import", "history:import", actor=actor, clock=clock) as step:
        records = [
            TenderRecord(source=source, **{key: value for key, value in vars(row).items() if key != "bids"})
            for row in rows
        ]
        known = set(TenderRecord.objects.filter(source=source).values_list("code", flat=True))
        codes = [row.code for row in rows]
        if known & set(codes) or len(codes) != len(set(codes)):
            raise Refusal("IMPORT", "同一来源的交易编号重复，未导入任何数据。", "code")
        TenderRecord.objects.bulk_create(records, _BATCH)
        BidRecord.objects.bulk_create(
            [BidRecord(tender=record, **asdict(bid)) for record, row in zip(records, rows, strict=True)
             for bid in row.bids],
            _BATCH,
        )
        step.facts |= {"tenders": len(rows), "digest": canonical.b64(labels.digest(labels.FILE, body))}
    return len(rows)


def _check(row: TenderRow) -> None:
    if not row.bids:
        raise Refusal("IMPORT", f"{row.code}：没有投标报价。", "bids")
    if len({bid.uscc for bid in row.bids}) != len(row.bids):
        raise Refusal("IMPORT", f"{row.code}：同一投标人有两份报价。", "bids")
    if any(bid.total <= 0 for bid in row.bids):
        raise Refusal("IMPORT", f"{row.code}：报价应大于零。", "total")
    if not all(0 < len(bid.uscc) <= LONGEST_CODE for bid in row.bids):
        raise Refusal("IMPORT", f"{row.code}：投标人应以统一社会信用代码标识（不超过 {LONGEST_CODE} 位）。", "uscc")
    region(row.region)  # refuses a code that is no place: pages name places
    if row.opened_at.tzinfo is None:
        raise Refusal("IMPORT", f"{row.code}：开标时间没有时区。", "opened_at")


def _plain(row: TenderRow) -> dict:
    return {
        "code": row.code, "name": row.name, "region": row.region, "trade": row.trade, "buyer": row.buyer,
        "agency": row.agency, "method": row.method, "opened_at": canonical.timestamp(row.opened_at),
        "decided_at": canonical.timestamp(row.decided_at) if row.decided_at else None,
        "ceiling": str(row.ceiling) if row.ceiling is not None else None, "evidence": row.evidence,
        "bids": [[bid.uscc, bid.name, str(bid.total), bid.won] for bid in row.bids],
    }
