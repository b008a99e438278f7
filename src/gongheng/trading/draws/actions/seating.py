"""Coming down the lists until every seat is held (席位落实), security.md 4.b step 8."""

from dataclasses import dataclass

from django.db import connection, transaction

from gongheng.kernel.calendar import day_of
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.people.experts.models import Expert
from gongheng.people.experts.queries import conflicts_of, on_leave
from gongheng.trading.draws import printing, pseudonyms, rules, snapshot
from gongheng.trading.draws.avoidance import circle_of_bidders
from gongheng.trading.draws.lifecycle import DrawState, PickState
from gongheng.trading.draws.models import Draw, Pick
from gongheng.trust.evidence.moving import moving, note, starting

HOLDING = (PickState.INVITED, PickState.ACCEPTED)
#: Names resolved beyond the open seats of a list, so that a few skips cost no second search.
_AHEAD = 8
#: Seats of all draws are given one draw at a time: two draws must not seat one expert at the same hour.
_SEATING_LOCK = 0x67687365


@dataclass(frozen=True)
class _Now:
    """What stands in the way of somebody's seat at this moment, beyond what the pool's snapshot knew."""

    experts: dict[str, str]  # pid -> expert id
    elsewhere: set[str]
    on_leave: set[str]
    bidders: set[str]


def fill_seats(draw: Draw, *, actor: Actor, clock: Clock) -> None:
    """Invite the next of each list for every seat that nobody holds, passing over whom the rules exclude.

    Called inside the transaction that freed or opened the seats; no second randomness comes in.
    """
    picks = draw.picks.all()
    reached = {name: sum(one.stratum == name for one in picks) for name in draw.lists}
    wanted = {
        one["name"]: one["seats"] - sum(pick.stratum == one["name"] and pick.state in HOLDING for pick in picks)
        for one in draw.order["strata"]
    }
    if any(wanted.values()):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEATING_LOCK])
        known = _now(draw, {
            pid for name, count in wanted.items() if count
            for pid, _ in draw.lists[name][reached[name]:reached[name] + count + _AHEAD]
        })
    for stratum in draw.order["strata"]:
        listed = draw.lists[stratum["name"]]
        open_seats, rank = wanted[stratum["name"]], reached[stratum["name"]]
        while open_seats and rank < len(listed):
            if listed[rank][0] not in known.experts:
                known.experts.update(pseudonyms.resolve(draw, {pid for pid, _ in listed[rank:rank + _AHEAD]}))
            open_seats -= _reach(draw, stratum, rank, known, actor, clock)
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
        _refill(pick, masked(actor, pick), clock)
    return pick


def replace_member(pick: Pick, *, cause: str, actor: Actor, clock: Clock) -> Pick:
    """Replace a member who is lost while the session runs (补抽): the next of the same list, the same conditions.

    ``cause`` is a code of rules.LOSSES. What the lost member concluded is void (条例48); that is for the
    evaluation. Raises Refusal ROLE, STATE, CAUSE.
    """
    if cause not in rules.LOSSES:
        raise Refusal("CAUSE", f"补抽原因应为{'、'.join(rules.LOSSES)}之一。", "cause")
    with transaction.atomic():
        with moving(pick, "lose", actor=actor, clock=clock, pid=pick.pid, cause=rules.LOSSES[cause]) as step:
            pick.answered_at, pick.cause = step.now, rules.LOSSES[cause]
        _refill(pick, actor, clock)
    return pick


def avoid_conflicted(draw: Draw, *, actor: Actor, clock: Clock) -> list[Pick]:
    """Take confirmed experts off who are tied to a bidder that the opening made known (系统核对回避).

    Nobody sees the comparison, only its result under pids. Returns the picks that had to go.
    """
    bidders, today = circle_of_bidders(draw.lot), day_of(clock.now())
    gone = []
    for pick in draw.picks.filter(state=PickState.ACCEPTED):
        if conflicts_of(Expert.objects.get(pk=expert_id(pick)), bidders, today):
            gone.append(avoid_pick(pick, cause=rules.LATE_CAUSES["TIE"], actor=actor, clock=clock))
    return gone


def expert_id(pick: Pick) -> str:
    """Return the id of the expert whom a pick came to; the sealed column needs the keyring."""
    return pick.expert or pseudonyms.resolve(pick.draw, {pick.pid})[pick.pid]


def masked(actor: Actor, pick: Pick) -> Actor:
    """Return an expert as entries may name him before the award: by pid, with no signature of his kept."""
    if actor.role != Role.EXPERT:
        return actor
    return Actor(f"pid-{pick.pid[:20]}", actor.role, actor.organisation)


def _refill(pick: Pick, actor: Actor, clock: Clock) -> None:
    draw = _fresh(pick)
    if draw.state == DrawState.COMPLETE:
        with moving(draw, "refill", actor=actor, clock=clock, attempt=draw.attempt):
            pass
    fill_seats(draw, actor=actor, clock=clock)


def _now(draw: Draw, pids: set[str]) -> _Now:
    order = draw.venue_order
    return _Now(
        pseudonyms.resolve(draw, pids), snapshot.seated_elsewhere(draw),
        on_leave(day_of(order.starts_at), day_of(order.ends_at)), circle_of_bidders(draw.lot),
    )


def _late_cause(expert: str, known: _Now, now) -> str | None:
    """Say why somebody of the list cannot be asked any more; computed here, seen by nobody before the answer."""
    row = Expert.objects.get(pk=expert)
    checks = (
        ("GONE", row.state != Expert.State.IN_POOL), ("SEAT", expert in known.elsewhere),
        ("LEAVE", expert in known.on_leave),
        ("TIE", bool(known.bidders) and bool(conflicts_of(row, known.bidders, day_of(now)))),
    )
    return next((rules.LATE_CAUSES[code] for code, holds in checks if holds), None)


def _reach(draw: Draw, stratum: dict, rank: int, known: _Now, actor: Actor, clock: Clock) -> bool:
    """Come to one place in a list; True when its expert was invited."""
    pid, employer = draw.lists[stratum["name"]][rank]
    expert = known.experts[pid]
    held = draw.picks.filter(state__in=HOLDING)
    cause = rules.skip_cause(
        pid, employer, set(draw.picks.values_list("pid", flat=True)), set(held.values_list("employer", flat=True))
    )
    pick = Pick(
        draw=draw, stratum=stratum["name"], rank=rank + 1, pid=pid, centre_id=stratum["venue"], employer=employer,
        expert=expert,
    )
    with starting(
        pick, actor=actor, clock=clock, verb="reach", pid=pid, stratum=stratum["name"], rank=rank + 1
    ) as step:
        cause = cause or _late_cause(expert, known, step.now)
    if cause:
        with moving(pick, "skip", actor=actor, clock=clock, pid=pid, cause=cause):
            pick.cause = cause
        return False
    with moving(pick, "invite", actor=actor, clock=clock, pid=pid) as step:
        pick.invited_at, pick.answer_by = step.now, step.now + rules.answer_time(draw.kind)
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

