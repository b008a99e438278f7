"""A committee that loses a member, or is dissolved: its work is sealed, and somebody else begins anew (更换与解散)."""

from django.db import transaction

from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.trading.draws import queries as draws
from gongheng.trading.draws.actions.seating import replace_member as replace_pick
from gongheng.trading.evaluation.actions.sealing import forget_conclusions, forget_member, seal_work
from gongheng.trading.evaluation.actions.sitting import order_of_main_venue, release_venues
from gongheng.trading.evaluation.models import Evaluation, Member
from gongheng.trading.projects import actions as projects
from gongheng.trust.evidence.moving import moving


def replace_member(member: Member, *, cause: str, reason: str, actor: Actor, clock: Clock) -> Evaluation:
    """Replace a member who cannot go on (更换评委, 条例48): all he concluded is void, the next in the list is asked.

    The others keep what they entered; the common conclusions fall and are reached again with the new member's
    vote. ``cause`` is a code of draws.rules.LOSSES. Raises Refusal MAIN-VENUE, REASON, CAUSE, or what the
    lifecycle and the draw refuse.
    """
    evaluation = member.evaluation
    order_of_main_venue(evaluation.lot, actor)
    if not reason.strip():
        raise Refusal("REASON", "更换评委须写明不能继续履职的原因。", "reason")
    with transaction.atomic():
        with moving(evaluation, "replace", actor=actor, clock=clock, pid=member.pid, reason=reason.strip()) as step:
            pick = draws.pick_of(member.expert, evaluation.lot)
            sealed = seal_work(evaluation, [member], pid=member.pid, reason=reason.strip(), now=step.now)
            step.facts["sealed"] = sealed.digest
            was_leader = evaluation.leader_id == member.pk
            forget_conclusions(evaluation)
            forget_member(Member.objects.select_related("evaluation").get(pk=member.pk))
            evaluation.arrivals.filter(pid=member.pid).update(is_gone=True)
            if was_leader:
                evaluation.leader = None
                evaluation.ballot_round += 1
        replace_pick(pick, cause=cause, actor=actor, clock=clock)
    return evaluation


def dissolve_committee(evaluation: Evaluation, *, reason: str, actor: Actor, clock: Clock) -> Evaluation:
    """Seal everything entered so far and dissolve the committee (封存、解散); the lot waits for a new session.

    Called by the session when it is postponed or aborted. Rows stay for the record but nobody works on them;
    a new order of venues, a new draw and a new attempt follow, from zero.
    """
    with transaction.atomic():
        with moving(evaluation, "dissolve", actor=actor, clock=clock, reason=reason) as step:
            members = list(evaluation.members.order_by("number"))
            sealed = seal_work(evaluation, members, pid="", reason=reason, now=step.now)
            step.facts |= {"sealed": sealed.digest, "members": len(members), "attempt": evaluation.attempt}
            evaluation.finished_at = step.now
            release_venues(evaluation.lot, step.now)
        projects.advance_lot(evaluation.lot, "reopen_evaluation", actor=actor, clock=clock)
    return evaluation
