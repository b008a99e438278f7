"""A change or cancellation takes effect only when every venue agreed; until then the original stands."""

from datetime import timedelta

import pytest

from gongheng.kernel.refusal import Refusal
from gongheng.places.venues.models import Booking, Seat
from gongheng.trading.coordination import actions, queries
from gongheng.trading.coordination.models import VenueOrder
from gongheng.trading.coordination.sentences import SENTENCES
from gongheng.trading.coordination.tests.scene import ENDS, STARTS
from gongheng.trust.evidence.models import Entry

LATER = timedelta(hours=1)


def ask(scene, original, **changes):
    asked = {
        "starts_at": STARTS + LATER, "ends_at": ENDS + LATER, "main_seats": 3, "sub_venues": {scene.sub: 2},
        "contact": "李四", "phone": "13800000000", "reason": "开标延后", "actor": scene.agency, "clock": scene.clock,
    }
    return actions.request_change(original, **asked | changes)


def answer(scene, order, actor, seats=None):
    offer = queries.offers_visible_to(actor).filter(state="sent", asked_for=order).get()
    return actions.confirm_offer(offer, seats=list(seats or []), actor=actor, clock=scene.clock)


def held(order, actor):
    return set(queries.seats_of(queries.offers_visible_to(actor).get(asked_for=order)))


def live(order):
    references = order.offers.values("pk")
    return {
        (one.seat_id, one.during.lower, one.during.upper)
        for one in Booking.objects.filter(reference__in=references, released_at=None)
    }


def test_a_change_keeps_the_same_seats_and_hands_them_over_only_when_all_confirmed(scene):
    original = scene.confirmed()
    before = live(original)
    seats = {actor: held(original, actor) for actor in (scene.jinan, scene.qingdao)}
    order = ask(scene, original)
    assert (order.number[:2], order.original, order.kind) == ("BG", original, "BG")
    answer(scene, order, scene.jinan, seats[scene.jinan])
    original.refresh_from_db()
    assert (original.state, queries.confirmed_order(scene.lot)) == ("confirmed", original)
    assert live(original) == before
    # Until the change takes effect it holds only the hour that the original does not reach.
    assert {(start, end) for _, start, end in live(order)} == {(ENDS, ENDS + LATER)}
    answer(scene, order, scene.qingdao, seats[scene.qingdao])
    for one in (original, order):
        one.refresh_from_db()
    assert (original.state, order.state, queries.confirmed_order(scene.lot)) == ("changed", "confirmed", order)
    assert live(original) == set()
    assert live(order) == {(pk, STARTS + LATER, ENDS + LATER) for pk, _, _ in before}
    assert {one.state for one in original.offers.all()} == {"changed"}
    verbs = Entry.objects.filter(lot=scene.lot.pk, verb__regex="^(offer|venue_order)").values_list("verb", flat=True)
    assert {"venue_order.change", "venue_order.replace", "offer.replace"} <= set(verbs) <= set(SENTENCES)


def test_a_change_that_a_venue_refuses_leaves_everything_as_it_was(scene):
    original = scene.confirmed()
    before, seats = live(original), held(original, scene.jinan)
    order = ask(scene, original, reroute_limit=0)
    answer(scene, order, scene.jinan, seats)
    offer = queries.offers_visible_to(scene.qingdao).get(asked_for=order)
    actions.refuse_offer(offer, reason="当日无空闲", actor=scene.qingdao, clock=scene.clock)
    for one in (original, order):
        one.refresh_from_db()
    assert (original.state, order.state) == ("confirmed", "not_passed")
    assert live(original) == before
    assert Booking.objects.filter(released_at=None).count() == len(before)


def test_seats_in_the_room_of_the_original_may_be_exchanged(scene):
    original = scene.confirmed()
    seats = held(original, scene.jinan)
    others = [
        Seat.objects.filter(room=seat.room).exclude(pk=seat.pk).order_by("number").first()
        for seat in sorted(seats, key=lambda one: one.pk)
    ]
    order = ask(scene, original)
    answer(scene, order, scene.jinan, others)
    answer(scene, order, scene.qingdao, held(original, scene.qingdao))
    assert held(order, scene.jinan) == set(others)


