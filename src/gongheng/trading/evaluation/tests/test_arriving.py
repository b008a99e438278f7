"""Coming to a venue: identified by its staff, a seat drawn afterwards, nobody turned away by a machine."""

import pytest

from gongheng.places.access.gates import NO_COMPARISON, Comparison
from gongheng.places.access.lifecycle import VisitState
from gongheng.places.venues.queries import bookings_for
from gongheng.trading.evaluation.actions import arriving, sitting
from gongheng.trading.evaluation.queries import arrival_code, arrival_of, confirmed_order
from gongheng.trading.evaluation.tests.world import refused
from gongheng.trust.evidence.models import Entry


def test_a_clear_match_draws_a_seat_of_the_own_venue(world):
    evaluation = world.opened()
    arrivals = [world.arrive(evaluation, expert) for expert in world.experts]
    for arrival in arrivals:
        booked = {one.seat_id for one in bookings_for(confirmed_order(world.lot).offers.get(centre=arrival.centre).pk)}
        assert arrival.seat_id in booked
        assert arrival.visit.state == VisitState.ADMITTED
        assert arrival.visit.zones == ["候评区", arrival.seat.room.name]
    assert len({arrival.seat_id for arrival in arrivals}) == len(arrivals)


def test_only_the_own_venue_receives_and_only_who_is_called(world):
    evaluation, expert = world.opened(), world.experts[0]
    code = arrival_code(world.pick_of(expert))

    def receive(code, actor):
        return arriving.receive_expert(
            evaluation, code=code, comparison=Comparison(9400, True), actor=actor, clock=world.clock
        )

    assert refused(lambda: receive(code, world.qingdao)) == "ARRIVAL"
    assert refused(lambda: receive("000000", world.who.centre)) == "ARRIVAL"
    assert refused(lambda: receive(code, world.who.agency)) == "VENUE"
    receive(code, world.who.centre)
    assert refused(lambda: receive(code, world.who.centre)) == "ARRIVAL"


@pytest.mark.parametrize(
    ("comparison", "result"),
    [(NO_COMPARISON, "MANUAL"), (Comparison(3000, True), "MANUAL"), (Comparison(9000, False), "DEGRADED"),
     (Comparison(7000, True), "DEGRADED")],
)
def test_what_the_machine_does_not_know_a_person_decides(world, comparison, result):
    evaluation, expert = world.opened(), world.experts[0]
    staff = {"actor": world.who.centre, "clock": world.clock}
    arrival = world.arrive(evaluation, expert, comparison)
    assert (arrival.visit.result, arrival.visit.state, arrival.seat) == (result, VisitState.CHECKING, None)
    sit = {"seat_code": "123456", "actor": world.as_expert(expert), "clock": world.clock}
    assert refused(lambda: sitting.check_in(evaluation, expert, **sit)) == "IDENTITY"
    decide = {"admits": True, "decision": " "}
    assert refused(lambda: arriving.decide_arrival(arrival, **decide, **staff)) == "DECISION"
    elsewhere = {"actor": world.qingdao, "clock": world.clock}
    decide = {"admits": True, "decision": "核对身份证原件，人证一致"}
    assert refused(lambda: arriving.decide_arrival(arrival, **decide, **elsewhere)) == "ROLE"
    arriving.decide_arrival(arrival, **decide, **staff)
    assert arrival_of(evaluation, expert).seat is not None


def test_who_was_turned_away_may_come_again_with_better_papers(world):
    evaluation, expert = world.opened(), world.experts[0]
    arrival = world.arrive(evaluation, expert, NO_COMPARISON)
    arriving.decide_arrival(
        arrival, admits=False, decision="未带身份证原件", actor=world.who.centre, clock=world.clock
    )
    assert (arrival.visit.state, arrival.visit.result) == (VisitState.REFUSED, "FAIL")
    assert world.arrive(evaluation, expert).seat is not None


def test_the_log_never_tells_which_seat_was_drawn(world):
    arrival = world.arrive(world.opened(), world.experts[0])
    told = b"".join(bytes(body) for body in Entry.objects.values_list("body", flat=True) if b"draw_seat" in bytes(body))
    assert told
    assert str(arrival.seat_id).encode() not in told
