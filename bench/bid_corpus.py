"""Generated bid documents with planted copies (仿真投标文件): what ``screening_text`` measures on.

Two corpora. ``LAYERED`` follows the recipe of the design: the tender's text echoed (half of it mistyped), stock
paragraphs of the trade, the firm's own library, fresh text; 25 planted copies at five levels of editing and 60 pairs
that innocently quote one product sheet. ``RAGGED`` is built otherwise: 3 to 12 bidders, lengths from 8,000 to 80,000
characters, lines broken as PDF extraction breaks them, page headers, tables without full stops, clauses of standards
that a random half quotes, reading errors of scans, and copies scattered sentence by sentence. Words are drawn at
random from an invented vocabulary, so levels will differ in the real world; orderings should not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

LEVELS = 5
Sentence = list[str]
Paragraph = list[Sentence]


@dataclass(frozen=True)
class Recipe:
    seed: int
    tenders: int
    bidders: tuple[int, int]  # from, to
    length: tuple[int, int]  # characters of one bid
    plants: int
    quotes: int  # honest pairs that quote one product sheet
    is_ragged: bool


LAYERED = Recipe(20260, 250, (8, 8), (31_000, 31_600), 25, 60, False)
RAGGED = Recipe(777, 250, (3, 12), (8_000, 80_000), 25, 60, True)


@dataclass(frozen=True)
class Tender:
    text: str
    bids: list[str]
    copied: dict[tuple[int, int], int]  # pair → level of editing
    quoted: set[tuple[int, int]]  # innocent pairs with one product sheet
    source: tuple[str, ...]  # the copied paragraphs as the first of the pair wrote them


class Writer:
    """Writes words, sentences and paragraphs; every draw comes from one seeded stream."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.random = np.random.default_rng(recipe.seed)
        alphabet = [chr(code) for code in range(0x4E00, 0x4E00 + 3500)]
        letters = self.random.zipf(1.25, size=400_000) % len(alphabet)
        sizes = self.random.choice([1, 2, 2, 2, 3, 4], size=40_000)
        ends = np.cumsum(sizes)
        self.words = [
            "".join(alphabet[code] for code in letters[end - size : end])
            for size, end in zip(sizes, ends, strict=True)
        ]
        ranks = np.arange(1, len(self.words) + 1) ** -0.9
        self.stream = self.random.choice(len(self.words), size=1 << 21, p=ranks / ranks.sum())

    def sentence(self, words: int | None = None) -> Sentence:
        """Eight to twenty-two words; every third sentence states one or two figures."""
        count = words or int(self.random.integers(8, 23))
        at = int(self.random.integers(len(self.stream) - count))
        made = [self.words[number] for number in self.stream[at : at + count]]
        # A stretch of the stream must not come back as a whole: that would be an accidental copy.
        for place in self.random.integers(count, size=count // 3):
            made[place] = self.words[self.stream[int(self.random.integers(len(self.stream)))]]
        if self.random.random() < 0.35:
            for _ in range(int(self.random.integers(1, 3))):
                made[int(self.random.integers(count))] += self.figure()
        return made

    def figure(self) -> str:
        kind = self.random.integers(4)
        if kind == 0:
            return f"{self.random.integers(2, 400)}mm"
        if kind == 1:
            return f"{self.random.integers(1, 900) / 10:.1f}%"
        if kind == 2:
            return f"C{5 * self.random.integers(3, 13)}"
        return str(self.random.integers(3, 3000))

    def paragraph(self) -> Paragraph:
        return [self.sentence() for _ in range(int(self.random.integers(3, 12)))]

    def paragraphs(self, characters: int) -> list[Paragraph]:
        made: list[Paragraph] = []
        while characters > 0:
            made.append(self.paragraph())
            characters -= _length(made[-1])
        return made

    def edited(self, paragraph: Paragraph, words: float, noise: float, reorder: bool) -> Paragraph:
        """Replace a share of the words and then of the characters; shuffle the sentences."""
        made = []
        for sentence in paragraph:
            new = [self._word() if self.random.random() < words else word for word in sentence]
            made.append([self._mistyped(word, noise) for word in new] if noise else new)
        if reorder:
            made = [made[place] for place in self.random.permutation(len(made))]
        return made

    def _word(self) -> str:
        return self.words[self.stream[int(self.random.integers(len(self.stream)))]]

    def _mistyped(self, word: str, noise: float) -> str:
        if self.random.random() > noise * len(word):
            return word
        place = int(self.random.integers(len(word)))
        return word[:place] + chr(0x4E00 + int(self.random.integers(3500))) + word[place + 1 :]


#: Level of editing: share of words replaced, of characters mistyped, whether sentences change places.
EDITS = ((0.0, 0.0, False), (0.0, 0.04, False), (0.15, 0.06, True), (0.22, 0.0, True), (0.5, 0.10, True))


def tenders(recipe: Recipe) -> Iterator[Tender]:
    """Every tender of the corpus in order; the same recipe gives the same letters."""
    writer = Writer(recipe)
    random = writer.random
    stock = [writer.paragraph() for _ in range(600)]
    clauses = [writer.paragraph() for _ in range(80)]
    firms = [writer.paragraphs(24_000) for _ in range(120)]
    spots = random.choice(recipe.tenders, size=recipe.plants, replace=False)
    plants = {int(tender): number % LEVELS for number, tender in enumerate(spots)}
    quotes = np.bincount(random.choice(recipe.tenders, size=recipe.quotes), minlength=recipe.tenders)
    for number in range(recipe.tenders):
        yield _tender(writer, stock, clauses, firms, plants.get(number), int(quotes[number]))


def _tender(writer: Writer, stock, clauses, firms, level: int | None, quotes: int) -> Tender:
    recipe, random = writer.recipe, writer.random
    count = int(random.integers(recipe.bidders[0], recipe.bidders[1] + 1))
    asked = writer.paragraphs(9_000)
    bids = []
    for firm in random.choice(len(firms), size=count, replace=False):
        share = int(random.integers(recipe.length[0], recipe.length[1] + 1)) / 31_000
        echoed = [writer.edited(one, 0, 0.005, False) if random.random() < 0.5 else one for one in asked]
        body = echoed[: max(2, int(len(echoed) * min(share, 1)))]
        for place in random.integers(len(stock), size=int(22 * share)):
            body.append(writer.edited(stock[place], 0.15, 0, False))
        if recipe.is_ragged:
            half = random.random(len(clauses)) < 0.5
            body += [one for one, quoted in zip(clauses[:12], half, strict=False) if quoted]
        own = firms[firm]
        body += [own[place] for place in random.integers(len(own), size=int(22 * share))]
        body += writer.paragraphs(max(500, int(31_000 * share) - sum(map(_length, body))))
        bids.append([body[place] for place in random.permutation(len(body))])
    everyone = list(combinations(range(count), 2))
    order = [everyone[place] for place in random.permutation(len(everyone))]
    copied, quoted, source = {}, set(), ()
    if level is not None:
        pair = order.pop()
        copied[pair] = level
        source = _copy(writer, bids, pair, level)
    for pair in order[:quotes]:
        quoted.add(pair)
        sheet = [writer.paragraph() for _ in range(2)]
        for firm in pair:
            at = int(random.integers(len(bids[firm])))
            bids[firm][at:at] = sheet
    text = _printed(writer, asked, 0)
    printed = [_printed(writer, bid, number + 1) for number, bid in enumerate(bids)]
    return Tender(text, printed, copied, quoted, source)


def _copy(writer: Writer, bids: list[list[Paragraph]], pair: tuple[int, int], level: int) -> tuple[str, ...]:
    """Four to sixteen paragraphs that only the first wrote, edited into the second.

    Layered: half of the copies are one chapter in a row, half stand here and there. Ragged: sentence by sentence.
    """
    random = writer.random
    words, noise, reorder = EDITS[level]
    wanted = int(random.integers(1_400, 6_001))
    source: list[Paragraph] = []
    while wanted > 0 or len(source) < 4:
        source.append(writer.paragraph())
        wanted -= _length(source[-1])
    made = [writer.edited(paragraph, words, noise, reorder) for paragraph in source[:16]]
    theirs, ours = bids[pair[0]], bids[pair[1]]
    if writer.recipe.is_ragged:
        _strew(random, theirs, source[:16])
        for sentence in (sentence for paragraph in made for sentence in paragraph):
            into = ours[int(random.integers(len(ours)))]
            into.insert(int(random.integers(len(into) + 1)), sentence)
    elif random.random() < 0.5:
        for body, chapter in ((theirs, source[:16]), (ours, made)):
            at = int(random.integers(len(body) + 1))
            body[at:at] = chapter
    else:
        _strew(random, theirs, source[:16])
        _strew(random, ours, made)
    return tuple("".join("".join(sentence) + "。" for sentence in paragraph) for paragraph in source[:16])


def _strew(random: np.random.Generator, body: list[Paragraph], paragraphs: list[Paragraph]) -> None:
    for paragraph in paragraphs:
        body.insert(int(random.integers(len(body) + 1)), paragraph)


def _length(paragraph: Paragraph) -> int:
    return sum(len(word) for sentence in paragraph for word in sentence)


def _printed(writer: Writer, paragraphs: list[Paragraph], firm: int) -> str:
    """As text: full stops and paragraphs; ragged ones as extracted from PDF, with headers, tables and scan errors."""
    whole = "\n".join("".join("".join(sentence) + "。" for sentence in paragraph) for paragraph in paragraphs)
    if not writer.recipe.is_ragged:
        return whole
    random = writer.random
    if firm and random.random() < 0.3:
        letters = np.array(list(whole))
        hit = np.flatnonzero(random.random(len(letters)) < 0.006)
        letters[hit] = [chr(0x4E00 + code) for code in random.integers(3500, size=len(hit))]
        whole = "".join(letters)
    if random.random() < 0.5:
        whole = whole.replace("。", "\n", whole.count("。") // 4)  # the first quarter is a table
    width, lines = int(random.integers(34, 44)), int(random.integers(28, 44))
    header = f"{writer.words[100 + firm]}{writer.words[300 + firm]}技术标"
    broken = [whole[at : at + width] for at in range(0, len(whole), width)]
    return "\f".join(
        "\n".join([f"{header} 第{at // lines + 1}页", *broken[at : at + lines]]) for at in range(0, len(broken), lines)
    )
