"""The stored tiles of both trees (默克尔树瓦片): read by proofs, written by the sequencer alone."""

from gongheng.crypto import merkle
from gongheng.trust.evidence.models import Tile

ALGORITHMS = ("sha256", "sm3")


def fetch(algorithm: str, level: int, number: int) -> bytes:
    """Return the hashes of one tile, empty when the tree has not reached it."""
    hashes = Tile.objects.filter(algorithm=algorithm, level=level, number=number).values_list("hashes", flat=True)
    return bytes(hashes.first() or b"")


def reader(algorithm: str) -> merkle.HashAt:
    """Return the ``hash_at`` of the stored tree; it remembers tiles, so use it for one request only."""
    return merkle.from_tiles(algorithm, lambda level, number: fetch(algorithm, level, number))


def append(algorithm: str, size: int, leaf_hashes: list[bytes]) -> None:
    """Write the tiles that change when leaves join a tree of ``size``, and read them back.

    Raises OSError when the store gives back other bytes than it was given.
    """
    changed = merkle.append(algorithm, size, leaf_hashes, lambda level, number: fetch(algorithm, level, number))
    Tile.objects.bulk_create(
        [
            Tile(algorithm=algorithm, level=level, number=number, hashes=hashes)
            for (level, number), hashes in changed.items()
        ],
        update_conflicts=True,
        unique_fields=["algorithm", "level", "number"],
        update_fields=["hashes"],
    )
    for (level, number), hashes in changed.items():
        if fetch(algorithm, level, number) != hashes:
            raise OSError(f"tile {algorithm}/{level}/{number} was not stored as written")
