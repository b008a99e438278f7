"""Incidents (突发情况): reported by any venue, decided by the main venue, the tenderer's side or the clock."""

from datetime import datetime

from django.db import transaction

from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.places.venues import actions as venues
from gongheng.trading.coordination.actions import lapse_order
from gongheng.trading.coordination.models import Offer
from gongheng.trading.evaluation.actions.reforming import dissolve_committee
from gongheng.trading.evaluation.actions.reporting import prolong_signing
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Evaluation
from gongheng.trading.evaluation.queries import ENDED
from gongheng.trading.projects import actions as projects
from gongheng.trading.projects.models import Hold, Lot
from gongheng.trading.projects.queries import is_host, is_supervisor
from gongheng.trading.sessions import rules
from gongheng.trading.sessions.actions.meeting import close_room
from gongheng.trading.sessions.actions.preparing import (
    lapse_incidents,
    must_be_main,
    prepare_session,
    release_incident,
)
from gongheng.trading.sessions.lifecycle import IncidentState, SessionState
from gongheng.trading.sessions.models import Incident, Session
from gongheng.trading.sessions.printing import issue_decision
from gongheng.trust.evidence.moving import moving, starting

OVER = (SessionState.ENDED, SessionState.POSTPONED, SessionState.ABORTED)


def report_incident(lot: Lot, *, cause: str, description: str, actor: Actor, clock: Clock) -> Incident:
    """Report a disturbance at one's own venue (登记突发情况); nothing stops before the main venue pauses."""
    if not description.strip():
        raise Refusal("DESCRIPTION", "请写明发生了什么、影响哪些席位。", "description")
    with transaction.atomic():
        session = prepare_session(lot, actor=actor, clock=clock)
        offer = _offer_of(session, actor)
        if session.state in OVER:
            raise Refusal("STATE", f"评标场次当前为“{session.state_label}”，不再登记突发情况。")
        incident = Incident(
            session=session, centre=offer.centre, cause=cause, description=description.strip(),
            is_before_start=session.state == SessionState.WAITING,
        )
        with starting(
            incident, actor=actor, clock=clock, verb="report", cause=cause, centre=offer.centre.short_name,
            matter=incident.get_cause_display(),
        ) as step:
            incident.reported_at = step.now
    return incident


def degrade_session(incident: Incident, *, actor: Actor, clock: Clock) -> Incident:
    """Go on without audio and video (降级运行): everybody reviews for himself, nothing is discussed."""
    _offer_of(incident.session, actor)
    with moving(incident, "degrade", actor=actor, clock=clock) as step:
        incident.degraded_at = step.now
    return incident


def clear_incident(incident: Incident, *, decision: str, actor: Actor, clock: Clock) -> Incident:
    """Close an incident that never stopped the session (故障排除)."""
    _offer_of(incident.session, actor)
    with moving(incident, "clear", actor=actor, clock=clock) as step:
        incident.closed_at, incident.decision = step.now, _said(decision)
    return incident


def pause_session(incident: Incident, *, actor: Actor, clock: Clock) -> Incident:
    """Pause for an incident (暂停评标): a hold on the lot stops every move and every keystroke of the evaluation."""
    session = incident.session
    must_be_main(session.lot, actor)
    with transaction.atomic(), moving(incident, "pause", actor=actor, clock=clock, cause=incident.cause) as step:
        session.refresh_from_db()
        # Reported before the start, paused after it: what counts is when the work stopped.
        incident.is_before_start = session.state == SessionState.WAITING
        incident.paused_at = step.now
        incident.limit_at = rules.limit_of(step.now, session.order.starts_at, incident.is_before_start)
        if session.state == SessionState.RUNNING:
            if session.evaluation.state in ENDED:
                raise Refusal("STATE", "评标报告已经签署完毕，无需暂停。")
            with moving(session, "pause", actor=actor, clock=clock):
                pass
        incident.hold = projects.place_hold(
            session.lot, kind=Hold.Kind.INCIDENT, reason=f"{incident.get_cause_display()}：{incident.description}",
            clocks=[], actor=actor, clock=clock,
        )
    return incident


