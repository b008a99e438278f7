"""Coming down the lists until every seat is held (席位落实), security.md 4.b step 8."""

from django.db import transaction

from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.trading.draws import printing, rules
from gongheng.trading.draws.lifecycle import DrawState, PickState
from gongheng.trading.draws.models import Draw, Pick
from gongheng.trust.evidence.moving import moving, note, starting

HOLDING = (PickState.INVITED, PickState.ACCEPTED)


def fill_seats(draw: Draw, *, actor: Actor, clock: Clock) -> None:
    """Invite the next of each list for every seat that nobody holds, passing over whom the rules exclude.

    Called inside the transaction that freed or opened the seats; no second randomness comes in.
    """
    for stratum in draw.order["strata"]:
        listed = draw.lists[stratum["name"]]
        picks = draw.picks.filter(stratum=stratum["name"])
        open_seats = stratum["seats"] - picks.filter(state__in=HOLDING).count()
        rank = picks.count()
        while open_seats and rank < len(listed):
            open_seats -= _reach(draw, stratum, rank, actor, clock)
            rank += 1
        if open_seats:
            with note("draws.exhausted", draw, lot=draw.lot, actor=actor, clock=clock, stratum=stratum["name"],
                      seats=open_seats):
                pass
    _complete_if_seated(draw, actor, clock)


def accept_invitation(pick: Pick, *, actor: Actor, clock: Clock) -> Pick:
    """Accept an invitation (确认参加); the entry knows the expert by pid only."""
    with transaction.atomic():
        with moving(pick, "accept", actor=masked(actor, pick), clock=clock, pid=pick.pid) as step:
            pick.answered_at = step.now
        _complete_if_seated(_fresh(pick), masked(actor, pick), clock)
    return pick


def refuse_invitation(pick: Pick, *, actor: Actor, clock: Clock) -> Pick:
    """Decline an invitation (不能参加); the next in the list is asked."""
    with transaction.atomic():
        with moving(pick, "refuse", actor=masked(actor, pick), clock=clock, pid=pick.pid) as step:
            pick.answered_at, pick.cause = step.now, "专家答复不能参加"
        fill_seats(_fresh(pick), actor=masked(actor, pick), clock=clock)
    return pick


def expire_pick(pick: Pick, *, actor: Actor, clock: Clock) -> Pick:
    """Pass on when no answer came in time (逾期未答复); called by the clock."""
    with transaction.atomic():
        with moving(pick, "expire", actor=actor, clock=clock, pid=pick.pid) as step:
            if step.now < pick.answer_by:
                raise Refusal("EARLY", "答复时限尚未届满。")
            pick.answered_at, pick.cause = step.now, "时限内未答复"
        draw = _fresh(pick)
        if draw.state == DrawState.FILLING:
            fill_seats(draw, actor=actor, clock=clock)
    return pick


def avoid_pick(pick: Pick, *, cause: str, actor: Actor, clock: Clock) -> Pick:
    """Take a confirmed expert off the committee (回避), e.g. at check-in; the next in the list is asked.

    The evaluation calls this with the expert as actor or with staff; entries carry the pid only.
    """
    if not cause.strip():
        raise Refusal("REASON", "回避须说明原因。", "cause")
    with transaction.atomic():
        with moving(pick, "avoid", actor=masked(actor, pick), clock=clock, pid=pick.pid, cause=cause.strip()) as step:
            pick.answered_at, pick.cause = step.now, cause.strip()
        draw = _fresh(pick)
        if draw.state == DrawState.COMPLETE:
            with moving(draw, "refill", actor=masked(actor, pick), clock=clock, attempt=draw.attempt):
                pass
        fill_seats(draw, actor=masked(actor, pick), clock=clock)
    return pick


def masked(actor: Actor, pick: Pick) -> Actor:
    """Return an expert as entries may name him before the award: by pid, with no signature of his kept."""
    if actor.role != Role.EXPERT:
        return actor
    return Actor(f"pid-{pick.pid[:20]}", actor.role, actor.organisation)


def _reach(draw: Draw, stratum: dict, rank: int, actor: Actor, clock: Clock) -> bool:
    """Come to one place in a list; True when its expert was invited."""
    pid, employer = draw.lists[stratum["name"]][rank]
    held = draw.picks.filter(state__in=HOLDING)
    cause = rules.skip_cause(
        pid, employer, set(draw.picks.values_list("pid", flat=True)), set(held.values_list("employer", flat=True))
    )
    pick = Pick(
        draw=draw, stratum=stratum["name"], rank=rank + 1, pid=pid, centre_id=stratum["venue"], employer=employer
    )
    with starting(pick, actor=actor, clock=clock, verb="reach", pid=pid, stratum=stratum["name"], rank=rank + 1):
        pass
    if cause:
        with moving(pick, "skip", actor=actor, clock=clock, pid=pid, cause=cause):
            pick.cause = cause
        return False
    with moving(pick, "invite", actor=actor, clock=clock, pid=pid) as step:
        pick.invited_at, pick.answer_by = step.now, step.now + rules.ANSWER_TIME
    return True


def _complete_if_seated(draw: Draw, actor: Actor, clock: Clock) -> None:
    if draw.state != DrawState.FILLING or draw.picks.filter(state=PickState.ACCEPTED).count() < draw.seats:
        return
    with moving(draw, "complete", actor=actor, clock=clock, attempt=draw.attempt) as step:
        draw.record = printing.draw_record(draw, step.now)
        step.facts["document"] = draw.record.digest


def _fresh(pick: Pick) -> Draw:
    # The lot is locked by now; what the caller held of the draw may be stale.
    return Draw.objects.select_related("lot__tender_project", "venue_order").get(pk=pick.draw_id)

