"""Item prices: copies are found; a shared cost database and common fixed sums are not."""

import numpy as np
import pytest

from gongheng.screening.items import Bill, Item, Line, findings

ITEMS = 400


def bills(prices: np.ndarray) -> list[Bill]:
    return [
        Bill(f"F{row}", {f"{place:04}": Line(round(float(price), 2)) for place, price in enumerate(own)}, "清单.xlsx")
        for row, own in enumerate(prices)
    ]


def market(seed: int, firms: int = 5, own: float = 0.08) -> np.ndarray:
    """Honest prices from one cost database, each firm with its level and its own adjustments."""
    random = np.random.default_rng(seed)
    cost = random.normal(4, 1.2, ITEMS)
    return np.exp(cost + random.normal(0, 0.05, (firms, 1)) + random.normal(0, own, (firms, ITEMS)))


def spoke(said, code: str) -> list[tuple[str, ...]]:
    return sorted(one.parties for one in said.findings if one.indicator == code)


@pytest.mark.parametrize("part", [0.3, 0.65, 1.0])
def test_prices_copied_with_one_factor_are_found(part):
    prices = market(3)
    hit = np.random.default_rng(4).random(ITEMS) < part
    prices[3, hit] = prices[1, hit] * 1.037
    said = findings(bills(prices))
    assert spoke(said, "P31") == [("F1", "F3")]
    found = next(one for one in said.findings if one.indicator == "P31")
    assert found.value == pytest.approx(part, abs=0.08)
    assert {fact.source for fact in found.facts} == {"清单.xlsx", "分项报价比对"}


@pytest.mark.parametrize("seed", range(5))
def test_a_shared_cost_database_is_innocent(seed):
    assert spoke(findings(bills(market(seed))), "P31") == []


def test_unchanged_defaults_of_one_database_are_innocent_when_all_keep_them():
    random = np.random.default_rng(8)
    prices = np.exp(random.normal(4, 1, ITEMS)) * np.where(
        random.random((6, ITEMS)) < 0.6, 1.0, np.exp(random.normal(0, 0.1, (6, ITEMS)))
    )
    assert spoke(findings(bills(prices)), "P31") == []


def test_fixed_sums_do_not_count():
    prices = market(5)
    prices[:, :200] = 1000.0
    assert spoke(findings(bills(prices)), "P31") == []


def test_shuffled_items_say_nothing():
    prices = market(6)
    prices[1] = prices[0] * 1.05
    prices[1] = np.random.default_rng(1).permutation(prices[1])
    assert spoke(findings(bills(prices)), "P31") == []


def test_few_items_and_single_bidders_are_unknown():
    said = findings(bills(market(1)[:, :20]))
    assert [one.indicator for one in said.unknown] == ["P31", "P32", "P33"]
    assert findings(bills(market(1)[:1])).findings == ()


def test_zero_negative_and_absurd_prices_are_not_compared():
    rows = bills(market(2, firms=2))
    for place in range(380):
        rows[0].lines[f"{place:04}"] = Line((0.0, -3.0, float("inf"), float("nan"))[place % 4])
    assert findings(rows).unknown[0].indicator == "P31"


def test_the_same_wrong_sum_and_the_same_changed_quantity_are_found():
    items = [Item(f"{place:04}", 10.0, "m") for place in range(40)]

    def bill(firm: str, price: float, wrong: dict[str, float], quantity: dict[str, float]) -> Bill:
        lines = {}
        for item in items:
            count = quantity.get(item.number, 10.0)
            lines[item.number] = Line(price, count, "m", wrong.get(item.number, round(count * price, 2)))
        return Bill(firm, lines, f"{firm}.xlsx")

    wrong = {"0003": 777.0, "0009": 1234.5}
    rows = [
        bill("A", 30.11, wrong, {"0020": 12.0}), bill("B", 31.07, wrong, {"0020": 12.0}),
        bill("C", 29.5, {"0005": 400.0}, {}),
    ]
    said = findings(rows, items=items)
    assert spoke(said, "P32") == [("A", "B")]
    assert next(one.value for one in said.findings if one.indicator == "P32") == 2
    assert spoke(said, "P33") == [("A", "B")]
    # A third bidder with the same change means that the tender itself was changed.
    rows[2] = bill("C", 29.5, {}, {"0020": 12.0})
    assert spoke(findings(rows, items=items), "P33") == []
