"""What each operation does (接口操作的办理): the very actions that the pages call, for the system's organisation."""

from collections.abc import Callable

from gongheng.crypto import canonical
from gongheng.followers.exchange.actions import registering
from gongheng.followers.exchange.models import OutsideSystem
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.places.venues import queries as venues
from gongheng.places.venues.models import Centre, Seat
from gongheng.trading.coordination import actions, queries
from gongheng.trading.coordination.lifecycle import PENDING, OrderState
from gongheng.trading.coordination.models import Offer, VenueOrder
from gongheng.trading.projects import queries as projects
from gongheng.trading.sessions.actions import disturbing, running
from gongheng.trading.sessions.lifecycle import IncidentState, SessionState
from gongheng.trading.sessions.models import Incident, Session
from gongheng.trading.sessions.queries import session_of

_MOST_ORDERS = 50


def perform(system: OutsideSystem, op: str, data: dict, clock: Clock) -> dict:
    """Perform one operation whose data was checked; return the data of the answer. Raises Refusal."""
    return _TABLE[op](system, data, clock)


def _hall(system: OutsideSystem, data: dict, clock: Clock) -> dict:
    return {"centres": [
        {
            "region": one.region, "name": one.short_name, "address": one.address, "rooms": one.room_count,
            "seats": one.seat_count,
        }
        for one in venues.with_capacity()
    ]}


def _seat_check(system: OutsideSystem, data: dict, clock: Clock) -> dict:
    centre = _centre(data["region"], "data.region")
    period = _moment(data, "starts_at"), _moment(data, "ends_at")
    if period[1] <= period[0]:
        raise Refusal("DAY", "结束时间应晚于开始时间。", "data.ends_at")
    now = clock.now()
    free, proposal, problem = venues.free_count(centre, *period, now), [], ""
    # Which seats a centre has free is its own business; others learn how many.
    if str(centre.organisation_id) == system.actor.organisation:
        try:
            proposal = venues.propose_seats(centre, *period, data["seats"], now)
        except Refusal as refusal:
            problem = refusal.message
    return {
        "is_met": free >= data["seats"], "free": free, "problem": problem,
        "proposal": [_seat(one) for one in proposal],
    }


def _apply(system: OutsideSystem, data: dict, clock: Clock) -> dict:
    lot = projects.visible_to(system.actor).filter(code=data["lot"]).first()
    if lot is None:
        raise Refusal("LOT", "没有该编号的标段，或者不是本单位的标段。", "data.lot")
    return _receipt(actions.request_venues(lot, **_session(data), actor=system.actor, clock=clock))


def _change(system: OutsideSystem, data: dict, clock: Clock) -> dict:
    original = _order(system.actor, data["number"])
    return _receipt(actions.request_change(
        original, **_session(data), reason=data["reason"], actor=system.actor, clock=clock
    ))


def _cancel(system: OutsideSystem, data: dict, clock: Clock) -> dict:
    order = _order(system.actor, data["number"])
    end = actions.cancel_order if order.state in PENDING else actions.request_cancellation
    return _receipt(end(order, reason=data["reason"], actor=system.actor, clock=clock))


def _query(system: OutsideSystem, data: dict, clock: Clock) -> dict:
    actor = system.actor
    found = [_order(actor, data["number"])] if "number" in data else queries.visible_to(actor)[:_MOST_ORDERS]
    return {"orders": [_told(order, actor) for order in found]}


def _notify(system: OutsideSystem, data: dict, clock: Clock) -> dict:
    offer = queries.offers_visible_to(system.actor).filter(asked_for__number=data["number"]).first()
    if offer is None:
        raise Refusal("OFFER", "没有该单号发给本中心的要约，请核对单号。", "data.number")
    if data["decision"] == "confirm":
        seats = [_find_seat(offer.centre, one, f"data.seats[{n}]") for n, one in enumerate(data.get("seats", ()))]
        actions.confirm_offer(offer, seats=seats, actor=system.actor, clock=clock)
    else:
        actions.refuse_offer(offer, reason=data.get("reason", ""), actor=system.actor, clock=clock)
    offer.refresh_from_db()
    return _receipt(offer.asked_for) | {"offer": offer.state}


def _eval_start(system: OutsideSystem, data: dict, clock: Clock) -> dict:
    lot, actor = _confirmed(system.actor, data["number"]).lot, system.actor
    session = session_of(lot)
    if session is None or session.state != SessionState.PAUSED:
        return _standing(running.start_session(lot, actor=actor, clock=clock), data)
    if "decision" not in data:
        raise Refusal("DECISION", "场次已暂停，恢复评标须写明恢复说明。", "data.decision")
    for incident in session.incidents.filter(state=IncidentState.PAUSED).order_by("pk"):
        disturbing.resume_session(incident, decision=data["decision"], actor=actor, clock=clock)
    return _standing(session, data)


def _eval_pause(system: OutsideSystem, data: dict, clock: Clock) -> dict:
    incident = disturbing.pause_session(_reported(system, data, clock), actor=system.actor, clock=clock)
    return _standing(incident.session, data)


