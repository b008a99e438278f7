"""Shared rarities (共同差错): the same slip in copying the tender, the same figures, another bidder's name.

Two people who type the same page make different mistakes. What counts here are tokens that only a few bidders
hold and that the tender document does not.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from gongheng.screening.texts import spread
from gongheng.screening.texts.letters import STOPS, Letters, grams

K = 5
NUMBER = re.compile(r"\d+(?:\.\d+)?")
PARTED = re.compile(f"[{re.escape(STOPS)}]")
DATE = re.compile(r"(?:19|20)\d\d\s*年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?")
#: So many fingerprints in a row must come from the tender on both sides of a slip (twelve letters).
LITERAL = 8
#: A name shorter than this is too common a word to be searched for.
SHORTEST_NAME = 5


@dataclass(frozen=True)
class Token:
    """Something rare that two bids share, and at which character of each it stands."""

    words: str
    first: int
    second: int


Shared = dict[tuple[int, int], list[Token]]


def copying_slips(bids: Sequence[Letters], texts: Sequence[str], tender: Sequence[Letters]) -> Shared:
    """The same deviation of one or two letters inside otherwise literal tender text; filled-in figures do not count."""
    known = np.unique(np.concatenate([grams(one.codes, K) for one in tender]))
    return _by_pair([_slips(bid, text, known) for bid, text in zip(bids, texts, strict=True)])


def _slips(bid: Letters, text: str, known: np.ndarray) -> dict[str, int]:
    echoed = spread.within(grams(bid.codes, K), known)
    edges = np.flatnonzero(np.diff(np.r_[True, echoed, True].astype(np.int8))).reshape(-1, 2)
    found: dict[str, int] = {}
    # Literal stretches before and after each gap; chance meetings with the tender are shorter.
    before = np.diff(np.r_[0, edges.ravel()])[::2]
    after = np.diff(np.r_[edges.ravel(), len(echoed)])[1::2]
    for start, end in edges[(before >= LITERAL) & (after >= LITERAL)].tolist():
        # One wrong or added letter breaks k neighbouring fingerprints, two break k+1. A seam of two passages of the
        # tender, as every left-out or moved paragraph makes, breaks k-1 and is no slip.
        if not K <= end - start <= K + 1:
            continue
        words = "".join(map(chr, bid.codes[start : end + K - 1].tolist()))
        if not any(map(str.isdigit, words)):
            found.setdefault(words, int(bid.places[start]))
    return found


def figures(texts: Sequence[str], tender: Sequence[str], library: spread.Library | None = None) -> Shared:
    """The same row of at least two figures (five digits or more together) within one sentence."""
    known = {row for text in tender for row in figures_of(text)}
    rows = [{row: at for row, at in figures_of(text).items() if row not in known} for text in texts]
    if library is not None:
        rows = [{row: at for row, at in own.items() if not library.is_common(row)} for own in rows]
    return _by_pair(rows)


def figures_of(text: str) -> dict[str, int]:
    """Rows of figures and where their sentence begins."""
    rows: dict[str, int] = {}
    at = 0
    for sentence in PARTED.split(text):
        numbers = NUMBER.findall(sentence)
        if 2 <= len(numbers) <= 12 and sum(map(len, numbers)) >= 5:
            rows.setdefault("、".join(numbers), at)
        at += len(sentence) + 1
    return rows


def dates(texts: Sequence[str], tender: Sequence[str]) -> Shared:
    """The same date that the tender does not mention and no third bidder writes."""
    known = {_bare(found[0]) for text in tender for found in DATE.finditer(text)}
    rows = []
    for text in texts:
        row: dict[str, int] = {}
        for found in DATE.finditer(text):
            if _bare(found[0]) not in known:
                row.setdefault(_bare(found[0]), found.start())
        rows.append(row)
    return _by_pair(rows)


def _bare(words: str) -> str:
    return "".join(words.split())


def mentions(texts: Sequence[str], names: Sequence[str], tender: Sequence[str]) -> list[tuple[int, int, int]]:
    """(who writes, who is named, where) of every bid that contains another bidder's name; the tender's words aside."""
    found = []
    for named, name in enumerate(names):
        if len(name) < SHORTEST_NAME or any(name in text for text in tender):
            continue
        for writer, text in enumerate(texts):
            at = text.find(name) if writer != named and name not in names[writer] else -1
            if at >= 0:
                found.append((writer, named, at))
    return found


def _by_pair(rows: Sequence[dict[str, int]]) -> Shared:
    holders: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        for words in row:
            holders[words].append(number)
    # What all bidders write alike comes from one source that they were all given.
    limit = min(spread.limit_for(len(rows)), max(len(rows), 3))
    shared: Shared = defaultdict(list)
    for words, held in sorted(holders.items()):
        if 2 <= len(held) < limit:
            for first, second in combinations(held, 2):
                shared[first, second].append(Token(words, rows[first][words], rows[second][words]))
    return dict(shared)
