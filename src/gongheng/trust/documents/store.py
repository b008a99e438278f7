"""The content-addressed file store (文件库): every file is named by the digest of its bytes.

Layout below ``settings.FILES``: ``content/ab/<digest>`` for files that may be known by their digest,
``sealed/ab/<name>`` for parts of sealed bids under random names (a digest would let a dump be
counted and matched by trial hashing). A file appears whole or not at all.
"""

import contextlib
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from gongheng.crypto import labels
from gongheng.crypto.canonical import b64

BLOCK = 1024 * 1024
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
_SEALED_NAME = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class StoredFile:
    """What ``put`` returns: ``digest`` is base64url of SM3 under the label ggzy/file/v1; ``size`` in bytes."""

    digest: str
    size: int


def put(stream: BinaryIO) -> StoredFile:
    """Store all bytes of ``stream`` under their digest; storing the same bytes again changes nothing."""
    with _incoming() as (target, name):
        stored = _copy(stream, target)
        _settle(target, name, path(stored.digest))
    return stored


def path(digest: str) -> Path:
    """The place of a stored file; ValueError unless ``digest`` has the form of one (no traversal)."""
    if not _DIGEST.fullmatch(digest):
        raise ValueError("not a digest")
    return Path(settings.FILES) / "content" / digest[:2] / digest


def open(digest: str) -> BinaryIO:
    """Open a stored file for reading; FileNotFoundError when it is not there."""
    return path(digest).open("rb")


def exists(digest: str) -> bool:
    """Whether the bytes with this digest are in the store."""
    return path(digest).is_file()


def is_intact(digest: str) -> bool:
    """Whether the stored bytes still have their digest (for health and archive checks)."""
    state = labels.hasher(labels.FILE)
    with open(digest) as stream:
        while block := stream.read(BLOCK):
            state.update(block)
    return b64(state.digest()) == digest


def new_sealed_name() -> str:
    """A random object name for one part of a sealed bid; it tells nothing about lot or owner."""
    return secrets.token_hex(16)


def put_sealed(name: str, stream: BinaryIO) -> StoredFile:
    """Store all bytes of ``stream`` under a random name; a repeat replaces it whole (resumed uploads)."""
    place = sealed_path(name)
    with _incoming() as (target, temporary):
        stored = _copy(stream, target)
        _settle(target, temporary, place)
    return stored


def sealed_path(name: str) -> Path:
    """The place of a sealed part; ValueError unless ``name`` came from ``new_sealed_name``."""
    if not _SEALED_NAME.fullmatch(name):
        raise ValueError("not a sealed object name")
    return Path(settings.FILES) / "sealed" / name[:2] / name


def open_sealed(name: str) -> BinaryIO:
    """Open a sealed part for reading; FileNotFoundError when it is not there."""
    return sealed_path(name).open("rb")


def remove_sealed(name: str) -> None:
    """Delete a sealed part that was never sealed into a bid; absent is fine."""
    sealed_path(name).unlink(missing_ok=True)


@contextlib.contextmanager
def _incoming() -> Iterator[tuple[BinaryIO, Path]]:
    """A new temporary file on the store's own disk, removed unless it was settled."""
    folder = Path(settings.FILES) / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=folder)
    place = Path(name)
    try:
        with os.fdopen(number, "wb") as target:
            yield target, place
    finally:
        place.unlink(missing_ok=True)


def _copy(stream: BinaryIO, target: BinaryIO) -> StoredFile:
    state, size = labels.hasher(labels.FILE), 0
    while block := stream.read(BLOCK):
        target.write(block)
        state.update(block)
        size += len(block)
    return StoredFile(b64(state.digest()), size)


def _settle(target: BinaryIO, temporary: Path, place: Path) -> None:
    """Move the finished file to its place so that a power cut leaves the whole file or none."""
    target.flush()
    os.fsync(target.fileno())
    fresh = not place.parent.exists()
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.replace(temporary, place)
    _sync_folder(place.parent)
    if fresh:
        _sync_folder(place.parent.parent)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
