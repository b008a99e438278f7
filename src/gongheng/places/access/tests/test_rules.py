"""What a comparison means and which passages alarm, without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.places.access import rules
from gongheng.places.access.rules import Alarm, Result

NOW = datetime(2026, 3, 27, 6, 0, tzinfo=UTC)
WINDOW = (NOW, NOW + timedelta(hours=5))


@pytest.mark.parametrize(
    ("score", "is_live", "result"),
    [(9500, True, Result.PASS), (8500, True, Result.PASS), (8499, True, Result.DEGRADED),
     (9900, False, Result.DEGRADED), (6000, True, Result.DEGRADED), (5999, True, Result.MANUAL),
     (0, True, Result.MANUAL), (None, False, Result.MANUAL)],
)
def test_what_a_comparison_means(score, is_live, result):
    assert rules.judge(score, is_live) is result


@given(st.none() | st.integers(0, 10000), st.booleans())
def test_no_machine_ever_turns_anybody_away(score, is_live):
    assert rules.judge(score, is_live) is not Result.FAIL


@pytest.mark.parametrize(
    ("zone", "is_inward", "inside", "minutes", "alarm"),
    [("候评区", True, None, 0, None), ("机房", True, None, 0, Alarm.WRONG_ZONE),
     ("候评区", True, None, -1, Alarm.OUTSIDE_WINDOW), ("候评区", True, None, 301, Alarm.OUTSIDE_WINDOW),
     ("候评区", True, "候评区", 10, Alarm.ALREADY_IN), ("候评区", False, "候评区", 400, None),
     ("候评区", False, None, 10, Alarm.NOT_IN)],
)
def test_which_passages_alarm(zone, is_inward, inside, minutes, alarm):
    at = NOW + timedelta(minutes=minutes)
    found = rules.alarm_of(zones=["候评区"], zone=zone, is_inward=is_inward, inside=inside, window=WINDOW, at=at)
    assert found == alarm


def test_nobody_without_a_permit_goes_unnoticed():
    for is_inward in (True, False):
        alarm = rules.alarm_of(zones=None, zone="候评区", is_inward=is_inward, inside=None, window=None, at=NOW)
        assert alarm is Alarm.STRANGER