def resume_session(incident: Incident, *, decision: str, actor: Actor, clock: Clock) -> Incident:
    """Resume after the repair (恢复评标): what was saved goes on, the time for signing is given back."""
    session = incident.session
    must_be_main(session.lot, actor)
    with transaction.atomic(), moving(incident, "resume", actor=actor, clock=clock) as step:
        incident.closed_at, incident.decision = step.now, _said(decision)
        _decide(incident, "resume", actor, step)
        step.facts["paused_seconds"] = int((step.now - incident.paused_at).total_seconds())
        release_incident(incident, actor=actor, clock=clock)
        session.refresh_from_db()
        others = session.incidents.filter(state=IncidentState.PAUSED).exclude(pk=incident.pk)
        if session.state == SessionState.PAUSED and not others.exists():
            evaluation = Evaluation.objects.select_for_update().get(pk=session.evaluation_id)
            prolong_signing(evaluation, step.now - incident.paused_at)
            with moving(session, "resume", actor=actor, clock=clock):
                pass
    return incident


def postpone_session(incident: Incident, *, decision: str, actor: Actor, clock: Clock) -> Incident:
    """Postpone (延期): data sealed, committee dissolved, seats free; a new order and a new draw begin from zero.

    Before the start the tenderer's side decides once the waiting time is over; during the evaluation the main
    venue may at any time, and the clock does when the waiting time is over.
    """
    lot = incident.session.lot
    if actor.role == Role.CENTRE:
        must_be_main(lot, actor)
    elif actor.role != Role.CLOCK and not is_host(lot, actor):
        raise Refusal("PARTY", "您所在的单位不是该标段的招标人或招标代理机构，不能办理。")
    with transaction.atomic(), moving(incident, "postpone", actor=actor, clock=clock) as step:
        refusal = rules.postponing_refusal(actor.role, incident.is_before_start, incident.limit_at, step.now)
        if refusal:
            raise refusal
        incident.closed_at, incident.decision = step.now, _said(decision)
        _decide(incident, "postpone", actor, step)
        _stop(incident, "postpone", actor, clock, step.now)
        release_incident(incident, actor=actor, clock=clock)
    return incident


def postpone_overdue(incident: Incident, *, actor: Actor, clock: Clock) -> Incident:
    """Postpone because nothing was repaired within four hours; called by the clock."""
    return postpone_session(incident, decision="故障4小时内未恢复，依规延期", actor=actor, clock=clock)


def abort_session(incident: Incident, *, decision: str, actor: Actor, clock: Clock) -> Incident:
    """Abort (中止) by the supervisor; the lot stays held until the supervisor releases it."""
    session = incident.session
    if not is_supervisor(session.lot, actor):
        raise Refusal("PARTY", "该标段不归您所在的监督部门监督，不能办理。")
    with transaction.atomic(), moving(incident, "abort", actor=actor, clock=clock) as step:
        incident.closed_at, incident.decision = step.now, _said(decision)
        if incident.hold is None:
            incident.hold = projects.place_hold(
                session.lot, kind=Hold.Kind.INCIDENT, reason=f"评标中止：{incident.decision}", clocks=[], actor=actor,
                clock=clock,
            )
        _decide(incident, "abort", actor, step)
        _stop(incident, "abort", actor, clock, step.now)
    return incident


def _stop(incident: Incident, move: str, actor: Actor, clock: Clock, now: datetime) -> None:
    session = incident.session
    session.refresh_from_db()
    evaluation = session.evaluation
    if evaluation is not None and evaluation.state != State.DISSOLVED:
        reason = f"{incident.get_cause_display()}：{incident.decision}"[:300]
        dissolve_committee(evaluation, reason=reason, actor=actor, clock=clock)
    else:
        for offer in session.order.offers.all():
            venues.release_seats(offer.pk, now=now)
    lapse_order(session.order, actor=actor, clock=clock)
    close_room(session, actor=actor, clock=clock)
    lapse_incidents(session, besides=incident, actor=actor, clock=clock)
    if move == "postpone":
        with moving(session, "postpone", actor=actor, clock=clock):
            session.ended_at = now
    else:
        with moving(session, "abort", actor=actor, clock=clock):
            session.ended_at = now


def _decide(incident: Incident, move: str, actor: Actor, step) -> None:
    incident.paper = issue_decision(incident, move, actor, step.now)
    step.facts["document"] = incident.paper.digest


def _offer_of(session: Session, actor: Actor) -> Offer:
    """Return the actor's own venue of the session. Raises Refusal VENUE."""
    if actor.role == Role.CENTRE:
        offer = session.order.offers.select_related("centre").filter(
            centre__organisation=actor.organisation, state="confirmed"
        ).first()
        if offer is not None:
            return offer
    raise Refusal("VENUE", "本中心不是该标段的会场。")


def _said(decision: str) -> str:
    if not decision.strip():
        raise Refusal("DECISION", "请写明处置情况和依据。", "decision")
    return decision.strip()
