"""A seat with a program takes no code: its device must vouch for the browser, the seat, the session and the minute."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from gongheng.crypto import canonical, signing
from gongheng.places.venues import actions as venues
from gongheng.places.venues import logins
from gongheng.places.venues.lifecycle import AgentState
from gongheng.places.venues.models import Seat, SeatAgent
from gongheng.places.venues.queries import bookings_for
from gongheng.trading.evaluation import queries
from gongheng.trading.evaluation.actions import sitting
from gongheng.trading.evaluation.tests.world import refused, visitor
from gongheng.trust.evidence.models import Entry
from tools.seat_agent import vouching

HOME, ELSEWHERE = b"h" * 32, b"e" * 32


def with_program(seat: Seat, now, state=AgentState.FIT) -> tuple[SeatAgent, bytes]:
    """Give a seat an enrolled program; return it with its private device key."""
    private, public = signing.generate()
    agent = SeatAgent.objects.create(
        seat=seat, state=state, code_digest=b"", code_expires_at=now, public_key=public, enrolled_at=now,
        reported_at=now,
    )
    return agent, private


def carried(agent, private, booking, session, now) -> str:
    """Carry the platform's link to the program and take its proof back, as a browser at the seat does."""
    query = urlsplit(logins.link(agent, booking, session, back="/evaluation/", now=now)).query
    back = vouching.way_back("https://hub.test", private, str(agent.pk), query)
    return parse_qs(urlsplit(back).query)["proof"][0]


@pytest.fixture
def seated(world):
    """An expert whose drawn seat has a program, as has another seat of his venue."""
    evaluation, expert = world.opened(), world.experts[0]
    arrival = world.arrive(evaluation, expert)
    now = world.clock.now()
    agent, private = with_program(arrival.seat, now)
    booking = queries.booking_at(evaluation, arrival.centre_id, arrival.seat_id)

    def check_in(proof, session=HOME, code=""):
        return sitting.check_in(
            evaluation, expert, seat_code=code, session=session, proof=proof, actor=world.as_expert(expert),
            clock=world.clock,
        )

    return world, evaluation, expert, agent, private, booking, check_in


def test_only_the_device_of_the_drawn_seat_lets_in_and_only_this_browser_now(seated):
    world, evaluation, _, agent, private, booking, check_in = seated
    now = world.clock.now()
    proof = carried(agent, private, booking, HOME, now)
    assert refused(lambda: check_in("", code=queries.seat_code(booking))) == "SEAT-DEVICE"
    assert refused(lambda: check_in("bm8.bm8")) == "SEAT-DEVICE"
    assert refused(lambda: check_in(proof + ".x")) == "SEAT-DEVICE"
    # Another seat's device, and one that only says it is this seat's.
    other, others_key = with_program(Seat.objects.exclude(pk=booking.seat_id).first(), now)
    assert refused(lambda: check_in(carried(other, others_key, booking, HOME, now))) == "SEAT-DEVICE"
    assert refused(lambda: check_in(carried(agent, others_key, booking, HOME, now))) == "SEAT-DEVICE"
    # The link copied into another browser; a proof of another session of the same seat.
    assert refused(lambda: check_in(proof, session=ELSEWHERE)) == "SEAT-BROWSER"
    another = queries.booking_at(evaluation, booking.seat.room.centre_id, booking.seat_id)
    another.pk = agent.pk
    assert refused(lambda: check_in(carried(agent, private, another, HOME, now))) == "SEAT-BROWSER"
    # Later, also when the moment was written anew by the holder of the device key.
    world.clock.advance_to(now + logins.PROOF_LASTS)
    assert refused(lambda: check_in(proof)) == "SEAT-WINDOW"
    asked = parse_qs(urlsplit(logins.link(agent, booking, HOME, back="/", now=now)).query)
    longer = vouching.proof(private, str(agent.pk), asked["nonce"][0], canonical.timestamp(now + timedelta(days=1)))
    assert refused(lambda: check_in(longer)) == "SEAT-BROWSER"

    member = check_in(carried(agent, private, booking, HOME, world.clock.now()))
    assert bytes(member.device_session) == HOME
    assert queries.is_at_seat(member, HOME)
    assert not queries.is_at_seat(member, ELSEWHERE)
    # A new login at the seat goes on after the device vouched for it; a revoked program asks for nothing more.
    proof = carried(agent, private, booking, ELSEWHERE, world.clock.now())
    renew = {"actor": world.of(member), "clock": world.clock, "session": ELSEWHERE}
    assert refused(lambda: sitting.verify_device(member, proof="", **renew)) == "SEAT-DEVICE"
    sitting.verify_device(member, proof=proof, **renew)
    member.refresh_from_db()
    assert queries.is_at_seat(member, ELSEWHERE)
    venues.revoke_agent(agent, actor=world.who.centre, clock=world.clock)
    assert queries.is_at_seat(member, HOME)
    ways = [one.body for one in Entry.objects.filter(verb="evaluation.check_in")]
    assert "席位设备证明" in bytes(ways[0]).decode()


