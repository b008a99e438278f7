"""What the pool's keeper and the supervisors do with experts: looks, states, ties (专家库管理)."""

from datetime import date

from django.db import IntegrityError, transaction

from gongheng.kernel.calendar import day_of, end_of
from gongheng.kernel.clock import Clock
from gongheng.kernel.numbers import check_uscc
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.people.experts import rules
from gongheng.people.experts.models import Expert, Tie
from gongheng.people.experts.queries import keeps_pool
from gongheng.trust.evidence.moving import moving, note


def look_at_expert(expert: Expert, *, reason: str, actor: Actor, clock: Clock) -> Expert:
    """Let the pool keeper read one expert's personal data (查阅); who looked and why goes into the log."""
    if not keeps_pool(actor):
        raise Refusal("ROLE", "专家个人信息只能由省级交易中心（专家库管理单位）查阅。")
    if len(reason.strip()) < 4:
        raise Refusal("REASON", "查阅专家个人信息须写明事由。", "reason")
    with note("experts.look", f"expert:{expert.pk}", actor=actor, clock=clock, reason=reason.strip()):
        return Expert.objects.select_related("person").get(pk=expert.pk)


def admit_expert(expert: Expert, *, actor: Actor, clock: Clock) -> Expert:
    """Take an applicant into the pool (批准入库). Raises Refusal ROLE, STATE, YEARS."""
    _must_keep(actor)
    if expert.years < rules.LEAST_YEARS:
        raise Refusal("YEARS", f"从业年限应不少于 {rules.LEAST_YEARS} 年（招标投标法第三十七条）。")
    with moving(expert, "admit", actor=actor, clock=clock) as step:
        expert.entered_at = step.now
    return expert


def decline_expert(expert: Expert, *, reason: str, actor: Actor, clock: Clock) -> Expert:
    """Turn an applicant down (不予入库)."""
    _must_keep(actor)
    with moving(expert, "decline", actor=actor, clock=clock, reason=_said(reason)):
        pass
    return expert


def suspend_expert(expert: Expert, *, until: date, reason: str, actor: Actor, clock: Clock) -> Expert:
    """Suspend an expert (暂停) to the end of a day; running seats stay, new draws pass him by.

    Raises Refusal ROLE, STATE, REASON, UNTIL.
    """
    _must_keep(actor)
    with moving(expert, "suspend", actor=actor, clock=clock, reason=_said(reason), until=until.isoformat()) as step:
        today = day_of(step.now)
        if not today <= until <= today + rules.LONGEST_SUSPENSION:
            raise Refusal("UNTIL", "暂停的截止日期应在今天之后、三年以内。", "until")
        expert.suspended_until = end_of(until)
    return expert


def resume_expert(expert: Expert, *, actor: Actor, clock: Clock, reason: str = "") -> Expert:
    """End a suspension (恢复): the clock on its day, a keeper or supervisor earlier and with a reason."""
    if actor.role == Role.CLOCK:
        reason = "暂停期满"
    else:
        _must_keep(actor)
    with moving(expert, "resume", actor=actor, clock=clock, reason=_said(reason)) as step:
        if actor.role == Role.CLOCK and step.now < expert.suspended_until:
            raise Refusal("EARLY", "暂停期限尚未届满。")
        expert.suspended_until = None
    return expert


def remove_expert(expert: Expert, *, reason: str, actor: Actor, clock: Clock) -> Expert:
    """Put an expert out of the pool for good (退出)."""
    _must_keep(actor)
    with moving(expert, "remove", actor=actor, clock=clock, reason=_said(reason)):
        expert.suspended_until = None
    return expert


def retire_expert(expert: Expert, *, reason: str, actor: Actor, clock: Clock) -> Expert:
    """Let an expert retire (退休)."""
    _must_keep(actor)
    with moving(expert, "retire", actor=actor, clock=clock, reason=_said(reason)):
        expert.suspended_until = None
    return expert


def record_tie(
    expert: Expert, *, uscc: str, kind: str, ended_on: date | None = None, actor: Actor, clock: Clock
) -> Tie:
    """Record a relation that stands in the way of judging an organisation (利害关系); by himself or the keeper.

    The entry names neither the organisation nor the kind: both single out a person.
    """
    is_himself = actor.role == Role.EXPERT and str(expert.person_id) == actor.id
    if not is_himself and not keeps_pool(actor):
        raise Refusal("ROLE", "利害关系由专家本人或者专家库管理单位登记。")
    known = check_uscc(uscc, "uscc")
    if kind not in Tie.Kind.values:
        raise Refusal("TIE", "请从列表中选择关系种类。", "kind")
    try:
        with transaction.atomic(), note("experts.tie", f"expert:{expert.pk}", actor=actor, clock=clock) as step:
            if ended_on is not None and ended_on > day_of(step.now):
                raise Refusal("TIE", "关系结束的日期不能晚于今天；仍在存续的请留空。", "ended_on")
            return Tie.objects.create(expert=expert, uscc=known, kind=kind, recorded_at=step.now, ended_on=ended_on)
    except IntegrityError:
        raise Refusal("TWICE", "这项关系已经登记。", "uscc") from None


def _must_keep(actor: Actor) -> None:
    if actor.role == Role.CENTRE and not keeps_pool(actor):
        raise Refusal("ROLE", "专家库由省级交易中心管理，各市中心不能办理。")


def _said(reason: str) -> str:
    if len(reason.strip()) < 4:
        raise Refusal("REASON", "须写明事由和依据（至少四个字）。", "reason")
    return reason.strip()
