"""The public evidence bundle as a file that anybody may take (公开存证包), kept until the lot's log grows."""

import os
import tempfile
from pathlib import Path

from gongheng.followers.archive.bundle import write_bundle
from gongheng.followers.archive.packing import write_zip
from gongheng.followers.archive.queries import archive_root
from gongheng.kernel.clock import Clock
from gongheng.trading.projects.models import Lot
from gongheng.trust.evidence.models import Entry


def public_bundle(lot: Lot, *, clock: Clock) -> Path:
    """Return the ZIP of the lot's public bundle, written anew when the lot has newer entries.

    Only a cache: it may be deleted at any time. Raises NotYetProved.
    """
    newest = Entry.objects.filter(lot=lot.pk).latest("id").pk
    folder = archive_root() / "public"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{lot.pk}-{newest}.zip"
    if kept.exists():
        return kept
    with tempfile.TemporaryDirectory(dir=folder, prefix=".building-") as building:
        written = Path(building) / lot.code
        write_bundle(lot, written, is_public=True, clock=clock)
        write_zip(written, Path(building) / kept.name)
        os.replace(Path(building) / kept.name, kept)
    for old in folder.glob(f"{lot.pk}-*.zip"):
        if old != kept:
            old.unlink(missing_ok=True)
    return kept
