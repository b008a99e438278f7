"""Service days, seats apart, and the seat that a number draws."""

from collections import Counter
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.kernel.refusal import Refusal
from gongheng.places.venues import rules

MONDAY_TO_FRIDAY = [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("day", "weekdays", "reason"), [
    (date(2026, 3, 2), MONDAY_TO_FRIDAY, ""), (date(2026, 3, 7), MONDAY_TO_FRIDAY, "非服务日"),
    (date(2026, 3, 7), [6], ""), (date(2026, 10, 1), MONDAY_TO_FRIDAY, "法定节假日"),
    (date(2026, 10, 10), MONDAY_TO_FRIDAY, ""),  # a Saturday worked in exchange for the holiday
    (date(2026, 3, 3), MONDAY_TO_FRIDAY, "检修"),
])
def test_a_centre_serves_on_its_weekdays_but_holidays_and_closed_days(day, weekdays, reason):
    assert rules.why_closed(day, weekdays=weekdays, closed_days={date(2026, 3, 3): "检修"}) == reason


@pytest.mark.parametrize(("hour", "minute", "is_open"), [(8, 29, False), (8, 30, True), (17, 59, True), (18, 0, False)])
def test_a_session_begins_within_the_service_hours(hour, minute, is_open):
    moment = datetime(2026, 3, 2, hour - 8, minute, tzinfo=UTC)
    hours = {"weekdays": MONDAY_TO_FRIDAY, "opens_at": time(8, 30), "closes_at": time(18), "closed_days": {}}
    if is_open:
        rules.check_service(moment, **hours)
    else:
        with pytest.raises(Refusal, match="08:30–18:00"):
            rules.check_service(moment, **hours)


@given(st.sets(st.text("abc", min_size=1, max_size=3), min_size=1), st.binary(min_size=16, max_size=64))
def test_the_seat_drawn_is_one_of_them_whatever_their_order(seats, number):
    drawn = rules.drawn_seat(sorted(seats), number)
    assert drawn in seats
    assert drawn == rules.drawn_seat(sorted(seats, reverse=True), number)


def test_every_seat_is_drawn_as_often():
    drawn = Counter(rules.drawn_seat("abc", number.to_bytes(32, "big")) for number in range(300))
    assert drawn == {"a": 100, "b": 100, "c": 100}


def test_no_seat_and_a_short_number_are_refused():
    with pytest.raises(Refusal, match="SEATS"):
        rules.drawn_seat([], bytes(32))
    with pytest.raises(ValueError, match="favours"):
        rules.drawn_seat(["a"], bytes(15))


def test_experts_of_one_lot_sit_apart():
    rules.check_apart([("a", "m", True), ("b", "n", True), ("c", "p", False), ("d", "p", False)], [("a", "x")])
    for seats, links in (
        ([("a", "m", True), ("b", "m", True)], []), ([("a", "m", True), ("b", "n", True)], [("b", "a")]),
    ):
        with pytest.raises(Refusal, match="SEATS-MEET"):
            rules.check_apart(seats, links)


@pytest.mark.parametrize(("days", "words"), [
    ([1, 2, 3, 4, 5], "周一至周五"), ([7, 6, 5, 4, 3, 2, 1], "周一至周日"), ([1, 3], "周一、周三"),
    ([6, 7], "周六、周日"),
])
def test_weekdays_are_written_as_people_do(days, words):
    assert rules.weekdays_in_words(days) == words
