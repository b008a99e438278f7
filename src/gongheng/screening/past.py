"""Who bid with whom before (历史关系), strictly from tenders that were opened earlier than the one looked at."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from gongheng.screening.markets import Tender

#: Statistics of one tender's past in the order of the columns of `table`.
NAMES = (
    "past_bids", "newcomers", "together_max", "together_mean", "jaccard_max", "jaccard_mean", "lift_max", "lift_mean",
    "repeat_pairs", "win_rate_max", "win_rate_min", "balanced_max", "one_sided_max", "closed_mean", "closed_min",
    "same_set", "partners", "past_size",
)


@dataclass(frozen=True)
class Past:
    """What the bidders of one tender did before it, as matrices over (firm, earlier tender of the same market)."""

    firms: tuple[str, ...]  # bidders with a code, sorted
    bid: np.ndarray  # bool: the firm bid there
    won: np.ndarray  # bool: the firm won there
    rank: np.ndarray  # place of the firm's bid among those there, from 0; -1 where any two of those are equal
    sizes: np.ndarray  # bidders in each of those tenders
    place: np.ndarray  # rank of each of those tenders within its market, in order of opening
    total: int  # tenders of that market opened before
    buyers: np.ndarray  # code of the buyer in each of those tenders
    buyer: int  # code of this tender's buyer, -1 where unknown


class History:
    """Earlier tenders as columns; a tender without a date has no past and is nobody's past, unless `timeless`.

    `timeless` is for files that tell no dates at all: every other tender then counts as past, which no system
    standing in time could know; whoever uses it says so.
    """

    def __init__(self, tenders: Iterable[Tender], *, timeless: bool = False):
        self.timeless = timeless
        kept = [one for one in tenders if timeless or one.opened is not None]
        if not timeless:
            kept.sort(key=lambda one: (one.opened, one.id))
        self._opened = np.array([one.opened or 0.0 for one in kept])
        self._ids = {one.id: place for place, one in enumerate(kept)}
        self._sizes = np.array([len(one.bids) for one in kept], dtype=np.int32)
        codes: dict[tuple[str, str], int] = {}
        self._market = np.array([codes.setdefault(one.market, len(codes)) for one in kept], dtype=np.int32)
        self._markets = codes
        self._places = {code: np.flatnonzero(self._market == code) for code in codes.values()}
        self._rank = np.zeros(len(kept), dtype=np.int32)
        for places in self._places.values():
            self._rank[places] = np.arange(len(places))
        self._buyers: dict[str, int] = {}
        self._buyer = np.array(
            [self._buyers.setdefault(one.buyer, len(self._buyers)) if one.buyer else -1 for one in kept], dtype=np.int32
        )
        self._index_firms(kept)
        self._last: tuple[Tender, Past] | None = None

    def _index_firms(self, kept: Sequence[Tender]) -> None:
        self.firms: dict[str, int] = {}
        codes, places, won, ranks = [], [], [], []
        for place, tender in enumerate(kept):
            values = sorted(bid.value for bid in tender.bids)
            is_ordered = len(set(values)) == len(values)
            for bid in tender.bids:
                if bid.firm:
                    codes.append(self.firms.setdefault(bid.firm, len(self.firms)))
                    places.append(place)
                    won.append(bid.won is True)
                    ranks.append(bisect_left(values, bid.value) if is_ordered else -1)
        order = np.argsort(np.array(codes, dtype=np.int64), kind="stable")
        self._bid_place = np.array(places, dtype=np.int32)[order]
        self._bid_won = np.array(won, dtype=bool)[order]
        self._bid_rank = np.array(ranks, dtype=np.int32)[order]
        self._starts = np.searchsorted(np.array(codes, dtype=np.int64)[order], np.arange(len(self.firms) + 1))

    def __len__(self) -> int:
        return len(self._opened)

    def has_dates_for(self, tender: Tender) -> bool:
        """Whether it can be told what came before the tender."""
        return self.timeless or tender.opened is not None

    def past(self, tender: Tender) -> Past:
        """Return the past of the tender's bidders in its market; of the same moment and later nothing."""
        if self._last is None or self._last[0] is not tender:  # two families ask about one tender after the other
            self._last = tender, self._past(tender)
        return self._last[1]

    def _past(self, tender: Tender) -> Past:
        firms = tuple(sorted({bid.firm for bid in tender.bids if bid.firm}))
        market = self._markets.get(tender.market, -1)
        before = 0 if tender.opened is None else int(np.searchsorted(self._opened, tender.opened, side="left"))
        own = self._ids.get(tender.id, -1)
        each = [self._bids_of(firm, market, before, own) for firm in firms]
        met = np.concatenate([places for places, _, _ in each]) if each else np.zeros(0, dtype=np.int32)
        columns = np.unique(met)
        shape = len(firms), len(columns)
        bid, won, rank = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool), np.zeros(shape, dtype=np.int32)
        for row, (places, wins, ranks) in enumerate(each):
            at = np.searchsorted(columns, places)
            bid[row, at] = True
            won[row, at] = wins
            rank[row, at] = ranks
        everywhere = self._places.get(market, np.zeros(0, dtype=np.int64))
        total = len(everywhere) - 1 if self.timeless else int(np.searchsorted(everywhere, before))
        return Past(
            firms, bid, won, rank, self._sizes[columns], self._rank[columns], max(total, 0), self._buyer[columns],
            self._buyers.get(tender.buyer, -1) if tender.buyer else -1,
        )

    def _bids_of(self, firm: str, market: int, before: int, own: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        code = self.firms.get(firm)
        if code is None:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=bool), np.zeros(0, dtype=np.int32)
        span = slice(self._starts[code], self._starts[code + 1])
        places = self._bid_place[span]
        kept = (self._market[places] == market) & (places != own)
        if not self.timeless:
            kept &= places < before
        return places[kept], self._bid_won[span][kept], self._bid_rank[span][kept]


