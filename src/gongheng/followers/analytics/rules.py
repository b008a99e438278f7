"""What is decided about leads: the month's budget, the clocks of each step, and when figures may be called probable."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from gongheng.kernel.calendar import Unit, period_end
from gongheng.kernel.refusal import Refusal

#: Shares of a month's tenders that a department can look into: alerts and key leads (芜湖: 557 and 17 of 6,848).
WARNED_SHARE, KEY_SHARE = 0.081, 0.0025
#: Below so many adjudicated leads an index is a rank, not a probability.
ENOUGH_LABELS = 200
#: How long each step may take; the house's own clocks, no law sets them (线索办理时限).
CLOCKS = {
    "study": (3, Unit.WORKING), "decide": (10, Unit.WORKING), "accept": (10, Unit.WORKING),
    "feed_back": (90, Unit.CALENDAR),
}
#: A listing ends by itself after at most a year, so that nobody stays on the list because he was forgotten.
LONGEST_LISTING = timedelta(days=365)
SHORTEST_REASON = 10
#: One look is told once, however often the page is fetched again meanwhile.
ONE_LOOK = timedelta(minutes=10)

KEY, WARNED, CALM = "key", "warned", "calm"


@dataclass(frozen=True)
class Standing:
    """Where a tender stands among those of its month: rank from 1, of how many, and the band it falls into."""

    rank: int
    of: int
    band: str
    relative: float  # 0–100 within the year that ends with the month; 60 = 92nd, 80 = 99.75th percentile


def budget(count: int) -> tuple[int, int]:
    """Return how many alerts and how many key leads a month with so many tenders may have."""
    return math.ceil(count * WARNED_SHARE), math.floor(count * KEY_SHARE)


def standings(values: Sequence[tuple[object, float, float, bool]], relative: Sequence[float]) -> dict[object, Standing]:
    """Return the standing of each (key, index, prior index, has statutory facts) of one month.

    Ties share a rank; who shows nothing above the prior is never an alert, and a statutory fact always is a key lead.
    """
    warned, keys = budget(len(values))
    ranks: dict[float, int] = {}
    for place, value in enumerate(sorted((value for _, value, _, _ in values), reverse=True), 1):
        ranks.setdefault(value, place)
    found = {}
    for (key, value, prior, is_statutory), scaled in zip(values, relative, strict=True):
        rank = ranks[value]
        band = CALM
        if is_statutory or (value > prior and rank <= keys):
            band = KEY
        elif value > prior and rank <= warned:
            band = WARNED
        found[key] = Standing(rank, len(values), band, scaled)
    return found


def due(step: str, since: datetime) -> datetime:
    """Return until when a step is to be taken that began at ``since``."""
    number, unit = CLOCKS[step]
    return period_end(since, number, unit)


def check_reason(reason: str) -> str:
    """Return the reason cleaned; Refusal REASON when it says nothing."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Refusal("REASON", f"请写明理由，不少于 {SHORTEST_REASON} 个字。", "reason")
    return reason


@dataclass(frozen=True)
class Bin:
    """One bar of the reliability plot: what was said on average, how often it was so, of how many."""

    said: float
    came_true: float
    count: int


def reliability(labelled: Iterable[tuple[float, bool]], bins: int = 5) -> tuple[Bin, ...]:
    """Return the reliability of indices (0–100) against verdicts in bins of equal count; () below ENOUGH_LABELS."""
    rows = sorted(labelled)
    if len(rows) < ENOUGH_LABELS:
        return ()
    edges = [round(len(rows) * place / bins) for place in range(bins + 1)]
    parts = [rows[low:high] for low, high in pairwise(edges)]
    return tuple(
        Bin(sum(value for value, _ in part) / len(part), 100 * sum(truth for _, truth in part) / len(part), len(part))
        for part in parts
    )


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error as a share: the gap of each bin weighted by its count."""
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.said - one.came_true) for one in bins) / total / 100 if total else math.nan
