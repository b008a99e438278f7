"""Figures of the trade over a year (交易雷达): who wins where, from where, at what saving; pure functions.

Every figure names how many tenders it rests on and is silent below a stated number of them. Who sticks together, who
always loses and who never meets the engine reckons by night (``examining.reckon``).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

#: 中标集中: at least so many awards.
AWARDS = 5
#: Months that a forecast rests on, and the quantile of Student's t for 90 % with one fewer degrees of freedom.
MONTHS, T90 = 12, 1.796


@dataclass(frozen=True)
class Offer:
    uscc: str
    name: str
    total: float
    won: bool


@dataclass(frozen=True)
class Deal:
    """One tender as the radar reads it; ``month`` is the first of the month of its opening in Shanghai."""

    opened_at: datetime
    month: date
    city: str  # four digits
    buyer: str
    agency: str
    ceiling: float | None
    offers: tuple[Offer, ...]

    @property
    def winner(self) -> Offer | None:
        return next((one for one in self.offers if one.won), None)


@dataclass(frozen=True)
class Concentration:
    """How the awards of one buyer, agency or city spread over winners."""

    label: str
    awards: int
    winners: int
    hhi: float  # 1 = one winner takes all
    top: str
    top_uscc: str
    share: float


@dataclass(frozen=True)
class Forecast:
    """What a coming month's turnover may be: the mean of the last twelve with its 90 % prediction interval, 元."""

    low: float
    middle: float
    high: float


def concentrations(deals: Iterable[Deal], field: str) -> list[Concentration]:
    """Return how awards spread over winners, for each value of "buyer", "agency" or "city" with enough of them."""
    won: dict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, str] = {}
    for deal in deals:
        if deal.winner is not None and getattr(deal, field):
            won[getattr(deal, field)][deal.winner.uscc] += 1
            names[deal.winner.uscc] = deal.winner.name
    found = []
    for label, counts in won.items():
        total = sum(counts.values())
        if total >= AWARDS:
            top, most = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            hhi = sum((count / total) ** 2 for count in counts.values())
            found.append(Concentration(label, total, len(counts), hhi, names[top], top, most / total))
    return sorted(found, key=lambda one: (-one.hhi, one.label))


def outsiders(deals: Iterable[Deal]) -> list[tuple[str, int, int, int, int]]:
    """Return (city, bids, of firms registered elsewhere, awards, to firms registered elsewhere), by city.

    Where a firm is registered stands in its code: the third to sixth digit name the city (GB 32100).
    """
    rows: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for deal in deals:
        for offer in deal.offers:
            is_outside = offer.uscc[2:6] != deal.city
            row = rows[deal.city]
            row[0] += 1
            row[1] += is_outside
            row[2] += offer.won
            row[3] += offer.won and is_outside
    return [(city, *row) for city, row in sorted(rows.items())]


def savings(deals: Iterable[Deal]) -> list[tuple[date, float, int]]:
    """Return (month, mean saving against the ceiling, awards it rests on), in order."""
    rows: dict[date, list[float]] = defaultdict(list)
    for deal in deals:
        if deal.winner is not None and deal.ceiling:
            rows[deal.month].append(1 - deal.winner.total / deal.ceiling)
    return [(month, sum(each) / len(each), len(each)) for month, each in sorted(rows.items())]


def turnover(deals: Sequence[Deal], last: date) -> list[tuple[date, float]]:
    """Return what was awarded month by month up to ``last``; a month without an award stands with nothing."""
    sums: Counter[date] = Counter()
    for deal in deals:
        if deal.winner is not None:
            sums[deal.month] += deal.winner.total
    months = [month for month in sums if month <= last]
    if not months:
        return []
    at, rows = min(months), []
    while at <= last:
        rows.append((at, sums[at]))
        at = date(at.year + at.month // 12, at.month % 12 + 1, 1)
    return rows


def forecast(rows: Sequence[tuple[date, float]]) -> Forecast | None:
    """Return what a coming month may bring; None with fewer than MONTHS whole months.

    It is the plainest method that has an interval: months taken as independent draws of one distribution, without
    trend or season; with two years of months neither can be told from chance.
    """
    values = [value for _, value in rows][-MONTHS:]
    if len(values) < MONTHS:
        return None
    mean = math.fsum(values) / MONTHS
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (MONTHS - 1))
    reach = T90 * spread * math.sqrt(1 + 1 / MONTHS)
    return Forecast(max(mean - reach, 0.0), mean, mean + reach)
