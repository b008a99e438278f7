"""Figures of the trade over a year (交易雷达): who sticks together, who never wins, who always does; pure functions.

Every figure names how many tenders it rests on and is silent below a stated number of them.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations

#: 抱团: at least so many joint tenders, in so large a share of the rarer bidder's, so much more often than by chance.
JOINT, COHESION, LIFT = 5, 0.6, 2.0
#: 陪标专业户: at least so many bids, and so improbable a record of losing.
BIDS, IMPROBABLE = 20, 0.01
#: 中标集中: at least so many awards.
AWARDS = 5
#: Months that a forecast rests on, and the quantile of Student's t for 90 % with one fewer degrees of freedom.
MONTHS, T90 = 12, 1.796
#: Tenders with more bidders say nothing about pairs.
CROWD = 60


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
class Group:
    """Firms of which every one is tied to another (抱团组)."""

    firms: tuple[str, ...]
    names: tuple[str, ...]
    together: int  # tenders in which two or more of them bid
    cohesion: float  # the weakest tie's share
    exclusivity: float  # share of the members' bids made beside another member
    wins: tuple[int, ...]  # of each firm, in those tenders


@dataclass(frozen=True)
class Loser:
    uscc: str
    name: str
    bids: int
    wins: int
    expected: float
    p: float


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


def groups(deals: Iterable[Deal]) -> list[Group]:
    """Return the groups of firms that bid together far more often than independent bidders of their city would."""
    deals = [one for one in deals if len(one.offers) <= CROWD]
    bids: Counter[str] = Counter(offer.uscc for deal in deals for offer in deal.offers)
    names = {offer.uscc: offer.name for deal in deals for offer in deal.offers}
    met: Counter[tuple[str, str]] = Counter()
    for deal in deals:
        met.update(combinations(sorted(offer.uscc for offer in deal.offers), 2))
    # A market is where both bid: a firm of the north and one of the south that never meet are no argument.
    active: dict[str, set[str]] = defaultdict(set)
    for deal in deals:
        for offer in deal.offers:
            active[offer.uscc].add(deal.city)
    size = Counter(deal.city for deal in deals)
    ties = {}
    for (one, other), count in met.items():
        share = count / min(bids[one], bids[other])
        chance = bids[one] * bids[other] / sum(size[city] for city in active[one] | active[other])
        if count >= JOINT and share >= COHESION and count >= LIFT * chance:
            ties[one, other] = share
    return sorted(
        (_group(part, ties, deals, names) for part in _parts(ties)), key=lambda one: (-one.together, one.firms)
    )


def losers(deals: Iterable[Deal]) -> list[Loser]:
    """Return firms that lose more often than chance lets them, had every bidder of a tender the same chance."""
    bids: Counter[str] = Counter()
    wins: Counter[str] = Counter()
    expected: dict[str, float] = defaultdict(float)
    names: dict[str, str] = {}
    for deal in deals:
        if deal.winner is None or len(deal.offers) < 2:
            continue
        for offer in deal.offers:
            bids[offer.uscc] += 1
            wins[offer.uscc] += offer.won
            expected[offer.uscc] += 1 / len(deal.offers)
            names[offer.uscc] = offer.name
    found = [
        Loser(uscc, names[uscc], count, wins[uscc], expected[uscc], _below(wins[uscc], count, expected[uscc] / count))
        for uscc, count in bids.items() if count >= BIDS
    ]
    return sorted((one for one in found if one.p < IMPROBABLE), key=lambda one: (one.p, one.uscc))


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


def _parts(ties: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Return the connected parts of the ties."""
    home: dict[str, set[str]] = {}
    for one, other in ties:
        joined = home.get(one, {one}) | home.get(other, {other})
        for firm in joined:
            home[firm] = joined
    return sorted({tuple(sorted(part)) for part in home.values()})


def _group(firms: tuple[str, ...], ties: dict, deals: Sequence[Deal], names: dict[str, str]) -> Group:
    members, together, beside, every = set(firms), 0, 0, 0
    wins: Counter[str] = Counter()
    for deal in deals:
        here = [offer for offer in deal.offers if offer.uscc in members]
        every += len(here)
        if len(here) > 1:
            together += 1
            beside += len(here)
            wins.update(offer.uscc for offer in here if offer.won)
    weakest = min(share for pair, share in ties.items() if set(pair) <= members)
    return Group(
        firms, tuple(names[one] for one in firms), together, weakest, beside / every, tuple(wins[one] for one in firms)
    )


def _below(wins: int, bids: int, chance: float) -> float:
    """Return how probable it is to win at most so often with this chance in every bid."""
    return math.fsum(
        math.comb(bids, count) * chance**count * (1 - chance) ** (bids - count) for count in range(wins + 1)
    )
