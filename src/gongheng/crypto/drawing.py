"""The expert draw: a joint seed that nobody can steer, and an order that anybody can recompute (专家抽取).

Integers only: no floats and no library random, so that two implementations agree on every seat. The three phases of
the contributions (commit, points with wrapped shares, reveal) follow the same secret sharing as sealed bids.
"""

import itertools
import math
import operator
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from . import labels, merkle, shares
from .canonical import b64, encode, unb64
from .envelopes import unwrap, wrap
from .hazmat import curve, sm3
from .refused import ContainerRefused, ProofRefused

THRESHOLD = 2
GUESS_BITS = 20
POOL_FACTOR = 10


@dataclass(frozen=True)
class DrawContext:
    """What one attempt of a draw is bound to; digests are base64url text."""

    draw_id: str
    pool_root: str
    order_digest: str
    attempt: int

    def fields(self) -> list:
        """Return the fields in the order in which they are hashed."""
        return [self.draw_id, self.pool_root, self.order_digest, self.attempt]


@dataclass(frozen=True)
class Contribution:
    """One party's secret scalar with its Feldman points and the shares for the other parties."""

    party: int
    r: int
    points: tuple[bytes, ...]
    shares: dict[int, int]

    @classmethod
    def make(cls, party: int, parties: int) -> "Contribution":
        """Draw a fresh scalar for party `party` of 1…parties; any two of the others can rebuild it."""
        others = [index for index in range(1, parties + 1) if index != party]
        r = curve.random_scalar()
        points, parts = shares.split(r, THRESHOLD, others)
        return cls(party, r, tuple(points), parts)

    def commit(self, context: DrawContext) -> str:
        """Return the phase-one commitment."""
        return commit_digest(context, self.party, self.points)

    def wrapped(self, context: DrawContext, publics: dict[int, bytes]) -> dict[int, str]:
        """Return {receiver: wrapped share as base64url} for the other parties' encryption keys."""
        return {
            index: b64(wrap(publics[index], share, share_binding(context, self.party, index, self.points)))
            for index, share in self.shares.items()
        }


def commit_digest(context: DrawContext, party: int, points: Sequence[bytes]) -> str:
    """Return the digest by which a party commits to its points before it sees anyone else's."""
    body = [*context.fields(), party, [b64(point) for point in points]]
    return b64(labels.digest(labels.DRAW_COMMIT, encode(body)))


def check_points(context: DrawContext, party: int, points: Sequence[bytes], commit: str) -> None:
    """Refuse points that are not the ones committed to."""
    if len(points) != THRESHOLD or not all(map(curve.is_point, points)):
        raise ProofRefused("POINT", f"抽取方 {party} 公布的承诺点不正确。")
    if commit_digest(context, party, points) != commit:
        raise ProofRefused("COMMIT", f"抽取方 {party} 公布的承诺点与其先前承诺不符。")


def share_binding(context: DrawContext, sender: int, receiver: int, points: Sequence[bytes]) -> bytes:
    """Return the digest that ties a wrapped share to its draw, attempt, sender, receiver and first point."""
    body = [*context.fields(), sender, receiver, b64(points[0])]
    return labels.digest(labels.DRAW_WRAP, encode(body))


def receive_share(
    context: DrawContext, sender: int, receiver: int, points: Sequence[bytes], blob: str, private: bytes
) -> int:
    """Return the share that `sender` wrapped for `receiver`; refuses one that its points do not commit to."""
    try:
        share = unwrap(private, unb64(blob), share_binding(context, sender, receiver, points))
    except ContainerRefused as error:
        raise ProofRefused("WRAP", f"抽取方 {sender} 发给抽取方 {receiver} 的份额无法解开。") from error
    check_share(sender, receiver, points, share)
    return share


def check_share(sender: int, receiver: int, points: Sequence[bytes], share: int) -> None:
    """Refuse a share that does not lie on the polynomial of the sender's points."""
    if not shares.check(share, receiver, list(points)):
        raise ProofRefused("SHARE", f"抽取方 {sender} 发给抽取方 {receiver} 的份额与承诺点不符。")


def check_reveal(party: int, points: Sequence[bytes], r: int) -> None:
    """Refuse a revealed scalar that is not the one committed to."""
    if not 0 < r < shares.N or shares.point_of(r) != points[0]:
        raise ProofRefused("REVEAL", f"抽取方 {party} 揭示的随机数与承诺不符。")


def rebuild(party: int, points: Sequence[bytes], held: dict[int, int]) -> int:
    """Return the scalar of a party that stayed silent, from the shares that two or more others hold."""
    for receiver, share in held.items():
        check_share(party, receiver, points, share)
    if len(held) < THRESHOLD:
        raise ProofRefused("SHARE", f"重建抽取方 {party} 的随机数至少需要两方份额。")
    r = shares.combine(held)
    check_reveal(party, points, r)
    return r


def seed_of(context: DrawContext, scalars: Sequence[int], beacon: str | None = None) -> bytes:
    """Return the 32-byte seed of all parties' scalars, in the order of the parties."""
    body = [*context.fields(), [b64(r.to_bytes(32, "big")) for r in scalars], beacon]
    return labels.digest(labels.DRAW, encode(body))


