"""What the bids of earlier tenders say word by word (其他项目指纹库): the yardstick for what the trade always writes.

One library serves a month: all lots opened before it. Each is kept in a file named by what it was learned from and
grows from the month before, so that a text is learned once.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings

from gongheng.crypto import canonical, labels
from gongheng.followers.analytics import papers
from gongheng.screening import texts
from gongheng.screening.texts.letters import TooLong
from gongheng.screening.texts.spread import Library
from gongheng.trading.projects.models import Lot

BITS = 26


def of_lots(lots: Sequence[Lot], read: Callable[[Lot], list] = papers.text_bids) -> Library | None:
    """Return the library of opened lots, given in order of opening; None for none."""
    names = _names(lots)
    known = next((place for place in range(len(lots), 0, -1) if _place(names[place - 1]).exists()), 0)
    if known:
        with _place(names[known - 1]).open("rb") as file:
            library = Library.load(file)
    else:
        library = Library(BITS)
    for lot in lots[known:]:
        try:
            texts.learn(library, read(lot))
        except TooLong:
            continue  # such a bid is told where its own tender is looked at; here its words only stay unknown
    if len(lots) > known:
        _keep(library, names[-1])
    return library if lots else None


def chain(lots: Sequence[Lot]) -> str:
    """Return the digest of what a library was learned from, "" for nothing."""
    return _names(lots)[-1] if lots else ""


def _names(lots: Sequence[Lot]) -> list[str]:
    names, digest = [], b""
    for lot in lots:
        body = canonical.encode([str(lot.pk), str(BITS)])
        digest = labels.digest(labels.FILE, digest + body)
        names.append(canonical.b64(digest))
    return names


def _place(name: str) -> Path:
    return Path(settings.VAR) / "libraries" / f"{name}.npz"


def _keep(library: Library, name: str) -> None:
    place = _place(name)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = place.with_suffix(".draft")
    with draft.open("wb") as file:
        library.save(file)
    draft.replace(place)
