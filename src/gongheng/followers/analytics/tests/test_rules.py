"""The month's budget, ranks, reasons and reliability, without a database."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.followers.analytics import rules
from gongheng.kernel.refusal import Refusal

VALUES = st.lists(st.tuples(st.floats(0, 100), st.booleans()), min_size=1, max_size=60)


def ranked(values) -> dict:
    rows = [(place, value, 1.0, statutory) for place, (value, statutory) in enumerate(values)]
    return rules.standings(rows, [0.0] * len(rows))


def test_the_budget_is_that_of_the_first_model_in_use():
    assert rules.budget(6848) == (555, 17)
    assert rules.budget(10) == (1, 0)


@given(VALUES)
def test_alerts_stay_within_the_budget_but_for_ties_and_statutory_facts(values):
    found = ranked(values)
    warned, _ = rules.budget(len(values))
    by_value = [place for place, one in found.items() if one.band != rules.CALM and not values[place][1]]
    # Whoever is alerted stands no lower than the budget; nobody below the prior is.
    assert all(found[place].rank <= warned and values[place][0] > 1.0 for place in by_value)
    assert all(found[place].band == rules.KEY for place, (_, statutory) in enumerate(values) if statutory)


@given(VALUES)
def test_a_higher_index_never_ranks_lower(values):
    found = ranked(values)
    for one in found:
        for other in found:
            if values[one][0] > values[other][0]:
                assert found[one].rank < found[other].rank


def test_a_reason_says_something():
    with pytest.raises(Refusal) as caught:
        rules.check_reason("  不成立  ")
    assert (caught.value.rule, caught.value.field) == ("REASON", "reason")
    assert rules.check_reason(" 经核查，三家均使用同一信息价。 ") == "经核查，三家均使用同一信息价。"


def test_reliability_waits_for_enough_verdicts():
    random = Random(4)
    rows = [(value, random.random() < value / 100) for value in (random.uniform(0, 100) for _ in range(2000))]
    assert rules.reliability(rows[: rules.ENOUGH_LABELS - 1]) == ()
    bins = rules.reliability(rows)
    assert sum(one.count for one in bins) == 2000
    assert rules.calibration_error(bins) < 0.04  # said and true by construction
    overstated = rules.reliability([(value, truth and random.random() < 0.3) for value, truth in rows])
    assert rules.calibration_error(overstated) > 0.2
