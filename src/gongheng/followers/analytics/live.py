"""An evaluation as the supervisor sees it while it runs (四加一): time, deviation, richness, spread; only questions.

Before all sheets are locked nobody sees a score, the supervisor included: until then there is only the time.
"""

from dataclasses import dataclass
from datetime import datetime

from gongheng.followers.analytics import gathering
from gongheng.followers.analytics.models import TenderRecord
from gongheng.trading.evaluation import queries
from gongheng.trading.evaluation.models import Evaluation, Score
from gongheng.trading.evaluation.queries.results import sheets_by_bidder
from gongheng.trading.evaluation.rules import sheet_total
from gongheng.trust.evidence.models import Entry
from gongheng.trust.evidence.moving import subject_of

#: What eyes can do at most; the same bound as the engine's (collusion.md 4.6).
PAGES_PER_SECOND = 1.0
#: The envelope with the technical files.
TECHNICAL = "E2"
#: With so many valid bids an evaluation only just goes on (法28, 条例27).
JUST_ENOUGH = 3
_BEGINS = ("evaluation.conclude_preliminary", "evaluation.continue")


@dataclass(frozen=True)
class Pace:
    """How long a member had the technical files before him, and how long between the marks of one bid and the next."""

    label: str
    seconds: int  # of the step, from its beginning to his lock
    read: int | None  # of pages lying open before him; None where his window reported nothing
    turned: int  # pages that lay open
    pages: int
    is_locked: bool
    between: list[int]  # seconds, in the member's own order of aliases; none of them says which bid it was

    @property
    def is_hasty(self) -> bool:
        measured = self.seconds if self.read is None else self.read
        return self.is_locked and self.pages > measured * PAGES_PER_SECOND


def pages_of(evaluation: Evaluation) -> int:
    """Return how many pages the technical files of the bids under review have together."""
    return sum(
        file.pages for bid in queries.passed_bids(evaluation) for file in bid.files.filter(envelope=TECHNICAL)
    )


def paces(evaluation: Evaluation, now: datetime) -> list[Pace]:
    """Return every member's time since the technical marking began; empty before that."""
    began = Entry.objects.filter(subject=subject_of(evaluation), verb__in=_BEGINS).order_by("-id").first()
    if began is None:
        return []
    pages, found = pages_of(evaluation), []
    for member in evaluation.members.order_by("number").prefetch_related("page_logs"):
        until = member.technical_locked_at or now
        told = [one for form, one in queries.attention_of(member).items() if form.startswith("scores-")]
        found.append(Pace(
            member.label, int((until - began.at).total_seconds()),
            sum(one.seconds for one in told) if told else None, sum(one.pages for one in told), pages,
            member.technical_locked_at is not None, _between(member, began.at),
        ))
    return found


def standings(evaluation: Evaluation) -> tuple[list[str], list[str], list[list[float]]] | None:
    """Return (members, bidders, totals by member and bidder) once all sheets are locked."""
    if not queries.is_scored(evaluation):
        return None
    method, sheets = queries.method_of(evaluation.lot), sheets_by_bidder(evaluation)
    bids = list(queries.passed_bids(evaluation))
    labels = {member.pid: member.label for member in evaluation.members.all()}
    lines = [[float(sheet_total(method, sheets[pid][bid.uscc])) for bid in bids] for pid in sheets]
    return [labels[pid] for pid in sheets], [bid.bidder_name for bid in bids], lines


def richness_rows(evaluation: Evaluation) -> list[dict]:
    """Return each bid's richness beside the mean of its marks; empty before the lock or without readable files."""
    told = standings(evaluation)
    record = TenderRecord.objects.select_related("screening").filter(lot=evaluation.lot).first()
    measured = record.screening.result.get("richness", {}) if record and record.screening else {}
    if told is None or not measured:
        return []
    _, names, lines = told
    full = float(queries.method_of(evaluation.lot).technical_weight)
    means = {name: sum(line[place] for line in lines) / len(lines) for place, name in enumerate(names)}
    return [
        {"name": bid.bidder_name, "score": round(100 * means[bid.bidder_name] / full, 1), **measured[bid.uscc]}
        for bid in queries.passed_bids(evaluation) if bid.uscc in measured
    ]


def _between(member, began: datetime) -> list[int]:
    moments = sorted(
        max(moments) for alias in member.aliases.all()
        if (moments := list(Score.objects.filter(alias=alias).values_list("saved_at", flat=True)))
    )
    return [
        int((later - earlier).total_seconds()) for earlier, later in zip([began, *moments], moments, strict=False)
    ]


def residuals(evaluation: Evaluation) -> tuple[list[str], list[str], list[list[float]]] | None:
    """Return what is left of each total without the bidder's and the member's own level."""
    told = standings(evaluation)
    if told is None or len(told[0]) < 2 or len(told[1]) < 2:
        return None
    return told[0], told[1], gathering.double_centred(told[2])
