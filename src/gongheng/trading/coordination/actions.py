"""The only writer of venue orders and offers."""

from datetime import datetime

from django.db import connection, transaction

from gongheng.kernel.clock import SHANGHAI, Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.places.venues import actions as venues
from gongheng.places.venues.models import Centre, Seat
from gongheng.places.venues.queries import centre_in
from gongheng.trading.coordination.lifecycle import OfferState
from gongheng.trading.coordination.models import Offer, VenueOrder
from gongheng.trading.coordination.rules import ANSWER_TIME, BEFORE_EVALUATION, FEWEST_AT_SUB_VENUE
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import is_host
from gongheng.trust.evidence.moving import moving, starting


def request_venues(
    lot: Lot, *, starts_at: datetime, ends_at: datetime, main_seats: int, sub_venues: dict[Centre, int],
    contact: str, phone: str, actor: Actor, clock: Clock,
) -> VenueOrder:
    """Ask the main venue, and after it the sub venues, for seats (发起要约).

    Raises Refusal PARTY, PAST, DAY, BEFORE-OPENING, REGION, SUB-VENUE, SEATS, COMMITTEE, STATE, ORDER.
    """
    if not is_host(lot, actor):
        raise Refusal("PARTY", "您所在的单位不是该标段的招标人或招标代理机构，不能办理。")
    if starts_at <= clock.now():
        raise Refusal("PAST", "评标开始时间已过，请改为将来的时间。", "starts_at")
    if starts_at.astimezone(SHANGHAI).date() != ends_at.astimezone(SHANGHAI).date() or ends_at <= starts_at:
        raise Refusal("DAY", "评标开始与结束须在同一天，且结束晚于开始。", "ends_at")
    if lot.bids_due_at is not None and starts_at < lot.bids_due_at:
        raise Refusal("BEFORE-OPENING", "评标开始时间不得早于开标时间。", "starts_at")
    main = centre_in(lot.place_region)
    if main is None:
        raise Refusal("REGION", "交易发生地没有公共资源交易中心，不能作为主场。")
    if not sub_venues or main in sub_venues:
        raise Refusal("SUB-VENUE", "远程异地评标须有至少一个与主场不同城市的副场。", "sub_venue")
    if any(seats < FEWEST_AT_SUB_VENUE for seats in sub_venues.values()):
        raise Refusal("SEATS", f"每个副场至少安排{FEWEST_AT_SUB_VENUE}个席位，不得让专家单独评标。", "sub_seats")
    total = main_seats + sum(sub_venues.values())
    if main_seats < 1 or total < 5 or total % 2 == 0:
        raise Refusal("COMMITTEE", f"主场至少1个席位，各会场席位合计应为5以上单数，现为{total}。", "main_seats")
    order = VenueOrder(lot=lot, starts_at=starts_at, ends_at=ends_at, contact=contact, phone=phone)
    with transaction.atomic():
        with starting(order, actor=actor, clock=clock, verb="request", seats=total) as step:
            if lot.state not in BEFORE_EVALUATION:
                raise Refusal("STATE", "备案通过后、评标开始前方可预约评标场地。")
            if lot.venue_orders.filter(state__in=["requested", "offered", "confirmed"]).exists():
                raise Refusal("ORDER", "该标段已有有效的要约单，请先取消后再重新发起。")
            order.number = f"SQ{step.now.astimezone(SHANGHAI):%Y%m%d}{_next('venue_order_sequence'):06d}"
            order.requested_at = step.now
            step.facts["number"] = order.number
        offer = _add_offer(order, main, True, main_seats, actor, clock)
        _send(offer, actor, clock)
        for centre, seats in sub_venues.items():
            _add_offer(order, centre, False, seats, actor, clock)
    return order


