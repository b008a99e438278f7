"""Venues are ordered as one: all confirm with the seats asked for, or the order fails and seats go free."""

from datetime import timedelta

import pytest

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import THE_CLOCK
from gongheng.places.venues.models import Booking, Seat
from gongheng.trading.coordination import actions, queries, rules
from gongheng.trading.coordination.models import VenueOrder
from gongheng.trading.coordination.sentences import SENTENCES
from gongheng.trading.coordination.tests.scene import ENDS, STARTS
from gongheng.trust.evidence.models import Entry


def test_main_venue_then_sub_venue_confirm_and_the_order_is_complete(scene):
    order = scene.request()
    assert order.number.startswith("SQ20260302")
    assert len(order.number) == 16
    main, sub = order.offers.get(is_main=True), order.offers.get(is_main=False)
    assert (main.centre, main.state, sub.state) == (scene.main, "sent", "waiting")
    assert not queries.offers_visible_to(scene.qingdao).exists()
    scene.confirm(main, scene.jinan)
    assert queries.offers_visible_to(scene.qingdao).get().state == "sent"
    scene.confirm(sub, scene.qingdao)
    order.refresh_from_db()
    assert order.state == "confirmed"
    assert queries.confirmed_order(scene.lot) == order
    rooms = list(queries.seats_of(main).values_list("room", flat=True))
    assert len(rooms) == len(set(rooms)) == 3
    verbs = set(Entry.objects.filter(subject__startswith="offer").values_list("verb", flat=True))
    assert verbs | {"venue_order.request", "venue_order.main_confirm", "venue_order.complete"} <= set(SENTENCES)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"ends_at": STARTS + timedelta(days=1)}, "DAY"),
        ({"ends_at": STARTS - timedelta(hours=1)}, "DAY"),
        ({"starts_at": STARTS - timedelta(hours=40), "ends_at": STARTS - timedelta(hours=38)}, "PAST"),
        ({"main_seats": 2}, "COMMITTEE"),
        ({"main_seats": 1}, "COMMITTEE"),
        ({"sub_venues": {}}, "SUB-VENUE"),
    ],
)
def test_an_order_that_breaks_a_rule_is_refused_and_nothing_is_written(scene, changes, rule):
    before = Entry.objects.count()
    with pytest.raises(Refusal) as refused:
        scene.request(**changes)
    assert refused.value.rule == rule
    assert (VenueOrder.objects.count(), Entry.objects.count()) == (0, before)


def test_the_sub_venue_is_another_city_and_nobody_sits_there_alone(scene):
    for sub_venues, seats, rule in (({scene.main: 2}, 3, "SUB-VENUE"), ({scene.sub: 1}, 4, "SEATS")):
        with pytest.raises(Refusal, match=rule):
            scene.request(sub_venues=sub_venues, main_seats=seats)


def test_an_evaluation_never_starts_before_the_opening(scene):
    scene.lot.bids_due_at = STARTS + timedelta(minutes=1)
    with pytest.raises(Refusal, match="BEFORE-OPENING"):
        scene.request()


def test_only_the_host_orders_and_only_once(scene):
    with pytest.raises(Refusal, match="PARTY"):
        scene.request(actor=scene.jinan)
    scene.request()
    with pytest.raises(Refusal, match="ORDER"):
        scene.request()


def test_a_centre_confirms_exactly_the_seats_asked_and_only_its_own(scene):
    offer = scene.request().offers.get(is_main=True)
    own = list(Seat.objects.filter(room__centre=scene.main))
    foreign = list(Seat.objects.filter(room__centre=scene.sub))
    entries = Entry.objects.count()
    for seats, actor, rule in (
        (own[:2], scene.jinan, "SEATS"), (own[:4], scene.jinan, "SEATS"), (foreign[:3], scene.jinan, "SEATS"),
        ([own[0], own[0], own[1]], scene.jinan, "SEATS"), (own[:3], scene.qingdao, "PARTY"),
    ):
        with pytest.raises(Refusal, match=rule):
            actions.confirm_offer(offer, seats=seats, actor=actor, clock=scene.clock)
    assert (Booking.objects.count(), Entry.objects.count()) == (0, entries)


