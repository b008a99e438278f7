"""The papers of a lot as the engine reads them (投标文件): words, traces, pictures and priced lines of opened bids."""

import json
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from gongheng.followers.analytics.extracting import shielded
from gongheng.followers.analytics.models import FileTraces, PictureTrace
from gongheng.kernel.refusal import Refusal
from gongheng.screening import fingerprints, items, texts
from gongheng.screening.findings import Said, Unknown
from gongheng.screening.texts.documents import Document, Image
from gongheng.screening.texts.indicators import LIKE_IMAGE, SAME_IMAGE
from gongheng.trading.bids.models import BidFile
from gongheng.trading.bids.queries import opened_bids
from gongheng.trading.projects.models import Lot
from gongheng.trust.documents import sandbox, store

#: A picture that so many other tenders hold is the trade's: a maker's certificate, a standard drawing.
COMMON_PICTURE = 2


def text_bids(lot: Lot) -> list[texts.Bid]:
    """Return the words and pictures of every opened bid; empty when there are neither."""
    bids = []
    for bid in opened_bids(lot).prefetch_related("files__traces__pictures"):
        documents = [Document(file.name, text) for file in bid.files.all() if (text := _text(file.digest))]
        bids.append(texts.Bid(bid.uscc, tuple(documents), _images(bid.files.all()), bid.bidder_name))
    return bids if any(bid.documents or bid.images for bid in bids) else []


def tender_texts(lot: Lot) -> list[str] | None:
    """Return the text of the published tender document and its corrigenda; None where none can be read."""
    rows = lot.tender_documents.exclude(published_at=None).exclude(document=None).order_by("version")
    found = [text for one in rows.select_related("document") if (text := _text(one.document.digest))]
    return found or None


def common_pictures(lot: Lot) -> set[str]:
    """Return those of the lot's pictures that several tenders opened before it hold as well."""
    own = PictureTrace.objects.filter(traces__file__bid__lot=lot).values("digest")
    elsewhere = PictureTrace.objects.filter(
        digest__in=own, traces__file__bid__lot__bids_due_at__lt=lot.bids_due_at
    ).values_list("digest", "traces__file__bid__lot").distinct()
    held: dict[str, int] = {}
    for digest, _ in elsewhere:
        held[digest] = held.get(digest, 0) + 1
    return {digest for digest, tenders in held.items() if tenders >= COMMON_PICTURE}


def unseen_pictures(lot: Lot) -> Said:
    """Say which files' pictures were not, or not all, compared: silence about them is no sign of anything."""
    rows = FileTraces.objects.filter(file__bid__in=opened_bids(lot)).select_related("file__bid")
    unknown = []
    for one in rows.exclude(problem="", is_cut=False).order_by("file__bid__position", "file__number"):
        what = "图片过多，只比较了一部分" if one.is_cut else "不能读取，图片未参加比较"
        unknown += [
            Unknown(indicator.code, f"{one.file.bid.uscc}的文件“{one.file.name}”{what}。")
            for indicator in (SAME_IMAGE, LIKE_IMAGE)
        ]
    return Said((), tuple(unknown))


def traces_of(lot: Lot) -> list[fingerprints.Trace]:
    """Return what the bids left behind: a telephone, what the client said of its machine, what files were made with."""
    found = []
    for bid in opened_bids(lot).prefetch_related("files__traces"):
        found.append(fingerprints.Trace(bid.uscc, "phone", bid.phone, "投标文件身份信封"))
        found += [
            fingerprints.Trace(bid.uscc, kind, value, "投标客户端报告（封装在资格信封内）")
            for kind, value in shielded(json.loads(bid.device or "[]"), lot.bids_due_at)
        ]
        found += [
            fingerprints.Trace(bid.uscc, kind, value, f"{file.name} 的文件属性")
            for file, traces in _traced(bid.files.all()) for kind, value in traces.origin if kind in fingerprints.KINDS
        ]
    return found


def bills_of(lot: Lot) -> list[items.Bill]:
    """Return the priced bills that the bids carry as spreadsheets or exchange files."""
    bills = []
    for bid in opened_bids(lot).prefetch_related("files__traces"):
        lines: dict[str, items.Line] = {}
        sources = []
        for file, traces in _traced(bid.files.all()):
            for number, price, quantity, unit, amount in traces.bill:
                line = items.Line(float(price), _figure(quantity), unit, _figure(amount))
                lines[_numbered(number, lines)] = line
            sources += [file.name] if traces.bill else []
        if lines:
            bills.append(items.Bill(bid.uscc, lines, "、".join(sources)))
    return bills


def told_by(lot: Lot) -> list:
    """Return, for the digest of the inputs, the files and what was taken out of each of them."""
    return [
        [bid.uscc, file.name, file.digest, *_plain(file)]
        for bid in opened_bids(lot).prefetch_related("files__traces__pictures") for file in bid.files.all()
    ]


def _traced(files) -> list[tuple[BidFile, FileTraces]]:
    return [(file, file.traces) for file in files if hasattr(file, "traces")]


def _images(files: Sequence[BidFile]) -> tuple[Image, ...] | None:
    """None as long as a file was not looked at; a file that cannot be read is told by ``unseen_pictures``."""
    traced = _traced(files)
    if len(traced) < len(files):
        return None
    return tuple(
        Image(file.name, one.page, one.digest, int(one.likeness, 16) if one.likeness else None, one.width, one.height)
        for file, traces in traced for one in sorted(traces.pictures.all(), key=lambda one: (one.page, one.digest))
    )


def _plain(file: BidFile) -> list:
    if not hasattr(file, "traces"):
        return []
    told = file.traces
    pictures = sorted([one.page, one.digest, one.likeness] for one in told.pictures.all())
    return [told.origin, told.bill, told.is_cut, told.problem, pictures]


def _numbered(number: str, lines: dict) -> str:
    """Return the item's number; one that stands in several parts of a bill is told apart by its place."""
    if number not in lines:
        return number
    return f"{number}#{sum(one.partition('#')[0] == number for one in lines) + 1}"


def _figure(text: str) -> float | None:
    return float(text) if text else None


def _text(digest: str) -> str:
    """Return the words of a stored file, "" where it has none; taken out once and kept beside the file store."""
    path = store.path(digest)
    kept = Path(settings.VAR) / "words" / path.name
    if not kept.exists():
        try:
            words = sandbox.extract_text(path)
        except Refusal:
            words = ""  # an unreadable file is told by the inspection of opened files
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = kept.with_suffix(".draft")
        draft.write_text(words)
        draft.replace(kept)
    return kept.read_text()
