"""Feldman secret sharing over the SM2 curve: any k shares rebuild, each can be checked alone (秘密分享)."""

import secrets

from .hazmat import curve

N = curve.N


def point_of(scalar: int) -> bytes:
    """Return scalar·G as 65 bytes. Raises ValueError outside [1, n-1]."""
    return curve.mul_base(scalar)


def split(secret: int, k: int, indexes, random=secrets) -> tuple[list[bytes], dict[int, int]]:
    """Return the k commitment points and {index: share}; point 0 is secret·G.

    Indexes are distinct integers in 1..2^16-1. Raises ValueError for a secret outside [1, n-1] or fewer than k indexes.
    """
    indexes = list(indexes)
    if not 0 < secret < N:
        raise ValueError("secret outside [1, n-1]")
    if len(set(indexes)) != len(indexes) or not 1 <= k <= len(indexes) or not all(map(_is_index, indexes)):
        raise ValueError("indexes must be distinct, positive and at least k")
    coefficients = [secret] + [curve.random_scalar(random) for _ in range(k - 1)]
    return [point_of(c) for c in coefficients], {i: _evaluate(coefficients, i) for i in indexes}


def check(share: int, index: int, points: list[bytes]) -> bool:
    """Tell whether share·G = Σ index^i·points[i], that is, whether the share belongs to the commitment."""
    if not 0 < share < N or not _is_index(index) or not points:
        return False
    try:
        return curve.combine(points, index) == point_of(share)
    except ValueError:
        return False


def combine(shares: dict[int, int]) -> int:
    """Return the secret of at least k shares by Lagrange interpolation at 0; compare its point afterwards."""
    if not shares or not all(map(_is_index, shares)):
        raise ValueError("no shares, or an impossible index")
    total = 0
    for i, share in shares.items():
        numerator = denominator = 1
        for j in shares:
            if j != i:
                numerator = numerator * j % N
                denominator = denominator * (j - i) % N
        total += share * numerator * pow(denominator, -1, N)
    return total % N


def _is_index(index) -> bool:
    return isinstance(index, int) and 0 < index < 1 << 16


def _evaluate(coefficients: list[int], x: int) -> int:
    total = 0
    for coefficient in reversed(coefficients):
        total = (total * x + coefficient) % N
    return total
