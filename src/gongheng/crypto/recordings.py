"""The chain of a recording's segments (录像链): each link covers the bytes of its segment and the link before it."""

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
