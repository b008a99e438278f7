"""What both sides of an offer share: adding it, sending it, letting its seats go."""

from gongheng.kernel.clock import Clock
from gongheng.kernel.roles import Actor
from gongheng.places.venues import actions as venues
from gongheng.places.venues.models import Centre
from gongheng.trading.coordination.lifecycle import OfferState, OrderState
from gongheng.trading.coordination.models import Offer, VenueOrder
from gongheng.trading.coordination.rules import ANSWER_TIME
from gongheng.trust.evidence.moving import moving, starting


def add_offer(
    order: VenueOrder, centre: Centre, seats: int, *, is_main: bool = False, replaces: Offer | None = None,
    ranking: list | None = None, actor: Actor, clock: Clock,
) -> Offer:
    """Put a centre on the order's list; it learns of it when the offer is sent."""
    offer = Offer(
        asked_for=order, order=order, centre=centre, is_main=is_main, seats_wanted=seats, replaces=replaces,
        ranking=ranking or [],
    )
    with starting(offer, actor=actor, clock=clock, verb="add", centre=str(centre.pk), seats=seats, is_main=is_main):
        pass
    return offer


def send(offer: Offer, actor: Actor, clock: Clock, **facts) -> None:
    """Send an offer; the centre has its time to answer, but never longer than until the session."""
    with moving(offer, "reroute" if offer.replaces_id else "send", actor=actor, clock=clock, **facts) as step:
        offer.sent_at = step.now
        offer.confirm_by = min(step.now + ANSWER_TIME, offer.order.starts_at)


def release(order: VenueOrder, actor: Actor, clock: Clock) -> None:
    """End every live offer of an order that is over, and give its seats back."""
    is_changed = order.state == OrderState.CHANGED
    live = order.offers.filter(state__in=[OfferState.WAITING, OfferState.SENT, OfferState.CONFIRMED])
    for offer in live.order_by("pk"):
        with moving(offer, "replace" if is_changed else "cancel", actor=actor, clock=clock) as step:
            venues.release_seats(offer.pk, now=step.now)
