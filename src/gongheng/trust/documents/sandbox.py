"""Look into foreign files (外来文件) without letting their bytes near the web process.

Every parse happens in a fresh limited process (child.py). If it dies, runs out of time or answers
nonsense, the file is unfit: a file that cannot be checked is never let through.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from gongheng.kernel.refusal import Refusal

SOURCE = Path(__file__).resolve().parents[3]
START = (
    # openpyxl would load numpy only to know the names of its numbers; that is half of what it loads.
    "import sys, json; sys.modules['numpy'] = None; sys.path.insert(0, sys.argv[1]); "
    "from gongheng.trust.documents import child; child.main(json.loads(sys.argv[2]))"
)
SECONDS = 10
PAGES_AT_ONCE = 8
MAX_OUTPUT = 192 * 2**20
MAX_WIDTH = 2400
DIED = "文件检查未能完成（超出时间或内存限度，或内容异常），请拆分或重新导出后上传。"


@dataclass(frozen=True)
class Inspection:
    """What is known of a foreign file (文件检查结果); ``reason`` is "" exactly when ``ok``.

    ``kind``: pdf docx xlsx png jpeg text other; ``pages``: PDF pages or XLSX sheets, else 0;
    ``text_digest``: b64 SM3 of the words alone, equal for equal text in another layout, "" for none;
    ``flags``: javascript launch embedded encrypted xfa submit media macro external bomb traversal
    truncated xref structure kind-mismatch huge-image limit …
    """

    kind: str
    pages: int
    ok: bool
    reason: str
    text_digest: str
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """One embedded picture; ``tiles`` are 32 × 32 grey bytes, empty where it was not decoded."""

    page: int
    digest: str
    width: int
    height: int
    tiles: bytes


@dataclass(frozen=True)
class Traces:
    """What a file tells besides its words (文件痕迹).

    ``origin``: (kind, value) as programs wrote them: author, modifier, company, creator, producer, created, modified,
    pdf_id, ancestor, font, lock, licence, mac, disk, cpu, board; ``bill``: (item number, unit price, quantity, unit,
    amount) as written, "" where absent; ``is_cut``: the file held more pictures than were looked at.
    """

    origin: tuple[tuple[str, str], ...]
    pictures: tuple[Picture, ...]
    bill: tuple[tuple[str, str, str, str, str], ...]
    is_cut: bool


class _ChildDied(Exception):
    """The child gave no answer that can be used."""


def inspect(path: Path, kind: str | None = None, seconds: int = SECONDS) -> Inspection:
    """Judge the file; never raises for its content. ``kind`` is what it was declared to be, if anything."""
    try:
        answer, _ = _ask(path, {"do": "inspect", "kind": kind}, seconds)
        if "unfit" in answer:
            return Inspection(
                kind or "other", 0, False, str(answer["unfit"]["reason"]), "", tuple(map(str, answer["unfit"]["flags"]))
            )
        found = answer["result"]
        return Inspection(
            str(found["kind"]),
            int(found["pages"]),
            not found["reason"],
            str(found["reason"]),
            str(found["text_digest"]),
            tuple(map(str, found["flags"])),
        )
    except (_ChildDied, KeyError, TypeError, ValueError):
        return Inspection(kind or "other", 0, False, DIED, "", ("limit",))


def extract_text(path: Path) -> str:
    """All words of a PDF, DOCX, XLSX or text file, "" for a picture; Refusal FILE when it cannot be read."""
    return str(_demand(path, {"do": "text"})[0]["result"])


def office_outline(path: Path) -> list[dict]:
    """DOCX/XLSX as blocks to be shown as HTML: {"kind": "heading", "level", "text"}, {"kind": "paragraph",
    "text"}, {"kind": "table", "rows": [[cell]]}; a sheet is a heading and a table. Refusal FILE when unfit."""
    return list(_demand(path, {"do": "outline"})[0]["result"])


def traces(path: Path) -> Traces:
    """What the file tells besides its words; Refusal FILE when it cannot be read."""
    found = _demand(path, {"do": "traces"})[0]["result"]
    try:
        return Traces(
            tuple((str(kind), str(value)) for kind, value in found["origin"]),
            tuple(
                Picture(int(page), str(digest), int(width), int(height), base64.b64decode(tiles))
                for page, digest, width, height, tiles in found["pictures"]
            ),
            tuple(
                (str(number), str(price), *("" if one is None else str(one) for one in rest))
                for number, price, *rest in found["bill"]
            ),
            bool(found["is_cut"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal("FILE", DIED) from error


def page_images(path: Path, pages: list[int], out_dir: Path, width: int = 1400) -> list[Path]:
    """Write PNGs ``page-0001.png`` … of the PDF pages (from 0) into ``out_dir``: pixels only, no metadata.

    Refusal FILE when a page cannot be drawn; pages already written stay.
    """
    if not 0 < width <= MAX_WIDTH:
        raise ValueError(f"width must be 1..{MAX_WIDTH}")
    out_dir.mkdir(parents=True, exist_ok=True)
    places = []
    for start in range(0, len(pages), PAGES_AT_ONCE):
        batch = list(pages[start : start + PAGES_AT_ONCE])
        _, blobs = _demand(path, {"do": "rasters", "pages": batch, "width": width})
        if len(blobs) != len(batch) or not all(blob.startswith(b"\x89PNG\r\n\x1a\n") for blob in blobs):
            raise Refusal("FILE", DIED)
        for number, blob in zip(batch, blobs, strict=True):
            place = out_dir / f"page-{number + 1:04d}.png"
            place.write_bytes(blob)
            places.append(place)
    return places


def _demand(path: Path, request: dict) -> tuple[dict, list[bytes]]:
    try:
        answer, blobs = _ask(path, request, SECONDS)
    except _ChildDied as died:
        raise Refusal("FILE", DIED) from died
    if "unfit" in answer:
        raise Refusal("FILE", str(answer["unfit"]["reason"]))
    return answer, blobs


def _ask(path: Path, request: dict, seconds: int) -> tuple[dict, list[bytes]]:
    """Run one child; its stdin is the file, its output a temporary file that its own size limit bounds."""
    arguments = [sys.executable, "-I", "-c", START, str(SOURCE), json.dumps(request | {"seconds": seconds})]
    with path.open("rb") as source, tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(
                arguments,
                stdin=source,
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=3 * seconds + 10,
                env={"LANG": "C.UTF-8", "PATH": os.defpath},
                cwd="/",
            )
        except subprocess.TimeoutExpired as late:
            raise _ChildDied("time") from late
        if done.returncode != 0:
            raise _ChildDied(f"status {done.returncode}")
        output.seek(0)
        # The child may have been taken over: believe nothing about the form of its answer.
        try:
            answer = json.loads(output.readline(32 * 2**20))
            if not isinstance(answer, dict):
                raise _ChildDied("answer")
            blobs = [output.read(int(length)) for length in answer["blobs"] if 0 <= int(length) <= MAX_OUTPUT]
            if not ("unfit" in answer or "result" in answer or blobs):
                raise _ChildDied("empty answer")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _ChildDied("answer") from error
    return answer, blobs
