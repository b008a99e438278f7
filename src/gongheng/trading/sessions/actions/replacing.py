"""Replacing a member of the committee by decision of the main venue, with its paper (更换评委)."""

from django.db import transaction

from gongheng.kernel.clock import Clock
from gongheng.kernel.roles import Actor
from gongheng.trading.draws.rules import LOSSES
from gongheng.trading.evaluation.actions.reforming import replace_member
from gongheng.trading.evaluation.models import Member
from gongheng.trading.sessions.models import Session
from gongheng.trading.sessions.printing import issue_replacement
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
