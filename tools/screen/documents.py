"""Words of the bids' files (投标文件), extracted in limited child processes and compared within each tender.

The folder holds one folder per tender (its number, "/" written "_"), in it one per bidder (its code) and one named
招标文件. No byte of a file is parsed in this process: `fanning` gives each to a child that has no files and no network.
"""

import hashlib
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from gongheng.screening import reading, texts
from gongheng.screening.findings import Said
from gongheng.screening.markets import Problem, Tender
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
        self._texts: dict[str, dict[str, list[tuple[str, Path]]]] = {}
        self._said: dict[str, Said] = {}
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
        """Extract every file, here or on a cluster; what cannot be read is counted with the reason."""
        found = list(self._places())
        answers = fanning.read_all([path for path, _, _ in found], where)
        for (path, tender, firm), read in zip(found, answers, strict=True):
            self._keep(path, tender, firm, read)
            progress(1)
        if not self._texts:
            raise Unreadable(
                f"--documents {self._folder}", "没有一份可读的投标文件",
                f"文件夹结构应为 项目编号/投标人代码/文件，招标文件放在 项目编号/{ASKED}/",
            )
        self._compare()

    def asked(self, tender: Tender) -> list[Asked]:
        """Return what the texts of one tender say."""
        said = self._said.get(tender.id)
        return [] if said is None else [(texts.INDICATORS, said)]

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
        library = Library()
        tenders = [one for one in self._tenders.values() if one.id in self._texts]
        for opened, each in groupby(sorted(tenders, key=_opening), key=lambda one: one.opened):
            bids = {one.id: self._bids(self._texts[one.id]) for one in each}
            for id_, own in bids.items():
                words = [path.read_text("utf-8") for _, path in self._texts[id_].get(ASKED, ())]
                self._said[id_] = texts.findings(
                    own, tender=words or None, library=None if opened is None else library,
                )
            if opened is not None:
                for own in bids.values():
                    texts.learn(library, own)

    def _bids(self, own: dict[str, list[tuple[str, Path]]]) -> list[texts.Bid]:
        return [
            texts.Bid(
                firm, tuple(texts.documents.Document(name, path.read_text("utf-8")) for name, path in files),
                name=firm if len(firm) >= _LEAST_NAME and not firm.isascii() else "",
            )
            for firm, files in sorted(own.items()) if firm != ASKED
        ]

    def _keep(self, path: Path, tender: str, firm: str, read: fanning.Read) -> None:
        name = str(path.relative_to(self._folder))
        self.inputs.append((name, reading.digest(path)))
        if read.refused:
            self._note(f"文件不能检查（{read.refused}）", "不参加比对", name)
        if not read.words.strip():
            self._note("文件没有可提取的文字（多为扫描件或图片）", "记为无文字，不参加比对", name)
        elif read.silent_pages:
            self._note("文件中有没有文字的页（多为扫描页）", "这些页不参加比对", f"{name}：{read.silent_pages} 页")
        kept = Path(self._temporary.name) / hashlib.sha256(name.encode()).hexdigest()
        kept.write_text(read.words, encoding="utf-8")
        self._texts.setdefault(tender, {}).setdefault(firm, []).append((name, kept))

    def _note(self, name: str, done: str, place: str) -> None:
        self._found.setdefault(name, (done, []))[1].append(place)


def _opening(tender: Tender) -> tuple[float, str]:
    return math.inf if tender.opened is None else tender.opened, tender.id
