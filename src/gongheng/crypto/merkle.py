"""Merkle trees of RFC 6962 over SHA-256 or SM3, with the proofs and tiles of a transparency log (默克尔树).

Proofs read a tree through `hash_at(level, index)`: the hash of the complete subtree over leaves
index·2^level … (index+1)·2^level − 1. A list of leaf hashes and a store of tiles both offer it.
"""

import functools
import hashlib
from collections.abc import Callable, Iterable, Sequence

from .hazmat import sm3

HashAt = Callable[[int, int], bytes]
Tiles = dict[tuple[int, int], bytes]
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
_EMPTY = {"sha256": hashlib.sha256, "sm3": sm3.new}
_LEAF = {alg: make(b"\x00") for alg, make in _EMPTY.items()}
_NODE = {alg: make(b"\x01") for alg, make in _EMPTY.items()}


class BadProof(ValueError):
    """Raised when a proof cannot be made; verification answers False instead."""


def leaf_hash(alg: str, entry: bytes) -> bytes:
    """Return H(0x00 ‖ entry)."""
    return _EMPTY[alg](b"\x00" + entry).digest()


def leaf_hashes(alg: str, entries: Iterable[bytes]) -> list[bytes]:
    """Return the leaf hashes of many entries, from one ready state."""
    empty, made = _LEAF[alg].copy, []
    for entry in entries:
        state = empty()
        state.update(entry)
        made.append(state.digest())
    return made


def node_hash(alg: str, left: bytes, right: bytes) -> bytes:
    """Return H(0x01 ‖ left ‖ right)."""
    state = _NODE[alg].copy()
    state.update(left + right)
    return state.digest()


def empty_root(alg: str) -> bytes:
    """Return the root of the tree without leaves, H("")."""
    return _EMPTY[alg]().digest()


def root(alg: str, leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    level = list(leaf_hashes)
    if not level:
        return empty_root(alg)
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        # An unpaired hash moves up unchanged: RFC 6962 never hashes a node with itself.
        level = _pairs(alg, level) + odd
    return level[0]


def from_leaves(alg: str, leaf_hashes: Sequence[bytes]) -> HashAt:
    """Return the `hash_at` reader of a list of leaf hashes."""

    @functools.cache
    def hash_at(level: int, index: int) -> bytes:
        if level == 0:
            return leaf_hashes[index]
        return node_hash(alg, hash_at(level - 1, 2 * index), hash_at(level - 1, 2 * index + 1))

    return hash_at


def root_at(alg: str, size: int, hash_at: HashAt) -> bytes:
    """Return the root of the first `size` leaves."""
    return _range(alg, 0, size, hash_at) if size else empty_root(alg)


def inclusion_proof(alg: str, index: int, size: int, hash_at: HashAt) -> list[bytes]:
    """Return the audit path of leaf `index` in the tree of the first `size` leaves, leaf side first."""
    if not 0 <= index < size:
        raise BadProof("leaf outside the tree")
    path, low, high = [], 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range(alg, middle, high, hash_at))
            high = middle
        else:
            path.append(_range(alg, low, middle, hash_at))
            low = middle
    return path[::-1]


def verify_inclusion(alg: str, leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Tell whether the audit path leads from a leaf hash to the expected root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0 or len(sibling) != 32:
            return False
        if node & 1 or node == last:
            current = node_hash(alg, sibling, current)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            current = node_hash(alg, current, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and current == expected


def consistency_proof(alg: str, old: int, new: int, hash_at: HashAt) -> list[bytes]:
    """Return the proof that the first `old` leaves of the tree of size `new` were left untouched."""
    if not 0 <= old <= new:
        raise BadProof("sizes out of order")
    if old in (0, new):
        return []
    path, low, high, whole = [], 0, new, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_range(alg, middle, high, hash_at))
            high = middle
        else:
            path.append(_range(alg, low, middle, hash_at))
            low, whole = middle, False
    if not whole:
        path.append(_range(alg, low, high, hash_at))
    return path[::-1]


def verify_consistency(alg: str, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether the tree of size `new` extends the tree of size `old` (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == empty_root(alg)
    hashes = list(proof)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes or any(len(item) != 32 for item in hashes):
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_side = new_side = hashes[0]
    for item in hashes[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old_side, new_side = node_hash(alg, item, old_side), node_hash(alg, item, new_side)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new_side = node_hash(alg, new_side, item)
        node, last = node >> 1, last >> 1
    return last == 0 and old_side == old_root and new_side == new_root


def append(alg: str, old_size: int, leaf_hashes: Sequence[bytes], fetch: Callable[[int, int], bytes]) -> Tiles:
    """Return the tiles {(level, n): hashes} that change when leaves are added to a tree of `old_size`.

    Tile (level, n) holds up to 256 hashes of complete subtrees of height 8·level (C2SP tlog-tiles);
    `fetch(level, n)` is asked only for the unfinished tiles at the right edge.
    """
    changed: Tiles = {}
    level, hashes = 0, list(leaf_hashes)
    while hashes:
        first, held = divmod(old_size >> TILE_HEIGHT * level, TILE_WIDTH)
        edge = fetch(level, first)[: 32 * held] if held else b""
        if len(edge) != 32 * held:
            raise BadProof(f"tile {level}/{first} is shorter than the tree")
        row = [edge[i : i + 32] for i in range(0, len(edge), 32)] + hashes
        hashes = []
        for offset in range(0, len(row), TILE_WIDTH):
            tile = row[offset : offset + TILE_WIDTH]
            changed[level, first + offset // TILE_WIDTH] = b"".join(tile)
            if len(tile) == TILE_WIDTH:
                hashes.append(root(alg, tile))
        level += 1
    return changed


def from_tiles(alg: str, fetch: Callable[[int, int], bytes]) -> HashAt:
    """Return the `hash_at` reader of stored tiles; hashes between two tile levels are worked out anew."""
    fetch = functools.cache(fetch)

    @functools.cache
    def hash_at(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, TILE_HEIGHT)
        n, start = divmod(index << height, TILE_WIDTH)
        count = 1 << height
        data = fetch(tile_level, n)[32 * start : 32 * (start + count)]
        if len(data) != 32 * count:
            raise BadProof(f"tile {tile_level}/{n} is shorter than the tree")
        return root(alg, [data[i : i + 32] for i in range(0, len(data), 32)])

    return hash_at


def _pairs(alg: str, level: list[bytes]) -> list[bytes]:
    template, result = _NODE[alg], []
    for i in range(0, len(level) - 1, 2):
        state = template.copy()
        state.update(level[i] + level[i + 1])
        result.append(state.digest())
    return result


def _split(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1


def _range(alg: str, low: int, high: int, hash_at: HashAt) -> bytes:
    count = high - low
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return hash_at(level, low >> level)
    middle = low + _split(count)
    return node_hash(alg, _range(alg, low, middle, hash_at), _range(alg, middle, high, hash_at))
