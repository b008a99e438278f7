"""Reading venue orders and offers; a centre sees an offer from the moment it was sent to it."""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.regions import HOME_PROVINCE
from gongheng.kernel.roles import Actor, Role
from gongheng.places.venues import queries as venues
from gongheng.places.venues.models import Booking, Centre, RoomKind, Seat
from gongheng.trading.coordination.lifecycle import PENDING, OfferState, OrderKind, OrderState
from gongheng.trading.coordination.models import Offer, VenueOrder
from gongheng.trading.coordination.rules import BEFORE_EVALUATION, LOOK_BACK, Candidate
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import conducted_by, is_host
from gongheng.trust.evidence.models import Entry
from gongheng.ui.cards import Link, LotCard, Todo

#: States in which an order still holds or may get seats.
LIVE = (OrderState.REQUESTED, OrderState.OFFERED, OrderState.CONFIRMED)
TONES = {
    OrderState.REQUESTED: "warning", OrderState.OFFERED: "warning", OrderState.CONFIRMED: "success",
    OrderState.NOT_PASSED: "danger", OrderState.CHANGED: "neutral", OrderState.CANCELLED: "neutral",
    OrderState.CONCLUDED: "success",
    OfferState.WAITING: "neutral", OfferState.SENT: "warning", OfferState.CONFIRMED: "success",
    OfferState.REFUSED: "danger", OfferState.EXPIRED: "danger", OfferState.CHANGED: "neutral",
    OfferState.CANCELLED: "neutral",
}

#: What waits for a centre's answer, by the kind of the order.
_ASKED = {OrderKind.VENUES: "答复要约", OrderKind.CHANGE: "答复变更要约", OrderKind.CANCELLATION: "答复取消申请"}


def visible_to(actor: Actor) -> QuerySet[VenueOrder]:
    """Return the orders that the actor's organisation placed, supervises or is asked by."""
    orders = VenueOrder.objects.select_related("lot__tender_project", "original").prefetch_related("asked__centre")
    match actor.role:
        case Role.AGENCY | Role.TENDERER:
            tender = "lot__tender_project__"
            mine = Q(**{f"{tender}agency": actor.organisation}) | Q(**{f"{tender}tenderer": actor.organisation})
        case Role.CENTRE:
            # A centre that declined keeps its own offer on file; the order is no longer its business.
            mine = Q(pk__in=offers_visible_to(actor).filter(order__isnull=False).values("order"))
        case Role.SUPERVISOR:
            mine = Q(lot__tender_project__supervisor=actor.organisation)
        case _:
            return orders.none()
    return orders.filter(mine).order_by("-requested_at")


def offers_visible_to(actor: Actor) -> QuerySet[Offer]:
    """Return the offers sent to the centre for which the actor works; one still waiting is not sent."""
    offers = Offer.objects.select_related("asked_for__lot__tender_project", "asked_for__original", "centre").order_by(
        "-sent_at"
    )
    if actor.role != Role.CENTRE or actor.organisation is None:
        return offers.none()
    return offers.filter(centre__organisation=actor.organisation, sent_at__isnull=False)


def confirmed_order(lot: Lot) -> VenueOrder | None:
    """Return the order that all venues of the lot confirmed, if there is one."""
    return lot.venue_orders.filter(state=OrderState.CONFIRMED).first()


def pending_order(lot: Lot) -> VenueOrder | None:
    """Return the order of the lot that venues still have to answer, if there is one."""
    return lot.venue_orders.filter(state__in=PENDING).first()


def is_drawn_for(lot: Lot) -> bool:
    """Say whether experts were ordered for the lot's venues, and that draw neither aborted nor voided.

    Draws stand above this app: their entries tell it.
    """
    ends = ("draw.abort", "draw.void")
    newest = Entry.objects.filter(lot=lot.pk, verb__in=("draw.order", *ends)).order_by("-pk").first()
    return newest is not None and newest.verb not in ends


def held_by_original(offer: Offer) -> set[UUID]:
    """Return the seats that the order which a change is to replace keeps from everybody else at this centre.

    These are the seats that it holds, and all others of a single-project room in which it holds one.
    """
    if offer.asked_for.kind != OrderKind.CHANGE:
        return set()
    before = Offer.objects.filter(order=offer.asked_for.original_id, centre=offer.centre_id)
    held = Booking.objects.filter(reference__in=before.values("pk"), released_at=None)
    kept = Q(pk__in=held.values("seat")) | Q(room__kind=RoomKind.SINGLE, room__in=held.values("seat__room"))
    return set(Seat.objects.filter(kept).values_list("pk", flat=True))


