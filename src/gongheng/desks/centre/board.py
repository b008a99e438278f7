"""What the dispatch board shows of the province now: centres, sessions, offers, incidents (调度大屏)."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count, Q

from gongheng.desks.centre.drawing import HEIGHT, WIDTH, Link, Node, lanes, link, node
from gongheng.kernel.clock import SHANGHAI
from gongheng.places.venues.models import Booking
from gongheng.places.venues.queries import silent_and_needed, with_capacity
from gongheng.trading.coordination.lifecycle import PENDING, OfferState, OrderKind, OrderState
from gongheng.trading.coordination.models import Offer, VenueOrder
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Hold
from gongheng.trading.sessions.models import Incident

#: States of a lot whose evaluation is over.
_OVER = (State.REPORTED, State.PUBLICITY, State.AWARDED, State.NOTIFIED, State.CONTRACTED, State.ARCHIVED)
#: The hours that the timeline shows at least, Beijing time.
FIRST_HOUR, LAST_HOUR = 8, 20
_NAMED = ("centre", "session__lot__tender_project")


@dataclass
class Session:
    """One order whose evaluation is today, with the state in which a dispatcher thinks of it."""

    order: VenueOrder
    state: str  # key of STATES
    offers: list[Offer]  # main venue first

    @property
    def label(self) -> str:
        return STATES[self.state]


#: State of a session -> what the board calls it; the key is the class in which it is drawn.
STATES = {
    "pending": "场地待确认", "waiting": "待评标", "late": "到时未开始", "running": "评标中", "held": "已暂停",
    "over": "已结束",
}
TONES = {
    "pending": "warning", "waiting": "info", "late": "danger", "running": "success", "held": "danger",
    "over": "neutral",
}


def board(now: datetime) -> dict:
    """Return everything that the board's template shows, ready to print."""
    sessions, waiting, centres = _sessions(now), _waiting(), list(with_capacity().order_by("region"))
    used, booked = _in_use(now), _booked(now)
    taking_part = Counter(offer.centre_id for one in sessions for offer in one.offers)
    nodes = {
        one.pk: node(one, seats=one.seat_count, used=used[one.pk], sessions=taking_part[one.pk]) for one in centres
    }
    rows = lanes([one for one in centres if taking_part[one.pk]], sessions, now, FIRST_HOUR, LAST_HOUR)
    seats, states = sum(one.seat_count for one in centres), Counter(one.state for one in sessions)
    incidents, settled, needed = _incidents(), _settled(now), silent_and_needed(now)
    return {
        "now": now, "nodes": list(nodes.values()), "links": _links(sessions, waiting, nodes), "timeline": rows,
        "sessions": [
            {"session": one, "tone": TONES[one.state], "venues": _venues(one)} for one in sessions
        ],
        "waiting": [
            {"offer": one, "order": one.asked_for, "kind": "主场" if one.is_main else "副场",
             "instead_of": one.replaces.centre.short_name if one.replaces_id else ""}
            for one in waiting
        ],
        "incidents": incidents, "incident_tone": "danger" if incidents else "neutral",
        "settled": settled, "settled_hint": f"今日已处置 {len(settled)} 起" if settled else "",
        "count": len(sessions), "running": states["running"], "late": states["late"] + states["held"],
        "late_tone": "danger" if states["late"] + states["held"] else "neutral",
        "waiting_tone": "warning" if waiting else "neutral",
        "passed_on": _passed_on(now), "seats": seats, "used": sum(used.values()),
        "percent": 100 * sum(used.values()) // seats if seats else 0,
        "percent_today": 100 * sum(booked.values()) // seats if seats else 0,
        "silent": sum(one.silent_count for one in centres), "silent_hint": f"两小时内要用 {needed} 席",
        "silent_tone": "danger" if needed else "neutral",
        "map_width": WIDTH, "map_height": HEIGHT,
    }


