"""Overlapping holds stop a clock once, not twice."""

from datetime import UTC, datetime, timedelta

from gongheng.trading.projects.rules import standstill, stood_still_since

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def at(hours: float) -> datetime:
    return DAY + timedelta(hours=hours)


def test_one_hold_counts_from_its_placing():
    assert stood_still_since([(at(1), at(5))], at(5)) == at(1)


def test_overlapping_holds_count_once_from_the_first():
    assert stood_still_since([(at(1), at(4)), (at(3), at(6))], at(6)) == at(1)


def test_a_chain_of_holds_counts_from_its_beginning():
    assert stood_still_since([(at(1), at(3)), (at(2), at(5)), (at(4), at(8))], at(8)) == at(1)


def test_a_gap_ends_the_chain():
    assert stood_still_since([(at(1), at(2)), (at(3), at(6))], at(6)) == at(3)


def test_a_standstill_counts_overlaps_once_and_only_what_lies_within():
    holds = [(at(3), None), (at(1), at(4)), (at(2), at(3)), (at(-5), at(-1)), (at(-1), at(.5))]
    assert standstill(holds, at(0), at(6)) == timedelta(hours=5.5)
    assert standstill([], at(0), at(6)) == timedelta(0)


def test_nothing_is_shifted_while_another_hold_stands():
    assert stood_still_since([(at(1), at(4)), (at(2), None)], at(4)) is None
