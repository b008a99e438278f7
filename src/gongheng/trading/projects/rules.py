"""How holds shift the clocks they name (暂停与期限顺延)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

#: When a hold was placed and when it was released; None while it stands.
Interval = tuple[datetime, datetime | None]


def stood_still_since(holds: Iterable[Interval], now: datetime) -> datetime | None:
    """Return since when a clock has stood still without a break, None while some hold still stands.

    ``holds`` are all holds that name the clock, the one released at ``now`` among them. Overlapping
    holds count once: a period that two objections stopped together was lost only once.
    """
    intervals = list(holds)
    if any(released is None for _, released in intervals):
        return None
    since = now
    for placed, released in sorted(intervals, key=lambda one: one[1], reverse=True):
        if released >= since:
            since = min(since, placed)
    return since


def standstill(holds: Iterable[Interval], since: datetime, now: datetime) -> timedelta:
    """Return for how long between two moments at least one of the holds stood."""
    total, reached = timedelta(0), since
    for placed, released in sorted(holds, key=lambda one: one[0]):
        until = min(released or now, now)
        total += max(until - max(placed, reached), timedelta(0))
        reached = max(reached, until)
    return total