def test_a_change_to_another_day_is_held_at_once(scene):
    original = scene.confirmed()
    day = timedelta(days=1)
    order = ask(scene, original, starts_at=STARTS + day, ends_at=ENDS + day)
    answer(scene, order, scene.jinan, held(original, scene.jinan))
    assert {(start, end) for _, start, end in live(order)} == {(STARTS + day, ENDS + day)}


def test_seats_that_somebody_else_holds_are_not_to_be_had_by_a_change_either(scene):
    original = scene.confirmed()
    seats = held(original, scene.jinan)
    order = ask(scene, original)
    Booking.objects.create(
        seat=min(seats, key=lambda one: one.pk), during=(ENDS, ENDS + LATER), reference=order.pk, booked_at=STARTS
    )
    count = Booking.objects.count()
    with pytest.raises(Refusal, match="SEAT-TAKEN"):
        answer(scene, order, scene.jinan, seats)
    assert Booking.objects.count() == count


def test_a_cancellation_frees_the_seats_only_when_every_venue_agreed(scene):
    original = scene.confirmed()
    order = actions.request_cancellation(original, reason="项目调整", actor=scene.agency, clock=scene.clock)
    assert order.number.startswith("QX")
    answer(scene, order, scene.jinan)
    assert len(live(original)) == 5
    assert [one.asked_for for one in queries.sessions_of(scene.jinan, scene.clock.now())] == [original]
    answer(scene, order, scene.qingdao)
    for one in (original, order):
        one.refresh_from_db()
    assert (original.state, order.state) == ("cancelled", "concluded")
    assert not Booking.objects.filter(released_at=None).exists()
    assert queries.confirmed_order(scene.lot) is None
    assert scene.confirmed().state == "confirmed"


def test_a_cancellation_that_is_refused_leaves_the_original_and_is_never_passed_on(scene):
    original = scene.confirmed()
    order = actions.request_cancellation(original, reason="项目调整", actor=scene.agency, clock=scene.clock)
    answer(scene, order, scene.jinan)
    offer = queries.offers_visible_to(scene.qingdao).get(asked_for=order)
    actions.refuse_offer(offer, reason="专家已到场", actor=scene.qingdao, clock=scene.clock)
    for one in (original, order):
        one.refresh_from_db()
    assert (original.state, order.state, order.asked.count()) == ("confirmed", "not_passed", 2)
    assert len(live(original)) == 5


def test_only_a_confirmed_order_may_be_changed_and_one_change_at_a_time(scene):
    original = scene.request()
    count = VenueOrder.objects.count(), Entry.objects.count()
    with pytest.raises(Refusal, match="ORIGINAL"):
        ask(scene, original)
    assert (VenueOrder.objects.count(), Entry.objects.count()) == count
    for is_main, actor in ((True, scene.jinan), (False, scene.qingdao)):
        scene.confirm(original.offers.get(is_main=is_main), actor)
    pending = ask(scene, original)
    count = VenueOrder.objects.count(), Entry.objects.count()
    with pytest.raises(Refusal, match="ORDER"):
        ask(scene, original)
    with pytest.raises(Refusal, match="ORDER"):
        actions.request_cancellation(original, reason="项目调整", actor=scene.agency, clock=scene.clock)
    assert (VenueOrder.objects.count(), Entry.objects.count()) == count
    actions.cancel_order(pending, reason="不改了", actor=scene.agency, clock=scene.clock)
    assert ask(scene, original).state == "requested"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [({"reason": " "}, "REASON"), ({"main_seats": 2}, "COMMITTEE"), ({"sub_venues": {}}, "SUB-VENUE")],
)
def test_a_change_is_examined_like_an_order_and_says_why(scene, changes, rule):
    original = scene.confirmed()
    entries = Entry.objects.count()
    with pytest.raises(Refusal) as refused:
        ask(scene, original, **changes)
    assert (refused.value.rule, Entry.objects.count()) == (rule, entries)


def test_only_a_host_cancels_and_only_before_the_session(scene):
    original = scene.confirmed()
    for actor, reason, rule in ((scene.jinan, "调整", "PARTY"), (scene.agency, " ", "REASON")):
        with pytest.raises(Refusal, match=rule):
            actions.request_cancellation(original, reason=reason, actor=actor, clock=scene.clock)
    scene.clock.advance_to(STARTS)
    with pytest.raises(Refusal, match="PAST"):
        actions.request_cancellation(original, reason="调整", actor=scene.agency, clock=scene.clock)
