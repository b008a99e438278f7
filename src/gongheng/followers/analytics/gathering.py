"""The platform's own tables in the shapes of the engine (数据汇集); what is missing is left out, never guessed."""

from datetime import datetime
from decimal import Decimal

from gongheng.followers.analytics.models import BidRecord, TenderRecord
from gongheng.screening.markets import SCORED, Bid, Tender
from gongheng.trading.bids.queries import opened_bids
from gongheng.trading.evaluation.models import Evaluation
from gongheng.trading.evaluation.queries import evaluation_of
from gongheng.trading.notices.queries import current_document
from gongheng.trading.projects.models import Lot


def facts_of(lot: Lot) -> dict:
    """Return the columns of the record of an opened lot."""
    tender = lot.tender_project
    return {
        "code": lot.code, "name": lot.full_name, "region": lot.region, "trade": lot.classification,
        "method": SCORED, "buyer": tender.tenderer.name, "agency": tender.agency.name if tender.agency else "",
        "supervisor": tender.supervisor, "ceiling": current_document(lot).ceiling, "opened_at": lot.bids_due_at,
    }


def bids_of(lot: Lot) -> list[dict]:
    """Return the columns of the opened bids' records."""
    return [
        {"uscc": bid.uscc, "name": bid.bidder_name, "total": bid.total, "won": None} for bid in opened_bids(lot)
    ]


#: From the first issue of the tender document to the deadline, at least twenty days (法24).
LEAST_DAYS = 20


def published_at(lot: Lot) -> datetime | None:
    """Return when the tender document was first issued."""
    return lot.tender_documents.exclude(published_at=None).order_by("version").values_list(
        "published_at", flat=True).first()


def engine_tenders(newest: datetime) -> tuple[dict[str, Tender], set[str]]:
    """Return all tenders opened up to a moment as the engine reads them, and which of them are decided.

    Two queries without a model's weight: five years of a province are a hundred thousand bids.
    """
    bids: dict[object, list] = {}
    for row in BidRecord.objects.filter(tender__opened_at__lte=newest).order_by("total", "uscc").values_list(
        "tender", "uscc", "total", "won"
    ):
        bids.setdefault(row[0], []).append(row[1:])
    rows = TenderRecord.objects.filter(opened_at__lte=newest).order_by("opened_at", "code", "pk").values_list(
        "pk", "opened_at", "ceiling", "method", "region", "trade", "buyer", "agency", "source", "code", "decided_at"
    )
    found, decided = {}, set()
    for pk, opened_at, ceiling, method, region, trade, buyer, agency, source, code, decided_at in rows:
        place = f"{source} {code} 开标记录"
        found[str(pk)] = Tender(
            id=str(pk), opened=opened_at.timestamp(), ceiling=None if ceiling is None else float(ceiling),
            method=method, region=region[:4], trade=trade, buyer=buyer, agency=agency,
            bids=tuple(Bid(uscc, float(total), won, place) for uscc, total, won in bids.get(pk, ())),
        )
        if decided_at is not None:
            decided.add(str(pk))
    return found, decided


def judge_names(record: TenderRecord) -> dict[str, str]:
    """Return {expert id: 评委1 …}: who a member is stays with the experts' app, whoever looks."""
    evaluation = scored(record)
    return {str(member.expert_id): member.label for member in evaluation.members.all()} if evaluation else {}


def residuals(record: TenderRecord) -> tuple[list[str], list[str], list[list[float]]] | None:
    """Return (members, bidders, totals without either's own level) once the scores are locked."""
    evaluation = scored(record)
    if evaluation is None:
        return None
    names = {bid.uscc: bid.name for bid in record.bids.all()}
    totals = totals_of(evaluation.result)
    labels = {member.pid: member.label for member in evaluation.members.all()}
    judges, bidders = sorted(totals, key=labels.get), sorted(next(iter(totals.values())))
    if len(judges) < 2 or len(bidders) < 2:
        return None
    lines = [[float(totals[judge][uscc]) for uscc in bidders] for judge in judges]
    return [labels[one] for one in judges], [names.get(one, one) for one in bidders], double_centred(lines)


def totals_of(result: dict) -> dict[str, dict[str, Decimal]]:
    """Return {pid: {uscc: technical total}} of a stored result."""
    totals: dict[str, dict[str, Decimal]] = {}
    for uscc, row in result["technical"].items():
        for pid, total in row["totals"].items():
            totals.setdefault(pid, {})[uscc] = Decimal(total)
    return totals


def double_centred(lines: list[list[float]]) -> list[list[float]]:
    """Return each value less its row's and its column's mean plus the mean of all (collusion.md 4.6)."""
    rows = [sum(line) / len(line) for line in lines]
    columns = [sum(column) / len(column) for column in zip(*lines, strict=True)]
    mean = sum(rows) / len(rows)
    return [
        [value - rows[place] - columns[column] + mean for column, value in enumerate(line)]
        for place, line in enumerate(lines)
    ]


def scored(record: TenderRecord) -> Evaluation | None:
    evaluation = evaluation_of(record.lot) if record.lot_id else None
    told = evaluation is not None and evaluation.result is not None and "technical" in evaluation.result
    return evaluation if told else None
