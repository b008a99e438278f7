"""What the words and pictures of a lot's bids say (文件比对): compared once, kept, and read again every night.

Files never change after the opening, and the library that filters the trade's words is that of the month before: the
same inputs give the same result for good, and millions of letters need not be compared again.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from gongheng.crypto import canonical, labels
from gongheng.followers.analytics import papers
from gongheng.screening import combination, richness, texts
from gongheng.screening.findings import Fact, Finding, Said, Unknown
from gongheng.screening.texts.passages import side_by_side
from gongheng.screening.texts.spread import Library
from gongheng.trading.evaluation.queries import method_of
from gongheng.trading.projects.models import Lot

MOST_PASSAGES = 8


@dataclass(frozen=True)
class Compared:
    """What the family says of a lot, where the two most alike agree in words, and what each bid contains."""

    said: Said
    passages: list[dict]
    richness: dict[str, richness.Richness]


def compared(lot: Lot, chain: str, library: Callable[[], Library | None]) -> Compared | None:
    """Return what the bids say beside each other; None while there are neither words nor pictures.

    ``chain`` names the library; it is asked for only when nothing is kept.
    """
    known = sorted(papers.common_pictures(lot))
    asked = list(lot.tender_documents.exclude(published_at=None).order_by("version").values_list(
        "document__digest", flat=True))
    told = json.dumps([str(lot.pk), papers.told_by(lot), asked, known, chain, combination.MODEL], ensure_ascii=False)
    place = Path(settings.VAR) / "compared" / f"{canonical.b64(labels.digest(labels.FILE, told.encode()))}.json"
    if not place.exists():
        found = _compare(lot, library(), known)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = place.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(found) if found else None, ensure_ascii=False))
        draft.replace(place)
    kept = json.loads(place.read_text())
    return None if kept is None else _read(kept)


def richness_json(found: Compared | None) -> dict:
    """Return richness as a page shows it: answered items and informative letters, with the rank from 0 to 1."""
    measured = found.richness if found else {}
    ranks = richness.ranks(list(measured.values())) if measured else {}
    return {
        firm: {"coverage": round(one.coverage, 3), "letters": one.letters, "rank": round(ranks[firm], 3)}
        for firm, one in sorted(measured.items())
    }


def _compare(lot: Lot, library: Library | None, known: Sequence[str]) -> Compared | None:
    bids = papers.text_bids(lot)
    if not bids:
        return None
    asked = papers.tender_texts(lot)
    said = texts.findings(bids, tender=asked, library=library, known_images=known)
    factors, words = [factor.name for factor in method_of(lot).factors], "".join(asked or [])
    return Compared(said, _passages(bids, asked or [], said), {
        bid.firm: richness.measure(
            bid.firm, bid.text, tender=words, asked=factors, figures=len(bid.images or ()), tables=0
        )
        for bid in bids if bid.text.strip()
    })


def _passages(bids: Sequence[texts.Bid], asked: Sequence[str], said: Said) -> list[dict]:
    pairs = [one for one in said.findings if one.log_lr > 0 and len(one.parties) == 2]
    if not pairs:
        return []
    parties = max(pairs, key=lambda one: (one.log_lr, one.parties)).parties
    one, other = (bid for bid in sorted(bids, key=lambda bid: bid.firm) if bid.firm in parties)
    return [
        {"left": _side(one, each.first, each.first_tender), "right": _side(other, each.second, each.second_tender)}
        for each in side_by_side(one.text, other.text, asked)[:MOST_PASSAGES]
    ]


def _side(bid: texts.Bid, span: tuple[int, int], greyed: Sequence[tuple[int, int]]) -> dict:
    parts, at = [], span[0]
    for start, end in sorted(greyed):
        parts += [("is-shared", at, start), ("is-tender", start, end)]
        at = end
    parts.append(("is-shared", at, span[1]))
    return {
        "name": bid.name, "source": bid.source_of(span[0]),
        "parts": [{"tone": tone, "text": bid.text[start:end]} for tone, start, end in parts if start < end],
    }


def _read(kept: dict) -> Compared:
    findings = (
        Finding(**one | {"parties": tuple(one["parties"]), "facts": tuple(Fact(**fact) for fact in one["facts"])})
        for one in kept["said"]["findings"]
    )
    return Compared(
        Said(tuple(findings), tuple(Unknown(**one) for one in kept["said"]["unknown"])), kept["passages"],
        {firm: richness.Richness(**one) for firm, one in kept["richness"].items()},
    )
