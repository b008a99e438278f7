"""Replacing a member of the committee, or his seat, each a decision with its paper (更换评委、换席)."""

from django.db import transaction

from gongheng.kernel.clock import Clock
from gongheng.kernel.roles import Actor
from gongheng.places.meetings.actions.convening import reseat
from gongheng.places.meetings.lifecycle import State as MeetingState
from gongheng.places.meetings.queries import meeting_for
from gongheng.trading.draws.rules import LOSSES
from gongheng.trading.evaluation.actions.arriving import move_seat
from gongheng.trading.evaluation.actions.reforming import replace_member
from gongheng.trading.evaluation.models import Arrival, Member
from gongheng.trading.sessions.models import Session
from gongheng.trading.sessions.printing import issue_move, issue_replacement
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.moving import note


def replace_expert(
    session: Session, member: Member, *, cause: str, reason: str, actor: Actor, clock: Clock
) -> Document:
    """Replace a member who cannot go on (条例48) and issue the decision; who he was stands nowhere in it."""
    label, venue = member.label, member.centre.short_name
    with transaction.atomic():
        replace_member(member, cause=cause, reason=reason, actor=actor, clock=clock)
        with note("sessions.decide", session, lot=session.lot, actor=actor, clock=clock, matter="更换评委") as step:
            paper = issue_replacement(session, label, venue, LOSSES[cause], reason.strip(), actor, step.now)
            step.facts["document"] = paper.digest
    return paper


def move_expert(session: Session, arrival: Arrival, *, reason: str, actor: Actor, clock: Clock) -> Document:
    """Give an expert another seat at his venue and issue the decision; his place in the room moves with him."""
    venue = arrival.centre.short_name
    with transaction.atomic():
        arrival = move_seat(arrival, reason=reason, actor=actor, clock=clock)
        member = session.evaluation.members.select_related("expert").filter(pid=arrival.pid).first()
        label = member.label if member else "一名专家"
        meeting = meeting_for(session.room) if session.room else None
        if member and meeting and meeting.state == MeetingState.OPEN:
            seat = f"{arrival.seat.room.name} {arrival.seat.number}"
            for one in meeting.participants.filter(person=str(member.expert.person_id), revoked_at=None):
                reseat(one, seat=seat, reason=reason.strip(), actor=actor, clock=clock)
        with note("sessions.decide", session, lot=session.lot, actor=actor, clock=clock, matter="调整席位") as step:
            paper = issue_move(session, label, venue, reason.strip(), actor, step.now)
            step.facts["document"] = paper.digest
    return paper
