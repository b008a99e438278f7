"""Sentence spread (雷同句散布): in how many distinct sentences two bids share what nobody else wrote.

Document similarity measures the tender text that all bidders echo. Here the tender's words go first, then
whatever many bidders or other tenders contain; what is left is counted in sentences, not in characters, because
one long quotation (a product sheet) is innocent and small agreements in many places are not.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import BinaryIO

import numpy as np

from gongheng.screening.texts.letters import SENTENCE_BITS, Letters, grams

#: From this average length on, five letters in a row agree by chance too often.
LONG = 150_000
#: A fingerprint may stand in so many tenders of a large library and still be rare: one for each PER_RARE of them. In
#: a small one whatever any other tender contains is the trade's language.
RARE, PER_RARE = 3, 60
#: Share of common slots from which a library hides more than it filters.
FULL = 0.2
#: Letters per partition: bounds the memory of a tender with very many or very long bids.
PARTITION = 12_000_000
#: Agreeing sentences at most so far apart make one block, and a block of n sentences weighs n to this power.
NEAR, POWER = 2, 0.6
#: What two honest bids of one tender share at most on average, once a library of enough other tenders is filtered out.
USUAL, ENOUGH = 5.0, 30
#: Fewer other tenders than this hardly filter: the corpora still mixed clauses of standards up with copies.
FEW = 5
#: Holders that make a fingerprint common where no other tender is known.
ALONE = 3
#: A fingerprint that this many bidders hold is the trade's language, however many bid.
MANY = 12


@dataclass(frozen=True)
class Setting:
    """Letters per fingerprint and fingerprints per sentence that count as agreement."""

    k: int
    hits: int


SHORT_BIDS, LONG_BIDS = Setting(5, 3), Setting(8, 2)
LENGTHS = (SHORT_BIDS.k, LONG_BIDS.k)


@dataclass(frozen=True)
class Pair:
    """Two bidders (numbers, the lower first), how many distinct sentences agree, and how many beyond their peers."""

    first: int
    second: int
    sentences: int
    spread: float
    beyond: float
    noise: float  # how much the pairs of this tender differ among themselves (robust), 0 for fewer than ten pairs


class Library:
    """Fingerprints of other tenders (其他项目指纹库): a table of saturating counters, one per slot of the hash.

    A collision can only make a fingerprint look more common, so the library errs towards silence.
    """

    def __init__(self, bits: int = 26) -> None:
        self.bits = bits
        self.tenders = 0
        self._counts = {k: np.zeros(1 << bits, dtype=np.uint8) for k in LENGTHS}
        self._common = dict.fromkeys(LENGTHS, 0)
        self._figures: Counter[str] = Counter()

    def add(self, bids: Sequence[Letters], figures: Iterable[str] = (), lengths: Sequence[int] = LENGTHS) -> None:
        """Count one tender: each fingerprint and row of figures once, however many of its bids contain it."""
        for k in lengths:
            counts = self._counts[k]
            found = np.unique(np.concatenate([self._slots(grams(bid.codes, k)) for bid in bids]))
            counts[found] += counts[found] < 255
            self._common[k] += int(np.count_nonzero(counts[found] == RARE + 1))
        for row in set(figures):
            self._figures[row] += 1
        self.tenders += 1

    def common(self, found: np.ndarray, k: int, more_than: int | None = None) -> np.ndarray:
        """Which fingerprints more than so many tenders of the library contain; None: as many as its size allows."""
        return self._counts[k][self._slots(found)] > (self.rare if more_than is None else more_than)

    @property
    def rare(self) -> int:
        """In how many tenders of the library a fingerprint may stand and still be rare."""
        return min(RARE, self.tenders // PER_RARE)

    @property
    def is_full(self) -> bool:
        """Whether so many slots are common that rare fingerprints, too, would look so: more bits are needed."""
        return max(self._common.values()) > FULL * (1 << self.bits)

    def is_common(self, figures: str) -> bool:
        """Whether more than one tender has this row of figures in one sentence (one may be the tender itself)."""
        return self._figures[figures] > 1

    def save(self, file: BinaryIO) -> None:
        """Write all counters, so that tomorrow only new tenders need to be learned."""
        np.savez_compressed(
            file, tenders=self.tenders, common=[self._common[k] for k in LENGTHS],
            rows=np.array(list(self._figures), dtype=str), times=np.array(list(self._figures.values()), dtype=np.int64),
            **{f"k{k}": self._counts[k] for k in LENGTHS},
        )

    @classmethod
    def load(cls, file: BinaryIO) -> "Library":
        """Read what ``save`` wrote."""
        library = cls(bits=0)
        with np.load(file, allow_pickle=False) as kept:
            library.tenders = int(kept["tenders"])
            library._counts = {k: kept[f"k{k}"] for k in LENGTHS}
            library._common = dict(zip(LENGTHS, kept["common"].tolist(), strict=True))
            library._figures = Counter(dict(zip(kept["rows"].tolist(), kept["times"].tolist(), strict=True)))
        library.bits = len(library._counts[LENGTHS[0]]).bit_length() - 1
        return library

    def _slots(self, found: np.ndarray) -> np.ndarray:
        return (found >> np.uint64(64 - self.bits)).astype(np.int64)


def setting_for(bids: Sequence[Letters]) -> Setting:
    return LONG_BIDS if sum(map(len, bids)) > LONG * len(bids) else SHORT_BIDS


def limit_for(bidders: int, *, has_tender: bool = True) -> int:
    """So many holders make a fingerprint common: half of the bidders.

    At least four, for three may be one ring; but at least three where what all hold may come from the tender itself.
    """
    return min(max(4 if has_tender else 3, -(-bidders // 2)), MANY)


def pairs(
    bids: Sequence[Letters], tender: Sequence[Letters], library: Library | None = None, *,
    more_than: int | None = None,
) -> list[Pair]:
    """All pairs that agree in at least one sentence beyond their peers, the strongest first.

    ``more_than``: in how many tenders of the library a fingerprint may stand and still be rare, where it holds the
    tender itself. Without any other tender only what exactly two bidders hold counts: clauses of standards, which
    many quote, cannot be told from copying otherwise.
    """
    setting = setting_for(bids)
    limit = limit_for(len(bids), has_tender=bool(tender)) if library is not None and library.tenders else ALONE
    parts = max(1, -(-sum(map(len, bids)) // PARTITION))
    shared = [_shared(bids, tender, library, setting, limit, more_than, part, parts) for part in range(parts)]
    both, left, right = (np.concatenate(column) for column in zip(*shared, strict=True))
    # A ring of all bidders has no honest peers: where other tenders are known, at most their usual spread is deducted.
    most = USUAL if library is not None and library.tenders >= ENOUGH else math.inf
    return _ranked(both, left, right, setting.hits, len(bids), most)


def _shared(bids, tender, library, setting: Setting, limit: int, more_than: int, part: int, parts: int):
    """(pair, sentence of the first, sentence of the second) of every rare fingerprint of one partition."""
    firm_bits = max(1, (len(bids) - 1).bit_length())
    low = np.uint64(firm_bits + SENTENCE_BITS)
    echoed = [np.unique(_of_part(grams(one.codes, setting.k), part, parts)[0] >> low) for one in tender]
    known = np.unique(np.concatenate(echoed)) if echoed else np.zeros(0, dtype=np.uint64)
    keys = []
    for number, bid in enumerate(bids):
        found, where = _of_part(grams(bid.codes, setting.k), part, parts)
        if library is not None:
            rare = ~library.common(found, setting.k, more_than)
            found, where = found[rare], where[rare]
        place = np.uint64(number << SENTENCE_BITS) | bid.sentences[where].astype(np.uint64)
        own = np.sort((found >> low << low) | place)
        first = np.r_[True, own[1:] >> low != own[:-1] >> low] if len(own) else np.zeros(0, dtype=bool)
        own = own[first]
        keys.append(own[~within(own >> low, known)])
    return _meetings(np.sort(np.concatenate(keys)), low, limit, len(bids))


def _of_part(found: np.ndarray, part: int, parts: int) -> tuple[np.ndarray, np.ndarray]:
    if parts == 1:
        return found, np.arange(len(found))
    where = np.flatnonzero((found & np.uint64(0xFFFF)) % np.uint64(parts) == part)
    return found[where], where


def within(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which values occur in the sorted array."""
    if not len(known):
        return np.zeros(len(values), dtype=bool)
    at = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return known[at] == values


