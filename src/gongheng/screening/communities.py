"""The whole market at one moment (主体群落): significant pairs, their communities, division and concentration.

This is the nightly view of everybody; ``history`` is the view of one tender's bidders at its opening.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gongheng.screening import history, weights
from gongheng.screening.markets import Tender
from gongheng.screening.problems import MANY


@dataclass(frozen=True)
class Edge:
    """Two firms that bid together more often than each on its own would."""

    left: str
    right: str
    together: int
    expected: float
    p: float


@dataclass(frozen=True)
class Community:
    """Firms joined by such pairs: cohesion is the share of their meetings that is among themselves."""

    firms: tuple[str, ...]
    edges: tuple[Edge, ...]
    tenders: int  # in which at least two of them met
    cohesion: float
    exclusivity: float  # share of their bids at which another of them was present
    wins: tuple[tuple[str, int], ...]  # inside those tenders, most first


@dataclass(frozen=True)
class Division:
    """Two busy firms of one market that never met although chance would have brought them together."""

    left: str
    right: str
    expected: float
    p: float


@dataclass(frozen=True)
class Loser:
    """A firm that bids often and wins at most half of what the sizes of its tenders would give it."""

    firm: str
    bids: int
    wins: int
    expected: float
    p: float


def edges(tenders: Sequence[Tender], *, before: float | None = None) -> tuple[Edge, ...]:
    """Return the significant pairs of all tenders opened before a moment (Benjamini-Hochberg).

    Counted as tests are all pairs that could have met three times, not only those that did.
    """
    counted = _Counts(tenders, before)
    tested = np.flatnonzero(counted.together >= 3)
    chances = _chances(counted, tested)
    stands = weights.discoveries(chances.tolist(), history.FALSE_DISCOVERIES, tests=counted.possible(3))
    found: dict[tuple[str, str], Edge] = {}
    for place, good, p in zip(tested, stands, chances.tolist(), strict=True):
        edge = counted.edge(int(place), p)
        if good and edge.together > edge.expected:
            key = (edge.left, edge.right)
            if key not in found or p < found[key].p:  # the same two in several markets: the stronger
                found[key] = edge
    return tuple(found[key] for key in sorted(found))


def communities(tenders: Sequence[Tender], *, before: float | None = None) -> tuple[Community, ...]:
    """Return the communities on significant edges, those with most joint tenders first."""
    known = edges(tenders, before=before)
    groups = history.groups([(one.left, one.right, one.together - one.expected) for one in known])
    home = {firm: number for number, group in enumerate(groups) for firm in group}
    met: list[list[tuple[Tender, list[str]]]] = [[] for _ in groups]
    for tender in _kept(tenders, before):
        present: dict[int, list[str]] = {}
        for firm in sorted({bid.firm for bid in tender.bids if bid.firm in home}):
            present.setdefault(home[firm], []).append(firm)
        for number, firms in present.items():
            met[number].append((tender, firms))
    found = [
        _community(group, tuple(one for one in known if home[one.left] == number == home[one.right]), met[number])
        for number, group in enumerate(groups)
    ]
    return tuple(sorted(found, key=lambda one: (-one.tenders, one.firms)))


def divisions(tenders: Sequence[Tender], *, before: float | None = None, least: int = 20) -> tuple[Division, ...]:
    """Return pairs of firms with at least `least` bids each in one market that never met there (BH)."""
    from scipy.stats import hypergeom

    counted = _Counts(tenders, before)
    pairs = counted.strangers(least)
    if not pairs:
        return ()
    table = np.array([(n, a, b) for _, _, n, a, b in pairs])
    chances = hypergeom.cdf(0, table[:, 0], table[:, 1], table[:, 2])
    stands = weights.discoveries(chances.tolist(), history.FALSE_DISCOVERIES)
    found = [
        Division(counted.firms[left], counted.firms[right], a * b / n, float(p))
        for (left, right, n, a, b), p, good in zip(pairs, chances, stands, strict=True) if good
    ]
    return tuple(sorted(found, key=lambda one: (one.p, one.left, one.right)))


def losers(tenders: Sequence[Tender], *, before: float | None = None, least: int = 20) -> tuple[Loser, ...]:
    """Return the firms with at least `least` bids that lose beyond chance (陪标专业户): G4 over all markets.

    Only tenders with a known winner and another bidder count.
    """
    counted: dict[str, list[float]] = {}
    for tender in _kept(tenders, before):
        if len(tender.bids) > 1 and any(bid.won for bid in tender.bids):
            for bid in tender.bids:
                if bid.firm:
                    row = counted.setdefault(bid.firm, [0, 0, 0.0])
                    row[0] += 1
                    row[1] += bid.won is True
                    row[2] += 1 / len(tender.bids)
    firms = sorted(firm for firm, row in counted.items() if row[0] >= least)
    if not firms:
        return ()
    bids, wins, expected = np.array([counted[firm] for firm in firms]).T
    chances, stands = history.always_lose(bids, wins, expected / bids)
    found = [
        Loser(firm, int(bids[row]), int(wins[row]), float(expected[row]), float(chances[row]))
        for row, firm in enumerate(firms) if stands[row]
    ]
    return tuple(sorted(found, key=lambda one: (one.p, one.firm)))


def _kept(tenders: Sequence[Tender], before: float | None) -> list[Tender]:
    return [one for one in tenders if before is None or (one.opened is not None and one.opened < before)]


class _Counts:
    """Joint bids of all pairs by market, counted with sorted numbers: millions of pairs need no object each."""

    def __init__(self, tenders: Sequence[Tender], before: float | None):
        kept = sorted(_kept(tenders, before), key=lambda one: (one.opened or 0.0, one.id))
        names = sorted({bid.firm for one in kept for bid in one.bids if bid.firm})
        codes = {firm: number for number, firm in enumerate(names)}
        markets: dict[tuple[str, str], int] = {}
        self.firms = names
        self._count = max(len(names), 1)
        self.sizes: list[int] = []  # tenders per market
        self._span = len(kept) + 1
        bids, blocks = [], {}
        for one in kept:
            market = markets.setdefault(one.market, len(markets))
            if market == len(self.sizes):
                self.sizes.append(0)
            rank = self.sizes[market]
            self.sizes[market] += 1
            firms = sorted({codes[bid.firm] for bid in one.bids if bid.firm})
            bids += [(market * self._count + firm) * self._span + rank for firm in firms]
            if 2 <= len(firms) <= MANY:
                blocks.setdefault(len(firms), []).append([market, *firms])
        self._bids = np.sort(np.array(bids, dtype=np.int64))
        keys = [_pair_keys(np.array(rows, dtype=np.int64), self._count) for _, rows in sorted(blocks.items())]
        self.pairs, self.together = (
            np.unique(np.concatenate(keys), return_counts=True) if keys else (np.zeros(0, np.int64), np.zeros(0, int))
        )

    def window(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return for pairs (tenders of the market since both were in it, bids of either since then)."""
        market, left, right = self.parts(places)
        start = np.maximum(self._first(market, left), self._first(market, right))
        return np.array(self.sizes)[market] - start, self._since(market, left, start), self._since(market, right, start)

    def parts(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rest, right = np.divmod(self.pairs[places], self._count)
        market, left = np.divmod(rest, self._count)
        return market, left, right

    def possible(self, least: int) -> int:
        """Return how many pairs of one market have `least` bids each."""
        owners, counts = np.unique(self._bids // self._span, return_counts=True)
        _, busy = np.unique(owners[counts >= least] // self._count, return_counts=True)
        return int((busy * (busy - 1) // 2).sum())

    def edge(self, place: int, p: float) -> Edge:
        _, left, right = self.parts(np.array([place]))
        total, a, b = self.window(np.array([place]))
        return Edge(
            self.firms[left[0]], self.firms[right[0]], int(self.together[place]),
            float(a[0] * b[0] / max(total[0], 1)), p,
        )

    def strangers(self, least: int) -> list[tuple[int, int, int, int, int]]:
        """Return (left, right, tenders, bids, bids) of busy pairs of one market that are in no joint tender."""
        found = []
        owners, counts = np.unique(self._bids // self._span, return_counts=True)
        busy = owners[counts >= least]
        for market in range(len(self.sizes)):
            firms = (busy[busy // self._count == market] % self._count).tolist()
            bids = dict(zip((owners % self._count)[owners // self._count == market].tolist(),
                            counts[owners // self._count == market].tolist(), strict=True))
            for place, left in enumerate(firms):
                rights = np.array(firms[place + 1:], dtype=np.int64)
                keys = (market * self._count + left) * self._count + rights
                at = np.minimum(np.searchsorted(self.pairs, keys), max(len(self.pairs) - 1, 0))
                apart = self.pairs[at] != keys if len(self.pairs) else np.ones(len(rights), dtype=bool)
                total = self.sizes[market]
                found += [(left, right, total, bids[left], bids[right]) for right in rights[apart].tolist()]
        return found

    def _first(self, market: np.ndarray, firm: np.ndarray) -> np.ndarray:
        base = (market * self._count + firm) * self._span
        return self._bids[np.searchsorted(self._bids, base)] - base

    def _since(self, market: np.ndarray, firm: np.ndarray, start: np.ndarray) -> np.ndarray:
        base = (market * self._count + firm) * self._span
        return np.searchsorted(self._bids, base + self._span) - np.searchsorted(self._bids, base + start)


def _pair_keys(rows: np.ndarray, count: int) -> np.ndarray:
    """Return one number per (market, left firm, right firm) of tenders that all have the same number of firms."""
    left, right = np.triu_indices(rows.shape[1] - 1, 1)
    return ((rows[:, :1] * count + rows[:, 1:][:, left]) * count + rows[:, 1:][:, right]).ravel()


def _chances(counted: _Counts, places: np.ndarray) -> np.ndarray:
    from scipy.stats import hypergeom

    if not len(places):
        return np.ones(0)
    total, left, right = counted.window(places)
    return np.clip(hypergeom.sf(counted.together[places] - 1, total, left, right), 0, 1)


def _community(firms, own: tuple[Edge, ...], met: Sequence[tuple[Tender, list[str]]]) -> Community:
    joint = [(tender, present) for tender, present in met if len(present) >= 2]
    inside = sum(len(present) * (len(present) - 1) for _, present in joint)
    company = sum(len(present) * (len(tender.bids) - 1) for tender, present in met)
    bids = sum(len(present) for _, present in met)
    wins: dict[str, int] = {}
    for tender, _ in joint:
        for bid in tender.bids:
            if bid.won and bid.firm in firms:
                wins[bid.firm] = wins.get(bid.firm, 0) + 1
    return Community(
        firms, own, len(joint), inside / max(company, 1), sum(len(present) for _, present in joint) / max(bids, 1),
        tuple(sorted(wins.items(), key=lambda one: (-one[1], one[0]))),
    )
