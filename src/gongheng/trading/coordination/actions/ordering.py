"""The hosts' side: ordering venues, changing or cancelling what was confirmed, withdrawing what is pending."""

from datetime import datetime

from django.db import connection, transaction

from gongheng.kernel.clock import SHANGHAI, Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.places.venues.models import Centre
from gongheng.places.venues.queries import centre_in
from gongheng.trading.coordination.actions.offering import add_offer, release, send
from gongheng.trading.coordination.lifecycle import PENDING, OrderKind, OrderState
from gongheng.trading.coordination.models import VenueOrder
from gongheng.trading.coordination.queries import is_drawn_for
from gongheng.trading.coordination.rules import BEFORE_EVALUATION, FEWEST_AT_SUB_VENUE, MOST_REROUTES, REROUTES
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import is_host
from gongheng.trust.evidence.moving import moving, starting

#: What is asked of the venues, main venue first: (centre, seats).
Wanted = list[tuple[Centre, int]]


def request_venues(
    lot: Lot, *, starts_at: datetime, ends_at: datetime, main_seats: int, sub_venues: dict[Centre, int],
    contact: str, phone: str, reroute_limit: int = REROUTES, actor: Actor, clock: Clock,
) -> VenueOrder:
    """Ask the main venue, and after it the sub venues, for seats (发起要约).

    When a sub venue declines, up to ``reroute_limit`` further centres are asked in the published order.
    Raises Refusal PARTY, PAST, DAY, BEFORE-OPENING, REGION, SUB-VENUE, SEATS, COMMITTEE, REROUTES, STATE, ORDER.
    """
    order = VenueOrder(
        lot=lot, starts_at=starts_at, ends_at=ends_at, contact=contact, phone=phone, reroute_limit=reroute_limit
    )
    wanted = _check_session(order, main_seats, sub_venues, actor, clock)
    return _place(order, wanted, actor, clock)


def request_change(
    original: VenueOrder, *, starts_at: datetime, ends_at: datetime, main_seats: int, sub_venues: dict[Centre, int],
    contact: str, phone: str, reason: str, reroute_limit: int = REROUTES, actor: Actor, clock: Clock,
) -> VenueOrder:
    """Ask for another time or other venues instead of a confirmed order (变更要约单).

    The original stands, and keeps its seats, until every venue confirmed the change.
    Raises what request_venues raises, REASON and ORIGINAL.
    """
    order = VenueOrder(
        lot=original.lot, kind=OrderKind.CHANGE, original=original, reason=reason.strip(), starts_at=starts_at,
        ends_at=ends_at, contact=contact, phone=phone, reroute_limit=reroute_limit,
    )
    wanted = _check_session(order, main_seats, sub_venues, actor, clock)
    _must_say(order.reason)
    return _place(order, wanted, actor, clock)


def request_cancellation(original: VenueOrder, *, reason: str, actor: Actor, clock: Clock) -> VenueOrder:
    """Ask every venue of a confirmed order to agree to its cancellation (取消要约单).

    Raises Refusal PARTY, PAST, REASON, STATE, ORDER, ORIGINAL.
    """
    _must_host(original.lot, actor)
    if original.starts_at <= clock.now():
        raise Refusal("PAST", "评标时段已到，不能再申请取消，请按突发情况办理。")
    _must_say(reason)
    order = VenueOrder(
        lot=original.lot, kind=OrderKind.CANCELLATION, original=original, reason=reason.strip(),
        starts_at=original.starts_at, ends_at=original.ends_at, contact=original.contact, phone=original.phone,
    )
    venues = original.offers.select_related("centre").order_by("-is_main", "centre__region")
    return _place(order, [(offer.centre, 0) for offer in venues], actor, clock)


