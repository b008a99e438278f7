"""A centre with rooms of both kinds, and who works there."""

import pytest

from gongheng.kernel.numbers import make_uscc
from gongheng.kernel.roles import Actor, Role
from gongheng.people.parties.models import Organisation
from gongheng.places.venues.models import Centre, Room, RoomKind, Seat
from gongheng.trust.certificates.tests.issuing import NOW, authority, platform

__all__ = ["authority", "platform"]


@pytest.fixture
def hall(db):
    """济南: one room for one lot at a time with 5 seats, three mixed rooms with 2."""
    organisation = Organisation.objects.create(
        uscc=make_uscc("1", "2", "370100", 70000004), name="济南中心", region="370100", roles=["centre"],
        legal_representative="甲", registered_at=NOW, state="active",
    )
    made = Centre.objects.create(organisation=organisation, region="370100", short_name="济南", address="甲", phone="1")
    for name, kind, count in (
        ("同室", RoomKind.SINGLE, 5),
        *((name, RoomKind.MIXED, 2) for name in ("混一", "混二", "混三")),
    ):
        room = Room.objects.create(centre=made, name=name, floor="2层", kind=kind)
        Seat.objects.bulk_create([Seat(room=room, number=f"{number:02d}") for number in range(1, count + 1)])
    return made


@pytest.fixture
def clerk(hall):
    return Actor("c", Role.CENTRE, str(hall.organisation_id))


@pytest.fixture
def stranger():
    return Actor("x", Role.CENTRE, "00000000-0000-4000-8000-000000000000")
