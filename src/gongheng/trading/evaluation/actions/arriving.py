"""Arriving at a venue: identified by its staff, then a seat drawn at random (到场核验、席位抽取)."""

import secrets
from datetime import timedelta

from django.db import transaction

from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.places.access import actions as access
from gongheng.places.access.gates import Comparison
from gongheng.places.access.lifecycle import VisitState
from gongheng.places.venues import actions as venues
from gongheng.places.venues.models import Seat
from gongheng.places.venues.queries import bookings_for, enrolled_agent, fit
from gongheng.places.venues.rules import drawn_seat
from gongheng.trading.draws.lifecycle import PickState
from gongheng.trading.draws.queries import draw_of
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Arrival, Evaluation
from gongheng.trading.evaluation.queries import OVER, arrival_code, booking_at, confirmed_order
from gongheng.trust.evidence.moving import note

#: Where everybody who was admitted may wait; his own room is added when his seat is drawn.
WAITING_ZONE = "候评区"
#: How long after the planned end a permit still opens doors: evaluations run over.
AFTER = timedelta(hours=4)


def receive_expert(
    evaluation: Evaluation, *, code: str, comparison: Comparison, actor: Actor, clock: Clock
) -> Arrival:
    """Receive an expert who shows his arrival code (到场核验): only the venue where his seat is, only who is called.

    ``comparison`` is what the device says of face and document. A clear match draws his seat at once; otherwise
    a person decides with ``decide_arrival``. Raises Refusal VENUE, STATE, ARRIVAL.
    """
    order = confirmed_order(evaluation.lot)
    offer = order.offers.select_related("centre__organisation").filter(centre__organisation=actor.organisation).first()
    if offer is None:
        raise Refusal("VENUE", "本中心不是该标段的会场。")
    typed = code.strip().replace(" ", "")
    picks = draw_of(evaluation.lot).picks.filter(state=PickState.ACCEPTED, centre=offer.centre)
    pick = next((one for one in picks if arrival_code(one) == typed), None)
    if pick is None:
        raise Refusal("ARRIVAL", "到场码不正确，或该专家的席位不在本会场；请核对专家工作台上的6位到场码。", "code")
    with transaction.atomic():
        with note("evaluation.arrive", evaluation, lot=evaluation.lot, actor=actor, clock=clock, pid=pick.pid) as step:
            evaluation.refresh_from_db()
            if evaluation.state != State.CHECK_IN:
                raise Refusal("STATE", f"评标当前处于“{evaluation.state_label}”阶段，不再核验签到。")
            known = evaluation.arrivals.filter(pid=pick.pid, is_gone=False).select_related("visit").first()
            if known is not None and known.visit.state != VisitState.REFUSED:
                raise Refusal("ARRIVAL", "该专家已经核验到场。", "code")
            if known is not None:
                known.is_gone = True  # turned away before; he came back with better papers
                known.save(update_fields=["is_gone"])
        visit = access.check_identity(
            offer.centre, reference=evaluation.pk, subject=pick.pid, label="评标专家", zones=[WAITING_ZONE],
            opens_at=step.now, closes_at=order.ends_at + AFTER, comparison=comparison, actor=actor, clock=clock,
        )
        arrival = Arrival.objects.create(
            evaluation=evaluation, pid=pick.pid, centre=offer.centre, visit=visit, arrived_at=step.now
        )
        if visit.state == VisitState.ADMITTED:
            _draw_seat(arrival, actor, clock)
    return arrival


def decide_arrival(arrival: Arrival, *, admits: bool, decision: str, actor: Actor, clock: Clock) -> Arrival:
    """Admit or turn away by hand (人工核验) whom the machine did not recognise clearly; the decision is signed."""
    decide = access.admit if admits else access.refuse
    with transaction.atomic():
        decide(arrival.visit, decision=decision, actor=actor, clock=clock)
        if admits:
            _draw_seat(arrival, actor, clock)
    return arrival


def move_seat(arrival: Arrival, *, reason: str, actor: Actor, clock: Clock) -> Arrival:
    """Give an expert another seat of his venue because his own failed (换席): drawn among the free ones, as before.

    What he entered stays with him; at a seat with a program its device has to vouch for him anew. The old seat is
    reported as faulty. Raises Refusal VENUE, STATE, REASON or SEATS.
    """
    evaluation = arrival.evaluation
    if actor.organisation != str(arrival.centre.organisation_id):
        raise Refusal("VENUE", "该专家的席位不在本会场，应由其所在会场调整。")
    if not reason.strip():
        raise Refusal("REASON", "请写明原席位不能使用的原因。", "reason")
    with transaction.atomic():
        with note("evaluation.move_seat", evaluation, lot=evaluation.lot, actor=actor, clock=clock, pid=arrival.pid,
                  reason=reason.strip()) as step:
            arrival = evaluation.arrivals.select_for_update(of=("self",)).select_related(
                "seat__room__centre", "visit").get(pk=arrival.pk)
            evaluation.refresh_from_db()
            booking = booking_at(evaluation, arrival.centre_id, arrival.seat_id) if arrival.seat_id else None
            if booking is None or arrival.is_gone or evaluation.state in OVER:
                raise Refusal("STATE", "该专家还没有席位，或评标已经结束，不能换席。")
            if step.now >= booking.during.upper:
                raise Refusal("WINDOW", "席位的预留时段已经结束，不能换席，请登记突发情况。")
            old, booking = arrival.seat, venues.swap_seat(booking, number=secrets.token_bytes(32), now=step.now)
            arrival.seat = booking.seat
            arrival.save(update_fields=["seat"])
            if booking.room.name not in arrival.visit.zones:
                access.allow_zone(arrival.visit, zone=booking.room.name)
            # No session was vouched for at the new seat yet.
            unproved = b"" if enrolled_agent(booking.seat) else None
            evaluation.members.filter(pid=arrival.pid).update(seat=booking.seat, device_session=unproved)
        venues.report_fault(old, fault=reason.strip()[:100], actor=actor, clock=clock)
    return arrival


def _draw_seat(arrival: Arrival, actor: Actor, clock: Clock) -> None:
    evaluation, by = arrival.evaluation, {"actor": actor, "clock": clock}
    with note("evaluation.draw_seat", evaluation, lot=evaluation.lot, **by, pid=arrival.pid) as step:
        offer = confirmed_order(evaluation.lot).offers.get(centre=arrival.centre)
        taken = evaluation.arrivals.filter(is_gone=False).exclude(seat=None).values_list("seat", flat=True)
        booked = {str(one.seat_id): one.seat for one in bookings_for(offer.pk) if one.seat_id not in set(taken)}
        ready = Seat.objects.filter(fit(step.now, step.now), pk__in=booked).values_list("pk", flat=True)
        if booked and not ready:
            raise Refusal("SEAT-FAULT", "剩余的预留席位均报修、自检异常或失联，请恢复其自检或吊销自检程序后再核验。")
        # Drawn only now, after the identity check: nobody can have arranged where anybody sits.
        arrival.seat = booked[drawn_seat(map(str, ready), secrets.token_bytes(32))]
        arrival.save(update_fields=["seat"])
        access.allow_zone(arrival.visit, zone=arrival.seat.room.name)
