"""Reading sessions: the console of each venue, what waits for whom, an expert's own fees."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from gongheng.kernel.roles import Actor, Role
from gongheng.trading.coordination.lifecycle import OrderState
from gongheng.trading.evaluation.models import Evaluation, Member, Presence
from gongheng.trading.evaluation.queries import confirmed_order, expert_of_actor
from gongheng.trading.evaluation.sentences import SENTENCES as EVALUATION_SENTENCES
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import is_host
from gongheng.trading.sessions import rules
from gongheng.trading.sessions.lifecycle import FeeState, HandOverState, IncidentState, SessionState
from gongheng.trading.sessions.models import Fee, HandOver, Incident, Session
from gongheng.trading.sessions.sentences import SENTENCES
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.queries import entries_of_lot, history
from gongheng.ui.cards import Link, LotCard, Todo

TONES = {
    SessionState.WAITING: "neutral", SessionState.RUNNING: "success", SessionState.PAUSED: "danger",
    SessionState.ENDED: "info", SessionState.POSTPONED: "warning", SessionState.ABORTED: "danger",
    IncidentState.SUSPECT: "warning", IncidentState.DEGRADED: "warning", IncidentState.PAUSED: "danger",
    IncidentState.RESUMED: "success", IncidentState.POSTPONED: "warning", IncidentState.LAPSED: "neutral",
    HandOverState.WAITING: "warning", HandOverState.HANDED: "info", HandOverState.RECEIVED: "success",
    FeeState.COMPUTED: "warning", FeeState.ATTESTED: "warning", FeeState.CONFIRMED: "info", FeeState.SENT: "info",
    FeeState.PAID: "success", FeeState.FAILED: "danger",
}
#: Kind of the documents that decide about an incident.
PAPER = "incident_decision"
#: Lot cards speak Tabler's colours.
_COLOURS = {"neutral": "secondary", "success": "green", "danger": "red", "info": "blue", "warning": "yellow"}
#: How many events the console shows.
_EVENTS = 40


def visible_to(actor: Actor) -> QuerySet[Session]:
    """Return the sessions at the actor's venues, of his lots, or that he supervises."""
    rows = Session.objects.select_related("lot__tender_project", "order", "evaluation__lot")
    rows = rows.order_by("-order__starts_at")
    tender = "lot__tender_project__"
    match actor.role:
        case Role.CENTRE:
            return rows.filter(
                order__offers__centre__organisation=actor.organisation, order__offers__state="confirmed"
            ).distinct()
        case Role.SUPERVISOR:
            return rows.filter(**{f"{tender}supervisor": actor.organisation})
        case Role.AGENCY | Role.TENDERER:
            return rows.filter(
                Q(**{f"{tender}agency": actor.organisation}) | Q(**{f"{tender}tenderer": actor.organisation})
            )
        case _:
            return rows.none()


def lots_at(actor: Actor) -> QuerySet[Lot]:
    """Return the lots for whose session the actor's centre is a venue of the confirmed order."""
    if actor.role != Role.CENTRE or actor.organisation is None:
        return Lot.objects.none()
    return Lot.objects.select_related("tender_project").filter(
        venue_orders__state=OrderState.CONFIRMED, venue_orders__offers__state="confirmed",
        venue_orders__offers__centre__organisation=actor.organisation,
    ).distinct()


def session_of(lot: Lot) -> Session | None:
    """Return the session of the lot's confirmed order, else the last one there was."""
    order = confirmed_order(lot)
    rows = lot.sessions.select_related("order", "evaluation__lot", "lot__tender_project")
    found = rows.filter(order=order).first() if order else None
    return found or (None if order else rows.order_by("-order__starts_at").first())


def incidents_visible_to(actor: Actor) -> QuerySet[Incident]:
    """Return the incidents of the sessions that the actor may see."""
    rows = Incident.objects.select_related("session__lot__tender_project", "session__order", "centre", "hold")
    return rows.filter(session__in=visible_to(actor).values("pk"))


def open_incidents(session: Session) -> QuerySet[Incident]:
    """Return what is not settled yet, the oldest first."""
    return session.incidents.filter(closed_at=None).select_related("centre").order_by("reported_at")


def papers_of(session: Session) -> QuerySet[Document]:
    """Return the decisions about this session that were put on paper, the newest first (处置决定书)."""
    rows = Document.objects.filter(lot=session.lot_id, kind=PAPER, created_at__gte=session.order.requested_at)
    return (rows.filter(created_at__lte=session.ended_at) if session.ended_at else rows).order_by("-created_at")


def members_with_presence(evaluation: Evaluation, now: datetime) -> list[dict]:
    """Return each member with what the heartbeat of his seat says, venue by venue."""
    arrivals = dict(evaluation.arrivals.filter(is_gone=False).values_list("pid", "pk"))
    seen = dict(Presence.objects.filter(member__evaluation=evaluation).values_list("member", "seen_at"))
    rows = []
    for member in evaluation.members.select_related("centre", "seat__room").order_by("number"):
        at = seen.get(member.pk)
        state = rules.presence(at, now)
        rows.append({
            "member": member, "arrival": arrivals.get(member.pid),
            "presence": rules.PRESENCE_NAMES[state], "tone": rules.PRESENCE_TONES[state],
            "seen_at": at, "is_silent": state is not rules.Presence.NORMAL,
            "silent_seconds": int((now - at).total_seconds()) if at else None,
        })
    return rows


