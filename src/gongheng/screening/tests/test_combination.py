"""The index: what can and what cannot make it high, and that it explains itself."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.screening import combination
from gongheng.screening.findings import Family, Finding, Said, Unknown

PRIOR = 0.01
weights = st.floats(-1, 8, allow_nan=False)


def said(*findings: tuple[str, tuple[str, ...], float]) -> Said:
    return Said(tuple(Finding(code, parties, 1.0, log_lr, ()) for code, parties, log_lr in findings), ())


def both(price: float, history: float) -> float:
    found = {Family.PRICE: said(("P1", (), price)), Family.HISTORY: said(("G1", ("甲", "乙"), history))}
    return combination.index(found, prior=PRIOR).value


def test_nothing_said_leaves_the_prior():
    assert combination.index({}, prior=PRIOR).value == pytest.approx(1.0)
    assert combination.index({Family.PRICE: Said((), ())}, prior=PRIOR).value == pytest.approx(1.0)


@given(st.lists(st.floats(0, 50), min_size=1, max_size=10))
def test_prices_alone_never_reach_a_warning_at_one_per_cent(log_lrs):
    found = {Family.PRICE: said(*((f"P{n}", (), one) for n, one in enumerate(log_lrs, start=1)))}
    assert combination.index(found, prior=PRIOR).value < combination.WARNING


def test_two_independent_families_can_reach_a_warning():
    assert both(math.log(60), math.log(20)) > combination.WARNING


@given(weights, weights, st.floats(0, 3))
def test_more_evidence_never_lowers_the_index(price, history, more):
    assert both(price + more, history) >= both(price, history)
    assert both(price, history + more) >= both(price, history)


@given(st.lists(weights, max_size=6), st.integers(0, 5), st.floats(0, 3))
def test_a_family_is_monotone_in_each_of_its_signs_and_stays_in_its_bounds(log_lrs, place, more):
    for family in Family:
        total = combination.combined(log_lrs, family)
        assert combination.FLOOR <= total <= combination.CAPS[family]
        if place < len(log_lrs):
            raised = [one + more * (number == place) for number, one in enumerate(log_lrs)]
            assert combination.combined(raised, family) >= total - 1e-12


def test_ten_signs_that_see_the_same_count_little_more_than_one():
    assert combination.combined([2.0], Family.FINGERPRINT) == 2.0
    assert combination.combined([2.0] * 3, Family.FINGERPRINT) == pytest.approx(2.0 * (1 + 2 * combination.RHO))


def test_the_index_is_that_of_the_worst_coalition_and_not_of_everybody():
    found = {
        Family.FINGERPRINT: said(("F1", ("甲", "乙"), 3.0), ("F1", ("丙", "丁"), 2.0)),
        Family.HISTORY: said(("G1", ("丙", "丁"), 2.5), ("G1", ("甲", "丙"), 2.0)),
    }
    index = combination.index(found, prior=PRIOR)
    assert index.coalition == ("丙", "丁")
    assert sum(part.log_lr for part in index.families) == pytest.approx(4.5)


def test_a_finding_about_the_whole_tender_supports_every_coalition():
    found = {Family.PRICE: said(("P1", (), 2.0)), Family.FINGERPRINT: said(("F1", ("甲", "乙"), 3.0))}
    assert combination.index(found, prior=PRIOR).without[Family.FINGERPRINT] == pytest.approx(
        100 * combination.posterior(2.0, PRIOR)
    )


def test_without_a_family_the_index_may_rest_on_another_coalition():
    found = {
        Family.FINGERPRINT: said(("F1", ("甲", "乙"), 6.0)), Family.HISTORY: said(("G1", ("丙", "丁"), 2.0)),
    }
    index = combination.index(found, prior=PRIOR)
    assert index.coalition == ("甲", "乙")
    assert list(index.without) == [Family.FINGERPRINT]
    assert index.without[Family.FINGERPRINT] == pytest.approx(100 * combination.posterior(2.0, PRIOR))


def test_a_statutory_fact_stands_apart_and_sets_a_floor():
    found = {Family.MONEY_AND_PEOPLE: said((_statutory(), ("甲", "乙"), 0.5))}
    index = combination.index(found, prior=PRIOR)
    assert index.value == combination.STATUTORY_FLOOR
    assert [one.indicator for one in index.statutory] == [_statutory()]
    assert "法定" in index.sentence


def test_the_interval_holds_the_value_and_the_sentence_names_it():
    index = combination.index({Family.PRICE: said(("P1", (), 2.0), ("P5", (), 1.0))}, prior=PRIOR)
    assert index.low < index.value < index.high
    assert f"{index.value:.0f}" in index.sentence
    assert "不是认定" in index.sentence


def test_what_could_not_be_computed_is_named_and_counts_nothing():
    silent = Said((), (Unknown("G1", "没有开标时间"),))
    index = combination.index({Family.HISTORY: silent}, prior=PRIOR)
    assert index.value == pytest.approx(1.0)
    assert index.completeness.unknown[Family.HISTORY] == silent.unknown
    assert Family.PRICE in index.completeness.absent
    assert 0 < index.completeness.share < 1


def test_two_runs_agree_to_the_byte():
    found = {Family.PRICE: said(("P1", (), 2.0)), Family.HISTORY: said(("G1", ("甲", "乙"), 1.5))}
    turned = dict(reversed(found.items()))
    one, other = (json.dumps(combination.index(each, prior=PRIOR).to_json()) for each in (found, turned))
    assert one == other


@pytest.mark.parametrize("prior", [0, 1, -0.1])
def test_a_prior_that_is_none_is_refused(prior):
    with pytest.raises(ValueError, match="prior"):
        combination.index({}, prior=prior)


def test_relative_values_put_the_same_share_above_the_lines_whatever_the_scores():
    values = combination.relative([float(n) ** 3 for n in range(2000)])
    assert sum(one >= combination.WARNING for one in values) == pytest.approx(160, abs=1)
    assert sum(one >= combination.KEY_LEAD for one in values) == pytest.approx(5, abs=1)


def test_a_crowd_at_one_value_is_no_alarm():
    assert max(combination.relative([1.0] * 50)) == 0.0


def _statutory() -> str:
    return next(code for code, one in combination.indicators().items() if one.is_statutory and code.startswith("M"))
