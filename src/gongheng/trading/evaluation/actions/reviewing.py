"""The preliminary review: marks, conclusions by majority, and whether there is competition left (初步评审)."""

from django.db import transaction

from gongheng.kernel.clock import Clock
from gongheng.kernel.money import formatted
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.trading.bids.models import Bid
from gongheng.trading.evaluation import rules
from gongheng.trading.evaluation.actions.scoring import hand_out_aliases
from gongheng.trading.evaluation.actions.sitting import actor_of_committee, at_work, is_complete, masked, release_venues
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import CompetitionVote, Conclusion, Evaluation, Mark, Member
from gongheng.trading.evaluation.queries import bids_under_review, ceiling_of, method_of
from gongheng.trading.projects import actions as projects
from gongheng.trust.evidence.moving import moving, note


def mark(member: Member, *, bid: Bid, item: str, passes: bool, reason: str, actor: Actor, clock: Clock) -> Mark:
    """Save a member's opinion on one item of one bid, as typed; nothing is final before the lock."""
    with transaction.atomic():
        member = at_work(member, State.PRELIMINARY)
        if member.preliminary_locked_at:
            raise Refusal("STATE", "初步评审意见已经提交，不能修改。")
        if item not in {one.id for one in method_of(member.evaluation.lot).items}:
            raise Refusal("ITEM", "招标文件中没有该评审项。")
        if not bids_under_review(member.evaluation).filter(pk=bid.pk).exists():
            raise Refusal("ITEM", "本标段没有这份投标文件。")
        if not passes and not reason.strip():
            raise Refusal("REASON", "判定不通过须写明理由。", item)
        return Mark.objects.update_or_create(
            member=member, bid=bid, item=item, defaults={"passes": passes, "reason": "" if passes else reason.strip()}
        )[0]


def forget_mark(member: Member, *, bid: Bid, item: str) -> None:
    """Take a saved opinion back while its replacement is not complete, inside the transaction of its typing."""
    Mark.objects.filter(member=member, bid=bid, item=item).delete()


def lock_preliminary(member: Member, *, actor: Actor, clock: Clock) -> Evaluation:
    """Hand in the preliminary review (提交初步评审), signed; with the last one the committee concludes."""
    evaluation = member.evaluation
    with transaction.atomic():
        with note("evaluation.lock_preliminary", evaluation, lot=evaluation.lot, actor=masked(actor, member.pid),
                  clock=clock, pid=member.pid) as step:
            member = at_work(member, State.PRELIMINARY)
            evaluation = member.evaluation
            if member.preliminary_locked_at:
                raise Refusal("STATE", "初步评审意见已经提交。")
            wanted = bids_under_review(evaluation).count() * len(method_of(evaluation.lot).items)
            missing = wanted - member.marks.count()
            if missing:
                raise Refusal("PRELIM", f"还有{missing}项未评审，请逐项评审后再提交。")
            member.preliminary_locked_at = step.now
            member.save()
        if is_complete(evaluation) and not evaluation.members.filter(preliminary_locked_at=None).exists():
            _conclude(evaluation, actor_of_committee(), clock)
    return evaluation


def vote_competition(member: Member, *, competes: bool, reason: str, actor: Actor, clock: Clock) -> Evaluation:
    """Say whether the fewer than three valid bids still compete (法42); the majority decides."""
    if not reason.strip():
        raise Refusal("REASON", "请说明作出判断的理由。", "reason")
    with transaction.atomic():
        with note("evaluation.vote_competition", member.evaluation, lot=member.evaluation.lot,
                  actor=masked(actor, member.pid), clock=clock, pid=member.pid):
            member = at_work(member, State.COMPETITION)
            CompetitionVote.objects.update_or_create(
                member=member, defaults={"competes": competes, "reason": reason.strip()}
            )
        evaluation = member.evaluation
        votes = CompetitionVote.objects.filter(member__evaluation=evaluation)
        size = evaluation.members.count()
        if votes.count() == size:
            committee = actor_of_committee()
            if votes.filter(competes=True).count() * 2 > size:
                with moving(evaluation, "continue", actor=committee, clock=clock):
                    hand_out_aliases(evaluation)
            else:
                reason = "有效投标不足三个，评标委员会认为明显缺乏竞争，否决全部投标。"
                _reject_all(evaluation, reason, committee, clock)
    return evaluation


def _conclude(evaluation: Evaluation, committee: Actor, clock: Clock) -> None:
    method, ceiling = method_of(evaluation.lot), ceiling_of(evaluation.lot)
    members = {str(member.pk): member for member in evaluation.members.all()}
    marks = list(Mark.objects.filter(member__evaluation=evaluation))
    valid = 0
    for bid in bids_under_review(evaluation):
        votes: dict[str, dict[str, bool]] = {}
        for one in marks:
            if one.bid_id == bid.pk:
                votes.setdefault(one.item, {})[str(one.member_id)] = one.passes
        conclusions = rules.conclude_preliminary(method, votes, members)
        for conclusion in conclusions:
            reasons = [f"{members[str(o.member_id)].label}：{o.reason}" for o in marks
                       if o.bid_id == bid.pk and o.item == conclusion.item and not o.passes]
            Conclusion.objects.create(
                evaluation=evaluation, bid=bid, item=conclusion.item, passes=conclusion.has_passed,
                against=len(conclusion.against), reasons="；".join(reasons),
            )
        # 条例51(5): a price above the ceiling is rejected by law, whatever the marks say.
        over = bid.total > ceiling
        if over:
            Conclusion.objects.create(
                evaluation=evaluation, bid=bid, item=Conclusion.CEILING, passes=False, against=len(members),
                reasons=f"投标报价高于最高投标限价 {formatted(ceiling)} 元",
            )
        valid += rules.has_passed(conclusions) and not over
    outcome = rules.competition(valid)
    if outcome is rules.Competition.CONTINUES:
        with moving(evaluation, "conclude_preliminary", actor=committee, clock=clock):
            hand_out_aliases(evaluation)
    elif outcome is rules.Competition.COMMITTEE_DECIDES:
        with moving(evaluation, "doubt_competition", actor=committee, clock=clock):
            pass
    else:
        _reject_all(evaluation, "全部投标未通过初步评审，否决全部投标。", committee, clock)


def _reject_all(evaluation: Evaluation, reason: str, committee: Actor, clock: Clock) -> None:
    with moving(evaluation, "reject_all", actor=committee, clock=clock, reason=reason) as step:
        evaluation.finished_at = step.now
        evaluation.opinion = reason
        release_venues(evaluation.lot, step.now)
    # Exception report 9 of the national data set: all bids rejected (全部否决).
    facts = {"reason": reason, "exception": "9"}
    projects.advance_lot(evaluation.lot, "fail", actor=committee, clock=clock, facts=facts)
