"""Text as letters (文字序列): code points without punctuation, with the place and the sentence each one came from."""

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np

#: A run without a full stop (a table, a list) is cut here, so that one endless "sentence" cannot hide many matches.
LONGEST = 80
STOPS = "。！？!?；;\f"
#: Bits of a key that name the sentence: a million sentences are some twenty million characters of one bidder.
SENTENCE_BITS = 20


class TooLong(ValueError):
    """A text with more sentences than a key can name."""


@dataclass(frozen=True)
class Letters:
    """One bidder's words: what is compared (``codes``), where it stood (``places``) and in which sentence."""

    codes: np.ndarray
    places: np.ndarray
    sentences: np.ndarray

    def __len__(self) -> int:
        return len(self.codes)


def letters_of(text: str) -> Letters:
    """Letters, digits and ideographs in one form (NFKC, lower case); every other character only parts sentences."""
    raw = np.frombuffer(text.encode("utf-32-le", "replace"), dtype="<u4")
    forms, stops = _tables()
    within = np.minimum(raw, len(forms) - 1)
    codes = np.where(raw < len(forms), forms[within], raw)
    places = np.flatnonzero(codes).astype(np.int32)
    # Sentences are counted at every stop, and again wherever a run of letters grows past the longest sentence.
    stopped = np.cumsum(stops[within] & (raw < len(forms)), dtype=np.int64)[places]
    first = np.flatnonzero(np.r_[True, stopped[1:] != stopped[:-1]]) if len(places) else np.zeros(0, dtype=np.int64)
    runs = np.diff(np.r_[first, len(places)])
    within_run = np.arange(len(places)) - np.repeat(first, runs)
    cuts = within_run % LONGEST == 0
    sentences = np.cumsum(cuts) - 1 if len(places) else np.zeros(0, dtype=np.int64)
    if len(places) and sentences[-1] >= 1 << SENTENCE_BITS:
        raise TooLong(f"more than {1 << SENTENCE_BITS} sentences in one bid")
    return Letters(codes[places], places, sentences.astype(np.int32))


@cache
def _tables() -> tuple[np.ndarray, np.ndarray]:
    """For the basic plane: the compared form of each character (0: not compared), and whether it ends a sentence."""
    forms = np.zeros(0x10000, dtype=np.uint32)
    for code in range(0x10000):
        character = chr(code)
        if not character.isalnum():
            continue
        form = unicodedata.normalize("NFKC", character).lower()
        forms[code] = ord(form) if len(form) == 1 else code
    stops = np.zeros(0x10000, dtype=bool)
    stops[[ord(stop) for stop in STOPS]] = True
    return forms, stops


def grams(codes: np.ndarray, k: int) -> np.ndarray:
    """One 64-bit number per k letters in a row: a polynomial over the code points, mixed so that any bits serve."""
    count = len(codes) - k + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint64)
    wide = codes.astype(np.uint64)
    found = wide[:count].copy()
    for step in range(1, k):
        found *= np.uint64(0x100000001B3)
        found += wide[step : step + count]
    found ^= found >> np.uint64(31)
    found *= np.uint64(0x9E3779B97F4A7C15)
    found ^= found >> np.uint64(29)
    found *= np.uint64(0xBF58476D1CE4E5B9)
    found ^= found >> np.uint64(32)
    return found