def test_the_pages_lead_through_the_device_and_a_seat_out_of_order_is_not_drawn(seated):
    world, evaluation, expert, agent, private, _, _ = seated
    browser = visitor(world.held[str(expert.pk)], world.clock)
    path = f"/evaluation/{evaluation.pk}/"
    assert "验证本席位设备" in browser.text(f"{path}check-in/")
    asked = browser.client.get(f"{path}device/").url
    assert asked.startswith(f"http://127.0.0.1:{vouching.PORT}/")
    back = vouching.way_back("", private, str(agent.pk), urlsplit(asked).query)
    assert "check-in/?proof=" in visitor(world.held[str(world.experts[1].pk)], world.clock).text(back)
    proof = parse_qs(urlsplit(back).query)["proof"][0]
    assert "已取得本席位设备的证明" in browser.text(f"{path}check-in/?proof={proof}")
    answer = browser.sign(f"{path}check-in/", "evaluation.check_in", proof=proof)
    assert answer.url == f"{path}promise/"
    # Another browser of the same person is led to the device instead of to the work.
    at_home = visitor(world.held[str(expert.pk)], world.clock)
    assert "验证席位设备" in at_home.text(f"{path}promise/")
    assert "SEAT-BROWSER" in at_home.text(f"{path}check-in/?proof={proof}")
    assert at_home.client.post(f"{path}pulse/", b"{}", content_type="application/json").json()["rule"] == "SEAT-DEVICE"
    back = vouching.way_back("", private, str(agent.pk), urlsplit(at_home.client.get(f"{path}device/").url).query)
    renewed = parse_qs(urlsplit(back).query)["proof"][0]
    assert "席位设备已验证" in at_home.text(f"{path}check-in/?proof={renewed}")

    # At the other venue all programs are silent or found something broken: no seat is drawn before one is in order.
    late = world.experts[3]
    offer = queries.confirmed_order(world.lot).offers.get(centre=world.pick_of(late).centre)
    held = [one.seat for one in bookings_for(offer.pk)]
    states = (AgentState.SILENT, AgentState.UNFIT)
    agents = [with_program(seat, world.clock.now(), state)[0] for seat, state in zip(held, states, strict=True)]
    assert refused(lambda: world.arrive(evaluation, late)) == "SEAT-FAULT"
    SeatAgent.objects.filter(pk=agents[1].pk).update(state=AgentState.FIT)
    assert world.arrive(evaluation, late).seat_id == held[1].pk


def test_a_proof_lasts_minutes_not_hours():
    assert timedelta(minutes=1) < logins.PROOF_LASTS < timedelta(minutes=10)
    assert f"http://127.0.0.1:{vouching.PORT}/" == logins.AGENT_AT
