"""What the text family reads (投标文件): already extracted words and pictures; nobody's bytes are parsed here."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Document:
    """One file of a bid as text, its pages parted by form feeds."""

    source: str
    text: str

    @property
    def silent_pages(self) -> int:
        """Pages without a word: scans, which text comparison cannot see."""
        return sum(not page.strip() for page in self.text.split("\f"))


@dataclass(frozen=True)
class Image:
    """One embedded picture: digest of its bytes, perceptual hash if it could be decoded, size in pixels."""

    source: str
    page: int
    digest: str
    phash: int | None
    width: int
    height: int


@dataclass(frozen=True)
class Bid:
    """All files of one bidder; ``images`` is None where pictures were not extracted."""

    firm: str
    documents: tuple[Document, ...]
    images: tuple[Image, ...] | None = None
    name: str = ""  # as other bids would write it

    @cached_property
    def text(self) -> str:
        return "\f".join(document.text for document in self.documents)

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 0
        for document in self.documents:
            starts.append(at)
            at += len(document.text) + 1
        return starts

    def source_of(self, offset: int) -> str:
        """File and page of a character of ``text``."""
        number = bisect_right(self._starts, offset) - 1
        page = self.text.count("\f", self._starts[number], offset) + 1
        return f"{self.documents[number].source}，第{page}页"
