"""After a postponement everything begins from zero: new venues, new draw, another attempt, another session."""

from datetime import timedelta

from gongheng.places.venues import queries as venues
from gongheng.places.venues.models import Centre, Seat
from gongheng.places.venues.tests.choosing import choose_seats
from gongheng.trading.coordination import actions as coordination
from gongheng.trading.draws.actions.ordering import void_draw
from gongheng.trading.draws.models import Draw
from gongheng.trading.sessions.actions import disturbing, running
from gongheng.trading.sessions.lifecycle import SessionState


def test_a_postponed_lot_gets_other_venues_another_draw_and_another_attempt(world):
    main, clock = world.who.centre, world.clock
    first = running.start_session(world.lot, actor=main, clock=clock)
    incident = disturbing.report_incident(
        world.lot, cause="POWER", description="停电", actor=world.qingdao, clock=clock
    )
    disturbing.pause_session(incident, actor=main, clock=clock)
    disturbing.postpone_session(incident, decision="短时不能恢复供电", actor=main, clock=clock)
    void_draw(world.draw, reason="评标延期，评标委员会解散", actor=world.who.supervisor, clock=clock)
    world.lot.refresh_from_db()
    starts = clock.now().replace(hour=1, minute=0) + timedelta(days=3)
    order = coordination.request_venues(
        world.lot, starts_at=starts, ends_at=starts + timedelta(hours=5), main_seats=3,
        sub_venues={Centre.objects.get(short_name="青岛"): 2}, contact="李四", phone="13800000000",
        actor=world.who.agency, clock=clock,
    )
    for is_main, staff in ((True, main), (False, world.qingdao)):
        offer = order.offers.get(is_main=is_main)
        free = venues.free_seats(offer.centre, order.starts_at, order.ends_at, clock.now())
        seats = Seat.objects.filter(pk__in=choose_seats(free, offer.seats_wanted))
        coordination.confirm_offer(offer, seats=list(seats), actor=staff, clock=clock)
    draw = world.draw
    Draw.objects.create(
        lot=world.lot, attempt=2, venue_order=order, state="complete", order=draw.order, order_digest="o",
        pool_root="r", ordered_at=clock.now(), drawn_at=clock.now(), lists=draw.lists,
    )
    clock.moment = starts - timedelta(minutes=20)
    second = running.start_session(world.lot, actor=main, clock=clock)
    first.refresh_from_db()
    assert (first.state, first.evaluation.state) == (SessionState.POSTPONED, "dissolved")
    assert (second.state, second.evaluation.attempt) == (SessionState.RUNNING, 2)
    assert second.evaluation.members.count() == 0
