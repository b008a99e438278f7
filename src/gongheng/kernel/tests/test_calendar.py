"""Periods: right on the published calendars, lawful on any random one."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.kernel import calendar as c
from gongheng.kernel.clock import SHANGHAI

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 364).map(lambda n: FIRST + timedelta(n))
MOMENTS = st.builds(
    lambda day, minute: datetime.combine(day, time(minute // 60, minute % 60), SHANGHAI).astimezone(UTC),
    DAYS, st.integers(0, 1439),
)
CALENDARS = st.builds(
    lambda rest, work: c.Calendar(frozenset(rest) - frozenset(work), frozenset(work), frozenset(range(2025, 2029))),
    st.sets(DAYS, max_size=40), st.sets(DAYS, max_size=20),
)
UNITS = st.sampled_from(c.Unit)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(("day", "works"), [
    (date(2025, 1, 26), True), (date(2025, 2, 8), True), (date(2025, 1, 28), False), (date(2025, 10, 8), False),
    (date(2026, 1, 4), True), (date(2026, 1, 2), False), (date(2026, 2, 14), True), (date(2026, 2, 23), False),
    (date(2026, 2, 24), True), (date(2026, 5, 9), True), (date(2026, 9, 20), True), (date(2026, 10, 10), True),
    (date(2026, 11, 21), False), (date(2026, 11, 23), True), (date(2027, 2, 8), False), (date(2030, 10, 1), False),
])
def test_published_days(day, works):
    assert c.is_working_day(day) is works


def test_swapped_days_are_weekend_days_and_no_day_is_both():
    calendar = c.STATE_COUNCIL
    assert all(day.weekday() >= 5 for day in calendar.work)
    assert not calendar.work & calendar.rest


def test_unpublished_years_are_provisional():
    assert [c.STATE_COUNCIL.is_provisional(date(year, 6, 1)) for year in (2025, 2026, 2027, 2028)] == [
        False, False, True, True]


def test_a_period_ends_at_midnight_of_its_last_day_and_moves_off_rest_days():
    # Friday 2026-03-06 + 3 days = Monday; + 2 days = Sunday, moved to Monday.
    assert c.period_end(at(2026, 3, 6, 9, 30), 3, c.CALENDAR) == at(2026, 3, 10)
    assert c.period_end(at(2026, 3, 6, 23, 59), 2, c.CALENDAR) == at(2026, 3, 10)
    assert c.period_end(at(2026, 3, 6, 9), 3, c.WORKING) == at(2026, 3, 12)
    # The spring holiday of nine days: the third working day after 13 February is 25 February.
    assert c.period_end(at(2026, 2, 13, 9), 3, c.WORKING) == at(2026, 2, 26)


def test_the_shanghai_day_counts_not_the_utc_day():
    # 07:30 in Shanghai is still the day before in UTC.
    assert c.period_end(datetime(2026, 3, 1, 23, 30, tzinfo=UTC), 1, c.CALENDAR) == at(2026, 3, 4)


def test_exactly_n_days_before_is_still_before():
    deadline = at(2026, 3, 21, 9, 30)
    assert c.latest_before(deadline, 10) == at(2026, 3, 12)
    assert at(2026, 3, 11, 9, 30) <= c.latest_before(deadline, 10) < at(2026, 3, 12, 0, 1)


def test_moments_without_a_zone_are_programming_errors():
    with pytest.raises(ValueError, match="time zone"):
        c.period_end(at(2026, 3, 1).replace(tzinfo=None), 1, c.CALENDAR)


@pytest.mark.parametrize(("moment", "words"), [
    (at(2026, 3, 10), "2026年3月9日 24:00"), (at(2026, 3, 10, 9, 5), "2026年3月10日 09:05"),
])
def test_moments_in_words(moment, words):
    assert c.in_words(moment) == words


@given(CALENDARS, MOMENTS, st.integers(1, 40), UNITS)
def test_a_period_ends_on_a_working_day_after_at_least_n_days(calendar, start, n, unit):
    end = c.period_end(start, n, unit, calendar)
    last = c.day_of(end - timedelta(microseconds=1))
    assert calendar.is_working_day(last)
    assert end == c.end_of(last)
    between = [c.day_of(start) + timedelta(i + 1) for i in range((last - c.day_of(start)).days)]
    if unit is c.WORKING:
        assert sum(map(calendar.is_working_day, between)) == n
    else:
        assert len(between) >= n
        # No day was given away: all days past the n-th but the last are rest days.
        assert not any(map(calendar.is_working_day, between[n - 1:-1]))


@given(CALENDARS, MOMENTS, st.integers(1, 40), UNITS)
def test_longer_periods_end_no_earlier(calendar, start, n, unit):
    assert c.period_end(start, n, unit, calendar) <= c.period_end(start, n + 1, unit, calendar)


@given(CALENDARS, MOMENTS, st.integers(0, 40), UNITS)
def test_counting_back_keeps_the_distance(calendar, deadline, n, unit):
    latest = c.latest_before(deadline, n, unit, calendar)
    day = c.day_of(latest - timedelta(microseconds=1))

    def counted(first: date) -> int:
        after = [first + timedelta(i + 1) for i in range((c.day_of(deadline) - first).days)]
        return len(after) if unit is c.CALENDAR else sum(map(calendar.is_working_day, after))

    assert counted(day) >= n
    # And no later day would do.
    assert n == 0 or counted(day + timedelta(1)) < n


@given(CALENDARS, MOMENTS, st.integers(-40, 40))
def test_added_days_keep_the_time_of_day(calendar, start, n):
    moved = c.add_days(start, n, c.CALENDAR, calendar)
    assert moved - start == timedelta(n)
    assert c.add_days(start, n, c.WORKING, calendar).astimezone(SHANGHAI).time() == start.astimezone(SHANGHAI).time()


def test_a_prolonged_period_ends_with_a_working_day():
    # Due at 24:00 of Friday 10 April 2026 after half a day's standstill: the rest ends on Saturday, hence Monday.
    due = c.end_of(date(2026, 4, 10))
    assert c.prolonged(due, timedelta(0)) == due
    assert c.prolonged(due, timedelta(hours=12)) == c.end_of(date(2026, 4, 13))
    assert c.prolonged(due, timedelta(days=4)) == c.end_of(date(2026, 4, 14))
