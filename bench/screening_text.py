"""How well and how fast shared sentences are found in generated bids: ``./gongheng bench screening_text [--quick]``."""

import resource
import sys
import time
from dataclasses import replace
from random import Random

import numpy as np

from bench import bid_corpus
from gongheng.screening.texts import spread
from gongheng.screening.texts.indicators import SPREAD
from gongheng.screening.texts.letters import letters_of
from gongheng.screening.texts.passages import passages

#: The constants of the method were chosen on the first two seeds; the other two were never looked at before.
CORPORA = (
    ("分层语料（选参数所用）", bid_corpus.LAYERED), ("杂乱语料（选参数所用）", bid_corpus.RAGGED),
    ("分层语料（新种子）", replace(bid_corpus.LAYERED, seed=31)),
    ("杂乱语料（新种子）", replace(bid_corpus.RAGGED, seed=47)),
)
SPEAKS = 10.0  # from here on the indicator T1 is a finding


def main() -> int:
    quick = "--quick" in sys.argv
    print(f"{SPREAD.name}：平均精度（AP）与无误报召回；按整个语料的全部同项目文件对计算；CPU 秒含取字、建库、比对")
    for title, recipe in CORPORA[:1] if quick else CORPORA:
        _measure(title, replace(recipe, tenders=60, plants=15, quotes=15) if quick else recipe)
    _long(12, 870_000)  # the mean of a real tender
    _long(200, 50_000)
    print(f"本进程内存峰值 {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB（含整个语料）")
    return 0


def _measure(title: str, recipe: bid_corpus.Recipe) -> None:
    corpus, letters, sources = [], [], []
    start = time.process_time()
    for tender in bid_corpus.tenders(recipe):
        corpus.append((tender.copied, tender.quoted))
        sources.append(tender.source)
        letters.append((tender.text, tender.bids))
    made, start = time.process_time() - start, time.process_time()
    read = [(letters_of(text), [letters_of(bid) for bid in bids]) for text, bids in letters]
    library = spread.Library(27)
    for _, bids in read:
        library.add(bids, lengths=(spread.SHORT_BIDS.k,))  # no bid of these corpora is long
    total = sum(len(bid) for _, bids in letters for bid in bids) / 1e6
    # The tender itself is in the library: more than four tenders are more than three others.
    rows = _rows(corpus, [spread.pairs(bids, [asked], library, more_than=4) for asked, bids in read])
    took = time.process_time() - start
    _print(title, rows, recipe)
    print(f"  {total:.1f} 百万字符，生成 {made:.0f} s；比对 {took:.1f} CPU-s，每 CPU 秒 {total / took:.2f} 百万字符")
    if not recipe.is_ragged:
        _passages(corpus, letters, read, sources, library)
    _print("  不用其他项目的指纹库", _rows(corpus, [spread.pairs(bids, [asked]) for asked, bids in read]), recipe)
    _as_of(corpus, read, recipe)
    _print("  没有招标文件", _rows(corpus, [spread.pairs(bids, [], library, more_than=4) for _, bids in read]), recipe)


def _as_of(corpus, read, recipe: bid_corpus.Recipe) -> None:
    """As the command and the platform do it: in order, each tender with a library of those before it."""
    library = spread.Library(26)
    found = []
    for asked, bids in read:
        found.append(spread.pairs(bids, [asked], library))
        library.add(bids, lengths=(spread.SHORT_BIDS.k,))
    parts = ((0, 1, "没有更早的项目"), (1, spread.FEW, f"更早的不足 {spread.FEW} 个"),
             (spread.FEW, spread.ENOUGH, f"更早的 {spread.FEW} 至 {spread.ENOUGH - 1} 个"),
             (spread.ENOUGH, len(read), f"更早的满 {spread.ENOUGH} 个"))
    for start, end, title in parts:
        plants = sum(bool(copied) for copied, _ in corpus[start:end])
        if plants:
            _print(f"  按先后，{title}", _rows(corpus[start:end], found[start:end]), replace(recipe, plants=plants))


