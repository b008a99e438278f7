"""The draw cannot be steered, repeats exactly, and is fair within chance (抽取测试)."""

import hashlib
import hmac
import itertools
from collections import Counter

import pytest

from gongheng.crypto import drawing, shares, signing
from gongheng.crypto.refused import ProofRefused

CONTEXT = drawing.DrawContext("D-1", "pool", "order", 1)


def refused(code):
    return pytest.raises(ProofRefused, match=rf"^\[{code}\] \S")


@pytest.fixture(scope="module")
def parties():
    keys = {index: signing.generate() for index in (1, 2, 3)}
    made = {index: drawing.Contribution.make(index, 3) for index in keys}
    return keys, made


def test_three_phases_give_everyone_the_same_seed(parties):
    keys, made = parties
    publics = {index: public for index, (_, public) in keys.items()}
    for sender, contribution in made.items():
        drawing.check_points(CONTEXT, sender, contribution.points, contribution.commit(CONTEXT))
        held = {}
        for receiver, blob in contribution.wrapped(CONTEXT, publics).items():
            held[receiver] = drawing.receive_share(
                CONTEXT, sender, receiver, contribution.points, blob, keys[receiver][0]
            )
        drawing.check_reveal(sender, contribution.points, contribution.r)
        # Withholding is useless: the others rebuild the very same scalar.
        assert drawing.rebuild(sender, contribution.points, held) == contribution.r
    scalars = [made[index].r for index in (1, 2, 3)]
    assert drawing.seed_of(CONTEXT, scalars) == drawing.seed_of(CONTEXT, list(scalars))
    others = [drawing.DrawContext("D-1", "pool", "order", 2), drawing.DrawContext("D-2", "pool", "order", 1)]
    seeds = {drawing.seed_of(context, scalars) for context in [CONTEXT, *others]}
    seeds |= {drawing.seed_of(CONTEXT, scalars[::-1]), drawing.seed_of(CONTEXT, scalars, "beacon")}
    assert len(seeds) == 5


def test_every_dishonest_step_is_named(parties):
    keys, made = parties
    publics = {index: public for index, (_, public) in keys.items()}
    first, second = made[1], made[2]
    with refused("COMMIT"):
        drawing.check_points(CONTEXT, 1, second.points, first.commit(CONTEXT))
    with refused("COMMIT"):
        drawing.check_points(drawing.DrawContext("D-1", "pool", "order", 2), 1, first.points, first.commit(CONTEXT))
    with refused("POINT"):
        drawing.check_points(CONTEXT, 1, (first.points[0], bytes(65)), first.commit(CONTEXT))
    with refused("POINT"):
        drawing.check_points(CONTEXT, 1, first.points[:1], first.commit(CONTEXT))
    with refused("REVEAL"):
        drawing.check_reveal(1, first.points, second.r)
    with refused("REVEAL"):
        drawing.check_reveal(1, first.points, shares.N)
    blobs = first.wrapped(CONTEXT, publics)
    with refused("WRAP"):
        drawing.receive_share(CONTEXT, 1, 2, first.points, blobs[3], keys[2][0])
    with refused("WRAP"):
        drawing.receive_share(CONTEXT, 1, 3, first.points, blobs[2], keys[2][0])
    with refused("SHARE"):
        drawing.rebuild(1, first.points, {2: first.shares[2]})
    with refused("SHARE"):
        drawing.rebuild(1, first.points, {2: first.shares[2], 3: first.shares[2]})
    false = drawing.Contribution(1, first.r, first.points, {2: 7, 3: 8})
    with refused("SHARE"):
        drawing.receive_share(CONTEXT, 1, 2, false.points, false.wrapped(CONTEXT, publics)[2], keys[2][0])


