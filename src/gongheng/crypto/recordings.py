"""The chains of a recording: a link covers one segment (录像链) or written line (文字链) and the link before."""

from gongheng.crypto import canonical, labels


def link(
    track: str, number: int, previous: str, sm3: str, sha256: str, size: int, begins: str, ends: str
) -> bytes:
    """Return the 32 bytes of the link of segment ``number`` (from 1) of a track.

    ``previous`` is the link before it as base64url: of the same track, of the track that this one continues, or ""
    where a chain starts. ``sm3`` and ``sha256`` are plain digests of the bytes, times are canonical timestamps.
    """
    return labels.digest(labels.RECORDING, canonical.encode({
        "v": 1, "track": track, "n": number, "prev": previous, "sm3": sm3, "sha256": sha256, "size": size,
        "begins": begins, "ends": ends,
    }))


def line(meeting: str, number: int, previous: str, label: str, at: str, text: str) -> bytes:
    """Return the 32 bytes of the link of line ``number`` (from 1) that somebody wrote to a meeting.

    ``previous`` is the link before it as base64url, "" at the first; ``label`` is the sender's in that meeting, ``at``
    a canonical timestamp.
    """
    return labels.digest(labels.MEETING_LINE, canonical.encode({
        "v": 1, "meeting": meeting, "n": number, "prev": previous, "label": label, "at": at, "text": text,
    }))
