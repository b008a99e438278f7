"""Who is eligible, what can be guessed, who is passed over."""

import pytest

from gongheng.kernel.refusal import Refusal
from gongheng.trading.draws import rules

MAIN = {"specialty": "A0801", "lives_in": [], "not_in": ["370200"]}
SUB = {"specialty": "A0801", "lives_in": ["370200"], "not_in": []}


def row(**changes) -> dict:
    attributes = {
        "specialties": ["A080101"],
        "city": "370100",
        "employer": "e",
        "past": ["p"],
        "is_in_pool": True,
        "is_busy": False,
    }
    return {"pid": "x", "weight": 1, "attributes": attributes | changes}


@pytest.mark.parametrize(
    ("changes", "in_main", "in_sub"),
    [
        ({}, True, False),
        ({"city": "370200"}, False, True),
        ({"city": "370600"}, True, False),
        ({"specialties": ["A080201", "A060101"]}, False, False),
        ({"specialties": ["A06", "A0801"]}, True, False),
        ({"is_in_pool": False}, False, False),
        ({"is_busy": True}, False, False),
        ({"employer": "avoided"}, False, False),
        ({"past": ["p", "avoided"]}, False, False),
    ],
)
def test_an_expert_is_eligible_by_specialty_place_and_avoidance(changes, in_main, in_sub):
    rows = [row(**changes)]
    assert (bool(rules.eligible(rows, MAIN, {"avoided"})), bool(rules.eligible(rows, SUB, {"avoided"}))) == (
        in_main,
        in_sub,
    )


def test_a_committee_that_could_be_guessed_is_refused():
    assert rules.check_guess_bound([(60, 5)]) == 22  # C(60,5) = 5,461,512
    assert rules.check_guess_bound([(40, 3), (60, 2)]) == 24
    for counts in ([(49, 5)], [(20, 2)], [(600, 5), (19, 2)], [(10, 1), (30, 3)], [(0, 1)]):
        with pytest.raises(Refusal, match="I6"):
            rules.check_guess_bound(counts)


def test_the_next_in_a_list_is_passed_over_only_for_a_stated_cause():
    assert rules.skip_cause("a", "e", {"b"}, {"f"}) is None
    assert rules.skip_cause("a", "e", {"a"}, set()) == "已在其他专业中抽到"
    assert rules.skip_cause("a", "e", set(), {"e"}) == "与已抽中专家同一工作单位"
