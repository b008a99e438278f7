"""Words of the bids' files (投标文件), extracted in limited child processes and compared within each tender.

The folder holds one folder per tender (its number, "/" written "_"), in it one per bidder (its code) and one named
招标文件. No byte of a file is parsed in this process: `sandbox` starts a child that has given up files and network.
"""

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from gongheng.kernel.refusal import Refusal
from gongheng.screening import reading, texts
from gongheng.screening.markets import Problem, Tender
from gongheng.screening.texts.spread import ENOUGH, Library
from gongheng.trust.documents import sandbox
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
        self._library: Library | None = None
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

    def read(self, progress: Callable[[int], None] = lambda _: None) -> None:
        """Extract every file; what cannot be read is counted with the reason."""
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
                    self._extract(path, tender.id, owner.name)
                    progress(1)
        if not self._texts:
            raise Unreadable(
                f"--documents {self._folder}", "没有一份可读的投标文件",
                f"文件夹结构应为 项目编号/投标人代码/文件，招标文件放在 项目编号/{ASKED}/",
            )
        if len(self._texts) >= ENOUGH:
            self._library = Library()
            for each in self._texts.values():
                texts.learn(self._library, self._bids(each))

    def asked(self, tender: Tender) -> list[Asked]:
        """Return what the texts of one tender say."""
        own = self._texts.get(tender.id)
        if own is None:
            return []
        tender_text = [path.read_text("utf-8") for _, path in own[ASKED]] if ASKED in own else None
        return [(texts.INDICATORS, texts.findings(self._bids(own), tender=tender_text, library=self._library))]

    def _bids(self, own: dict[str, list[tuple[str, Path]]]) -> list[texts.Bid]:
        return [
            texts.Bid(
                firm, tuple(texts.documents.Document(name, path.read_text("utf-8")) for name, path in files),
                name=firm if len(firm) >= _LEAST_NAME and not firm.isascii() else "",
            )
            for firm, files in sorted(own.items()) if firm != ASKED
        ]

    def _extract(self, path: Path, tender: str, firm: str) -> None:
        name = str(path.relative_to(self._folder))
        self.inputs.append((name, reading.digest(path)))
        try:
            words = sandbox.extract_text(path)
        except Refusal as refusal:
            self._note(f"文件不能检查（{refusal.message}）", "不参加比对", name)
            words = ""
        silent = sum(not page.strip() for page in words.split("\f"))
        if not words.strip():
            self._note("文件没有可提取的文字（多为扫描件或图片）", "记为无文字，不参加比对", name)
        elif silent:
            self._note("文件中有没有文字的页（多为扫描页）", "这些页不参加比对", f"{name}：{silent} 页")
        kept = Path(self._temporary.name) / hashlib.sha256(name.encode()).hexdigest()
        kept.write_text(words, encoding="utf-8")
        self._texts.setdefault(tender, {}).setdefault(firm, []).append((name, kept))

    def _note(self, name: str, done: str, place: str) -> None:
        self._found.setdefault(name, (done, []))[1].append(place)
