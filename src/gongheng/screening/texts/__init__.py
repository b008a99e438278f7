"""The text family (文件雷同): what two bids share that neither the tender nor the trade wrote."""

import math
from collections.abc import Collection, Sequence

from gongheng.screening.findings import Fact, Finding, Indicator, Said, Unknown
from gongheng.screening.texts import pictures, slips, spread
from gongheng.screening.texts.documents import Bid
from gongheng.screening.texts.indicators import (
    FIGURES,
    INDICATORS,
    LIKE_IMAGE,
    MENTION,
    SAME_IMAGE,
    SLIPS,
    SPREAD,
)
from gongheng.screening.texts.letters import SENTENCE_BITS, Letters, TooLong, letters_of
from gongheng.screening.texts.passages import Passage, passages

__all__ = ["INDICATORS", "Bid", "findings", "learn", "passages"]

#: Value from which an indicator speaks, and the starting likelihood ratio from there on.
SPREAD_LADDER = ((10.0, 10), (15.0, 30), (25.0, 100))
#: Without the tender's text, or with few other tenders, the trade's stock paragraphs look like agreement.
FEW_LADDER, UNFILTERED_LADDER = ((25.0, 10),), ((25.0, 3),)
#: Long bids share more by chance: a pair must also stand out from the other pairs of its tender.
ABOVE_NOISE = 4.0
FIGURES_LADDER = ((5.0, 5), (10.0, 10))
SLIPS_LADDER = ((2.0, 5), (3.0, 30))
SAME_IMAGE_LADDER = ((1.0, 10), (3.0, 30))
LIKE_IMAGE_LADDER = ((2.0, 5),)
MENTION_LR = 10
SHOWN = 5  # examples per finding; all passages can be had from ``passages``
QUOTE = 60  # characters shown of one example


def findings(
    bids: Sequence[Bid], *, tender: Sequence[str] | None, library: spread.Library | None = None,
    known_images: Collection[str] = (),
) -> Said:
    """What the documents of one tender say; ``tender``: its documents and clarifications, None if not at hand."""
    bids = sorted(bids, key=lambda bid: bid.firm)
    is_full = library is not None and library.is_full
    library = None if is_full else library
    readable = [bid for bid in bids if bid.text.strip()]
    unknown = _unknown(bids, readable, tender)
    if is_full:
        unknown.append(Unknown(SPREAD.code, "其他项目的指纹库已满，罕见文字也会被当作常见，故未使用；须扩大后重建。"))
    if not (tender and _knows(library, spread.ENOUGH)):
        others = 0 if library is None else library.tenders
        unknown.append(Unknown(SPREAD.code, (
            f"{'有' if tender else '缺'}招标文件，有更早的其他项目 {others} 个"
            f"（满{spread.ENOUGH}个才能辨认行业常用段落），雷同句只在很多时作低权重提示。"
        )))
    if len(readable) < 2:
        missing = [Unknown(one.code, "有文字可比的投标文件不足两份。") for one in (SPREAD, FIGURES, SLIPS, MENTION)]
        return Said(tuple(_pictures(bids, known_images)), tuple([*missing, *unknown]))
    letters = []
    for bid in list(readable):
        try:
            letters.append(letters_of(bid.text))
        except TooLong:
            readable.remove(bid)
            unknown.append(Unknown(SPREAD.code, f"{bid.firm}的文件超过{1 << SENTENCE_BITS}句，未参加比对。"))
    texts = [bid.text for bid in readable]
    asked = [letters_of(text) for text in tender or ()]
    found = _spread(readable, letters, asked, library)
    found += _tokens(FIGURES, FIGURES_LADDER, readable, slips.figures(texts, tender or (), library))
    if tender is not None:
        shared = slips.copying_slips(letters, texts, asked)
        for pair, tokens in slips.dates(texts, tender).items():
            shared[pair] = [*shared.get(pair, []), *tokens]
        found += _tokens(SLIPS, SLIPS_LADDER, readable, shared)
    found += _mentions(readable, texts, tender or ())
    return Said(tuple([*found, *_pictures(bids, known_images)]), tuple(unknown))


def learn(library: spread.Library, bids: Sequence[Bid]) -> None:
    """Add the bids of one finished tender to the library that later tenders are compared with."""
    readable = [bid.text for bid in bids if bid.text.strip()]
    if readable:
        rows = {row for text in readable for row in slips.figures_of(text)}
        library.add([letters_of(text) for text in readable], rows)


def _unknown(bids: Sequence[Bid], readable: Sequence[Bid], tender: Sequence[str] | None) -> list[Unknown]:
    unknown = []
    silent = {bid.firm: sum(one.silent_pages for one in bid.documents) for bid in bids if bid.documents}
    scanned = "；".join(f"{firm}：{pages}页" for firm, pages in silent.items() if pages)
    if scanned:
        unknown.append(Unknown(SPREAD.code, f"以下页面没有可提取的文字（多为扫描件），未参加比对：{scanned}。"))
    absent = "、".join(bid.firm for bid in bids if not bid.text.strip())
    if absent and len(readable) >= 2:
        unknown.append(Unknown(SPREAD.code, f"以下投标人没有可比的文字：{absent}。"))
    if tender is None and len(readable) >= 2:
        unknown.append(Unknown(SLIPS.code, "没有招标文件，不能分辨照抄招标文件时的共同差错。"))
    if any(bid.images is None for bid in bids) or len(bids) < 2:
        unknown += [Unknown(one.code, "没有提取全部投标文件的图片。") for one in (SAME_IMAGE, LIKE_IMAGE)]
    return unknown


