"""Price scores: the published worked examples, and what must hold for any prices."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.kernel.refusal import Refusal
from gongheng.trading.evaluation.pricing import (
    PriceParameters,
    deviation,
    price_score,
    price_table,
    trimmed_mean,
)

D = Decimal
PRICES = {"甲": D(9800000), "乙": D(10100000), "丙": D(9950000), "丁": D(10350000), "戊": D(10020000), "己": D(9600000)}
HUNDRED = PriceParameters(D(100), D(1), D("0.5"), (D("0.5"), D(1), D("1.5")))
SIXTY = PriceParameters(D(60), D("0.6"), D("0.3"), (D(0), D(1)))
MANY_PRICES = st.dictionaries(
    st.text("ABCDEFGH", min_size=1, max_size=3), st.integers(1, 10**12).map(lambda fen: D(fen) / 100),
    min_size=1, max_size=12,
)


def test_the_worked_example():
    table = price_table(PRICES, HUNDRED, D(1))
    assert (table.mean, table.base) == (D("9967500.00"), D("9867825.00"))
    assert set(table.trimmed) == {"丁", "己"}
    assert {row.bidder: (str(row.delta), str(row.score)) for row in table.rows} == {
        "甲": ("-0.69", "99.66"), "乙": ("2.35", "97.65"), "丙": ("0.83", "99.17"),
        "丁": ("4.89", "95.11"), "戊": ("1.54", "98.46"), "己": ("-2.71", "98.65"),
    }


@pytest.mark.parametrize(("bidder", "delta", "score"), [
    ("甲", "-2.71", "59.19"), ("乙", "0.27", "59.84"), ("丙", "-1.22", "59.63"),
    ("丁", "2.76", "58.34"), ("戊", "-0.52", "59.84"), ("己", "-4.69", "58.59"),
])
def test_the_scores_of_the_composite_example(bidder, delta, score):
    found = deviation(PRICES[bidder], D(10072500))
    assert (str(found), str(price_score(found, SIXTY))) == (delta, score)


@pytest.mark.parametrize(("prices", "mean", "trimmed"), [
    ((100, 103, 98), "100.33", 0), ((98, 100, 103, 110), "101.50", 2), ((100,), "100.00", 0),
])
def test_trimming_begins_with_the_fourth_price(prices, mean, trimmed):
    pool = tuple((str(number), D(price)) for number, price in enumerate(prices))
    found, dropped = trimmed_mean(pool)
    assert (str(found), len(dropped)) == (mean, trimmed)


def test_equal_extremes_lose_one_bidder_each():
    _, dropped = trimmed_mean((("A", D(1)), ("B", D(1)), ("C", D(1)), ("D", D(1))))
    assert len(set(dropped)) == 2


def test_the_steps_show_the_calculation():
    steps = price_table(PRICES, HUNDRED, D(1)).steps()
    assert steps[1].formula == "丁 10,350,000.00 元、己 9,600,000.00 元"
    assert [step.result for step in steps] == ["6 家", "余 4 家", "9,967,500.00 元", "9,867,825.00 元"]
    assert steps[2].formula.endswith("÷ 4")
    assert steps[3].formula == "9,967,500.00 × (1 - 1%)"
    assert price_table(PRICES, HUNDRED, D(1)).row("乙").formula(D(100)) == "100 - |2.35| × 1 = 97.65"


def test_rejected_prices_are_scored_against_a_base_they_did_not_make():
    table = price_table(PRICES, HUNDRED, D(1), frozenset({"甲", "乙", "丙"}))
    assert table.mean == D("9950000.00")
    assert not table.row("丁").in_pool
    assert table.row("甲").in_pool


@pytest.mark.parametrize(("prices", "k", "pool"), [
    (PRICES, D(2), None), (PRICES, D(1), frozenset()), ({"甲": D(0)}, D(1), None), ({}, D(1), None),
])
def test_a_table_is_not_made_from_unstated_or_empty_terms(prices, k, pool):
    with pytest.raises(Refusal) as caught:
        price_table(prices, HUNDRED, k, pool)
    assert caught.value.rule == "METHOD"


@given(MANY_PRICES, st.sampled_from([HUNDRED, SIXTY]))
def test_scores_lie_between_nothing_and_full_and_order_of_input_is_nothing(prices, parameters):
    table = price_table(prices, parameters, D(1))
    assert all(0 <= row.score <= parameters.full_score for row in table.rows)
    assert min(prices.values()) * D("0.98") <= table.base + D("0.01")
    assert table.base <= max(prices.values())
    shuffled = dict(sorted(prices.items(), key=lambda pair: pair[0][::-1], reverse=True))
    assert price_table(shuffled, parameters, D(1)).to_json() == table.to_json()


@given(MANY_PRICES)
def test_nearer_prices_on_one_side_score_no_less(prices):
    rows = price_table(prices, HUNDRED, D(1)).rows
    above = [row.score for row in rows if row.delta > 0]
    below = [row.score for row in rows if row.delta <= 0]
    assert above == sorted(above, reverse=True)
    assert below == sorted(below)


@pytest.mark.parametrize(("changes", "field"), [
    ({"full_score": D(0)}, "full_score"), ({"above": D(0)}, "above"), ({"below": D(-1)}, "below"),
    ({"above": D("0.4")}, "above"), ({"k_choices": ()}, "k_choices"), ({"k_choices": (D(1), D("1.0"))}, "k_choices"),
    ({"k_choices": (D(100),)}, "k_choices"),
])
def test_unusable_parameters_name_their_field(changes, field):
    with pytest.raises(Refusal) as caught:
        replace(HUNDRED, **changes).validate()
    assert caught.value.field == field
