"""What holds for ordering venues; no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gongheng.crypto import labels
from gongheng.trading.projects.lifecycle import State

#: How long a centre may think; published, the same for all (要约答复时限).
ANSWER_TIME = timedelta(hours=24)
#: When a centre that has not answered is reminded: at half of its time, and this long before the end.
LAST_REMINDER = timedelta(minutes=10)
#: Over which time the published order evens out what the centres carry.
LOOK_BACK = timedelta(days=30)
#: To how many further centres an order may be passed on when sub venues decline.
REROUTES, MOST_REROUTES = 3, 5
#: Nobody evaluates alone at a sub venue (domain.md 4.4).
FEWEST_AT_SUB_VENUE = 2
#: States of a lot in which its venues may be ordered or given back.
BEFORE_EVALUATION = (State.FILED, State.ANNOUNCED, State.CLOSED, State.OPENING, State.OPENED)

Period = tuple[datetime, datetime]


@dataclass(frozen=True)
class Candidate:
    """What the published order looks at in one centre (副场选择依据); nothing else counts."""

    region: str
    free: int  # seats in order that nobody holds in the period
    confirmed: int  # offers confirmed in the last 30 days
    declined: int  # offers refused or left to expire in the last 30 days


def fair_order(candidates: Iterable[Candidate], *, lot: str, seats: int) -> list[Candidate]:
    """Return which centres are asked, first to last (副场选择规则): a pure function of public facts.

    Who has the seats and carried the least comes first, then who declined the least; what is still
    equal is decided by a digest of the lot's code: the same for every order of the lot, so that withdrawing
    and ordering again changes nothing.
    """
    able = (one for one in candidates if one.free >= seats)
    return sorted(able, key=lambda one: (one.confirmed, one.declined, tie_break(lot, one.region)))


def tie_break(lot: str, region: str) -> str:
    """Return the hexadecimal SM3 of label, the lot's code and region that decides between equals."""
    return labels.digest(labels.VENUE_TIE, f"{lot}\n{region}".encode()).hex()


def next_reminder(sent_at: datetime, confirm_by: datetime, reminded_at: datetime | None) -> datetime | None:
    """Return when the centre is reminded next; None when it was told for the last time."""
    half, last = sent_at + (confirm_by - sent_at) / 2, confirm_by - LAST_REMINDER
    moments = [half, last] if last > half else [half]
    return next((moment for moment in moments if reminded_at is None or moment > reminded_at), None)


def remainder(wanted: Period, held: Period) -> list[Period]:
    """Return the parts of ``wanted`` that ``held`` does not cover, in order."""
    before = (wanted[0], min(wanted[1], held[0]))
    after = (max(wanted[0], held[1]), wanted[1])
    if held[1] <= wanted[0] or held[0] >= wanted[1]:
        return [wanted]
    return [part for part in (before, after) if part[0] < part[1]]


def percentile(values: list[int], percent: int) -> int | None:
    """Return the smallest value that at least ``percent`` of all values do not exceed (nearest rank)."""
    rank = -(-len(values) * percent // 100)
    return sorted(values)[rank - 1] if values else None