def naive_order(seed, stratum, weighted):
    """Draw the slow and obvious way, written apart from the module: a second implementation."""
    key = hmac.digest(seed, stratum.encode(), "sm3")
    blocks = (hmac.digest(key, counter.to_bytes(8, "big"), "sm3") for counter in itertools.count())
    stream = itertools.chain.from_iterable(blocks)
    left, order = list(weighted), []
    while left:
        total = sum(weight for _, weight in left)
        bits = (total - 1).bit_length()
        while True:
            value = int.from_bytes(bytes(itertools.islice(stream, (bits + 7) // 8)), "big") % (1 << bits)
            if value < total:
                break
        for item in left:
            if value < item[1]:
                break
            value -= item[1]
        order.append(item[0])
        left.remove(item)
    return order


def test_a_second_implementation_draws_the_same_order():
    for n in (1, 2, 3, 8, 9, 40):
        for turn in range(25):
            seed = hashlib.sha256(bytes([n, turn])).digest()
            weighted = [(f"p{i:03d}", 1 + (i * 7 + turn) % 5) for i in range(n)]
            for listed in (weighted, [(pid, 1) for pid, _ in weighted]):
                naive = naive_order(seed, "土建", listed)
                assert drawing.order_of(seed, "土建", listed) == naive
                assert drawing.order_of(seed, "土建", listed, 3) == naive[:3]


def test_the_first_picks_are_fair_by_weight():
    weights = [1, 2, 3, 4]
    weighted = [(str(i), weight) for i, weight in enumerate(weights)]
    first = Counter(drawing.order_of(i.to_bytes(32, "big"), "s", weighted)[0] for i in range(4000))
    expected = [400 * weight for weight in weights]
    chi_square = sum((first[str(i)] - e) ** 2 / e for i, e in enumerate(expected))
    assert chi_square < 16.27  # three degrees of freedom, p = 0.001; the seeds are fixed, so this never flickers


@pytest.mark.parametrize(
    "weighted", [[("b", 1), ("a", 1)], [("a", 1), ("a", 1)], [("a", 0)], [("a", -1)], [("a", True)]]
)
def test_unfit_strata_are_refused(weighted):
    with pytest.raises(ValueError, match="sorted"):
        drawing.order_of(bytes(32), "s", weighted)


def test_the_pool_is_fixed_by_its_root():
    rows = [{"pid": f"p{i}", "attributes": {"region": "湖北"}, "weight": 1} for i in range(9)]
    root = drawing.pool_root(rows)
    assert drawing.pool_root(rows[::-1]) == root
    assert drawing.pool_root(rows[:-1]) != root
    assert drawing.pool_root([*rows[:-1], rows[-1] | {"weight": 2}]) != root
    with pytest.raises(ValueError, match="twice"):
        drawing.pool_root([*rows, rows[0]])
    assert drawing.order_digest({"seats": 5}) != drawing.order_digest({"seats": 7})


@pytest.mark.parametrize(
    ("eligible", "seats", "bits", "met"),
    [
        (603, 5, 39, True),
        (60, 5, 22, True),
        (20, 5, 13, False),
        (15, 7, 12, False),
        (3, 5, 0, False),
        (49, 5, 20, False),
    ],
)
def test_the_guess_bound_is_that_of_the_design(eligible, seats, bits, met):
    assert drawing.guess_bound_bits(eligible, seats) == bits
    assert drawing.is_guess_bound_met(eligible, seats) is met


def test_the_coefficient_depends_on_every_bid_and_not_on_their_order():
    nonces = [bytes([i]) * 32 for i in range(4)]
    choices = [f"0.9{i}" for i in range(10)]
    pick = drawing.pick_coefficient("L", "root", nonces, choices)
    assert pick == drawing.pick_coefficient("L", "root", nonces[::-1], choices)
    picks = {drawing.pick_coefficient("L", "root", [*nonces[:3], bytes([i]) * 32], choices) for i in range(60)}
    assert picks == set(choices)
    with pytest.raises(ValueError, match="choices"):
        drawing.pick_coefficient("L", "root", nonces, [])


def test_the_generator_rejects_instead_of_folding():
    generator = drawing.Generator(bytes(32), "s")
    assert [generator.below(1) for _ in range(3)] == [0, 0, 0]
    counts = Counter(generator.below(3) for _ in range(3000))
    assert all(880 < counts[value] < 1120 for value in range(3))
    with pytest.raises(ValueError, match="positive"):
        generator.below(0)