def cancel_order(order: VenueOrder, *, reason: str, actor: Actor, clock: Clock) -> VenueOrder:
    """Withdraw a pending order (撤回要约单); a reason is mandatory and seats given so far go free."""
    _must_host(order.lot, actor)
    _must_say(reason)
    with transaction.atomic():
        with moving(order, "cancel", actor=actor, clock=clock, reason=reason):
            if order.lot.state not in BEFORE_EVALUATION:
                raise Refusal("STATE", "评标已经开始，不能撤回要约单。")
        release(order, actor, clock)
    return order


def lapse_order(order: VenueOrder, *, actor: Actor, clock: Clock) -> VenueOrder:
    """End a confirmed order whose session was postponed or aborted (场次停止); its seats were given back before."""
    with moving(order, "lapse", actor=actor, clock=clock):
        pass
    return order


def _check_session(
    order: VenueOrder, main_seats: int, sub_venues: dict[Centre, int], actor: Actor, clock: Clock
) -> Wanted:
    lot, starts_at, ends_at = order.lot, order.starts_at, order.ends_at
    _must_host(lot, actor)
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
    if not 0 <= order.reroute_limit <= MOST_REROUTES:
        raise Refusal("REROUTES", f"改派次数应在0至{MOST_REROUTES}之间。", "reroute_limit")
    return [(main, main_seats), *sub_venues.items()]


def _place(order: VenueOrder, wanted: Wanted, actor: Actor, clock: Clock) -> VenueOrder:
    facts = {"seats": sum(seats for _, seats in wanted)}
    if order.original is not None:
        facts |= {"original": order.original.number, "reason": order.reason}
    with transaction.atomic():
        with starting(
            order, actor=actor, clock=clock, **facts,
            verb="request" if order.kind == OrderKind.VENUES
            else "change" if order.kind == OrderKind.CHANGE else "ask_cancellation",
        ) as step:
            _must_be_free(order)
            order.number = f"{order.kind}{step.now.astimezone(SHANGHAI):%Y%m%d}{_next('venue_order_sequence'):06d}"
            order.requested_at = step.now
            step.facts["number"] = order.number
        (main, main_seats), *subs = wanted
        send(add_offer(order, main, main_seats, is_main=True, actor=actor, clock=clock), actor, clock)
        for centre, seats in subs:
            add_offer(order, centre, seats, actor=actor, clock=clock)
    return order


def _must_be_free(order: VenueOrder) -> None:
    """Say what else stands in the way; called while the lot is locked, so that nothing slips in between."""
    lot = order.lot
    if lot.state not in BEFORE_EVALUATION:
        raise Refusal("STATE", "备案通过后、评标开始前方可办理评标场地。")
    if order.original is not None:
        state = VenueOrder.objects.values_list("state", flat=True).get(pk=order.original_id)
        if state != OrderState.CONFIRMED:
            raise Refusal("ORIGINAL", "只有全部会场已确认、且未变更未取消的要约单可以变更或取消。")
        # Otherwise a host could have a draw that he does not like undone by moving the session (T23).
        if is_drawn_for(lot):
            raise Refusal(
                "DRAW", "评标专家已按现定会场和时段申请抽取，不能变更或取消场地；请先中止该次抽取，"
                "已经揭示的由监督部门说明理由作废。",
            )
    live = PENDING if order.original is not None else (*PENDING, OrderState.CONFIRMED)
    standing = lot.venue_orders.filter(state__in=live).first()
    if standing is not None:
        raise Refusal("ORDER", f"该标段的要约单{standing.number}尚有效，请待其办结或先撤回、取消。")


def _must_host(lot: Lot, actor: Actor) -> None:
    if not is_host(lot, actor):
        raise Refusal("PARTY", "您所在的单位不是该标段的招标人或招标代理机构，不能办理。")


def _must_say(reason: str) -> None:
    if not reason.strip():
        raise Refusal("REASON", "变更、取消或撤回要约单须说明理由。", "reason")


def _next(sequence: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval('{sequence}')")
        return cursor.fetchone()[0]
