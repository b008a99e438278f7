"""The published order is a pure function of public facts; a change holds exactly what the original does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.crypto.hazmat import sm3
from gongheng.trading.coordination import rules
from gongheng.trading.coordination.rules import Candidate

LOT = "A3701000001000001001001"
SENT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
counts = st.integers(0, 5)
centres = st.lists(
    st.builds(Candidate, st.sampled_from([f"37{city:02d}00" for city in range(1, 18)]), counts, counts, counts),
    unique_by=lambda one: one.region, max_size=17,
)
minutes = st.integers(0, 600).map(lambda value: SENT + timedelta(minutes=value))
periods = st.tuples(minutes, minutes).filter(lambda pair: pair[0] < pair[1])


@given(centres, st.permutations(range(17)), st.integers(1, 5))
def test_the_order_does_not_depend_on_how_the_centres_are_listed(found, shuffle, seats):
    shuffled = [found[index] for index in shuffle if index < len(found)]
    assert rules.fair_order(found, lot=LOT, seats=seats) == rules.fair_order(shuffled, lot=LOT, seats=seats)


@given(centres, st.integers(1, 5))
def test_exactly_those_with_enough_seats_are_asked_and_who_carried_less_comes_first(found, seats):
    ranked = rules.fair_order(found, lot=LOT, seats=seats)
    assert set(ranked) == {one for one in found if one.free >= seats}
    for one, other in pairwise(ranked):
        assert (one.confirmed, one.declined) <= (other.confirmed, other.declined)


@given(centres.filter(bool), st.data(), st.sampled_from(["confirmed", "declined"]))
def test_who_carried_or_declined_one_more_never_moves_forward(found, data, field):
    one = data.draw(st.sampled_from(found))
    more = replace(one, **{field: getattr(one, field) + 1})
    before = rules.fair_order(found, lot=LOT, seats=0)
    after = rules.fair_order([more if other == one else other for other in found], lot=LOT, seats=0)
    assert after.index(more) >= before.index(one)
    # Nobody else changes places with another.
    assert [other for other in before if other != one] == [other for other in after if other != more]


@given(centres.filter(bool), st.data())
def test_more_free_seats_never_cost_a_centre_its_place(found, data):
    one = data.draw(st.sampled_from(found))
    more = replace(one, free=one.free + 1)
    before = rules.fair_order(found, lot=LOT, seats=3)
    after = rules.fair_order([more if other == one else other for other in found], lot=LOT, seats=3)
    if one in before:
        assert after.index(more) == before.index(one)


def test_equals_are_decided_by_a_digest_that_anybody_can_compute():
    equal = [Candidate(region, 4, 1, 0) for region in ("370200", "370300", "370600")]
    assert rules.tie_break(LOT, "370200") == sm3.digest(f"ggzy/venue-tie-of-lot/v1\n{LOT}\n370200".encode()).hex()
    ranked = rules.fair_order(equal, lot=LOT, seats=2)
    assert ranked == sorted(equal, key=lambda one: rules.tie_break(LOT, one.region))
    orders = {tuple(rules.fair_order(equal, lot=f"A{serial:022d}", seats=2)) for serial in range(60)}
    assert len(orders) == 6  # another lot, another order: nobody is always first


@given(periods, periods)
def test_the_remainder_and_what_is_held_cover_what_is_wanted_without_overlap(wanted, held):
    parts = rules.remainder(wanted, held)
    at = wanted[0]
    while at < wanted[1]:
        in_parts = sum(start <= at < end for start, end in parts)
        assert in_parts == (0 if held[0] <= at < held[1] else 1)
        at += timedelta(minutes=1)


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (timedelta(hours=24), [timedelta(hours=12), timedelta(hours=23, minutes=50)]),
        (timedelta(minutes=20), [timedelta(minutes=10)]),
        (timedelta(minutes=6), [timedelta(minutes=3)]),
    ],
)
def test_a_centre_is_reminded_at_half_time_and_shortly_before_the_end(until, expected):
    found, told = [], None
    while (told := rules.next_reminder(SENT, SENT + until, told)) is not None:
        found.append(told - SENT)
    assert found == expected


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=40))
def test_nine_in_ten_answers_are_not_slower_than_the_percentile(values):
    slow = rules.percentile(values, 90)
    assert slow in values
    assert 10 * sum(value <= slow for value in values) >= 9 * len(values)
    assert 10 * sum(value < slow for value in values) < 9 * len(values)


def test_without_answers_there_is_no_percentile():
    assert rules.percentile([], 90) is None
