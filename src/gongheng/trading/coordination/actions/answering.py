"""The centres' side: confirming, refusing, letting expire; and passing on what a sub venue declined."""

from dataclasses import asdict

from django.db import transaction

from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.places.venues import actions as venues
from gongheng.places.venues.models import Booking, Centre, Room, Seat
from gongheng.trading.coordination import queries, rules
from gongheng.trading.coordination.actions.offering import add_offer, release, send
from gongheng.trading.coordination.lifecycle import OfferState, OrderKind
from gongheng.trading.coordination.models import Offer, VenueOrder
from gongheng.trust.evidence.moving import moving


def confirm_offer(offer: Offer, *, seats: list[Seat], actor: Actor, clock: Clock) -> Offer:
    """Confirm an offer with exactly the seats asked (确认席位); overlapping bookings are impossible.

    When the main venue confirms, the sub venues are asked; when all confirmed, the order is complete.
    Raises Refusal PARTY, SEATS, STATE, LATE, HOLD, and what book_seats raises.
    """
    _must_answer(offer, actor)
    if len(set(seats)) != offer.seats_wanted:
        raise Refusal("SEATS", f"应恰好选择{offer.seats_wanted}个席位，现选择了{len(set(seats))}个。", "seats")
    if any(seat.room.centre_id != offer.centre_id for seat in seats):
        raise Refusal("SEATS", "只能选择本中心的席位。", "seats")
    order = offer.asked_for
    with transaction.atomic():
        with moving(offer, "confirm", actor=actor, clock=clock, seats=[str(seat.pk) for seat in seats]) as step:
            offer.decided_at = step.now
            _book(offer, seats, step.now)
        if offer.is_main:
            with moving(order, "main_confirm", actor=actor, clock=clock):
                pass
            for other in order.offers.filter(state=OfferState.WAITING).order_by("centre__region"):
                send(other, actor, clock)
        elif not order.offers.exclude(state=OfferState.CONFIRMED).exists():
            _complete(order, actor, clock)
    return offer


def refuse_offer(offer: Offer, *, reason: str, actor: Actor, clock: Clock) -> Offer:
    """Refuse an offer with a reason (拒绝要约); the next centre is asked, or the order fails."""
    _must_answer(offer, actor)
    if not reason.strip():
        raise Refusal("REASON", "拒绝要约须说明理由。", "reason")
    with transaction.atomic():
        with moving(offer, "refuse", actor=actor, clock=clock, reason=reason) as step:
            offer.decided_at, offer.reason = step.now, reason
            _leave(offer)
        _pass_on(offer, actor, clock)
    return offer


def expire_offer(offer: Offer, *, actor: Actor, clock: Clock) -> Offer:
    """Let an unanswered offer expire (要约逾期); called by the clock. Raises Refusal EARLY."""
    with transaction.atomic():
        with moving(offer, "expire", actor=actor, clock=clock) as step:
            if step.now < offer.confirm_by:
                raise Refusal("EARLY", "要约答复时限尚未届满。")
            offer.decided_at = step.now
            _leave(offer)
        _pass_on(offer, actor, clock)
    return offer


def remind_centre(offer: Offer, *, actor: Actor, clock: Clock) -> Offer:
    """Note that a centre is to be reminded of its offer (催办); a follower sends the SMS. Raises Refusal EARLY."""
    with moving(offer, "remind", actor=actor, clock=clock) as step:
        due = rules.next_reminder(offer.sent_at, offer.confirm_by, offer.reminded_at)
        if due is None or step.now < due:
            raise Refusal("EARLY", "尚未到催办时间。")
        offer.reminded_at = step.now
    return offer


def _leave(offer: Offer) -> None:
    # A cancellation asks the venues of its original; none of them can be replaced.
    if not offer.is_main and offer.asked_for.kind != OrderKind.CANCELLATION:
        offer.order = None


def _pass_on(declined: Offer, actor: Actor, clock: Clock) -> None:
    """Ask the next centre by the published order instead of one that declined; fail the order if there is none."""
    order, now = declined.asked_for, clock.now()  # the lot is locked since the decline
    used = order.asked.filter(replaces__isnull=False).count()
    if declined.order_id is None and used < order.reroute_limit and now < order.starts_at:
        looked_at = queries.candidates(order, now)
        ranked = rules.fair_order(looked_at, lot=order.lot.code, seats=declined.seats_wanted)
        if ranked:
            offer = add_offer(
                order, Centre.objects.get(region=ranked[0].region), declined.seats_wanted, replaces=declined,
                ranking=[asdict(one) for one in looked_at], actor=actor, clock=clock,
            )
            send(
                offer, actor, clock, declined=declined.centre.short_name,
                chosen=offer.centre.short_name, seats=offer.seats_wanted, ranking=offer.ranking,
            )
            return
    with moving(order, "fail", actor=actor, clock=clock):
        pass
    release(order, actor, clock)


def _complete(order: VenueOrder, actor: Actor, clock: Clock) -> None:
    original = order.original
    if original is not None and order.lot.state not in rules.BEFORE_EVALUATION:
        raise Refusal("STATE", "评标已经开始，变更、取消不再生效。")
    match order.kind:
        case OrderKind.CANCELLATION:
            with moving(original, "call_off", actor=actor, clock=clock, number=order.number):
                pass
            release(original, actor, clock)
            with moving(order, "conclude", actor=actor, clock=clock):
                pass
            return
        case OrderKind.CHANGE:
            with moving(original, "replace", actor=actor, clock=clock, number=order.number):
                pass
            release(original, actor, clock)
    with moving(order, "complete", actor=actor, clock=clock) as step:
        for offer in order.offers.order_by("pk"):
            _take_over(offer, step.now)


def _book(offer: Offer, seats: list[Seat], now) -> None:
    """Hold the seats named; those that the original order still holds are only held where its time does not reach."""
    order = offer.asked_for
    # Room by room, always in one order: two who name the same seats would otherwise wait for each other for ever.
    list(Room.objects.select_for_update(no_key=True).filter(pk__in={seat.room_id for seat in seats}).order_by("pk"))
    wanted = (order.starts_at, order.ends_at)
    own = queries.held_by_original(offer)
    kept = [seat for seat in seats if seat.pk in own]
    parts = [([seat for seat in seats if seat.pk not in own], wanted)]
    if kept:
        offer.kept_seats = [str(seat.pk) for seat in kept]
        parts += [(kept, part) for part in rules.remainder(wanted, (order.original.starts_at, order.original.ends_at))]
    for chosen, (starts_at, ends_at) in parts:
        if chosen:
            venues.book_seats(chosen, starts_at=starts_at, ends_at=ends_at, reference=offer.pk, now=now)


def _take_over(offer: Offer, now) -> None:
    """Turn what a change held in pieces into whole bookings, now that its original let go."""
    if not offer.kept_seats:
        return
    seats = set(Booking.objects.filter(reference=offer.pk, released_at=None).values_list("seat", flat=True))
    venues.release_seats(offer.pk, now=now)
    whole = Seat.objects.filter(pk__in=[*seats, *offer.kept_seats]).order_by("pk")
    order = offer.asked_for
    venues.book_seats(
        list(whole), starts_at=order.starts_at, ends_at=order.ends_at, reference=offer.pk, now=now
    )


def _must_answer(offer: Offer, actor: Actor) -> None:
    if actor.organisation != str(offer.centre.organisation_id):
        raise Refusal("PARTY", "该要约不是发给您所在交易中心的，不能答复。")
