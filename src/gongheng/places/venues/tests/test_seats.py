"""Seats are held once, together, and given back."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from gongheng.kernel.numbers import make_uscc
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.people.parties.models import Organisation
from gongheng.places.venues import actions, queries
from gongheng.places.venues.models import Booking, Centre, Room, Seat
from gongheng.places.venues.sentences import SENTENCES
from gongheng.places.venues.tests.choosing import choose_seats
from gongheng.trust.certificates.tests.issuing import NOW
from gongheng.trust.evidence.models import Entry


@pytest.fixture
def centre(db):
    organisation = Organisation.objects.create(
        uscc=make_uscc("1", "2", "370100", 70000004), name="济南中心", region="370100", roles=["centre"],
        legal_representative="甲", registered_at=NOW, state="active",
    )
    made = Centre.objects.create(organisation=organisation, region="370100", short_name="济南", address="甲", phone="1")
    for name, count in (("一室", 4), ("二室", 6)):
        room = Room.objects.create(centre=made, name=name, floor="2层")
        Seat.objects.bulk_create([Seat(room=room, number=f"{number:02d}") for number in range(1, count + 1)])
    return made


@pytest.fixture
def own(centre):
    return Actor("c", Role.CENTRE, str(centre.organisation_id))


def book(centre, count, start=0, hours=4, reference=None):
    starts_at = NOW + timedelta(hours=start)
    ends_at = starts_at + timedelta(hours=hours)
    chosen = choose_seats(queries.free_seats(centre, starts_at, ends_at, NOW), count)
    return actions.book_seats(
        list(Seat.objects.filter(pk__in=chosen)), starts_at=starts_at, ends_at=ends_at,
        reference=reference or uuid.uuid4(), now=NOW,
    )


def test_seats_are_proposed_in_different_rooms_while_rooms_last():
    free = {"small": ["a", "b"], "large": ["c", "d", "e", "f"], "middle": ["g", "h", "i"]}
    assert sorted(choose_seats(free, 3)) == ["a", "c", "g"]
    assert sorted(choose_seats(free, 5)) == ["a", "c", "d", "g", "h"]
    for count in (0, 10):
        with pytest.raises(Refusal, match="SEATS"):
            choose_seats(free, count)


def test_booked_seats_are_gone_until_released(centre):
    reference = uuid.uuid4()
    taken = book(centre, 5, reference=reference)
    assert {one.seat.room.name for one in taken} == {"一室", "二室"}
    # Both rooms are for one lot at a time: what is left in them is nobody else's.
    assert queries.free_count(centre, NOW, NOW + timedelta(hours=1), NOW) == 0
    assert queries.free_count(centre, NOW + timedelta(hours=4), NOW + timedelta(hours=5), NOW) == 10
    with pytest.raises(Refusal, match="SEATS"):
        book(centre, 6, start=3)
    assert actions.release_seats(reference, now=NOW) == 5
    assert len(book(centre, 6, start=3)) == 6


def test_a_seat_is_never_held_twice_at_a_time(centre):
    taken = book(centre, 1)[0]
    other = Seat.objects.exclude(pk=taken.seat_id).first()
    for reference in (uuid.uuid4(), uuid.uuid4()):
        with pytest.raises(Refusal, match="SEAT-TAKEN"):
            actions.book_seats(
                [other, taken.seat], starts_at=NOW + timedelta(hours=3), ends_at=NOW + timedelta(hours=9),
                reference=reference, now=NOW,
            )
    assert Booking.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.create(
            seat=taken.seat, during=(NOW + timedelta(hours=3), NOW + timedelta(hours=9)), reference=uuid.uuid4(),
            booked_at=NOW,
        )


def test_a_period_that_ends_before_it_starts_is_refused(centre):
    with pytest.raises(Refusal, match="PERIOD"):
        book(centre, 1, hours=0)
    assert not Booking.objects.exists()


def test_a_seat_out_of_order_cannot_be_booked_by_name(centre):
    seat = Seat.objects.first()
    Seat.objects.filter(pk=seat.pk).update(fault="黑屏")
    with pytest.raises(Refusal, match="SEAT-FAULT"):
        actions.book_seats(
            [seat], starts_at=NOW, ends_at=NOW + timedelta(hours=1), reference=uuid.uuid4(), now=NOW
        )
    assert not Booking.objects.exists()


def test_a_faulty_seat_is_not_offered_and_only_its_centre_reports_it(centre, own, platform):
    seat = Seat.objects.filter(room__name="一室").first()
    with pytest.raises(Refusal, match="ROLE"):
        actions.report_fault(seat, fault="黑屏", actor=Actor("x", Role.CENTRE, str(uuid.uuid4())), clock=platform.CLOCK)
    assert not Entry.objects.exists()
    actions.report_fault(seat, fault="黑屏", actor=own, clock=platform.CLOCK)
    assert queries.free_count(centre, NOW, NOW + timedelta(hours=1), NOW) == 9
    actions.report_fault(seat, fault="", actor=own, clock=platform.CLOCK)
    assert queries.free_count(centre, NOW, NOW + timedelta(hours=1), NOW) == 10
    assert {one.verb for one in Entry.objects.all()} <= set(SENTENCES)


def test_a_county_belongs_to_the_centre_of_its_city(centre):
    assert queries.centre_in("370102") == centre
    assert queries.centre_in("370000") is None


def test_the_public_sees_the_centres(client, centre, platform):
    assert "济南中心" in client.get("/venues/").content.decode()
    shown = client.get(f"/venues/{centre.pk}/").content.decode()
    assert "一室" in shown
    assert "新增评标室" not in shown
