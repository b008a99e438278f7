"""Forty centres' clerks who confirm the same seats at once: one gets them, the others a refusal (real PostgreSQL)."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.db.models import Count

from gongheng.kernel.refusal import Refusal
from gongheng.places.venues.models import Booking, Seat
from gongheng.trading.coordination import actions
from gongheng.trading.coordination.models import Offer, VenueOrder
from gongheng.trading.coordination.tests.scene import ENDS, STARTS
from gongheng.trading.projects.models import Lot

WRITERS = 40


@pytest.mark.django_db(transaction=True)
def test_of_forty_who_confirm_the_same_seats_at_once_one_wins_and_nobody_breaks(scene):
    offers = [_offer(scene, number) for number in range(WRITERS)]
    seats = list(Seat.objects.filter(room__centre=scene.sub).select_related("room"))
    begin = Barrier(WRITERS)

    def confirm(number: int) -> str:
        # Each names two of eight seats, in its own order, so that writers could also wait for one another.
        chosen = [seats[number % 3], seats[4 + number % 3]]
        begin.wait()
        try:
            actions.confirm_offer(
                offers[number], seats=chosen[:: 1 if number % 2 else -1], actor=scene.qingdao, clock=scene.clock
            )
        except Refusal as refusal:
            return refusal.rule
        finally:
            connections.close_all()
        return "confirmed"

    with ThreadPoolExecutor(WRITERS) as pool:
        outcomes = list(pool.map(confirm, range(WRITERS)))
    assert set(outcomes) <= {"confirmed", "SEAT-TAKEN", "ROOM-TAKEN"}
    assert outcomes.count("confirmed") == 1  # both rooms serve one lot at a time
    twice = Booking.objects.filter(released_at=None).values("seat").annotate(times=Count("pk")).filter(times__gt=1)
    assert not twice.exists()
    assert Booking.objects.filter(released_at=None).count() == 2
    assert Offer.objects.filter(state="confirmed").count() == 1


def _offer(scene, number: int) -> Offer:
    """An offer of its own lot that waits for 青岛; made without the long way here, which other tests go."""
    lot = Lot.objects.get(pk=scene.lot.pk)
    lot.pk, lot.code, lot.deal_code = uuid.uuid4(), f"LOT{number}", f"DEAL{number}"
    lot._state.adding = True
    lot.save()
    order = VenueOrder.objects.create(
        lot=lot, number=f"SQ20260302{number:06d}", state="offered", starts_at=STARTS, ends_at=ENDS, contact="李四",
        phone="1", requested_at=scene.clock.now(),
    )
    return Offer.objects.create(
        asked_for=order, order=order, centre=scene.sub, is_main=False, seats_wanted=2, state="sent",
        sent_at=scene.clock.now(), confirm_by=STARTS,
    )
