"""Who is eligible and on which ground not, what can be guessed, who is passed over, how far is too far."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import cities
from gongheng.trading.draws import rules, travel
from gongheng.trading.draws.rules import Row
from gongheng.trust.certificates.tests.issuing import NOW
from tools.verify.draw import sift

NEAR = ["370100", "370200", "370600"]
MAIN = {"specialty": "A0801", "lives_in": [], "not_in": ["370200"], "within": NEAR}
SUB = {"specialty": "A0801", "lives_in": ["370200"], "not_in": [], "within": NEAR}
AVOIDED = {"own": "EMPLOYER", "bid": "BIDDER", "sister": "GROUP", "named": "NAMED", "staff": "STAFF"}
FREE = Row("x", ("A080101",), "370100", "e", ("p",), True, "")


@pytest.mark.parametrize(
    ("changes", "in_main", "in_sub"),
    [
        ({}, True, False),
        ({"city": "370200"}, False, True),
        ({"city": "370600"}, True, False),
        ({"specialties": ("A080201", "A060101")}, False, False),
        ({"specialties": ("A06", "A0801")}, True, False),
        ({"is_in_pool": False}, False, False),
        ({"busy": "LEAVE"}, False, False),
        ({"employer": "own"}, False, False),
        ({"past": ("p", "own")}, False, False),
    ],
)
def test_an_expert_is_eligible_by_specialty_place_and_avoidance(changes, in_main, in_sub):
    rows = [FREE._replace(**changes)]
    assert [rules.sift(rows, one, AVOIDED)[0] == rows for one in (MAIN, SUB)] == [in_main, in_sub]


@pytest.mark.parametrize(
    ("changes", "ground"),
    [
        ({}, None),
        ({"is_in_pool": False}, "STATE"), ({"busy": "WEEK"}, "WEEK"), ({"city": "371000"}, "TRAVEL"),
        ({"pid": "named"}, "NAMED"), ({"pid": "staff"}, "STAFF"),
        ({"employer": "own"}, "EMPLOYER"), ({"employer": "bid"}, "BIDDER"), ({"employer": "sister"}, "GROUP"),
        ({"past": ("own",)}, "PAST"), ({"past": ("p", "bid")}, "BIDDER"), ({"past": ("sister",)}, "GROUP"),
        ({"city": "371000", "employer": "own"}, "TRAVEL"),
    ],
)
def test_every_ground_keeps_out_under_its_own_name(changes, ground):
    found, kept_out = rules.sift([FREE._replace(**changes)], MAIN, AVOIDED)
    assert (len(found), kept_out) == ((0, {ground: 1}) if ground else (1, {}))
    assert ground is None or rules.GROUNDS[ground]


_TOKENS = st.sampled_from(["e", "p", *AVOIDED])
_ROWS = st.builds(
    Row, _TOKENS, st.sampled_from([("A080101",), ("A06",), ("A06", "A0801")]), st.sampled_from([*NEAR, "371000"]),
    _TOKENS, st.lists(_TOKENS, max_size=2).map(tuple), st.booleans(), st.sampled_from(["", "", "SEAT"]),
)


@given(st.lists(_ROWS, max_size=30))
def test_the_verifier_sifts_as_the_platform_does(rows):
    published = [
        {"pid": row.pid, "attributes": {
            "specialties": list(row.specialties), "city": row.city, "employer": row.employer, "past": list(row.past),
            "is_in_pool": row.is_in_pool, "is_busy": bool(row.busy), "busy": row.busy,
        }}
        for row in rows
    ]
    for stratum in (MAIN, SUB):
        found, kept_out = rules.sift(rows, stratum, AVOIDED)
        again, counted = sift({"pool": {"rows": published, "avoided": AVOIDED}}, stratum)
        assert [row.pid for row in found] == [row["pid"] for row in again]
        assert kept_out == counted


def test_the_way_is_short_at_home_and_too_long_across_the_province():
    places = [one.code for one in cities()]
    assert travel.way("370100", "370100") == timedelta(minutes=30)
    assert all(travel.way(one, other) == travel.way(other, one) for one in places for other in places)
    assert "371000" not in travel.cities_within("370102", rules.LONGEST_TRAVEL)
    assert "371000" in travel.cities_within("370602", rules.LONGEST_TRAVEL)
    assert travel.cities_within("370000", timedelta(hours=1)) == travel.cities_within("370100", timedelta(hours=1))
    assert travel.cities_within("370102", timedelta(minutes=29)) == []


def test_an_urgent_draw_leaves_less_time_for_the_way():
    starts_at = NOW + timedelta(minutes=90)
    assert rules.travel_time("urgent", starts_at, NOW) == timedelta(minutes=80)
    assert rules.travel_time("appointment", starts_at, NOW) == rules.LONGEST_TRAVEL


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