def _today(now: datetime) -> tuple[datetime, datetime]:
    first = datetime.combine(now.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    return first, first + timedelta(days=1)


def _sessions(now: datetime) -> list[Session]:
    first, end = _today(now)
    # What a change asks for is no session until it took effect.
    standing = Q(state=OrderState.CONFIRMED) | Q(state__in=PENDING, kind=OrderKind.VENUES)
    orders = (
        VenueOrder.objects.filter(standing, starts_at__gte=first, starts_at__lt=end)
        .select_related("lot__tender_project")
        .prefetch_related("offers__centre", "lot__holds")
        .order_by("starts_at", "number")
    )
    return [
        Session(order, state_of(order, now), sorted(order.offers.all(), key=lambda one: not one.is_main))
        for order in orders
    ]


def state_of(order: VenueOrder, now: datetime) -> str:
    """Return the state (key of STATES) in which a dispatcher thinks of an order's session."""
    if order.lot.state in _OVER:
        return "over"
    if any(hold.released_at is None for hold in order.lot.holds.all()):
        return "held"
    if order.lot.state == State.EVALUATING:
        return "running"
    if order.state in PENDING:
        return "pending"
    return "late" if now >= order.starts_at else "waiting"


def _waiting() -> list[Offer]:
    return list(
        Offer.objects.filter(state=OfferState.SENT)
        .select_related("asked_for__lot__tender_project", "centre", "replaces__centre")
        .order_by("confirm_by")
    )


def _in_use(now: datetime) -> Counter:
    return _held(Q(during__contains=now))


def _booked(now: datetime) -> Counter:
    return _held(Q(during__overlap=_today(now)))


def _held(when: Q) -> Counter:
    rows = Booking.objects.filter(when, released_at=None).values("seat__room__centre").annotate(
        seats=Count("seat", distinct=True)
    )
    return Counter({row["seat__room__centre"]: row["seats"] for row in rows})


def _incidents() -> list[dict]:
    """Return what is not settled: what venues reported, and what else holds a lot as an incident."""
    reported = Incident.objects.filter(closed_at=None).select_related(*_NAMED)
    holds = Hold.objects.filter(kind=Hold.Kind.INCIDENT, released_at=None).select_related("lot__tender_project")
    others = holds.exclude(pk__in=reported.exclude(hold=None).values("hold"))
    return sorted(
        [_told(one) for one in reported]
        + [{"name": one.lot.full_name, "reason": one.reason, "at": one.placed_at, "state": "暂停"} for one in others],
        key=lambda one: one["at"],
    )


def _settled(now: datetime) -> list[dict]:
    """Return the incidents of today that are over, the newest first: they belong to the story of the day."""
    first, end = _today(now)
    over = Incident.objects.filter(closed_at__gte=first, closed_at__lt=end).select_related(*_NAMED)
    return [_told(one) | {"until": one.closed_at} for one in over.order_by("-closed_at")]


def _told(one: Incident) -> dict:
    return {
        "name": one.session.lot.full_name, "at": one.reported_at, "state": one.state_label,
        "reason": f"{one.centre.short_name} · {one.get_cause_display()}：{one.description}",
    }


def _passed_on(now: datetime) -> int:
    first, end = _today(now)
    return Offer.objects.filter(replaces__isnull=False, sent_at__gte=first, sent_at__lt=end).count()


def _links(sessions: list[Session], waiting: list[Offer], nodes: dict[object, Node]) -> list[Link]:
    """Return the lines from main venues to sub venues, and to those who still have to answer."""
    mains = {offer.asked_for_id: offer.centre_id for one in sessions for offer in one.offers if offer.is_main}
    found = {
        (mains[one.order.pk], offer.centre_id): one.state
        for one in sessions for offer in one.offers if not offer.is_main and offer.state == OfferState.CONFIRMED
    }
    asking = [one for one in waiting if not one.is_main]
    main_of = dict(
        Offer.objects.filter(asked_for__in=[one.asked_for_id for one in asking], is_main=True).values_list(
            "asked_for", "centre"
        )
    )
    found |= {(main_of[one.asked_for_id], one.centre_id): "asked" for one in asking}
    return [link(nodes[main], nodes[sub], state) for (main, sub), state in found.items()]


def _venues(one: Session) -> str:
    return " → ".join(f"{offer.centre.short_name} {offer.seats_wanted}席" for offer in one.offers)
