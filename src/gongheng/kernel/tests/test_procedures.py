"""The rulebook: each rule refuses one step before the line and lets pass on it."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.kernel import procedures as p
from gongheng.kernel.calendar import STATE_COUNCIL, day_of, end_of
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.tests.test_calendar import CALENDARS, MOMENTS

BOOK = p.rulebook(date(2026, 11, 21))
AMOUNTS = st.integers(1, 10**13).map(lambda fen: Decimal(fen) / 100)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI).astimezone(UTC)


def refused(check, *arguments) -> Refusal | None:
    try:
        check(*arguments)
    except Refusal as refusal:
        return refusal
    return None


def test_every_rule_of_the_table_is_there_once():
    ids = [row.id for row in BOOK.rules]
    assert len(set(ids)) == len(ids)
    assert {row.code for row in BOOK.rules} >= {f"T{number}" for number in range(1, 18)}


def test_a_snapshot_survives_json():
    text = json.dumps(BOOK.to_json(), ensure_ascii=False)
    assert p.Rulebook.from_json(json.loads(text)) == BOOK


def test_rows_are_dated():
    assert p.rulebook(date(2013, 4, 30)).days("T16") == 30
    assert BOOK.days("T16") == 0
    with pytest.raises(ValueError, match="no rule T1"):
        p.rulebook(date(2011, 1, 1)).rule("T1")


def test_a_kept_rulebook_decides_by_its_own_numbers():
    snapshot = BOOK.to_json()
    for row in snapshot["rules"]:
        if row["id"] == "T3":
            row["value"] = "30"
    old = p.Rulebook.from_json(snapshot)
    issued, deadline = at(2026, 3, 2, 9), at(2026, 3, 23, 9, 30)
    assert refused(p.check_bid_period, BOOK, issued, deadline) is None
    assert "30 日" in refused(p.check_bid_period, old, issued, deadline).message


def test_t1_sale_of_five_days():
    assert refused(p.check_sale_period, BOOK, at(2026, 3, 4, 9), at(2026, 3, 9, 17)) is None
    refusal = refused(p.check_sale_period, BOOK, at(2026, 3, 4, 9), at(2026, 3, 8, 17))
    assert (refusal.rule, refusal.field) == ("T1", "sale_ends_at")
    assert "2026-03-09" in refusal.message


def test_t3_twenty_days_to_bid():
    # Day 20 is Sunday 22 March, so the period ends on Monday.
    assert refused(p.check_bid_period, BOOK, at(2026, 3, 2, 9), at(2026, 3, 22, 9)).rule == "T3"
    assert refused(p.check_bid_period, BOOK, at(2026, 3, 2, 9), at(2026, 3, 23, 9)) is None


def test_t4_a_late_clarification_moves_the_deadline():
    deadline = at(2026, 3, 24, 9, 30)
    assert p.check_clarification(BOOK, at(2026, 3, 9, 17), deadline, True) is None
    assert p.check_clarification(BOOK, at(2026, 3, 10, 17), deadline, False) is None
    assert p.check_clarification(BOOK, at(2026, 3, 10, 17), deadline, True) == at(2026, 3, 25, 9, 30)
    # Fifteen days after the 13th is Saturday the 28th.
    assert p.check_clarification(BOOK, at(2026, 3, 13, 17), deadline, True) == at(2026, 3, 30, 9, 30)
    assert refused(p.check_clarification, BOOK, deadline, deadline, True).rule == "T4"


def test_t5_objections_ten_days_before():
    deadline = at(2026, 3, 24, 9, 30)
    assert refused(p.check_question_time, BOOK, at(2026, 3, 14, 23, 59), deadline) is None
    assert refused(p.check_question_time, BOOK, at(2026, 3, 15, 0, 1), deadline).rule == "T5"


def test_t8_opening_is_the_deadline():
    deadline = at(2026, 3, 24, 9, 30)
    assert refused(p.check_opening_time, BOOK, deadline, deadline) is None
    assert refused(p.check_opening_time, BOOK, deadline, deadline + timedelta(minutes=1)).rule == "T8"


def test_t10_publicity_lasts():
    start = at(2026, 4, 8, 9)
    # Three days after Wednesday is Saturday; the period runs to the end of Monday the 13th.
    assert refused(p.check_publicity, BOOK, start, at(2026, 4, 14)) is None
    assert "不得少于 3 日" in refused(p.check_publicity, BOOK, start, at(2026, 4, 13, 23, 59)).message


def test_t11_t13_t16_dues():
    assert p.contract_due(BOOK, at(2026, 4, 14, 9)) == end_of(date(2026, 5, 14))
    assert p.report_due(BOOK, at(2026, 4, 14, 9)) == end_of(date(2026, 4, 29))
    assert p.award_due(BOOK, date(2026, 6, 30)) == end_of(date(2026, 6, 30))
    # Working back: 22 days of March, 28, 27-24 February, then 14, 13 and 12 February make thirty.
    assert p.award_due(p.rulebook(date(2013, 1, 4)), date(2026, 3, 31)) == end_of(date(2026, 2, 11))
    assert BOOK.due("T15.accept", at(2026, 9, 24, 9)) == end_of(date(2026, 9, 30))


@given(CALENDARS, MOMENTS, st.integers(0, 60))
def test_clarified_deadlines_always_leave_fifteen_days(calendar, issued, ahead):
    deadline = end_of(day_of(issued)) + timedelta(days=ahead, hours=9)
    moved = p.check_clarification(BOOK, issued, deadline, True, calendar)
    final = deadline if moved is None else moved
    assert final >= deadline
    assert (day_of(final) - day_of(issued)).days >= 15
    assert p.check_clarification(BOOK, issued, final, True, calendar) is None
    if moved is not None:
        assert calendar.is_working_day(day_of(moved))
        assert moved.astimezone(SHANGHAI).time() == deadline.astimezone(SHANGHAI).time()


@given(CALENDARS, MOMENTS, st.integers(0, 60))
def test_accepted_bid_periods_always_leave_twenty_days(calendar, issued, ahead):
    deadline = issued + timedelta(days=ahead)
    is_refused = refused(p.check_bid_period, BOOK, issued, deadline, calendar) is not None
    if ahead < 20:
        assert is_refused
    if calendar.is_working_day(day_of(issued) + timedelta(20)) and ahead >= 20:
        assert not is_refused


@given(CALENDARS, MOMENTS)
def test_the_shortest_publicity_offered_is_accepted(calendar, report):
    ends = BOOK.due("T10", report, calendar)
    assert refused(p.check_publicity, BOOK, report, ends, calendar) is None
    assert ends - report >= timedelta(3)
    assert refused(p.check_publicity, BOOK, report, ends - timedelta(seconds=1), calendar).rule == "T10"


@given(AMOUNTS, AMOUNTS)
def test_deposits_stay_under_both_limits(deposit, estimate):
    lawful = deposit * 50 <= estimate and deposit <= 800000
    assert (refused(p.check_deposit, BOOK, deposit, estimate) is None) == lawful


@given(AMOUNTS, AMOUNTS)
def test_performance_bonds_stay_under_a_tenth(bond, amount):
    assert (refused(p.check_performance_bond, BOOK, bond, amount) is None) == (bond * 10 <= amount)


def test_negative_deposits_are_refused():
    assert refused(p.check_deposit, BOOK, Decimal(-1), Decimal(100)).rule == "DEPOSIT"
    assert refused(p.check_performance_bond, BOOK, Decimal(-1), Decimal(100)).rule == "PERFORMANCE"


def test_a_ceiling_is_stated_and_a_floor_is_not():
    assert refused(p.check_ceiling, BOOK, Decimal(100)) is None
    assert refused(p.check_ceiling, BOOK, None).field == "ceiling"
    assert refused(p.check_ceiling, BOOK, Decimal(100), Decimal(80)).field == "floor"
    assert refused(p.check_bid_price, BOOK, Decimal(100), Decimal(100)) is None
    assert refused(p.check_bid_price, BOOK, Decimal("100.01"), Decimal(100)).rule == "CEILING"
    assert refused(p.check_bid_price, BOOK, Decimal(0), Decimal(100)).rule == "CEILING"


@given(st.integers(0, 20), st.integers(0, 20))
def test_committees_are_odd_large_enough_and_mostly_experts(size, experts):
    lawful = size >= 5 and size % 2 == 1 and 3 * experts >= 2 * size and experts <= size
    refusal = refused(p.check_committee, BOOK, size, experts)
    assert (refusal is None) == lawful
    assert refusal is None or refusal.rule == "COMMITTEE"


def test_the_refusal_names_how_many_experts_are_needed():
    assert "至少 4 人" in refused(p.check_committee, BOOK, 5, 3).message
    assert "第三十七条" in refused(p.check_committee, BOOK, 5, 3).message


def test_one_to_three_candidates_and_three_bidders():
    assert [refused(p.check_candidates, BOOK, count) is None for count in range(5)] == [False, True, True, True, False]
    assert [p.has_enough_bidders(BOOK, count) for count in (2, 3)] == [False, True]


def test_default_calendar_is_the_state_councils():
    assert p.contract_due(BOOK, at(2026, 9, 1, 9)) == p.contract_due(BOOK, at(2026, 9, 1, 9), STATE_COUNCIL)
    assert p.contract_due(BOOK, at(2026, 9, 1, 9)) == end_of(date(2026, 10, 8))
