"""Rooms of both kinds keep their rule, offers get seats that exist, hours and fees hold from a day on."""

import uuid
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from gongheng.kernel.refusal import Refusal
from gongheng.places.venues import actions, queries
from gongheng.places.venues.models import Booking, ClosedDay, FeeRule, Room, RoomKind, Seat
from gongheng.places.venues.sentences import SENTENCES
from gongheng.trust.certificates.tests.issuing import NOW
from gongheng.trust.evidence.models import Entry

LATER = NOW + timedelta(hours=3)
FEES = {
    "per_hour": Decimal("100"), "remote_allowance": Decimal("200.50"), "overtime_per_hour": Decimal("150"),
    "overtime_after": 8,
}


def seats(*names: str) -> list[Seat]:
    """Find seats by "room number"."""
    return [Seat.objects.get(room__name=name.split()[0], number=name.split()[1]) for name in names]


def book(*names: str, starts_at=NOW, ends_at=LATER, reference=None):
    return actions.book_seats(
        seats(*names), starts_at=starts_at, ends_at=ends_at, reference=reference or uuid.uuid4(), now=NOW
    )


def names_of(proposed: list[Seat]) -> list[str]:
    return [f"{seat.room.name} {seat.number}" for seat in proposed]


def test_a_mixed_room_takes_one_expert_of_each_lot(hall):
    with pytest.raises(Refusal, match="SEATS-MEET"):
        book("混一 01", "混一 02")
    reference = uuid.uuid4()
    book("混一 01", "混二 01", reference=reference)
    with pytest.raises(Refusal, match="SEATS-MEET"):
        book("混一 02", reference=reference)
    book("混一 02", "混二 02")
    assert Booking.objects.count() == 4


def test_a_single_project_room_takes_one_lot_at_a_time(hall):
    reference = uuid.uuid4()
    book("同室 01", "同室 02", reference=reference)
    book("同室 03", reference=reference)
    with pytest.raises(Refusal, match="ROOM-TAKEN"):
        book("同室 04")
    book("同室 04", starts_at=LATER, ends_at=LATER + timedelta(hours=1))
    actions.release_seats(reference, now=NOW)
    book("同室 01")


def test_the_database_itself_keeps_both_rules_of_rooms(hall):
    for first, second, is_same in (("混一 01", "混一 02", True), ("同室 01", "同室 02", False)):
        one, other = seats(first, second)
        reference = uuid.uuid4()
        common = {"during": (NOW, LATER), "booked_at": NOW, "room": one.room, "kind": one.room.kind}
        Booking.objects.create(seat=one, reference=reference, **common)
        with pytest.raises(IntegrityError), transaction.atomic():
            Booking.objects.create(seat=other, reference=reference if is_same else uuid.uuid4(), **common)


def test_seats_that_see_each_other_are_not_held_together(hall, clerk, platform):
    one, other = seats("混一 01", "混二 01")
    actions.link_seats(one, neighbours=[other], actor=clerk, clock=platform.CLOCK)
    with pytest.raises(Refusal, match="SEATS-MEET"):
        book("混二 01", "混一 01")
    proposed = names_of(queries.propose_seats(hall, NOW, LATER, 3, NOW))
    assert len(proposed) == 3
    assert not {"混一 01", "混二 01"} <= set(proposed)
    with pytest.raises(Refusal, match="NEIGHBOUR"):
        actions.link_seats(one, neighbours=seats("混一 02"), actor=clerk, clock=platform.CLOCK)
    assert list(one.neighbours.all()) == [other]


def test_an_offer_gets_mixed_rooms_first_and_never_a_taken_room(hall):
    first = names_of(queries.propose_seats(hall, NOW, LATER, 3, NOW))
    assert {name.split()[0] for name in first} == {"混一", "混二", "混三"}
    assert len([name for name in names_of(queries.propose_seats(hall, NOW, LATER, 5, NOW)) if "同室" in name]) >= 2
    assert queries.free_count(hall, NOW, LATER, NOW) == 8
    book("同室 01")
    assert queries.free_count(hall, NOW, LATER, NOW) == 3
    with pytest.raises(Refusal, match="济南 09:00–12:00 需要 4 间不同评标室，只有 3 间可用"):
        queries.propose_seats(hall, NOW, LATER, 4, NOW)
    assert len(queries.propose_seats(hall, LATER, LATER + timedelta(hours=1), 8, NOW)) == 8


def test_what_is_proposed_can_be_booked_until_the_centre_is_full(hall):
    for count in (3, 3, 5):
        proposed = queries.propose_seats(hall, NOW, LATER, count, NOW)
        actions.book_seats(proposed, starts_at=NOW, ends_at=LATER, reference=uuid.uuid4(), now=NOW)
    with pytest.raises(Refusal, match="SEATS"):
        queries.propose_seats(hall, NOW, LATER, 1, NOW)


