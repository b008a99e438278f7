"""Pages of shared documents as bare pictures, drawn in a limited child process (同步阅看)."""

from pathlib import Path

from django.conf import settings

from gongheng.kernel.refusal import Refusal
from gongheng.places.meetings.models import MeetingDocument
from gongheng.trust.documents import sandbox, store

WIDTH = 1400


def page_image(document: MeetingDocument, page: int) -> bytes:
    """Return one page (from 1) as PNG; what was drawn once is kept under the file's digest. Raises Refusal "FILE"."""
    if not 1 <= page <= document.pages:
        raise Refusal("FILE", "文件没有这一页。")
    digest = document.document.digest
    folder = Path(settings.VAR) / "pages" / store.path(digest).name
    place = folder / f"page-{page:04d}.png"
    if not place.exists():
        sandbox.page_images(store.path(digest), [page - 1], folder, WIDTH)
    return place.read_bytes()
