"""What opened files tell besides their words, in the shapes of the engine (痕迹提取).

The bytes are parsed in limited processes; numbers of machines are hashed before anything is stored.
"""

from collections.abc import Iterable
from datetime import datetime

import numpy as np
from django.conf import settings

from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.refusal import Refusal
from gongheng.screening.fingerprints import hashed
from gongheng.screening.texts.pictures import perceptual_hash
from gongheng.trust.documents import sandbox, store

#: Numbers that identify a machine (collusion.md 4.1): comparable within a year, unreadable after.
MACHINE = frozenset(("cpu", "disk", "board", "mac", "session"))
_SIDE = 32


def traces_of_file(digest: str, opened_at: datetime) -> tuple[dict, list[dict]]:
    """Return the columns of the file's traces and of its pictures; what cannot be read says why."""
    try:
        found = sandbox.traces(store.path(digest))
    except Refusal as refusal:
        return {"problem": refusal.message[:300]}, []
    return (
        {"origin": shielded(found.origin, opened_at), "bill": [list(line) for line in found.bill],
         "is_cut": found.is_cut},
        [
            {"page": one.page, "digest": one.digest, "width": one.width, "height": one.height,
             "likeness": _likeness(one.tiles)}
            for one in found.pictures
        ],
    )


def shielded(rows: Iterable[tuple[str, str]], opened_at: datetime) -> list[list[str]]:
    """Return (kind, value) rows with the numbers of machines under the secret of the year; empty ones are dropped."""
    secret = settings.KEYRING.secret(f"screening-devices-{opened_at.astimezone(SHANGHAI).year}")
    told = ([kind, hashed(kind, value, secret=secret) if kind in MACHINE else value] for kind, value in rows)
    return [row for row in told if row[1]]


def _likeness(tiles: bytes) -> str:
    if len(tiles) != _SIDE * _SIDE:
        return ""
    return f"{perceptual_hash(np.frombuffer(tiles, dtype=np.uint8).reshape(_SIDE, _SIDE).astype(float)):016x}"
