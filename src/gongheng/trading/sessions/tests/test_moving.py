"""A seat that fails: another is drawn at the same venue, the work goes on, and nobody else learns where."""

import pytest

from gongheng.kernel.refusal import Refusal
from gongheng.places.meetings.models import Participant
from gongheng.places.venues.models import Booking, Room, RoomKind, Seat
from gongheng.places.venues.queries import spare_seats
from gongheng.trading.evaluation import queries as evaluations
from gongheng.trading.evaluation.tests.test_devices import with_program
from gongheng.trading.evaluation.tests.test_pages import staff
from gongheng.trading.sessions import queries
from gongheng.trading.sessions.actions import replacing
from gongheng.trading.sessions.tests.test_meeting import begun
from gongheng.trust.evidence.models import Entry


def refused(call) -> str:
    def all_rows():
        return Entry.objects.count(), list(Booking.objects.order_by("pk").values_list("pk", "released_at"))

    before = all_rows()
    with pytest.raises(Refusal) as caught:
        call()
    assert all_rows() == before
    return caught.value.rule


def test_an_expert_goes_on_at_another_seat_of_his_venue(world, authority):
    session = begun(world)
    evaluation, staff_of_venue = session.evaluation, world.qingdao
    member = evaluation.members.get(expert=world.experts[3])
    arrival = evaluations.arrival_of(evaluation, world.experts[3])
    old = arrival.seat

    def move(reason="主机不能启动", actor=staff_of_venue):
        return replacing.move_expert(session, arrival, reason=reason, actor=actor, clock=world.clock)

    assert refused(lambda: move(actor=world.who.centre)) == "VENUE"
    assert refused(lambda: move(reason="  ")) == "REASON"
    # Where no seat keeps the lot's experts apart there is none to move to.
    booking, now = evaluations.booking_of(member), world.clock.now()
    spare = list(spare_seats(booking, now))
    assert spare
    assert old not in spare
    other = Booking.objects.filter(reference=booking.reference, released_at=None).exclude(pk=booking.pk).get()
    for seat in spare:
        seat.neighbours.add(other.seat)
    assert refused(move) == "SEATS"
    other.seat.neighbours.clear()
    Room.objects.filter(pk=other.room_id).update(kind=RoomKind.MIXED)
    assert not spare_seats(booking, now).filter(room=other.room_id).exists()
    Room.objects.filter(pk=other.room_id).update(kind=RoomKind.SINGLE)

    for seat in Seat.objects.filter(pk__in=[one.pk for one in spare]):
        with_program(seat, now)
    # Through the page of his own venue.
    own, other_venue = staff(world, authority, staff_of_venue), staff(world, authority, world.who.centre)
    path = f"/sessions/{session.pk}/reception/{arrival.pk}/move/"
    assert path in own.text(f"/sessions/{session.pk}/reception/")
    assert path in own.text(f"/sessions/lots/{world.lot.pk}/")
    assert path not in other_venue.text(f"/sessions/lots/{world.lot.pk}/")
    assert f"换席：{member.label}" in own.text(path)
    assert other_venue.status(path) == 404
    assert own.sign(path, "sessions.move", reason="").status_code == 200
    assert own.sign(path, "sessions.move", reason="主机不能启动").status_code == 302
    member.refresh_from_db()
    arrival.refresh_from_db()
    assert member.seat in spare
    assert arrival.seat_id == member.seat_id
    assert member.seat.room.name in arrival.visit.zones
    assert evaluations.booking_of(member).seat_id == member.seat_id
    assert Seat.objects.get(pk=old.pk).fault == "主机不能启动"
    assert not Booking.objects.filter(seat=old, released_at=None).exists()
    # The device of the new seat has to vouch for him; his place in the room waits for it as well.
    assert not evaluations.is_at_seat(member, b"s" * 32)
    place = Participant.objects.get(person=str(world.experts[3].person_id))
    assert (place.seat, place.device) == (f"{member.seat.room.name} {member.seat.number}", "")
    verbs = ["evaluation.move_seat", "sessions.decide"]
    told = b"".join(bytes(one.body) for one in Entry.objects.filter(verb__in=verbs))
    assert str(member.seat_id).encode() not in told
    assert queries.papers_of(session).get().digest.encode() in told

    world.clock.moment = booking.during.upper
    arrival = evaluations.arrival_of(evaluation, world.experts[3])
    assert refused(move) == "WINDOW"