def _eval_end(system: OutsideSystem, data: dict, clock: Clock) -> dict:
    session = session_of(_confirmed(system.actor, data["number"]).lot)
    if session is None:
        raise Refusal("STATE", "评标场次尚未启动，不能结束。", "data.number")
    return _standing(running.end_session(session, actor=system.actor, clock=clock), data)


def _exception(system: OutsideSystem, data: dict, clock: Clock) -> dict:
    return _standing(_reported(system, data, clock).session, data)


def _reported(system: OutsideSystem, data: dict, clock: Clock) -> Incident:
    return disturbing.report_incident(
        _confirmed(system.actor, data["number"]).lot, cause=data["cause"], description=data["description"],
        actor=system.actor, clock=clock,
    )


def _set_notify_url(system: OutsideSystem, data: dict, clock: Clock) -> dict:
    registering.set_notify_url(system, data["url"], actor=system.actor, clock=clock)
    return {"url": system.notify_url}


_TABLE: dict[str, Callable[[OutsideSystem, dict, Clock], dict]] = {
    "hall": _hall, "seat_check": _seat_check, "apply": _apply, "change": _change, "cancel": _cancel,
    "query": _query, "notify": _notify, "eval_start": _eval_start, "eval_pause": _eval_pause, "eval_end": _eval_end,
    "exception": _exception, "set_notify_url": _set_notify_url,
}


def _order(actor: Actor, number: str) -> VenueOrder:
    order = queries.visible_to(actor).filter(number=number).first()
    if order is None:
        raise Refusal("ORDER", "没有该单号的要约单，或者与本单位无关。", "data.number")
    return order


def _confirmed(actor: Actor, number: str) -> VenueOrder:
    """Return the order at whose venues a session takes place: only a confirmed one has a session."""
    order = _order(actor, number)
    if order.state != OrderState.CONFIRMED:
        raise Refusal("STATE", f"要约单当前为“{order.state_label}”，不是全部会场已确认的要约单。", "data.number")
    return order


def _standing(session: Session, data: dict) -> dict:
    session.refresh_from_db(fields=["state"])
    return {"number": data["number"], "session": session.state}


def _centre(region: str, field: str) -> Centre:
    centre = Centre.objects.filter(region=region).first()
    if centre is None:
        raise Refusal("REGION", "该区划没有交易中心，可用的区划见操作 hall。", field)
    return centre


def _session(data: dict) -> dict:
    subs = data["sub_venues"]
    if len({one["region"] for one in subs}) < len(subs):
        raise Refusal("SUB-VENUE", "同一副场只能列一次。", "data.sub_venues")
    limit = {"reroute_limit": data["reroute_limit"]} if "reroute_limit" in data else {}
    return {
        "starts_at": _moment(data, "starts_at"), "ends_at": _moment(data, "ends_at"), "main_seats": data["main_seats"],
        "sub_venues": {
            _centre(one["region"], f"data.sub_venues[{n}].region"): one["seats"] for n, one in enumerate(subs)
        },
        "contact": data["contact"], "phone": data["phone"], **limit,
    }


def _find_seat(centre: Centre, named: dict, field: str) -> Seat:
    found = Seat.objects.select_related("room").filter(
        room__centre=centre, room__name=named["room"], number=named["number"]
    )
    if len(found) != 1:
        raise Refusal("SEATS", f"本中心没有席位“{named['room']} {named['number']}”，写法见 seat_check 的应答。", field)
    return found[0]


def _told(order: VenueOrder, actor: Actor) -> dict:
    offers = [one for one in order.asked.all() if one.order_id is not None]
    return _receipt(order) | {
        "lot": order.lot.code, "starts_at": canonical.timestamp(order.starts_at),
        "ends_at": canonical.timestamp(order.ends_at), "reason": order.reason, "contact": order.contact,
        "phone": order.phone, "original": order.original.number if order.original else None,
        "venues": [_venue(one, actor) for one in sorted(offers, key=lambda one: (not one.is_main, one.centre.region))],
    }


def _venue(offer: Offer, actor: Actor) -> dict:
    is_own = str(offer.centre.organisation_id) == actor.organisation
    return {
        "region": offer.centre.region, "is_main": offer.is_main, "seats_wanted": offer.seats_wanted,
        "state": offer.state, "reason": offer.reason,
        "confirm_by": canonical.timestamp(offer.confirm_by) if offer.confirm_by else None,
        "seats": [_seat(one) for one in queries.seats_of(offer)] if is_own else [],
    }


def _seat(seat: Seat) -> dict:
    return {"room": seat.room.name, "number": seat.number}


def _receipt(order: VenueOrder) -> dict:
    order.refresh_from_db(fields=["state"])
    return {"number": order.number, "state": order.state}


def _moment(data: dict, field: str):
    try:
        return canonical.parse_timestamp(data[field])
    except canonical.NotCanonical:
        raise Refusal("FIELD", f"字段 data.{field} 不是存在的时刻。", f"data.{field}") from None
