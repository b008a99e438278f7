"""Which evaluations, members, bids and sheets an actor may see."""

import hmac
from decimal import Decimal

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from gongheng.kernel.roles import Actor, Role
from gongheng.people.experts.models import Expert
from gongheng.places.venues.models import Booking
from gongheng.places.venues.queries import bookings_for, enrolled_agent
from gongheng.trading.bids.models import Bid
from gongheng.trading.bids.queries import opened_bids
from gongheng.trading.coordination.lifecycle import OrderState
from gongheng.trading.coordination.models import VenueOrder
from gongheng.trading.draws import queries as draws
from gongheng.trading.draws.models import Pick
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.method import EvaluationMethod
from gongheng.trading.evaluation.models import Alias, Arrival, Conclusion, Evaluation, Member
from gongheng.trading.notices.models import TenderDocument
from gongheng.trading.projects.models import Lot

#: Until the last signature only those who work in the session or watch over it may look (法38, 法44).
ENDED = (State.DONE, State.FAILED)
#: No committee works any more.
OVER = (*ENDED, State.DISSOLVED)


def visible_to(actor: Actor) -> QuerySet[Evaluation]:
    """Return the evaluations that the actor may know of; hosts see one only after it has ended."""
    rows = Evaluation.objects.select_related("lot__tender_project__project", "lot__tender_project__tenderer", "leader")
    match actor.role:
        case Role.EXPERT:
            expert = expert_of_actor(actor)
            if expert is None:
                return rows.none()
            mine = Member.objects.filter(expert=expert).values_list("evaluation", flat=True)
            called = [one.pk for one in rows.filter(state=State.CHECK_IN) if draws.pick_of(expert, one.lot)]
            return rows.filter(pk__in=[*mine, *called])
        case Role.CENTRE:
            return rows.filter(
                lot__venue_orders__state=OrderState.CONFIRMED,
                lot__venue_orders__offers__centre__organisation=actor.organisation,
            ).distinct()
        case Role.SUPERVISOR:
            return rows.filter(lot__tender_project__supervisor=actor.organisation)
        case Role.TENDERER:
            return rows.filter(lot__tender_project__tenderer=actor.organisation, state__in=ENDED)
        case Role.AGENCY:
            return rows.filter(lot__tender_project__agency=actor.organisation, state__in=ENDED)
        case _:
            return rows.none()


def evaluation_of(lot: Lot) -> Evaluation | None:
    """Return the lot's evaluation that stands, if one has begun; a dissolved committee's does not count."""
    return Evaluation.objects.filter(lot=lot).exclude(state=State.DISSOLVED).first()


def expert_of_actor(actor: Actor) -> Expert | None:
    """Return the expert who acts, if any."""
    return Expert.objects.filter(person=actor.id).first() if actor.role == Role.EXPERT else None


def member_of(evaluation: Evaluation, actor: Actor) -> Member | None:
    """Return the actor's own place in the committee, if he has checked in."""
    if actor.role != Role.EXPERT:
        return None
    return (
        evaluation.members.select_related("evaluation__lot__tender_project", "centre", "seat__room")
        .filter(expert__person=actor.id)
        .first()
    )


def sessions_of(actor: Actor) -> list[tuple[Evaluation, Member | None]]:
    """Return the evaluations that an expert is called to or took part in, the newest first."""
    rows = visible_to(actor).order_by("-started_at") if actor.role == Role.EXPERT else ()
    return [(one, member_of(one, actor)) for one in rows]


def confirmed_order(lot: Lot) -> VenueOrder | None:
    """Return the lot's venue order that all venues confirmed, if any."""
    return lot.venue_orders.filter(state=OrderState.CONFIRMED).first()


def is_main_venue(lot: Lot, actor: Actor) -> bool:
    """Return whether the actor works at the lot's main venue (主场)."""
    return actor.role == Role.CENTRE and lot.venue_orders.filter(
        state=OrderState.CONFIRMED, offers__is_main=True, offers__centre__organisation=actor.organisation
    ).exists()


