"""The bids' files (投标文件): words, pictures and file properties, compared within each tender.

The folder holds one folder per tender (its number, "/" written "_"), in it one per bidder (its code) and one named
招标文件. No byte of a file is parsed in this process: `fanning` gives each to a child that has no files and no network.
"""

import hashlib
import math
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from gongheng.screening import fingerprints, reading, texts
from gongheng.screening.markets import Problem, Tender
from gongheng.screening.texts.documents import Image
from gongheng.screening.texts.spread import Library
from tools.screen import fanning
from tools.screen.refusing import Unreadable
from tools.screen.scoring import Asked

ASKED = "招标文件"
_PLACES = 5
#: Names shorter than this stand in texts by chance.
_LEAST_NAME = 6


class Documents:
    """All words of one folder, kept in temporary files; use as a context, ask once per tender."""

    def __init__(self, folder: Path, tenders: Sequence[Tender]):
        if not folder.is_dir():
            raise Unreadable(f"--documents {folder}", "应为按项目、按投标人分开的文件夹", "核对路径")
        self._folder = folder
        self._tenders = {one.id.replace("/", "_"): one for one in tenders}
        self._found: dict[str, tuple[str, list[str]]] = {}  # code → what is done, places
        self._files: dict[str, dict[str, list[_File]]] = {}
        self._said: dict[str, list[Asked]] = {}
        self.inputs: list[tuple[str, str]] = []

    @property
    def problems(self) -> list[Problem]:
        return [
            Problem(f"--documents.{name}", f"--documents：{name}", len(places), done, tuple(places[:_PLACES]))
            for name, (done, places) in sorted(self._found.items())
        ]

    def __enter__(self) -> "Documents":
        self._temporary = tempfile.TemporaryDirectory()
        return self

    def __exit__(self, *_) -> None:
        self._temporary.cleanup()

    def read(self, progress: Callable[[int], None] = lambda _: None, *, where: str = fanning.LOCAL) -> None:
        """Read every file, here or on a cluster, and compare; what cannot be read is counted with the reason."""
        found = list(self._places())
        answers = fanning.read_all([path for path, _, _ in found], where)
        for (path, tender, firm), read in zip(found, answers, strict=True):
            self._keep(path, tender, firm, read)
            progress(1)
        if not self._files:
            raise Unreadable(
                f"--documents {self._folder}", "没有一份可读的投标文件",
                f"文件夹结构应为 项目编号/投标人代码/文件，招标文件放在 项目编号/{ASKED}/",
            )
        self._compare()

    def asked(self, tender: Tender) -> list[Asked]:
        """Return what the files of one tender say."""
        return self._said.get(tender.id, [])

    def _places(self) -> Iterator[tuple[Path, str, str]]:
        """Yield every file with its tender and its owner, in one order."""
        for folder in sorted(one for one in self._folder.iterdir() if one.is_dir()):
            tender = self._tenders.get(folder.name)
            if tender is None:
                self._note("项目文件夹与待查项目编号不符", "不参加比对", folder.name)
                continue
            firms = {bid.firm for bid in tender.bids}
            for owner in sorted(one for one in folder.iterdir() if one.is_dir()):
                if owner.name != ASKED and owner.name not in firms:
                    self._note("投标人文件夹与开标记录不符", "不参加比对", f"{folder.name}/{owner.name}")
                    continue
                for path in sorted(one for one in owner.rglob("*") if one.is_file()):
                    yield path, tender.id, owner.name

    def _compare(self) -> None:
        """Ask the tenders in order of opening: the library of each holds those opened before it and no other.

        A tender whose opening is unknown is compared without a library and is in nobody's.
        """
        library, earlier = Library(), _Earlier()
        tenders = [one for one in self._tenders.values() if one.id in self._files]
        for opened, each in groupby(sorted(tenders, key=_opening), key=lambda one: one.opened):
            here = {one.id: self._files[one.id] for one in each}
            bids = {id_: _bids(files) for id_, files in here.items()}
            for id_, files in here.items():
                asked = files.get(ASKED, [])
                words = [one.words.read_text("utf-8") for one in asked]
                given = {image.digest for one in asked for image in one.images or ()}
                said = texts.findings(
                    bids[id_], tender=words or None, library=None if opened is None else library,
                    known_images=given | earlier.common_pictures,
                )
                left = fingerprints.findings(
                    _traces(files), usage=earlier.usage, known={pair for one in asked for pair in one.origin},
                )
                self._said[id_] = [(texts.INDICATORS, said), (fingerprints.INDICATORS, left)]
            if opened is not None:
                for id_, own in bids.items():
                    texts.learn(library, own)
                    earlier.learn(here[id_])

    def _keep(self, path: Path, tender: str, firm: str, read: fanning.Read) -> None:
        name = str(path.relative_to(self._folder))
        self.inputs.append((name, reading.digest(path)))
        if read.refused:
            self._note(f"文件不能检查（{read.refused}）", "不参加比对", name)
        if not read.words.strip():
            self._note("文件没有可提取的文字（多为扫描件或图片）", "记为无文字，不参加比对", name)
        elif read.silent_pages:
            self._note("文件中有没有文字的页（多为扫描页）", "这些页不参加比对", f"{name}：{read.silent_pages} 页")
        if read.is_cut:
            self._note("文件中的图片过多", "只比较一部分图片", name)
        kept = Path(self._temporary.name) / hashlib.sha256(name.encode()).hexdigest()
        kept.write_text(read.words, encoding="utf-8")
        images = None if read.pictures is None else tuple(Image(name, *one) for one in read.pictures)
        self._files.setdefault(tender, {}).setdefault(firm, []).append(_File(name, kept, images, read.origin))

    def _note(self, name: str, done: str, place: str) -> None:
        self._found.setdefault(name, (done, []))[1].append(place)


