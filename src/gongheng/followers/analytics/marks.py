"""The marks of finished evaluations as the engine reads them (评分): loaded once for a run, learned once a month."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.db.models import QuerySet

from gongheng.followers.analytics.models import TenderRecord
from gongheng.kernel.clock import SHANGHAI
from gongheng.screening import judges, reading_time
from gongheng.trading.bids.queries import opened_bids
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Evaluation
from gongheng.trading.evaluation.queries import attention_of

#: Marks older than this teach nothing any more: committees and their habits change.
MEMORY = timedelta(days=3 * 365)
TECHNICAL = "E2"


@dataclass(frozen=True)
class Sheets:
    """What one finished evaluation left: marks by judge, factor and firm, and the points that no judge gives."""

    opened_at: datetime
    scores: tuple[judges.Score, ...]
    base: dict[str, float]
    shares: dict[str, float]  # each bidder's technical score as a share of the full mark
    stratum: str = ""  # where the committee was drawn: city and kind of work
    readings: tuple[reading_time.Reading, ...] = ()


class Marks:
    """The evaluations of this platform's own tenders that are at most ``MEMORY`` older than the oldest looked at.

    Nothing is loaded while none of those looked at is marked, as at an opening.
    """

    def __init__(self, looked: Sequence[TenderRecord]):
        marked = _finished([one.lot_id for one in looked if one.lot_id])
        self._sheets = self._load(looked) if marked.exists() else {}
        self._ordered = sorted(self._sheets.items(), key=lambda pair: (pair[1].opened_at, pair[0]))
        self._openings = [one.opened_at for _, one in self._ordered]
        self._learned = cache(self._learn)
        self._paced = cache(self._pace)

    def of(self, record: TenderRecord) -> Sheets | None:
        return self._sheets.get(str(record.pk))

    def history(self, record: TenderRecord) -> judges.History:
        """Return what the marks before the tender's month taught."""
        return self._learned(_month(record.opened_at))

    def gaps(self, record: TenderRecord) -> list[float]:
        """Return the gaps between the two best technical scores of the tenders before the tender's month."""
        tops = (sorted(one.shares.values(), reverse=True)[:2] for one in self._before(_month(record.opened_at)))
        return [top[0] - top[1] for top in tops if len(top) == 2]

    def pace(self, record: TenderRecord) -> reading_time.Pace | None:
        """Return how long members took for how many pages before the tender's month."""
        return self._paced(_month(record.opened_at))

    def _pace(self, month: datetime) -> reading_time.Pace | None:
        return reading_time.learn([one for sheets in self._before(month) for one in sheets.readings])

    def _learn(self, month: datetime) -> judges.History:
        before = self._before(month)
        scores = [score for one in before for score in one.scores]
        return judges.learn(scores, [panel_of(one) for one in before if one.scores])

    def _before(self, month: datetime) -> Sequence[Sheets]:
        begin, end = (bisect_left(self._openings, moment) for moment in (month - MEMORY, month))
        return [one for _, one in self._ordered[begin:end]]

    def _load(self, looked: Sequence[TenderRecord]) -> dict[str, Sheets]:
        oldest, newest = (pick(one.opened_at for one in looked) for pick in (min, max))
        records = TenderRecord.objects.exclude(lot=None).filter(
            opened_at__gte=_month(oldest) - MEMORY, opened_at__lte=newest
        )
        lots = {
            lot: (pk, opened, f"{region[:4]} {trade}")
            for lot, pk, opened, region, trade in records.values_list("lot", "pk", "opened_at", "region", "trade")
        }
        rows = _finished(lots).prefetch_related("members__page_logs", "members__aliases__scores")
        found = {}
        for one in rows.select_related("lot").iterator(500):
            pk, opened, stratum = lots[one.lot_id]
            experts = {member.pid: str(member.expert_id) for member in one.members.all()}
            found[str(pk)] = sheets(str(pk), opened, one.result, experts, stratum, readings_of(one))
        return found


def _finished(lots: Iterable) -> QuerySet[Evaluation]:
    return Evaluation.objects.filter(lot__in=lots, result__has_key="technical").exclude(state=State.DISSOLVED)


def sheets(
    tender: str, opened_at: datetime, result: dict, experts: dict[str, str], stratum: str = "", readings=()
) -> Sheets:
    """Return a stored result's marks; a judge keeps one name over all tenders, the expert's id."""
    full = {factor["id"]: float(factor["max"]) for factor in result["method"]["factors"]}
    weight = float(result["method"]["technical_weight"])
    return Sheets(
        opened_at,
        tuple(
            judges.Score(tender, factor, experts[pid], uscc, float(points), full[factor])
            for pid, sheet in sorted(result["sheets"].items()) if pid in experts
            for uscc, marks in sorted(sheet.items()) for factor, points in sorted(marks.items())
        ),
        {row["bidder"]: float(row["price_score"]) for row in result["ranking"]},
        {row["bidder"]: float(row["technical"]) / weight for row in result["ranking"]},
        stratum, tuple(readings),
    )


def panel_of(one: Sheets) -> judges.Panel:
    """Return who judged whom; members are drawn by specialty within the city, so that is where they meet by chance."""
    judged = tuple(sorted({score.judge for score in one.scores}))
    return judges.Panel(one.scores[0].tender, one.stratum, judged, tuple(sorted(one.shares)))


def readings_of(evaluation: Evaluation) -> list[reading_time.Reading]:
    """Return each member's reading of each technical file; a member whose window reported nothing has none."""
    bids = {
        str(bid.pk): (bid.uscc, sum(file.pages for file in bid.files.all() if file.envelope == TECHNICAL))
        for bid in opened_bids(evaluation.lot).prefetch_related("files")
    }
    found = []
    for member in evaluation.members.all():
        told = attention_of(member)
        if not any(form.startswith("scores-") for form in told):
            continue
        for alias in member.aliases.all():
            seen, (uscc, pages) = told.get(f"scores-{alias.pk}"), bids[alias.bid_sealed]
            # Only the last saving is kept: who marks first and opens later is missed rather than wronged.
            marked = max((score.saved_at for score in alias.scores.all()), default=None)
            found.append(reading_time.Reading(
                str(member.expert_id), uscc, "技术文件", pages, float(seen.seconds) if seen else 0.0,
                seen.first_at if seen else None, marked,
            ))
    return found


def _month(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
