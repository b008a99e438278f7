"""What of the log outside systems are told (回调的产生): the handlers of config/wiring.py."""

from django.conf import settings

from gongheng.crypto import canonical
from gongheng.followers.exchange import queries
from gongheng.followers.exchange.actions import queue_callback
from gongheng.followers.exchange.lifecycle import Kind
from gongheng.trading.coordination.models import Offer, VenueOrder
from gongheng.trading.coordination.queries import visible_to
from gongheng.trading.sessions.lifecycle import INCIDENT
from gongheng.trading.sessions.models import Incident, Session
from gongheng.trading.sessions.queries import visible_to as sessions_visible_to
from gongheng.trust.evidence.models import Entry


def tell_offer(entry: Entry) -> None:
    """Tell the venue systems of the centre that an offer asks, or reminds."""
    offer = Offer.objects.select_related("asked_for", "centre").get(pk=entry.subject.partition(":")[2])
    order = offer.asked_for
    told = {
        "number": order.number, "what": _what(entry), "is_main": offer.is_main, "seats_wanted": offer.seats_wanted,
        "starts_at": canonical.timestamp(order.starts_at), "ends_at": canonical.timestamp(order.ends_at),
        "confirm_by": canonical.timestamp(offer.confirm_by),
    }
    for system in queries.listening().filter(kind=Kind.VENUE, organisation=offer.centre.organisation_id):
        queue_callback(system, "offer", told, clock=settings.CLOCK)


def tell_order(entry: Entry) -> None:
    """Tell every system whose organisation may see the order what became of it."""
    order = VenueOrder.objects.get(pk=entry.subject.partition(":")[2])
    told = {
        "number": order.number, "what": _what(entry), "state": order.state, "at": canonical.timestamp(entry.at),
    }
    for system in queries.listening():
        if visible_to(system.actor).filter(pk=order.pk).exists():
            queue_callback(system, "order", told, clock=settings.CLOCK)


def tell_session(entry: Entry) -> None:
    """Tell every system whose organisation may see the session that it moved, or that a venue is disturbed."""
    kind, _, pk = entry.subject.partition(":")
    if kind == INCIDENT.name:
        session = Incident.objects.select_related("session__order").get(pk=pk).session
    else:
        session = Session.objects.select_related("order").get(pk=pk)
    told = {
        "number": session.order.number, "what": _what(entry), "state": session.state,
        "at": canonical.timestamp(entry.at),
    }
    for system in queries.listening():
        if sessions_visible_to(system.actor).filter(pk=session.pk).exists():
            queue_callback(system, "session", told, clock=settings.CLOCK)


def _what(entry: Entry) -> str:
    return entry.verb.partition(".")[2]


#: verb -> handler, for config/wiring.py
HANDLERS = {
    **{f"offer.{move}": tell_offer for move in ("send", "reroute", "remind")},
    **{
        f"venue_order.{move}": tell_order
        for move in ("main_confirm", "complete", "conclude", "fail", "cancel", "replace", "call_off")
    },
    **{f"session.{move}": tell_session for move in ("start", "pause", "resume", "end", "postpone", "abort")},
    "incident.report": tell_session,
}
