"""Pages of shared documents as bare pictures, drawn in a limited child process (同步阅看)."""

import fcntl
import tempfile
from pathlib import Path

from django.conf import settings

from gongheng.kernel.refusal import Refusal
from gongheng.places.meetings.models import MeetingDocument
from gongheng.trust.documents import sandbox, store

WIDTH = 1400
#: Starting the child costs more than a page, and who reads a page mostly turns to the next.
AHEAD = 3


def page_image(document: MeetingDocument, page: int) -> bytes:
    """Return one page (from 1) as PNG; what was drawn once is kept under the file's digest. Raises Refusal "FILE"."""
    if not 1 <= page <= document.pages:
        raise Refusal("FILE", "文件没有这一页。")
    digest = document.document.digest
    folder = Path(settings.VAR) / "pages" / store.path(digest).name
    place = folder / f"page-{page:04d}.png"
    if not place.exists():
        _draw(store.path(digest), folder, range(page, min(page + AHEAD, document.pages + 1)))
    return place.read_bytes()


def _draw(file: Path, folder: Path, pages: range) -> None:
    """Draw what nobody drew yet: the whole room asks for a page at the same moment, and one child is enough."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock, tempfile.TemporaryDirectory(dir=folder) as drafts:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = [page - 1 for page in pages if not (folder / f"page-{page:04d}.png").exists()]
        if wanted:
            # Moved when whole: nobody reads half a picture.
            for one in sandbox.page_images(file, wanted, Path(drafts), WIDTH):
                one.rename(folder / one.name)