def timeline_of(session: Session) -> list[dict]:
    """Return what happened in the session, newest first, ready for the timeline tag; roles, never names."""
    sentences = EVALUATION_SENTENCES | SENTENCES
    since = session.started_at or session.order.requested_at
    lines = [
        line for line in history(entries_of_lot(session.lot_id).filter(at__gte=since - timedelta(hours=3)))
        if line.verb in sentences
    ]
    return [
        {
            "at": line.at, "sentence": sentences[line.verb].format_map(_Said(line.facts)), "actor": "",
            "position": line.position, "digest": line.digest,
        }
        for line in lines[:_EVENTS]
    ]


def hand_overs_visible_to(actor: Actor) -> QuerySet[HandOver]:
    """Return the hand-overs of the actor's sessions; a sub venue sees its own only."""
    rows = HandOver.objects.select_related("session__lot", "session__order", "centre__organisation")
    rows = rows.filter(session__in=visible_to(actor).values("pk"))
    if actor.role != Role.CENTRE:
        return rows
    is_main = Q(session__order__offers__is_main=True, session__order__offers__centre__organisation=actor.organisation)
    return rows.filter(is_main | Q(centre__organisation=actor.organisation)).distinct()


def fees_visible_to(actor: Actor) -> QuerySet[Fee]:
    """Return the fees that the actor pays, attests or supervises; an expert sees his own and nobody else's."""
    rows = Fee.objects.select_related("session__lot__tender_project", "centre__organisation", "terms_of")
    if actor.role == Role.EXPERT:
        expert = expert_of_actor(actor)
        return rows.filter(expert=expert).order_by("-since") if expert else rows.none()
    if actor.role == Role.SUPERVISOR:
        return rows.filter(session__in=visible_to(actor).values("pk"))
    if actor.role != Role.CENTRE:
        return rows.none()
    is_main = Q(session__order__offers__is_main=True, session__order__offers__centre__organisation=actor.organisation)
    return rows.filter(is_main | Q(centre__organisation=actor.organisation)).distinct()


def member_at(session: Session, pk) -> QuerySet[Member]:
    """Return the member of the session's committee with this id."""
    return Member.objects.select_related("evaluation__lot", "centre", "expert").filter(
        evaluation=session.evaluation_id, pk=pk
    )


def card(lot: Lot, actor: Actor, now: datetime) -> LotCard | None:
    """Show on the lot's page what disturbs its session; a session that runs quietly needs no card."""
    if actor.role not in (Role.CENTRE, Role.SUPERVISOR, Role.AGENCY, Role.TENDERER):
        return None
    session = visible_to(actor).filter(lot=lot).first()
    if session is None or not session.incidents.exists():
        return None
    newest = session.incidents.select_related("centre").first()
    facts = [
        ("突发情况", f"{newest.centre.short_name} {newest.get_cause_display()}：{newest.state_label}"),
        ("登记时间", newest.reported_at),
    ]
    return LotCard(
        "评标场次", "calendar-event", session.state_label, _COLOURS[TONES.get(session.state, "neutral")], facts,
        [Link("查看突发情况", f"/sessions/incidents/{newest.pk}/")],
    )


def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Say which incidents, files and fees wait for this actor."""
    found = []
    if actor.role in (Role.AGENCY, Role.TENDERER):
        found += [
            Todo(
                "评标未能开始，决定是否延期", one.session.lot.full_name, f"/sessions/incidents/{one.pk}/", one.limit_at
            )
            for one in incidents_visible_to(actor).filter(state=IncidentState.PAUSED, is_before_start=True)
            if is_host(one.session.lot, actor)
        ]
    if actor.role == Role.SUPERVISOR:
        found += [
            Todo("评标延期：作废原专家抽取", one.lot.full_name, f"/lots/{one.lot_id}/")
            for one in visible_to(actor).filter(state=SessionState.POSTPONED)
            if one.lot.draws.filter(venue_order=one.order).exclude(state__in=["aborted", "void"]).exists()
        ]
    if actor.role == Role.CENTRE:
        found += [
            Todo("处置突发情况", one.session.lot.full_name, f"/sessions/incidents/{one.pk}/", one.limit_at)
            for one in incidents_visible_to(actor).filter(closed_at=None)
        ]
        found += _after_session(actor)
    return found


def _after_session(actor: Actor) -> list[Todo]:
    hand_overs = hand_overs_visible_to(actor).order_by("due_at")
    waiting = {
        one.session_id: one
        for one in hand_overs.filter(state=HandOverState.WAITING, centre__organisation=actor.organisation)
    }
    handed = {
        one.session_id: one
        for one in hand_overs.filter(state=HandOverState.HANDED).exclude(centre__organisation=actor.organisation)
    }
    fees = {
        one.session_id: one
        for one in fees_visible_to(actor).filter(state=FeeState.COMPUTED, centre__organisation=actor.organisation)
    }
    return [
        *(Todo("移交评标资料", one.session.lot.full_name, f"/sessions/{pk}/files/", one.due_at)
          for pk, one in waiting.items()),
        *(Todo("接收副场资料", one.session.lot.full_name, f"/sessions/{pk}/files/", one.due_at)
          for pk, one in handed.items()),
        *(Todo("确认评审时间和劳务费", one.session.lot.full_name, f"/sessions/{pk}/fees/") for pk, one in fees.items()),
    ]


class _Said(dict):
    """Facts of an entry; one that an older entry does not have reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "—"
