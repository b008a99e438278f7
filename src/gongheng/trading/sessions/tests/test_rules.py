"""Clocks of incidents, links of seats, fees: decided without a database."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.kernel.roles import Role
from gongheng.trading.sessions import rules
from gongheng.trading.sessions.rules import FeeTerms, Presence

NOW = datetime(2026, 3, 27, 6, 0, tzinfo=UTC)
TERMS = FeeTerms(Decimal("150.00"), Decimal("100.00"), Decimal("225.00"), 4)


@pytest.mark.parametrize(
    ("seconds", "state"),
    [(0, Presence.NORMAL), (10, Presence.NORMAL), (11, Presence.SUSPECT), (60, Presence.SUSPECT), (61, Presence.LOST)],
)
def test_silence_becomes_suspicion_after_ten_seconds(seconds, state):
    assert rules.presence(NOW - timedelta(seconds=seconds), NOW) is state


def test_a_seat_never_heard_of_is_lost():
    assert rules.presence(None, NOW) is Presence.LOST


def test_before_the_start_the_wait_begins_at_the_planned_start():
    evening = NOW - timedelta(hours=12)
    assert rules.limit_of(evening, NOW, True) == NOW + timedelta(minutes=120)
    assert rules.limit_of(NOW + timedelta(minutes=5), NOW, True) == NOW + timedelta(minutes=125)
    assert rules.limit_of(NOW, NOW - timedelta(hours=1), False) == NOW + timedelta(minutes=240)


@pytest.mark.parametrize(
    ("role", "is_before", "minutes", "rule"),
    [
        (Role.TENDERER, True, 121, None), (Role.AGENCY, True, 120, None), (Role.TENDERER, True, 119, "WAIT"),
        (Role.CENTRE, True, 121, "DECISION"), (Role.CLOCK, True, 121, "DECISION"),
        (Role.CENTRE, False, 5, None), (Role.CLOCK, False, 119, "EARLY"), (Role.CLOCK, False, 120, None),
        (Role.TENDERER, False, 300, "DECISION"),
    ],
)
def test_who_may_postpone_when(role, is_before, minutes, rule):
    limit = NOW + timedelta(minutes=120)
    refusal = rules.postponing_refusal(role, is_before, limit, NOW + timedelta(minutes=minutes))
    assert (refusal.rule if refusal else None) == rule


@pytest.mark.parametrize(
    ("minutes", "hours"), [(0, "0.5"), (30, "0.5"), (31, "1"), (60, "1"), (181, "3.5"), (240, "4")]
)
def test_hours_are_rounded_up_to_halves(minutes, hours):
    assert rules.half_hours(NOW, NOW + timedelta(minutes=minutes)) == Decimal(hours)


def test_a_session_does_not_end_before_it_begins():
    with pytest.raises(ValueError, match="before it began"):
        rules.half_hours(NOW, NOW - timedelta(seconds=1))


def test_a_fee_has_its_parts():
    sheet = rules.fee(TERMS, Decimal("5.5"), True)
    assert (sheet.base, sheet.overtime, sheet.remote) == (Decimal("600.00"), Decimal("337.50"), Decimal("100.00"))
    assert sheet.total == Decimal("1037.50")
    assert rules.fee(TERMS, Decimal("5.5"), False).remote == 0


MONEY = st.decimals(0, 2000, places=2)
FEES = st.builds(FeeTerms, MONEY, MONEY, MONEY, st.integers(0, 10))


HOURS = st.integers(1, 40).map(lambda halves: Decimal(halves) / 2)


@given(st.lists(FEES, min_size=1, max_size=3), HOURS, st.booleans())
def test_the_higher_of_several_terms_is_paid(terms, hours, is_remote):
    number, sheet = rules.higher_fee(terms, hours, is_remote)
    assert sheet == rules.fee(terms[number], hours, is_remote)
    assert all(sheet.total >= rules.fee(one, hours, is_remote).total for one in terms)


@given(FEES, st.integers(1, 40), st.booleans())
def test_a_longer_session_never_pays_less(terms, halves, is_remote):
    shorter, longer = (rules.fee(terms, Decimal(count) / 2, is_remote) for count in (halves, halves + 1))
    assert longer.total >= shorter.total
