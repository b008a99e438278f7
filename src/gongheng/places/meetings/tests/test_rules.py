"""Who hears and sees whom, for every part; how long recordings are kept."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.kernel.refusal import Refusal
from gongheng.places.meetings import rules
from gongheng.places.meetings.rules import EVERYBODY, Invitee, Part, Standing

standings = st.builds(
    Standing, id=st.sampled_from("abc"), part=st.sampled_from(Part), is_muted=st.booleans(), is_let_in=st.booleans(),
    calls=st.sampled_from(["", EVERYBODY, "a", "b"]),
)


@given(standings, standings)
def test_the_muted_and_the_agency_at_the_door_are_heard_by_nobody(one, other):
    if one.is_muted:
        assert not rules.hears(other, one)
    if one.part == Part.AGENCY and not one.is_let_in:
        for way in ((one, other), (other, one)):
            assert not rules.hears(*way)
            assert not rules.sees(*way)


@given(standings, standings)
def test_a_supervisor_is_heard_only_by_whom_he_calls_and_never_seen(one, other):
    if one.part == Part.SUPERVISOR and rules.hears(other, one):
        assert one.calls in (EVERYBODY, other.id)
    if one.part in (Part.SUPERVISOR, Part.WITNESS):
        assert not rules.sees(other, one)


@given(standings)
def test_nobody_hears_himself(one):
    assert not rules.hears(one, one)
    assert not rules.sees(one, one)


def test_experts_and_host_hear_each_other_and_the_supervisor_hears_all():
    expert, host, watch = Standing("a", Part.EXPERT), Standing("b", Part.HOST), Standing("c", Part.SUPERVISOR)
    assert rules.hears(expert, host)
    assert rules.sees(host, expert)
    assert rules.hears(watch, expert)
    assert rules.sees(watch, host)
    assert not rules.hears(expert, watch)


def test_the_agency_in_the_room_speaks_and_hears():
    agency, expert = Standing("a", Part.AGENCY, is_let_in=True), Standing("b", Part.EXPERT)
    assert rules.hears(agency, expert)
    assert rules.hears(expert, agency)
    rules.demand(agency, "chats", "发送文字")
    with pytest.raises(Refusal, match="RIGHT"):
        rules.demand(Standing("a", Part.AGENCY), "chats", "发送文字")


def test_the_closed_list_names_each_once_and_has_a_host():
    host, expert = Invitee("h", "主持席", Part.HOST), Invitee("e", "评委1", Part.EXPERT)
    rules.check_invitees([host, expert])
    for wrong in (
        [expert], [], [host, expert, Invitee("e", "评委2", Part.EXPERT)], [host, Invitee("x", "主持席", Part.EXPERT)],
        [host, Invitee("", "评委2", Part.EXPERT)],
    ):
        with pytest.raises(Refusal, match="INVITEES"):
            rules.check_invitees(wrong)


@pytest.mark.parametrize(
    ("kind", "closed", "until"),
    [
        ("construction", datetime(2026, 3, 2, 10, tzinfo=UTC), date(2036, 3, 2)),
        ("procurement", datetime(2026, 3, 2, 10, tzinfo=UTC), date(2041, 3, 2)),
        # 2028-02-29 in Beijing; ten years later there is no such day, and a day less would be too short.
        ("construction", datetime(2028, 2, 28, 17, tzinfo=UTC), date(2038, 3, 1)),
    ],
)
def test_a_recording_is_kept_for_the_years_of_its_kind(kind, closed, until):
    assert rules.keep_until(rules.retention(kind, closed), closed) == until


def test_without_a_rule_nothing_is_recorded():
    with pytest.raises(Refusal, match="RETENTION"):
        rules.retention("gossip", datetime(2026, 3, 2, tzinfo=UTC))


def test_times_of_segments():
    now = datetime(2026, 3, 2, tzinfo=UTC)
    second = timedelta(seconds=1)
    rules.check_times(now - 5 * second, now, now - 5 * second, now)
    for begins, ends, previous in (
        (now, now, None), (now - 40 * second, now, None), (now + 8 * second, now + 11 * second, None),
        (now - 6 * second, now, now - 5 * second),
    ):
        with pytest.raises(Refusal, match="TIMES"):
            rules.check_times(begins, ends, previous, now)
