"""Pictures shared by two bids (图片雷同): equal bytes, or equal to the eye by a perceptual hash."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import combinations

import numpy as np

from gongheng.screening.texts.documents import Bid, Image

NEAR = 6  # bits of 64 in which two pictures may differ and still look the same
SMALLEST = 120  # pixels: smaller ones are logos, seals, bullets
#: A hash with fewer bits set (or unset) is a blank or a plain drawing that resembles many others.
LEAST_BITS = 12


def perceptual_hash(grey: np.ndarray) -> int:
    """64 bits from the low frequencies of a grey picture (any size): robust to scaling and recompression."""
    from scipy.fft import dctn

    rows = np.array_split(np.arange(grey.shape[0]), 32)
    columns = np.array_split(np.arange(grey.shape[1]), 32)
    if min(map(len, rows + columns)) == 0:
        raise ValueError("a picture needs at least 32 pixels each way")
    tiles = np.array([[grey[np.ix_(row, column)].mean() for column in columns] for row in rows])
    low = dctn(tiles, norm="ortho")[:8, :8].ravel()
    bits = low > np.median(low[1:])
    return int("".join("1" if bit else "0" for bit in bits), 2)


def shared(
    bids: Sequence[Bid], known: Collection[str], limit: int
) -> tuple[dict[tuple[int, int], list[tuple[Image, Image]]], dict[tuple[int, int], list[tuple[Image, Image]]]]:
    """Pairs of bidders with pictures of equal bytes, and with pictures that look alike.

    ``known``: digests of the tender's own pictures and of ones common in other tenders; ``limit``: a picture that
    so many bidders hold is the trade's (a certificate, a maker's logo).
    """
    equal: dict[tuple[int, int], list[tuple[Image, Image]]] = defaultdict(list)
    holders: dict[str, dict[int, Image]] = defaultdict(dict)
    for number, bid in enumerate(bids):
        for image in bid.images or ():
            if image.digest not in known and min(image.width, image.height) >= SMALLEST:
                holders[image.digest].setdefault(number, image)
    for _, held in sorted(holders.items()):
        if 2 <= len(held) < limit:
            for one, other in combinations(sorted(held), 2):
                equal[one, other].append((held[one], held[other]))
    alike: dict[tuple[int, int], list[tuple[Image, Image]]] = defaultdict(list)
    single = [
        (next(iter(held)), next(iter(held.values()))) for _, held in sorted(holders.items())
        if len(held) == 1 and _is_telling(next(iter(held.values())).phash)
    ]
    hashes = np.array([image.phash for _, image in single], dtype=np.uint64)
    for place, (number, image) in enumerate(single):
        apart = np.bitwise_count(hashes[place + 1 :] ^ hashes[place]) if place + 1 < len(single) else np.zeros(0)
        for other in np.flatnonzero(apart <= NEAR).tolist():
            rival, likeness = single[place + 1 + other]
            if rival != number:
                pair = (image, likeness) if number < rival else (likeness, image)
                alike[min(number, rival), max(number, rival)].append(pair)
    return dict(equal), dict(alike)


def _is_telling(phash: int | None) -> bool:
    return phash is not None and LEAST_BITS <= phash.bit_count() <= 64 - LEAST_BITS