def test_closed_days_and_rooms_out_of_use_get_nothing(hall, clerk, platform):
    day = actions.close_day(hall, day=date(2026, 3, 2), reason="检修", actor=clerk, clock=platform.CLOCK)
    with pytest.raises(Refusal, match="检修"):
        queries.propose_seats(hall, NOW, LATER, 1, NOW)
    with pytest.raises(Refusal, match="DAY"):
        actions.close_day(hall, day=date(2026, 3, 2), reason="再次", actor=clerk, clock=platform.CLOCK)
    actions.reopen_day(day, actor=clerk, clock=platform.CLOCK)
    for room in Room.objects.all():
        change(room, clerk, platform, is_enabled=False)
    with pytest.raises(Refusal, match="只有 0 间可用"):
        queries.propose_seats(hall, NOW, LATER, 1, NOW)
    with pytest.raises(Refusal, match="SEAT-FAULT"):
        book("混一 01")
    with pytest.raises(Refusal, match="SEATS"):
        queries.propose_seats(hall, NOW, LATER, 0, NOW)
    assert {one.verb for one in Entry.objects.all()} <= set(SENTENCES)


def change(room, clerk, platform, **changes):
    now = {name: getattr(room, name) for name in ("name", "floor", "kind", "camera_count", "is_enabled")}
    return actions.change_room(room, **now | changes, actor=clerk, clock=platform.CLOCK)


def test_a_room_keeps_its_kind_while_seats_in_it_are_held(hall, clerk, stranger, platform):
    book("混一 01")
    room = Room.objects.get(name="混一")
    for changes in ({"kind": RoomKind.SINGLE}, {"is_enabled": False}):
        with pytest.raises(Refusal, match="ROOM-IN-USE"):
            change(room, clerk, platform, **changes)
    with pytest.raises(Refusal, match="同名"):
        change(room, clerk, platform, name="混二")
    with pytest.raises(Refusal, match="ROLE"):
        change(room, stranger, platform)
    assert not Entry.objects.exists()
    change(room, clerk, platform, camera_count=4)
    platform.CLOCK.moment = LATER + timedelta(seconds=1)
    change(room, clerk, platform, kind=RoomKind.SINGLE)
    assert Room.objects.get(pk=room.pk).kind == RoomKind.SINGLE


def test_a_fee_rule_holds_from_its_day_on_and_is_never_changed(hall, clerk, stranger, platform):
    assert queries.fee_rule(hall, date(2026, 3, 2)) is None

    def add(valid_from, actor=clerk, **changes):
        return actions.add_fee_rule(hall, valid_from=valid_from, **FEES | changes, actor=actor, clock=platform.CLOCK)

    first, second = add(date(2026, 3, 2)), add(date(2026, 4, 1), per_hour=Decimal("120"))
    for day, rule in ((1, None), (2, first), (31, first)):
        assert queries.fee_rule(hall, date(2026, 3, day)) == rule
    assert queries.fee_rule(hall, date(2026, 4, 1)) == second
    assert queries.fee_rules_on(date(2026, 5, 1)) == {hall.pk: second}
    for valid_from, changes, rule in (
        (date(2026, 3, 1), {}, "VALID-FROM"), (date(2026, 4, 1), {}, "VALID-FROM"),
        (date(2026, 6, 1), {"per_hour": Decimal("-1")}, "FEE"), (date(2026, 6, 1), {"actor": stranger}, "ROLE"),
    ):
        with pytest.raises(Refusal, match=rule):
            add(valid_from, **changes)
    assert (FeeRule.objects.count(), Entry.objects.count()) == (2, 2)


@pytest.mark.parametrize(("changes", "rule"), [
    ({"weekdays": []}, "WEEKDAYS"), ({"weekdays": [8]}, "WEEKDAYS"), ({"closes_at": time(8)}, "HOURS"),
])
def test_hours_that_make_no_sense_are_refused(hall, clerk, stranger, platform, changes, rule):
    right = {"weekdays": [1, 6], "opens_at": time(8), "closes_at": time(20)}
    with pytest.raises(Refusal, match=rule):
        actions.set_hours(hall, **right | changes, actor=clerk, clock=platform.CLOCK)
    with pytest.raises(Refusal, match="ROLE"):
        actions.set_hours(hall, **right, actor=stranger, clock=platform.CLOCK)
    with pytest.raises(Refusal, match="REASON"):
        actions.close_day(hall, day=date(2026, 3, 3), reason=" ", actor=clerk, clock=platform.CLOCK)
    assert not Entry.objects.exists()
    assert not ClosedDay.objects.exists()
    actions.set_hours(hall, **right, actor=clerk, clock=platform.CLOCK)
    hall.refresh_from_db()
    assert hall.weekdays == [1, 6]


def test_a_day_is_planned_by_session_without_names(hall):
    book("混一 01", "混二 01")
    book("混一 02", starts_at=LATER, ends_at=LATER + timedelta(hours=2))
    plan = queries.plan_day(hall, date(2026, 3, 2), NOW)
    held = {
        f"{room['room'].name} {one['seat'].number}": [number for *_, number in one["held"]]
        for room in plan for one in room["seats"] if one["held"]
    }
    assert held == {"混一 01": [1], "混二 01": [1], "混一 02": [2]}
    assert not any(one["held"] for room in queries.plan_day(hall, date(2026, 3, 3), NOW) for one in room["seats"])