def test_a_seat_that_another_session_holds_cannot_be_confirmed(scene):
    offer = scene.request().offers.get(is_main=True)
    seats = list(Seat.objects.filter(room__centre=scene.main)[:3])
    Booking.objects.create(seat=seats[2], during=(STARTS, ENDS), reference=offer.pk, booked_at=STARTS)
    with pytest.raises(Refusal, match="SEAT-TAKEN"):
        actions.confirm_offer(offer, seats=seats, actor=scene.jinan, clock=scene.clock)
    offer.refresh_from_db()
    assert (offer.state, Booking.objects.count()) == ("sent", 1)


def test_one_refusal_fails_the_order_frees_the_seats_and_another_may_follow(scene):
    order = scene.request(reroute_limit=0)
    scene.confirm(order.offers.get(is_main=True), scene.jinan)
    sub = queries.offers_visible_to(scene.qingdao).get()
    with pytest.raises(Refusal, match="REASON"):
        actions.refuse_offer(sub, reason=" ", actor=scene.qingdao, clock=scene.clock)
    actions.refuse_offer(sub, reason="设备检修", actor=scene.qingdao, clock=scene.clock)
    order.refresh_from_db()
    assert order.state == "not_passed"
    assert not Booking.objects.filter(released_at=None).exists()
    assert scene.confirmed().state == "confirmed"


def test_an_offer_that_nobody_answers_expires_and_a_late_answer_does_not_count(scene):
    order = scene.request()
    offer = order.offers.get(is_main=True)
    assert offer.confirm_by == offer.sent_at + rules.ANSWER_TIME
    with pytest.raises(Refusal, match="EARLY"):
        actions.expire_offer(offer, actor=THE_CLOCK, clock=scene.clock)
    scene.clock.advance_to(offer.confirm_by)
    with pytest.raises(Refusal, match="LATE"):
        scene.confirm(offer, scene.jinan)
    actions.expire_offer(offer, actor=THE_CLOCK, clock=scene.clock)
    order.refresh_from_db()
    assert order.state == "not_passed"
    assert sorted(order.offers.values_list("state", flat=True)) == ["cancelled", "expired"]


def test_withdrawing_needs_a_reason_and_frees_every_seat(scene):
    order = scene.request()
    scene.confirm(order.offers.get(is_main=True), scene.jinan)
    for actor, reason, rule in ((scene.agency, "", "REASON"), (scene.jinan, "改期", "PARTY")):
        with pytest.raises(Refusal, match=rule):
            actions.cancel_order(order, reason=reason, actor=actor, clock=scene.clock)
    assert Booking.objects.filter(released_at=None).count() == 3
    actions.cancel_order(order, reason="改期", actor=scene.agency, clock=scene.clock)
    assert not Booking.objects.filter(released_at=None).exists()
    verbs = Entry.objects.filter(lot=scene.lot.pk, verb__regex="^(offer|venue_order)").values_list("verb", flat=True)
    assert {"venue_order.cancel", "offer.cancel"} <= set(verbs) <= set(SENTENCES)


def test_what_every_venue_confirmed_is_no_longer_the_hosts_to_withdraw(scene):
    order = scene.confirmed()
    with pytest.raises(Refusal, match="STATE"):
        actions.cancel_order(order, reason="改期", actor=scene.agency, clock=scene.clock)
    assert Booking.objects.filter(released_at=None).count() == 5


def test_an_outsider_sees_no_order_and_no_offer(scene):
    order = scene.confirmed()
    assert not queries.visible_to(scene.outsider).exists()
    assert not queries.offers_visible_to(scene.outsider).exists()
    for actor in (scene.agency, scene.tenderer, scene.jinan, scene.qingdao, scene.supervisor):
        assert queries.visible_to(actor).get() == order
    assert queries.todos(scene.qingdao, scene.clock.now()) == []