def booking_at(evaluation: Evaluation, centre, seat) -> Booking | None:
    """Return what holds a seat of a venue for this session, None when it was given back."""
    order = confirmed_order(evaluation.lot)
    offer = order.offers.filter(centre=centre).first() if order else None
    return bookings_for(offer.pk).filter(seat=seat).first() if offer else None


def booking_of(member: Member) -> Booking | None:
    """Return what holds the member's seat for this session."""
    return booking_at(member.evaluation, member.centre_id, member.seat_id)


def is_at_seat(member: Member, session: bytes) -> bool:
    """Return whether this login session is the one that the seat's device vouched for.

    Not asked of who checked in by code, where the program was revoked meanwhile, and once the evaluation is over.
    """
    if member.device_session is None or member.evaluation.state in OVER:
        return True
    return bytes(member.device_session) == session or enrolled_agent(member.seat) is None


def seat_code(booking: Booking) -> str:
    """Return the six digits that the screen at a seat shows for one session (席位码): typing them proves presence."""
    mac = hmac.digest(settings.KEYRING.secret("seat"), booking.pk.bytes, "sm3")
    return f"{int.from_bytes(mac[:8]) % 10**6:06d}"


def arrival_code(pick: Pick) -> str:
    """Return the six digits that an expert shows at his venue (到场码); they tell its staff nothing before he comes."""
    mac = hmac.digest(settings.KEYRING.secret("arrival"), pick.pk.bytes, "sm3")
    return f"{int.from_bytes(mac[:8]) % 10**6:06d}"


def arrival_of(evaluation: Evaluation, expert: Expert) -> Arrival | None:
    """Return the expert's own arrival with the seat drawn for him, if he has been identified."""
    pick = draws.pick_of(expert, evaluation.lot)
    if pick is None:
        return None
    rows = evaluation.arrivals.select_related("seat__room", "visit", "centre")
    return rows.filter(pid=pick.pid, is_gone=False).first()


def _document(lot: Lot) -> TenderDocument:
    return TenderDocument.objects.exclude(published_at=None).filter(lot=lot).latest("version")


def method_of(lot: Lot) -> EvaluationMethod:
    """Return the evaluation method that the tender document in force states (法40: nothing else counts)."""
    return EvaluationMethod.from_json(_document(lot).method)


def ceiling_of(lot: Lot) -> Decimal:
    """Return the highest price that the tender document allows (最高投标限价), 元."""
    return _document(lot).ceiling


def bids_under_review(evaluation: Evaluation) -> QuerySet[Bid]:
    """Return the bids of the preliminary review in the order of their seals."""
    return opened_bids(evaluation.lot)


def passed_bids(evaluation: Evaluation) -> QuerySet[Bid]:
    """Return the bids that no conclusion rejects, in the order of their seals."""
    rejected = Conclusion.objects.filter(evaluation=evaluation, bid=OuterRef("pk"), passes=False)
    return opened_bids(evaluation.lot).filter(~Exists(rejected))


def alias_of(member: Member, label: str) -> Alias | None:
    """Return one of the member's anonymous bids."""
    return member.aliases.filter(label=label).first()


def drafts_of(member: Member, form: str) -> tuple[dict[str, str], dict[str, int]]:
    """Return what was last typed into each field of one form, and its revision."""
    rows = list(member.drafts.filter(form=form))
    return {row.field: row.text for row in rows}, {row.field: row.revision for row in rows}


def sheet_of(member: Member) -> dict[str, dict[str, Decimal]]:
    """Return the member's points so far as {label: {factor: points}}, every label present, in the member's order."""
    return {
        alias.label: {score.factor: score.points for score in alias.scores.all()}
        for alias in member.aliases.order_by("pk").prefetch_related("scores")
    }
