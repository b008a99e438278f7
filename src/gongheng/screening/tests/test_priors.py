"""The prior learns from outcomes: unmoved by few, moved towards what came true, the same however they are ordered."""

import math
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from gongheng.screening.priors import LEAST, Outcome, fitted

BASE = 0.01


def leads(count: int, share: float, *, stratum: str = "A08", index: float = 0.5) -> list[Outcome]:
    return [Outcome(stratum, index, BASE, place < share * count) for place in range(count)]


def test_few_outcomes_change_nothing():
    known = fitted(leads(LEAST - 1, 1.0), BASE)
    assert known.of("A08") == known.of("B01") == BASE


def test_an_index_that_promised_too_much_lowers_the_prior_and_too_little_raises_it():
    assert fitted(leads(40, 0.5), BASE).of("A08") == BASE
    assert fitted(leads(40, 0.1), BASE).of("A08") < BASE / 4
    assert fitted(leads(40, 0.95), BASE).of("A08") > BASE * 4


def test_a_trade_of_its_own_kind_moves_more_than_the_others():
    known = fitted([*leads(40, 0.5), *leads(30, 0.95, stratum="B01")], BASE)
    assert known.of("B01") > known.of("C02") > BASE > known.of("A08") / 1.5


def test_outcomes_balance_with_what_the_new_prior_promises():
    """Of many leads with indices of all sizes, drawn as a prior of 4 % has it, about that prior is found again."""
    chance, true = random.Random(5), 0.04
    drawn = []
    for _ in range(3000):
        evidence = chance.uniform(1, 7)
        odds = math.exp(evidence) * true / (1 - true)
        at_base = math.exp(evidence) * BASE / (1 - BASE)
        drawn.append(Outcome("A08", at_base / (1 + at_base), BASE, chance.random() < odds / (1 + odds)))
    assert 0.033 < fitted(drawn, BASE).of("A08") < 0.048


@given(st.lists(st.tuples(st.sampled_from("AB"), st.floats(0.001, 0.999), st.booleans()), min_size=LEAST, max_size=60),
       st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_order_does_not_matter_and_one_more_proven_never_lowers(rows, shuffler):
    outcomes = [Outcome(stratum, index, BASE, proven) for stratum, index, proven in rows]
    known = fitted(outcomes, BASE)
    shuffled = list(outcomes)
    shuffler.shuffle(shuffled)
    assert fitted(shuffled, BASE) == known
    more = fitted([*outcomes, Outcome("A", 0.5, BASE, True)], BASE)
    assert more.of("A") >= known.of("A")
    assert 0 < known.everywhere < 1