def _spread(bids: Sequence[Bid], letters: Sequence[Letters], asked: Sequence[Letters], library) -> list[Finding]:
    found = []
    ladder = UNFILTERED_LADDER
    if asked and _knows(library, spread.FEW):
        ladder = SPREAD_LADDER if _knows(library, spread.ENOUGH) else FEW_LADDER
    for pair in spread.pairs(letters, asked, library):
        ratio = _ratio(ladder, pair.beyond)
        if ratio is None or pair.beyond < ABOVE_NOISE * pair.noise:
            break
        one, other = bids[pair.first], bids[pair.second]
        setting = spread.setting_for(letters)
        met = passages(letters[pair.first], letters[pair.second], asked, setting=setting, library=library)
        facts = [fact for place, passage in enumerate(met[:SHOWN], 1) for fact in _sides(one, other, place, passage)]
        facts += [
            Fact("", "相同句子", str(pair.sentences), "全文比对"),
            Fact("", "相同处数（加权）", f"{pair.spread:.1f}", "全文比对"),
        ]
        found.append(_finding(SPREAD, (one.firm, other.firm), round(pair.beyond, 6), ratio, facts))
    return found


def _knows(library: spread.Library | None, tenders: int) -> bool:
    return library is not None and library.tenders >= tenders


def _sides(one: Bid, other: Bid, place: int, passage: Passage) -> list[Fact]:
    return [
        Fact(bid.firm, f"雷同段落{place}", _quote(bid.text, start), bid.source_of(start))
        for bid, (start, _) in ((one, passage.first), (other, passage.second))
    ]


def _tokens(indicator: Indicator, ladder, bids: Sequence[Bid], shared: slips.Shared) -> list[Finding]:
    """Pairs that share more rare tokens than they share with their other rivals on average."""
    counts = {pair: len(tokens) for pair, tokens in shared.items()}
    held = [sum(count for pair, count in counts.items() if number in pair) for number in range(len(bids))]
    found = []
    for (first, second), tokens in sorted(shared.items()):
        others = 2 * (len(bids) - 2)
        peers = (held[first] + held[second] - 2 * len(tokens)) / others if others else 0.0
        ratio = _ratio(ladder, len(tokens) - peers)
        if ratio is None:
            continue
        facts = []
        for token in tokens[:SHOWN]:
            for bid, at in ((bids[first], token.first), (bids[second], token.second)):
                facts.append(Fact(bid.firm, token.words, _quote(bid.text, at), bid.source_of(at)))
        pair = (bids[first].firm, bids[second].firm)
        found.append(_finding(indicator, pair, round(len(tokens) - peers, 6), ratio, facts))
    return found


def _mentions(bids: Sequence[Bid], texts: Sequence[str], tender: Sequence[str]) -> list[Finding]:
    found = []
    for writer, named, at in slips.mentions(texts, [bid.name for bid in bids], tender):
        bid = bids[writer]
        fact = Fact(bid.firm, f"文中出现“{bids[named].name}”", _quote(texts[writer], at), bid.source_of(at))
        found.append(_finding(MENTION, (bids[writer].firm, bids[named].firm), 1.0, MENTION_LR, [fact]))
    return found


def _pictures(bids: Sequence[Bid], known: Collection[str]) -> list[Finding]:
    found = []
    kinds = zip((SAME_IMAGE, LIKE_IMAGE), (SAME_IMAGE_LADDER, LIKE_IMAGE_LADDER), pictures.shared(
        bids, known, spread.limit_for(len(bids))), strict=True)
    for indicator, ladder, shared in kinds:
        for (first, second), images in sorted(shared.items()):
            ratio = _ratio(ladder, len(images))
            if ratio is None:
                continue
            facts = [
                Fact(bids[number].firm, f"图片{place}", image.digest[:16], f"{image.source}，第{image.page}页")
                for place, both in enumerate(images[:SHOWN], 1)
                for number, image in zip((first, second), both, strict=True)
            ]
            pair = (bids[first].firm, bids[second].firm)
            found.append(_finding(indicator, pair, float(len(images)), ratio, facts))
    return found


def _ratio(ladder: Sequence[tuple[float, int]], value: float) -> int | None:
    reached = [ratio for least, ratio in ladder if value >= least]
    return reached[-1] if reached else None


def _finding(indicator: Indicator, firms: tuple[str, str], value: float, ratio: int, facts: list[Fact]) -> Finding:
    return Finding(indicator.code, tuple(sorted(firms)), value, round(math.log(ratio), 6), tuple(facts))


def _quote(text: str, at: int) -> str:
    return " ".join(text[at : at + QUOTE].split())
