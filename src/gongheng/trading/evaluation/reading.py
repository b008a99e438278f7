"""Bid files as a committee sees them: bare pictures of pages and plain blocks, never the file itself (阅卷).

What was drawn once is kept beside the file store under the file's digest; it can always be drawn again.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from gongheng.kernel.refusal import Refusal
from gongheng.trust.documents import sandbox, store

#: Pages drawn at a time: one child process costs far more than a page.
BATCH = 4
WIDTH = 1400


@dataclass(frozen=True)
class Reading:
    """How a file can be read: so many page pictures, or blocks, or the reason why it cannot."""

    pages: range
    blocks: list[dict]
    problem: str


def reading_of(digest: str) -> Reading:
    """Return how the stored file with this digest can be read (PDF: pages; DOCX, XLSX, text: blocks)."""
    kept = _folder(digest) / "reading.json"
    if not kept.exists():
        _keep(kept, json.dumps(_read(digest), ensure_ascii=False).encode())
    found = json.loads(kept.read_text())
    return Reading(range(1, found["pages"] + 1), found["blocks"], found["problem"])


def page_image(digest: str, page: int) -> bytes:
    """Return one page (from 1) of a stored PDF as PNG: pixels only. Raises Refusal FILE."""
    pages = reading_of(digest).pages
    if page not in pages:
        raise Refusal("FILE", "文件没有这一页。")
    folder = _folder(digest)
    place = folder / f"page-{page:04d}.png"
    if not place.exists():
        start = (page - 1) // BATCH * BATCH
        sandbox.page_images(store.path(digest), list(range(start, min(start + BATCH, len(pages)))), folder, WIDTH)
    return place.read_bytes()


def _read(digest: str) -> dict:
    path = store.path(digest)
    found = sandbox.inspect(path)
    answer = {"pages": 0, "blocks": [], "problem": "" if found.ok else f"文件不能安全打开：{found.reason}"}
    if not found.ok:
        return answer
    match found.kind:
        case "pdf":
            answer["pages"] = found.pages
        case "docx" | "xlsx":
            answer["blocks"] = sandbox.office_outline(path)
        case "text":
            lines = sandbox.extract_text(path).splitlines()
            answer["blocks"] = [{"kind": "paragraph", "text": line} for line in lines if line.strip()]
        case _:
            answer["problem"] = "该格式的文件不能在评标席位上显示。"
    return answer


def _folder(digest: str) -> Path:
    return Path(settings.VAR) / "pages" / store.path(digest).name


def _keep(place: Path, data: bytes) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = place.with_suffix(".draft")
    draft.write_bytes(data)
    draft.replace(place)