def _passages(corpus, letters, read, sources, library: spread.Library) -> None:
    """Characters of the displayed passages against the planted paragraphs, which the first bidder wrote unedited."""
    hit, shown, planted = 0, 0, 0
    for (copied, _), (_, bids), (asked, codes), source in zip(corpus, letters, read, sources, strict=True):
        for first, second in copied:
            wanted, marked = (np.zeros(len(bids[first]), dtype=bool) for _ in range(2))
            for paragraph in source:
                at = bids[first].find(paragraph)
                wanted[at : at + len(paragraph)] = True
            for passage in passages(codes[first], codes[second], [asked], library=library):
                marked[slice(*passage.first)] = True
            hit, shown, planted = hit + (wanted & marked).sum(), shown + marked.sum(), planted + wanted.sum()
    print(f"  并排段落按字符：召回 {hit / planted:.2f}，精确率 {hit / shown:.2f}（设计文件 0.61／0.53）")


def _rows(corpus, found: list[list[spread.Pair]]) -> list[tuple[float, int | None, bool]]:
    """(value, level of the planted copy or None, innocent quotation) of every pair that shares anything."""
    return [
        (pair.beyond, copied.get((pair.first, pair.second)), (pair.first, pair.second) in quoted)
        for (copied, quoted), pairs in zip(corpus, found, strict=True) for pair in pairs
    ]


def _print(title: str, rows: list[tuple[float, int | None, bool]], recipe: bid_corpus.Recipe) -> None:
    rows = sorted(rows, key=lambda row: -row[0])
    hits, precision = 0, 0.0
    for rank, row in enumerate(rows, 1):
        if row[1] is not None:
            hits += 1
            precision += hits / rank
    worst = max((row[0] for row in rows if row[1] is None), default=0.0)
    caught = [row[1] for row in rows if row[1] is not None and row[0] > worst]
    spoken = [row for row in rows if row[0] >= SPEAKS]
    wrong = sum(row[1] is None for row in spoken)
    levels = "/".join(str(caught.count(level)) for level in range(bid_corpus.LEVELS))
    print(
        f"{title}：AP {precision / recipe.plants:.3f}，无误报召回 {len(caught) / recipe.plants:.2f}，各级 {levels}；"
        f"值≥{SPEAKS:.0f}：查出 {len(spoken) - wrong}/{recipe.plants}，误报 {wrong}；无辜对最大值 {worst:.1f}"
    )


def _long(count: int, letters: int) -> None:
    """Bids of one tender, two of which share 40 sentences: time and memory of all pairs."""
    writer = bid_corpus.Writer(bid_corpus.LAYERED)
    random = Random(5)
    stock = ["".join(sentence) + "。" for sentence in (writer.sentence() for _ in range(60_000))]
    asked = "".join(stock[: letters // 300])
    bids: list[str] = []
    for _ in range(count):
        parts, length = [asked], len(asked)
        while length < letters:
            at = random.randrange(len(stock) - 40)
            parts.append("".join(stock[at : at + 2]))
            # Own words, without the cost of writing them: the stock's letters shuffled.
            own = list("".join(stock[at + 2 : at + 40]))
            random.shuffle(own)
            parts.append("".join(own))
            length += len(parts[-1]) + len(parts[-2])
        bids.append("".join(parts))
    shared = ["".join(writer.sentence()) + "。" for _ in range(40)]
    for number in (3, 9):
        for sentence in shared:
            at = random.randrange(len(bids[number]))
            bids[number] = bids[number][:at] + sentence + bids[number][at:]
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    found = spread.pairs([letters_of(bid) for bid in bids], [letters_of(asked)])
    took = time.process_time() - start
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    best = found[0]
    print(
        f"{count} 份 × {sum(map(len, bids)) / len(bids) / 1e6:.2f} 百万字符：{took:.1f} CPU-s，"
        f"内存峰值增加不超过 {max(0, after - before) / 1024:.0f} MiB；首位是第 {best.first + 1}、{best.second + 1} 份"
        f"（值 {best.beyond:.0f}），其余最大 {found[1].beyond:.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