@dataclass(frozen=True)
class Pairs:
    """All pairs of bidders (row i before row j) and what the past says about each."""

    left: np.ndarray
    right: np.ndarray
    together: np.ndarray
    expected: np.ndarray  # joint bids were they independent, in the window in which both were active
    jaccard: np.ndarray
    left_bids: np.ndarray  # in that window
    right_bids: np.ndarray
    window: np.ndarray  # tenders of the market in that window
    left_beats: np.ndarray  # joint tenders that the left one won
    right_beats: np.ndarray


def pairs(past: Past) -> Pairs:
    """Return the pair table of one tender's bidders.

    The null keeps each firm's market and activity: it looks only at the time from which both were in the market.
    """
    left, right = np.triu_indices(len(past.firms), 1)
    bid = past.bid.astype(np.float32)
    together = (bid @ bid.T)[left, right]
    beats = past.won.astype(np.float32) @ bid.T
    count = bid.sum(axis=1)
    columns = past.bid.shape[1]
    if columns:
        first = np.where(past.bid.any(axis=1), past.bid.argmax(axis=1), columns)
        later = np.concatenate([np.cumsum(bid[:, ::-1], axis=1)[:, ::-1], np.zeros((len(bid), 1))], axis=1)
        start = np.maximum(first[left], first[right])
        left_bids, right_bids = later[left, start], later[right, start]
        place = np.append(past.place, past.total)
        window = past.total - np.minimum(place[start], past.total)
    else:
        left_bids = right_bids = window = np.zeros(len(left))
    either = count[left] + count[right] - together
    return Pairs(
        left, right, together.astype(int), left_bids * right_bids / np.maximum(window, 1),
        together / np.maximum(either, 1), left_bids.astype(int), right_bids.astype(int), window.astype(int),
        beats[left, right].astype(int), beats[right, left].astype(int),
    )


def table(tenders: Sequence[Tender], history: History) -> np.ndarray:
    """Return one row per tender with the statistics of NAMES; NaN where the past cannot be known."""
    out = np.full((len(tenders), len(NAMES)), np.nan)
    for row, tender in enumerate(tenders):
        if history.has_dates_for(tender):
            past = history.past(tender)
            if past.firms:
                out[row] = _statistics(past)
    return out


def _statistics(past: Past) -> list[float]:
    count, wins = past.bid.sum(axis=1), past.won.sum(axis=1)
    known = count >= 3
    rate = wins[known] / count[known]
    company = past.bid.sum(axis=0)
    closed = (past.bid & (company >= 2)).sum(axis=1)[known] / count[known]
    row = [
        float(np.log1p(count).mean()), float((count == 0).mean()), *[np.nan] * 7,
        float(rate.max(initial=0)), float(rate.min(initial=1)), *[np.nan] * 2,
        float(closed.mean()) if len(closed) else 0.0, float(closed.min(initial=1)),
        float(((company == len(past.firms)) & (past.sizes == len(past.firms))).sum()),
        float((past.sizes[None, :] * past.bid).sum() / max(count.sum(), 1)),
        float(np.log1p(past.total)),
    ]
    if len(past.firms) >= 2:
        found = pairs(past)
        lift = np.where(found.together >= 3, np.log(found.together / np.maximum(found.expected, 0.05) + 1e-9), 0.0)
        decided = np.maximum(found.left_beats + found.right_beats, 1)
        fewer, more = (np.minimum(found.left_beats, found.right_beats), np.maximum(found.left_beats, found.right_beats))
        row[2:9] = [
            found.together.max(), found.together.mean(), found.jaccard.max(), found.jaccard.mean(), lift.max(),
            lift.mean(), (found.together >= 3).mean(),
        ]
        enough = fewer + more >= 3
        row[11:13] = [(fewer / decided * enough).max(), ((more - fewer) / decided * enough).max()]
    return row