def pool_root(rows: Iterable[dict]) -> str:
    """Return the SM3 Merkle root of pool rows {pid, attributes, weight}, by pid. Raises ValueError on repeats."""
    ordered = sorted(rows, key=lambda row: row["pid"])
    if any(a["pid"] == b["pid"] for a, b in itertools.pairwise(ordered)):
        raise ValueError("a pseudonym stands twice in the pool")
    return root_of_lines(encode(row) for row in ordered)


def root_of_lines(lines: Iterable[bytes]) -> str:
    """Return the root of pool rows from their canonical bytes, sorted by pid."""
    return b64(merkle.root("sm3", merkle.leaf_hashes("sm3", labels.digests(labels.POOL, lines))))


def order_digest(order: dict) -> str:
    """Return the digest of a draw order."""
    return b64(labels.digest(labels.ORDER, encode(order)))


class Generator:
    """A stream of bytes HMAC-SM3(HMAC-SM3(seed, stratum), u64 counter), read from the front."""

    def __init__(self, seed: bytes, stratum: str):
        self._block = sm3.keyed(sm3.hmac(seed, stratum.encode("utf-8")), b"")
        self._counter = 0
        self._rest = b""

    def below(self, limit: int) -> int:
        """Return a uniform integer in [0, limit) by masked rejection; a limit of 1 uses no bytes."""
        if limit < 1:
            raise ValueError("limit must be positive")
        bits = (limit - 1).bit_length()
        mask = (1 << bits) - 1
        while True:
            value = int.from_bytes(self._take((bits + 7) // 8), "big") & mask
            if value < limit:
                return value

    def _take(self, count: int) -> bytes:
        while len(self._rest) < count:
            self._rest += self._block(struct.pack(">Q", self._counter))
            self._counter += 1
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken


def order_of(
    seed: bytes, stratum: str, weighted: Sequence[tuple[str, int]], most: int | None = None
) -> list[str]:
    """Return all pids of a stratum in drawn order: weighted picks without replacement over a Fenwick tree.

    `weighted` holds (pid, positive integer weight) sorted by pid; seats are filled down the list.
    `most` stops after so many places, for a replay that looks no further than the seats did.
    """
    pids, weights = [pid for pid, _ in weighted], [weight for _, weight in weighted]
    if not all(map(operator.lt, pids, pids[1:])) or set(map(type, weights)) - {int} or min(weights, default=1) < 1:
        raise ValueError("pids must be sorted and unique, weights positive integers")
    generator, wanted = Generator(seed, stratum), len(pids) if most is None else min(most, len(pids))
    if sum(weights) == len(pids):
        # Every weight is 1: the place below the total is the place among those who are left.
        return [pids.pop(generator.below(len(pids))) for _ in range(wanted)]
    return _weighted_order(generator, pids, weights, wanted)


def _weighted_order(generator: Generator, pids: list[str], weights: list[int], wanted: int) -> list[str]:
    tree, total = _fenwick(weights), sum(weights)
    drawn = []
    for _ in range(wanted):
        index = _find(tree, generator.below(total))
        drawn.append(pids[index])
        total -= weights[index]
        _subtract(tree, index, weights[index])
    return drawn


def guess_bound_bits(eligible: int, seats: int) -> int:
    """Return ⌊log2 C(eligible, seats)⌋, the whole bits that a guesser of the committee faces; 0 if impossible."""
    return max(math.comb(eligible, seats).bit_length() - 1, 0)


def is_guess_bound_met(eligible: int, seats: int) -> bool:
    """Tell whether a stratum is large enough: C(eligible, seats) ≥ 2^20 and eligible ≥ 10 × seats."""
    return math.comb(eligible, seats) >= 1 << GUESS_BITS and eligible >= POOL_FACTOR * seats


def pick_coefficient(lot: str, closing_root: str, nonces: Iterable[bytes], choices: list[str]) -> str:
    """Return the coefficient of a lot, fixed by the sealed bids' hall nonces once all of them are open.

    The nonces were sealed before the deadline and are sorted here, so neither order nor timing can steer the pick.
    """
    if not choices:
        raise ValueError("no choices")
    body = [lot, closing_root, [b64(nonce) for nonce in sorted(nonces)], choices]
    seed = labels.digest(labels.COEFFICIENT, encode(body))
    return choices[Generator(seed, "coefficient").below(len(choices))]


def _fenwick(weights: list[int]) -> list[int]:
    tree = [0, *weights]
    for i in range(1, len(tree)):
        parent = i + (i & -i)
        if parent < len(tree):
            tree[parent] += tree[i]
    return tree


def _find(tree: list[int], target: int) -> int:
    """Return the 0-based position whose cumulative weight first exceeds `target`."""
    position, step = 0, 1 << (len(tree).bit_length() - 1)
    while step:
        ahead = position + step
        if ahead < len(tree) and tree[ahead] <= target:
            position, target = ahead, target - tree[ahead]
        step >>= 1
    return position


def _subtract(tree: list[int], index: int, weight: int) -> None:
    index += 1
    while index < len(tree):
        tree[index] -= weight
        index += index & -index
