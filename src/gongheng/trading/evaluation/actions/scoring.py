"""Blind technical scoring: aliases, points as typed, locked sheets (暗标技术评分)."""

import secrets
from decimal import Decimal

from django.db import transaction

from gongheng.crypto import canonical, labels
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.trading.bids.models import Bid
from gongheng.trading.evaluation import rules
from gongheng.trading.evaluation.actions.sitting import actor_of_committee, at_work, is_complete, masked
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Alias, DeviationReason, Evaluation, Member, Score
from gongheng.trading.evaluation.queries import deviations, method_of, passed_bids, sheet_of
from gongheng.trust.evidence.moving import moving, note

_STEMS = "甲乙丙丁戊己庚辛壬癸"


def hand_out_aliases(evaluation: Evaluation) -> None:
    """Give every member the passed bids under names and in an order of his own (暗标编号).

    After a replacement members keep aliases and sheets while the same bids go on; if others go on, everybody
    scores anew, because a signed sheet speaks of all bids together.
    """
    bids = list(passed_bids(evaluation))
    passed = {str(bid.pk) for bid in bids}
    labels_ = [_STEMS[i % 10] + (str(i // 10 + 1) if len(bids) > 10 else "") for i in range(len(bids))]
    for member in evaluation.members.all():
        if {alias.bid_sealed for alias in member.aliases.all()} == passed:
            continue
        Score.objects.filter(alias__member=member).delete()
        member.aliases.all().delete()
        evaluation.members.filter(pk=member.pk).update(technical_locked_at=None)
        order = bids.copy()
        secrets.SystemRandom().shuffle(order)
        Alias.objects.bulk_create([
            Alias(member=member, label=label, bid_sealed=str(bid.pk))
            for label, bid in zip(labels_, order, strict=True)
        ])


def save_score(member: Member, *, label: str, factor: str, points: Decimal | None, clock: Clock) -> None:
    """Save points as typed (自动保存), or forget them with None; the server's copy counts after a lost link."""
    with transaction.atomic():
        alias = _alias_at_work(member, label)
        known = {one.id: one for one in method_of(alias.member.evaluation.lot).factors}
        if factor not in known:
            raise Refusal("SCORE", "招标文件中没有该评分因素。", factor)
        if points is None:
            alias.scores.filter(factor=factor).delete()
            return
        known[factor].check(points)
        Score.objects.update_or_create(
            alias=alias, factor=factor, defaults={"points": points, "saved_at": clock.now()}
        )


def save_comment(member: Member, *, label: str, comment: str, clock: Clock) -> None:
    """Save the member's remark on one anonymous bid (评审意见), as typed."""
    with transaction.atomic():
        alias = _alias_at_work(member, label)
        alias.comment = comment.strip()
        alias.save(update_fields=["comment"])


def lock_sheet(member: Member, *, actor: Actor, clock: Clock) -> Evaluation:
    """Hand in the technical scores (提交技术评分), signed; with the last sheet the names come out."""
    with transaction.atomic():
        with note("sheet.lock", member.evaluation, lot=member.evaluation.lot, actor=masked(actor, member.pid),
                  clock=clock, pid=member.pid) as step:
            member = at_work(member, State.TECHNICAL)
            evaluation = member.evaluation
            if member.technical_locked_at:
                raise Refusal("STATE", "技术评分已经提交。")
            method, sheet = method_of(evaluation.lot), sheet_of(member)
            for label, points in sheet.items():
                try:
                    rules.sheet_total(method, points)
                except Refusal as refusal:
                    raise Refusal(refusal.rule, f"暗标{label}：{refusal.message}。", refusal.field) from refusal
            step.facts["sheet"] = sheet_digest(sheet)
            member.technical_locked_at = step.now
            member.save()
        if is_complete(evaluation) and not evaluation.members.filter(technical_locked_at=None).exists():
            committee = actor_of_committee()
            with moving(evaluation, "lock_technical", actor=committee, clock=clock):
                pass
            # Release event of the names behind the aliases (security.md 3.1).
            with note("technical.scores.locked", evaluation, lot=evaluation.lot, actor=committee, clock=clock):
                pass
    return evaluation


def explain_deviation(member: Member, *, bid: Bid, reason: str, actor: Actor, clock: Clock) -> DeviationReason:
    """Give the reason for a total far from the others' (评分偏差说明); it goes into the report."""
    if not reason.strip():
        raise Refusal("REASON", "请说明评分偏差的理由。", "reason")
    with note("evaluation.explain_deviation", member.evaluation, lot=member.evaluation.lot,
              actor=masked(actor, member.pid), clock=clock, pid=member.pid):
        member = at_work(member, State.RESULT)
        if not any(one.member.pk == member.pk and one.bid.pk == bid.pk for one in deviations(member.evaluation)):
            raise Refusal("DEVIATION", "您对该投标人的评分没有超出偏差范围，不需要说明。")
        return DeviationReason.objects.update_or_create(member=member, bid=bid, defaults={"reason": reason.strip()})[0]


def sheet_digest(sheet: dict[str, dict[str, Decimal]]) -> str:
    """Return the digest of a member's sheet as its entry states it: {label: {factor: points with two decimals}}."""
    body = {label: {factor: f"{points:.2f}" for factor, points in row.items()} for label, row in sheet.items()}
    return canonical.b64(labels.digest(labels.DOCUMENT, canonical.encode(body)))


def _alias_at_work(member: Member, label: str) -> Alias:
    member = at_work(member, State.TECHNICAL)
    if member.technical_locked_at:
        raise Refusal("STATE", "技术评分已经提交，不能修改。")
    alias = member.aliases.select_related("member__evaluation__lot").filter(label=label).first()
    if alias is None:
        raise Refusal("SCORE", "没有这个暗标编号。")
    return alias