def confirm_offer(offer: Offer, *, seats: list[Seat], actor: Actor, clock: Clock) -> Offer:
    """Confirm an offer with exactly the seats asked (确认席位); overlapping bookings are impossible.

    When the main venue confirms, the sub venues are asked; when all confirmed, the order is complete.
    """
    _must_answer(offer, actor)
    if len(set(seats)) != offer.seats_wanted:
        raise Refusal("SEATS", f"应恰好选择{offer.seats_wanted}个席位，现选择了{len(set(seats))}个。", "seats")
    if any(seat.room.centre_id != offer.centre_id for seat in seats):
        raise Refusal("SEATS", "只能选择本中心的席位。", "seats")
    order = offer.order
    with transaction.atomic():
        with moving(offer, "confirm", actor=actor, clock=clock, seats=[str(seat.pk) for seat in seats]) as step:
            offer.decided_at = step.now
            venues.book_seats(
                seats, starts_at=order.starts_at, ends_at=order.ends_at, reference=offer.pk, now=step.now
            )
        if offer.is_main:
            with moving(order, "main_confirm", actor=actor, clock=clock):
                pass
            for other in order.offers.filter(state=OfferState.WAITING):
                _send(other, actor, clock)
        elif not order.offers.exclude(state=OfferState.CONFIRMED).exists():
            with moving(order, "complete", actor=actor, clock=clock):
                pass
    return offer


def refuse_offer(offer: Offer, *, reason: str, actor: Actor, clock: Clock) -> Offer:
    """Refuse an offer with a reason (拒绝要约); the order fails and its seats go free."""
    _must_answer(offer, actor)
    if not reason.strip():
        raise Refusal("REASON", "拒绝要约须说明理由。", "reason")
    with transaction.atomic():
        with moving(offer, "refuse", actor=actor, clock=clock, reason=reason) as step:
            offer.decided_at, offer.reason = step.now, reason
        _fail(offer.order, actor, clock)
    return offer


def expire_offer(offer: Offer, *, actor: Actor, clock: Clock) -> Offer:
    """Let an unanswered offer expire (要约逾期); called by the clock."""
    with transaction.atomic():
        with moving(offer, "expire", actor=actor, clock=clock) as step:
            if step.now < offer.confirm_by:
                raise Refusal("EARLY", "要约答复时限尚未届满。")
            offer.decided_at = step.now
        _fail(offer.order, actor, clock)
    return offer


def cancel_order(order: VenueOrder, *, reason: str, actor: Actor, clock: Clock) -> VenueOrder:
    """Cancel an order (取消要约单); a reason is mandatory and booked seats go free."""
    if not is_host(order.lot, actor):
        raise Refusal("PARTY", "您所在的单位不是该标段的招标人或招标代理机构，不能办理。")
    if not reason.strip():
        raise Refusal("REASON", "取消要约单须说明理由。", "reason")
    with transaction.atomic():
        with moving(order, "cancel", actor=actor, clock=clock, reason=reason):
            if order.lot.state not in BEFORE_EVALUATION:
                raise Refusal("STATE", "评标已经开始，不能取消场地。")
        _release(order, actor, clock)
    return order


def _add_offer(order: VenueOrder, centre: Centre, is_main: bool, seats: int, actor: Actor, clock: Clock) -> Offer:
    offer = Offer(order=order, centre=centre, is_main=is_main, seats_wanted=seats)
    with starting(offer, actor=actor, clock=clock, verb="add", centre=str(centre.pk), seats=seats, is_main=is_main):
        pass
    return offer


def _send(offer: Offer, actor: Actor, clock: Clock) -> None:
    with moving(offer, "send", actor=actor, clock=clock) as step:
        offer.sent_at = step.now
        offer.confirm_by = min(step.now + ANSWER_TIME, offer.order.starts_at)


def _fail(order: VenueOrder, actor: Actor, clock: Clock) -> None:
    with moving(order, "fail", actor=actor, clock=clock):
        pass
    _release(order, actor, clock)


def _release(order: VenueOrder, actor: Actor, clock: Clock) -> None:
    for offer in order.offers.filter(state__in=[OfferState.WAITING, OfferState.SENT, OfferState.CONFIRMED]):
        with moving(offer, "cancel", actor=actor, clock=clock) as step:
            venues.release_seats(offer.pk, now=step.now)


def _must_answer(offer: Offer, actor: Actor) -> None:
    if actor.organisation != str(offer.centre.organisation_id):
        raise Refusal("PARTY", "该要约不是发给您所在交易中心的，不能答复。")


def _next(sequence: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval('{sequence}')")
        return cursor.fetchone()[0]