@dataclass(frozen=True)
class _File:
    """One file of a bid as it was read; its words stay on disk."""

    name: str
    words: Path
    images: tuple[Image, ...] | None
    origin: tuple[tuple[str, str], ...]


class _Earlier:
    """What the bids of earlier tenders held, so that the trade's own is not taken for a sign.

    A picture that two of them hold is a maker's certificate or a standard drawing; a file property is weighed by how
    many bids and firms had it.
    """

    def __init__(self) -> None:
        self.common_pictures: set[str] = set()
        self._pictures: set[str] = set()
        self._bids = 0
        self._held: Counter[tuple[str, str]] = Counter()
        self._firms: Counter[tuple[str, str]] = Counter()
        self._seen: set[tuple[str, str, str]] = set()

    @property
    def usage(self) -> fingerprints.Usage:
        return fingerprints.Usage(self._bids, self._held, self._firms)

    def learn(self, files: dict[str, list[_File]]) -> None:
        bids = {firm: own for firm, own in files.items() if firm != ASKED}
        pictures = {image.digest for own in bids.values() for one in own for image in one.images or ()}
        self.common_pictures |= pictures & self._pictures
        self._pictures |= pictures
        for firm, own in bids.items():
            left = {(kind, fingerprints.cleaned(kind, value)) for one in own for kind, value in one.origin}
            new = {(*pair, firm) for pair in left} - self._seen
            self._bids += 1
            self._held.update(left)
            self._firms.update((kind, value) for kind, value, _ in new)
            self._seen |= new


def _bids(files: dict[str, list[_File]]) -> list[texts.Bid]:
    return [
        texts.Bid(
            firm, tuple(texts.documents.Document(one.name, one.words.read_text("utf-8")) for one in own),
            None if any(one.images is None for one in own) else tuple(image for one in own for image in one.images),
            name=firm if len(firm) >= _LEAST_NAME and not firm.isascii() else "",
        )
        for firm, own in sorted(files.items()) if firm != ASKED
    ]


def _traces(files: dict[str, list[_File]]) -> list[fingerprints.Trace]:
    return [
        fingerprints.Trace(firm, kind, value, f"{one.name} 的文件属性")
        for firm, own in sorted(files.items()) if firm != ASKED for one in own for kind, value in one.origin
    ]


def _opening(tender: Tender) -> tuple[float, str]:
    return math.inf if tender.opened is None else tender.opened, tender.id