def candidates(order: VenueOrder, now: datetime) -> list[Candidate]:
    """Return what the published order looks at in each centre that the order did not ask yet.

    The provincial centre is the hub: it coordinates, and is never chosen by itself.
    """
    recent = Q(offers__decided_at__gt=now - LOOK_BACK) & ~Q(offers__asked_for__kind=OrderKind.CANCELLATION)
    declined = Q(offers__state__in=[OfferState.REFUSED, OfferState.EXPIRED])
    rows = (
        Centre.objects.exclude(region=HOME_PROVINCE)
        .exclude(pk__in=order.asked.values("centre"))
        .annotate(
            confirmed=Count("offers", filter=recent & Q(offers__state=OfferState.CONFIRMED)),
            declined=Count("offers", filter=recent & declined),
        )
        .order_by("region")
    )
    return [
        Candidate(one.region, venues.free_count(one, order.starts_at, order.ends_at, now), one.confirmed, one.declined)
        for one in rows
    ]


def seats_of(offer: Offer) -> QuerySet[Seat]:
    """Return the seats that a centre holds for an offer, room by room."""
    held = Booking.objects.filter(reference=offer.pk, released_at=None)
    return Seat.objects.filter(pk__in=held.values("seat")).select_related("room").order_by("room__name", "number")


def lots_to_order(actor: Actor) -> QuerySet[Lot]:
    """Return the actor's lots for which venues can be asked now."""
    return conducted_by(actor).filter(state__in=BEFORE_EVALUATION).exclude(
        pk__in=VenueOrder.objects.filter(state__in=LIVE).values("lot")
    )


def sessions_of(actor: Actor, now: datetime) -> QuerySet[Offer]:
    """Return the confirmed sessions of the actor's centre from today on, soonest first."""
    today = datetime.combine(now.astimezone(SHANGHAI).date(), datetime.min.time(), SHANGHAI)
    # What a change or a cancellation asks for is no session until it took effect.
    standing = Q(order__state=OrderState.CONFIRMED) | Q(order__state__in=LIVE, order__kind=OrderKind.VENUES)
    return offers_visible_to(actor).filter(
        standing, state=OfferState.CONFIRMED, order__starts_at__gte=today
    ).select_related("order__lot__tender_project").order_by("order__starts_at", "order__number")


def card(lot: Lot, actor: Actor, now: datetime) -> LotCard | None:
    """Say on the lot's page where it will be evaluated; the public does not learn it before the award."""
    if actor.role not in (Role.AGENCY, Role.TENDERER, Role.CENTRE, Role.SUPERVISOR):
        return None
    orders = visible_to(actor).filter(lot=lot)
    # An order that stands says more than a later change that did not pass.
    order = orders.filter(state=OrderState.CONFIRMED).first() or orders.first()
    if order is None:
        if not is_host(lot, actor) or not lots_to_order(actor).filter(pk=lot.pk).exists():
            return None
        return LotCard(
            "评标场地", "arrows-exchange", "待预约", "warning", [],
            [Link("预约主场、副场", f"/coordination/lots/{lot.pk}/order/", "primary")],
        )
    pending = orders.filter(state__in=PENDING, original__isnull=False)
    start, end = order.starts_at.astimezone(SHANGHAI), order.ends_at.astimezone(SHANGHAI)
    return LotCard(
        "评标场地", "arrows-exchange", order.state_label, TONES[order.state],
        [
            ("要约单号", order.number),
            ("评标时段", f"{start:%Y-%m-%d %H:%M} 至 {end:%H:%M}"),
            *(
                (
                    "主场" if offer.is_main else "副场",
                    f"{offer.centre.short_name} {offer.seats_wanted} 席 · {offer.state_label}",
                )
                for offer in sorted(order.asked.all(), key=lambda one: not one.is_main)
                if offer.order_id is not None
            ),
            *(("办理中", f"{one.get_kind_display()} {one.number} · {one.state_label}") for one in pending),
        ],
        [Link("查看要约单", f"/coordination/{order.pk}/")],
    )


def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Say which offers wait for this centre's answer, and which of a host's lots have no venue yet."""
    if actor.role == Role.CENTRE:
        return [
            Todo(_ASKED[order.kind], order.lot.full_name, f"/coordination/offers/{one.pk}/", one.confirm_by)
            for one in offers_visible_to(actor).filter(state=OfferState.SENT).order_by("confirm_by")
            for order in (one.asked_for,)
        ]
    if actor.role in (Role.AGENCY, Role.TENDERER):
        return [
            Todo("预约评标场地", lot.full_name, f"/coordination/lots/{lot.pk}/order/", lot.bids_due_at)
            for lot in lots_to_order(actor).filter(bids_due_at__isnull=False)
        ]
    return []
