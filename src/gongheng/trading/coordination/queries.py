"""Reading venue orders and offers; a centre sees an offer from the moment it was sent to it."""

from datetime import datetime, timedelta

from django.db.models import Avg, Count, F, Q, QuerySet

from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.roles import Actor, Role
from gongheng.places.venues.models import Booking, Seat
from gongheng.trading.coordination.lifecycle import OfferState, OrderState
from gongheng.trading.coordination.models import Offer, VenueOrder
from gongheng.trading.coordination.rules import BEFORE_EVALUATION
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import conducted_by, is_host
from gongheng.ui.cards import Link, LotCard, Todo

#: States in which an order still holds or may get seats.
LIVE = (OrderState.REQUESTED, OrderState.OFFERED, OrderState.CONFIRMED)
TONES = {
    OrderState.REQUESTED: "warning", OrderState.OFFERED: "warning", OrderState.CONFIRMED: "success",
    OrderState.NOT_PASSED: "danger", OrderState.CANCELLED: "neutral",
    OfferState.WAITING: "neutral", OfferState.SENT: "warning", OfferState.CONFIRMED: "success",
    OfferState.REFUSED: "danger", OfferState.EXPIRED: "danger", OfferState.CANCELLED: "neutral",
}


def visible_to(actor: Actor) -> QuerySet[VenueOrder]:
    """Return the orders that the actor's organisation placed, supervises or is asked by."""
    orders = VenueOrder.objects.select_related("lot__tender_project").prefetch_related("offers__centre")
    match actor.role:
        case Role.AGENCY | Role.TENDERER:
            tender = "lot__tender_project__"
            mine = Q(**{f"{tender}agency": actor.organisation}) | Q(**{f"{tender}tenderer": actor.organisation})
        case Role.CENTRE:
            mine = Q(pk__in=offers_visible_to(actor).values("order"))
        case Role.SUPERVISOR:
            mine = Q(lot__tender_project__supervisor=actor.organisation)
        case _:
            return orders.none()
    return orders.filter(mine).order_by("-requested_at")


def offers_visible_to(actor: Actor) -> QuerySet[Offer]:
    """Return the offers sent to the centre for which the actor works; one still waiting is not sent."""
    offers = Offer.objects.select_related("order__lot__tender_project", "centre")
    if actor.role != Role.CENTRE or actor.organisation is None:
        return offers.none()
    return offers.filter(centre__organisation=actor.organisation, sent_at__isnull=False).order_by("-sent_at")


def confirmed_order(lot: Lot) -> VenueOrder | None:
    """Return the order that all venues of the lot confirmed, if there is one."""
    return lot.venue_orders.filter(state=OrderState.CONFIRMED).first()


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
    return offers_visible_to(actor).filter(
        state=OfferState.CONFIRMED, order__state__in=LIVE, order__starts_at__gte=today
    ).order_by("order__starts_at")


def statistics() -> list[dict]:
    """Count the offers of each centre by outcome, with the mean time to an answer in whole minutes."""
    rows = (
        Offer.objects.filter(sent_at__isnull=False)
        .values("centre__short_name", "centre__region")
        .annotate(
            sent=Count("pk"),
            confirmed=Count("pk", filter=Q(state=OfferState.CONFIRMED)),
            refused=Count("pk", filter=Q(state=OfferState.REFUSED)),
            expired=Count("pk", filter=Q(state=OfferState.EXPIRED)),
            cancelled=Count("pk", filter=Q(state=OfferState.CANCELLED)),
            waiting=Count("pk", filter=Q(state=OfferState.SENT)),
            mean=Avg(
                F("decided_at") - F("sent_at"), filter=Q(state__in=[OfferState.CONFIRMED, OfferState.REFUSED])
            ),
        )
        .order_by("centre__region")
    )
    return [
        {
            "centre": row["centre__short_name"], "sent": row["sent"], "confirmed": row["confirmed"],
            "refused": row["refused"], "expired": row["expired"], "cancelled": row["cancelled"],
            "waiting": row["waiting"], "mean_minutes": row["mean"] // timedelta(minutes=1) if row["mean"] else None,
        }
        for row in rows
    ]


def card(lot: Lot, actor: Actor, now: datetime) -> LotCard | None:
    """Say on the lot's page where it will be evaluated; the public does not learn it before the award."""
    if actor.role not in (Role.AGENCY, Role.TENDERER, Role.CENTRE, Role.SUPERVISOR):
        return None
    order = visible_to(actor).filter(lot=lot).first()
    if order is None:
        if not is_host(lot, actor) or not lots_to_order(actor).filter(pk=lot.pk).exists():
            return None
        return LotCard(
            "评标场地", "arrows-exchange", "待预约", "warning", [],
            [Link("预约主场、副场", f"/coordination/lots/{lot.pk}/order/", "primary")],
        )
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
                for offer in sorted(order.offers.all(), key=lambda one: not one.is_main)
            ),
        ],
        [Link("查看要约单", f"/coordination/{order.pk}/")],
    )


def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Say which offers wait for this centre's answer, and which of a host's lots have no venue yet."""
    if actor.role == Role.CENTRE:
        return [
            Todo("答复要约", one.order.lot.full_name, f"/coordination/offers/{one.pk}/", one.confirm_by)
            for one in offers_visible_to(actor).filter(state=OfferState.SENT).order_by("confirm_by")
        ]
    if actor.role in (Role.AGENCY, Role.TENDERER):
        return [
            Todo("预约评标场地", lot.full_name, f"/coordination/lots/{lot.pk}/order/", lot.bids_due_at)
            for lot in lots_to_order(actor).filter(bids_due_at__isnull=False)
        ]
    return []
