"""Passages side by side (雷同段落对照): where two bids agree, by character, the tender's words marked for greying."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gongheng.screening.texts import spread
from gongheng.screening.texts.letters import Letters, grams, letters_of

Span = tuple[int, int]


@dataclass(frozen=True)
class Passage:
    """One agreeing stretch: characters ``first`` of one text and ``second`` of the other.

    ``sentences``: how many sentences of the first agree in it; ``*_tender``: the stretches (in the coordinates of
    the whole text) that the tender document contains as well, to be shown in grey.
    """

    first: Span
    second: Span
    sentences: int
    first_tender: tuple[Span, ...]
    second_tender: tuple[Span, ...]


def passages(
    first: Letters, second: Letters, tender: Sequence[Letters], *, setting: spread.Setting = spread.SHORT_BIDS,
    library: spread.Library | None = None,
) -> list[Passage]:
    """The agreeing stretches of two bids, longest first; what the tender or other tenders contain does not count."""
    marks, others = grams(first.codes, setting.k), grams(second.codes, setting.k)
    known = _known(tender, setting.k)
    is_own = ~spread.within(marks, known)
    if library is not None:
        is_own &= ~library.common(marks, setting.k)
    own, at = np.unique(marks[is_own], return_index=True)
    at = np.flatnonzero(is_own)[at]
    found, there = np.unique(others, return_index=True)
    shared = spread.within(own, found)
    ours = first.sentences[at[shared]]
    theirs = second.sentences[there[np.searchsorted(found, own[shared])]]
    # Each sentence of the first belongs to the sentence of the second with which it shares most.
    votes: dict[int, Counter[int]] = {}
    for one, other in zip(ours.tolist(), theirs.tolist(), strict=True):
        votes.setdefault(one, Counter())[other] += 1
    met = []
    for one in sorted(votes):
        other, count = min(votes[one].items(), key=lambda vote: (-vote[1], vote[0]))
        if count >= setting.hits:
            met.append((one, other))
    blocks: list[list[tuple[int, int]]] = []
    for one, other in met:
        if blocks and one - blocks[-1][-1][0] <= 2 and abs(other - blocks[-1][-1][1]) <= 3:
            blocks[-1].append((one, other))
        else:
            blocks.append([(one, other)])
    result = [
        Passage(
            here := _span(first, [one for one, _ in block]), yonder := _span(second, [other for _, other in block]),
            len(block), _echoes(first, here, known, setting.k), _echoes(second, yonder, known, setting.k),
        )
        for block in blocks
    ]
    return sorted(result, key=lambda passage: (-passage.sentences, passage.first))


def side_by_side(first: str, second: str, tender: Sequence[str]) -> list[Passage]:
    """The same from plain texts."""
    one, other = letters_of(first), letters_of(second)
    return passages(one, other, [letters_of(text) for text in tender], setting=spread.setting_for([one, other]))


def _known(tender: Sequence[Letters], k: int) -> np.ndarray:
    return np.unique(np.concatenate([grams(one.codes, k) for one in tender] or [np.zeros(0, dtype=np.uint64)]))


def _span(letters: Letters, sentences: list[int]) -> Span:
    start = int(np.searchsorted(letters.sentences, min(sentences)))
    end = int(np.searchsorted(letters.sentences, max(sentences), side="right"))
    return int(letters.places[start]), int(letters.places[end - 1]) + 1


def _echoes(letters: Letters, span: Span, known: np.ndarray, k: int) -> tuple[Span, ...]:
    """Stretches of a span whose every letter lies in some k letters that the tender contains."""
    start, end = (int(np.searchsorted(letters.places, place)) for place in span)
    low = max(0, start - k + 1)
    hits = spread.within(grams(letters.codes[low : end + k - 1], k), known)
    covered = np.zeros(len(hits) + k, dtype=bool)
    for step in range(k):
        covered[step : step + len(hits)] |= hits
    inside = covered[start - low : end - low]
    edges = np.flatnonzero(np.diff(np.r_[False, inside, False].astype(np.int8)))
    places = letters.places[start:end]
    return tuple((int(places[a]), int(places[b - 1]) + 1) for a, b in edges.reshape(-1, 2))