def _meetings(keys: np.ndarray, low: np.uint64, limit: int, bidders: int):
    """The inverted list: neighbours in the sorted keys are bidders that hold the same fingerprint."""
    if not len(keys):
        return (np.zeros(0, dtype=np.int64),) * 3
    marks = keys >> low
    starts = np.flatnonzero(np.r_[True, marks[1:] != marks[:-1]])
    counts = np.diff(np.r_[starts, len(keys)])
    sentence = (keys & np.uint64((1 << SENTENCE_BITS) - 1)).astype(np.int64)
    firm = ((keys & np.uint64((1 << int(low)) - 1)) >> np.uint64(SENTENCE_BITS)).astype(np.int64)
    both, left, right = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for count in range(2, limit):
        heads = starts[counts == count]
        for one, other in combinations(range(count), 2):
            both.append(firm[heads + one] * bidders + firm[heads + other])
            left.append(sentence[heads + one])
            right.append(sentence[heads + other])
    return np.concatenate(both), np.concatenate(left), np.concatenate(right)


def _ranked(both, left, right, hits: int, bidders: int, most: float) -> list[Pair]:
    agreed = [_sentences(both, side, hits) for side in (left, right)]
    counts = np.minimum(*(np.bincount(one >> SENTENCE_BITS, minlength=bidders * bidders) for one in agreed))
    weights = np.maximum(*(_weights(one, bidders) for one in agreed))
    table = np.where(counts > 0, weights, 0.0).reshape(bidders, bidders)
    table = table + table.T
    counts = counts.reshape(bidders, bidders)
    everyone = np.array([_beyond(table, one, two, most) for one, two in combinations(range(bidders), 2)])
    noise = 1.4826 * float(np.median(np.abs(everyone - np.median(everyone)))) if len(everyone) >= 10 else 0.0
    result = []
    for one, two in np.argwhere(counts).tolist():
        beyond = _beyond(table, one, two, most)
        result.append(Pair(one, two, int(counts[one, two]), float(table[one, two]), beyond, noise))
    return sorted(result, key=lambda pair: (-pair.beyond, pair.first, pair.second))


def _weights(agreed: np.ndarray, bidders: int) -> np.ndarray:
    """Per pair, the sum of its blocks: ten places of one sentence weigh more than one place of ten sentences."""
    if not len(agreed):
        return np.zeros(bidders * bidders)
    heads = np.flatnonzero(np.r_[True, np.diff(agreed) > NEAR])
    lengths = np.diff(np.r_[heads, len(agreed)])
    return np.bincount(agreed[heads] >> SENTENCE_BITS, weights=lengths**POWER, minlength=bidders * bidders)


def _beyond(table: np.ndarray, first: int, second: int, most: float) -> float:
    """The pair's spread minus the mean of its other pairings: what these two share and others do not."""
    others = 2 * (len(table) - 2)
    peers = (table[first].sum() + table[second].sum() - 2 * table[first, second]) / others if others else 0.0
    return float(table[first, second] - min(peers, most))


def _sentences(both: np.ndarray, side: np.ndarray, hits: int) -> np.ndarray:
    """Pair and sentence, as one number, of every sentence in which enough rare fingerprints agree."""
    found, counts = np.unique(both << SENTENCE_BITS | side, return_counts=True)
    return found[counts >= hits]
