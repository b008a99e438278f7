"""The committee's arithmetic: method, votes, means, prompts and a total order."""

import json
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.kernel.refusal import Refusal
from gongheng.trading.evaluation import rules
from gongheng.trading.evaluation.method import BUILDING_CONSTRUCTION, EvaluationMethod, Item
from gongheng.trading.evaluation.pricing import BasePool
from gongheng.trading.evaluation.rules import Competition, DecidedBy, Standing

D = Decimal
METHOD = BUILDING_CONSTRUCTION
SEVEN = {f"E{n}": D(score) for n, score in enumerate((82, 85, 88, 79, 90, 84, 97), 1)}
FULL_SHEET = {factor.id: factor.max for factor in METHOD.factors}


def refusal_of(act, *arguments) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act(*arguments)
    return caught.value


# ------------------------------------------------------------------ method

def test_the_template_is_usable_and_survives_json():
    METHOD.validate()
    assert EvaluationMethod.from_json(json.loads(json.dumps(METHOD.to_json(), ensure_ascii=False))) == METHOD


def test_the_json_holds_no_float():
    def walk(value):
        assert isinstance(value, (str, bool, list, dict))
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(part)
    walk(METHOD.to_json())


@pytest.mark.parametrize(("changes", "field"), [
    ({"technical_weight": D(41)}, "technical_weight"), ({"factors": METHOD.factors[1:]}, "factors"),
    ({"technical_weight": D(-1), "price_weight": D(101)}, "technical_weight"),
    ({"price": replace(METHOD.price, full_score=D(100))}, "full_score"), ({"form": ()}, "form"),
    ({"qualification": (Item("Z1", "营业执照", " "),)}, "qualification"),
    ({"response": (Item("X1", "工期", "2.1.3"),)}, "factors"), ({"prompt_percent": D(0)}, "prompt_percent"),
    ({"price": replace(METHOD.price, k_choices=())}, "k_choices"),
    ({"factors": (replace(METHOD.factors[0], max=D(0)), *METHOD.factors[1:-1],
                  replace(METHOD.factors[-1], max=D(11)))}, "factors"),
])
def test_a_method_that_does_not_add_up_names_its_field(changes, field):
    refusal = refusal_of(replace(METHOD, **changes).validate)
    assert (refusal.rule, refusal.field) == ("METHOD", field)


# ------------------------------------------------------------------ preliminary review

@given(st.lists(st.booleans(), min_size=5, max_size=9).filter(lambda votes: len(votes) % 2))
def test_the_majority_concludes_and_the_minority_is_named(votes):
    sheet = {f"E{n}": vote for n, vote in enumerate(votes)}
    conclusion = rules.conclude_item("X1", sheet, sheet)
    assert conclusion.has_passed == (votes.count(True) > len(votes) / 2)
    assert set(conclusion.dissenters) == {name for name, vote in sheet.items() if vote != conclusion.has_passed}


@pytest.mark.parametrize("votes", [{"A": True}, {"A": True, "B": True, "C": True}, {"A": True, "B": False}])
def test_missing_foreign_and_even_votes_conclude_nothing(votes):
    assert refusal_of(rules.conclude_item, "X1", votes, ["A", "B"]).rule == "PRELIM"


def test_one_failed_item_rejects_the_bid():
    committee = ["A", "B", "C"]
    votes = {item.id: dict.fromkeys(committee, True) for item in METHOD.items}
    assert rules.has_passed(rules.conclude_preliminary(METHOD, votes, committee))
    votes["Z2"] = {"A": False, "B": False, "C": True}
    conclusions = rules.conclude_preliminary(METHOD, votes, committee)
    assert [row.item for row in conclusions if not row.has_passed] == ["Z2"]
    assert not rules.has_passed(conclusions)
    del votes["R1"]
    assert refusal_of(rules.conclude_preliminary, METHOD, votes, committee).field == "R1"


@pytest.mark.parametrize(("valid", "lacking", "outcome"), [
    (3, None, Competition.CONTINUES), (2, None, Competition.COMMITTEE_DECIDES), (2, True, Competition.ALL_REJECTED),
    (1, False, Competition.CONTINUES), (0, False, Competition.ALL_REJECTED),
])
def test_fewer_than_three_valid_bids_ask_the_committee(valid, lacking, outcome):
    assert rules.competition(valid, 3, lacking) is outcome


# ------------------------------------------------------------------ technical scores

def test_the_worked_example_of_means():
    assert rules.technical_score(SEVEN, drops_extremes=False).score == D("86.43")
    trimmed = rules.technical_score(SEVEN, drops_extremes=True)
    assert (trimmed.score, set(trimmed.dropped)) == (D("85.80"), {"E7", "E4"})


