"""Leave that an expert enters himself (请假)."""

from datetime import date

from gongheng.kernel.calendar import day_of
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.people.experts import rules
from gongheng.people.experts.models import Expert, Leave
from gongheng.trust.evidence.moving import note

#: So many leaves may lie ahead at once; more would be a way to be drawn only when one pleases.
MOST_AHEAD = 10


def take_leave(expert: Expert, *, first_day: date, last_day: date, actor: Actor, clock: Clock) -> Leave:
    """Enter days on which he is not to be drawn; seats that he holds already stay. Raises Refusal PARTY, LEAVE."""
    _must_be_himself(expert, actor)
    with note(
        "experts.leave", f"expert:{expert.pk}", actor=actor, clock=clock, first_day=first_day.isoformat(),
        last_day=last_day.isoformat(),
    ) as step:
        today = day_of(step.now)
        Expert.objects.select_for_update().get(pk=expert.pk)
        rules.check_leave(first_day, last_day, today)
        ahead = expert.leaves.filter(withdrawn_at=None, last_day__gte=today)
        if ahead.filter(first_day__lte=last_day, last_day__gte=first_day).exists():
            raise Refusal("LEAVE", "与已经登记的请假日期重叠。", "first_day")
        if ahead.count() >= MOST_AHEAD:
            raise Refusal("LEAVE", f"尚未结束的请假最多 {MOST_AHEAD} 次。", "first_day")
        return Leave.objects.create(expert=expert, first_day=first_day, last_day=last_day, entered_at=step.now)


def withdraw_leave(leave: Leave, *, actor: Actor, clock: Clock) -> Leave:
    """Take a leave back (销假) that is not over."""
    _must_be_himself(leave.expert, actor)
    with note(
        "experts.withdraw_leave", f"expert:{leave.expert_id}", actor=actor, clock=clock,
        first_day=leave.first_day.isoformat(), last_day=leave.last_day.isoformat(),
    ) as step:
        leave = Leave.objects.select_for_update().get(pk=leave.pk)
        if leave.withdrawn_at is not None or leave.last_day < day_of(step.now):
            raise Refusal("STATE", "该请假已经结束或者已经销假。")
        leave.withdrawn_at = step.now
        leave.save(update_fields=["withdrawn_at"])
    return leave


def _must_be_himself(expert: Expert, actor: Actor) -> None:
    if str(expert.person_id) != actor.id:
        raise Refusal("PARTY", "请假只能由专家本人办理。")