def test_six_experts_lose_nobody():
    six = dict(list(SEVEN.items())[:6])
    assert rules.technical_score(six, True) == rules.technical_score(six, False)
    assert refusal_of(rules.technical_score, {}, True).rule == "SCORE"


def test_the_worked_example_of_the_prompt():
    prompts = rules.deviation_prompts(SEVEN, D(10))
    assert [(row.expert, str(row.deviation)) for row in prompts] == [("E7", "12.23")]
    assert rules.deviation_prompts(dict.fromkeys(SEVEN, D(0)), D(10)) == ()
    assert rules.deviation_prompts({"A": D(90), "B": D(110)}, D(10)) == ()
    assert len(rules.deviation_prompts({"A": D("89.99"), "B": D("110.01")}, D(10))) == 2


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=9))
def test_the_score_lies_between_the_lowest_and_the_highest(points):
    totals = {f"E{n}": D(value) / 100 for n, value in enumerate(points)}
    for drops in (True, False):
        assert min(totals.values()) <= rules.technical_score(totals, drops).score <= max(totals.values())


def test_a_full_sheet_gives_the_technical_weight():
    assert rules.sheet_total(METHOD, FULL_SHEET) == METHOD.technical_weight


@pytest.mark.parametrize(("factor", "points"), [
    ("F1", D("9.01")), ("F1", D(-1)), ("F8", D(1)), ("F2", D("1.005")), ("F2", None), ("F9", D(1)),
])
def test_a_sheet_with_a_wrong_line_is_refused(factor, points):
    sheet = {**FULL_SHEET, factor: points}
    if points is None:
        del sheet[factor]
    refusal = refusal_of(rules.sheet_total, METHOD, sheet)
    assert (refusal.rule, refusal.field) == ("SCORE", factor)


# ------------------------------------------------------------------ prices

def test_the_pool_is_what_the_document_says():
    prices = {"A": D(100), "B": D(110), "C": D(120), "D": D(300)}
    passed = frozenset("ABC")
    by_passed = rules.score_prices(METHOD, prices, passed, D(1))
    opened = replace(METHOD, price=replace(METHOD.price, base_pool=BasePool.OPENED))
    by_opened = rules.score_prices(opened, prices, passed, D(1))
    assert (by_passed.mean, by_opened.mean) == (D("110.00"), D("115.00"))
    assert {row.bidder for row in by_opened.rows} == passed


# ------------------------------------------------------------------ ranking

STANDINGS = st.lists(
    st.builds(lambda technical, score, price: (D(technical), D(score), D(price)),
              st.integers(30, 33), st.integers(50, 53), st.integers(100, 102)),
    min_size=1, max_size=8,
).map(lambda rows: [Standing(f"B{n}", *row) for n, row in enumerate(rows)])


def test_ties_fall_to_price_then_technical_then_lots():
    bids = [
        Standing("lots2", D(30), D(50), D(90)), Standing("best", D(35), D(55), D(100)),
        Standing("cheap", D(30), D(50), D(80)), Standing("skilled", D(31), D(49), D(90)),
        Standing("lots1", D(30), D(50), D(90)),
    ]
    assert rules.ties_needing_lots(bids) == (("lots1", "lots2"),)
    ranking = rules.rank(bids, {"lots1": 2, "lots2": 1})
    assert [(row.standing.bidder, row.decided_by) for row in ranking] == [
        ("best", DecidedBy.FIRST), ("cheap", DecidedBy.TOTAL), ("skilled", DecidedBy.PRICE),
        ("lots2", DecidedBy.TECHNICAL), ("lots1", DecidedBy.LOTS),
    ]
    assert [row.rank for row in rules.candidates(ranking)] == [1, 2, 3]


@pytest.mark.parametrize("lots", [None, {"A": 1}, {"A": 1, "B": 1}])
def test_a_full_tie_without_a_drawn_order_is_not_ranked(lots):
    bids = [Standing("A", D(30), D(50), D(90)), Standing("B", D(30), D(50), D(90))]
    refusal = refusal_of(rules.rank, bids, lots)
    assert refusal.rule == "TIE"
    assert "A、B" in refusal.message


@given(STANDINGS, st.randoms(use_true_random=False))
def test_the_ranking_is_a_total_order_that_input_order_cannot_change(bids, random):
    lots = {bid.bidder: number for number, bid in enumerate(bids)}
    shuffled = list(bids)
    random.shuffle(shuffled)
    ranking = rules.rank(bids, lots)
    assert rules.rank(shuffled, lots) == ranking
    for above, below in pairwise(ranking):
        assert above.standing.total >= below.standing.total
        if above.standing.total == below.standing.total:
            assert above.standing.price <= below.standing.price
