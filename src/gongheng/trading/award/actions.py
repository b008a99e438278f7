"""The only writer of candidates, publicity, objections to the result and the award."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from gongheng.crypto import canonical
from gongheng.kernel import procedures
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.trading.award import printing
from gongheng.trading.award.models import Award, Candidate, Publicity, ResultObjection
from gongheng.trading.evaluation.queries import evaluation_of, result
from gongheng.trading.notices.actions import issue_notice
from gongheng.trading.notices.models import Notice
from gongheng.trading.projects import actions as projects
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Hold, Lot
from gongheng.trading.projects.queries import is_host, rulebook_of
from gongheng.trust.documents.actions import issue_document
from gongheng.trust.evidence.moving import note


def publicise_candidates(lot: Lot, *, ends_at: datetime, actor: Actor, clock: Clock) -> Publicity:
    """Make the candidates public (公示中标候选人) within three days of the report, for at least three (T10)."""
    _must_host(lot, actor)
    book = rulebook_of(lot)
    with transaction.atomic():
        step = projects.advance_lot(
            lot, "publicise", actor=actor, clock=clock, publicity_ends_at=ends_at, facts={
                "publicity_ends_at": canonical.timestamp(ends_at),
                # Whoever reads the entry sees whether the publicity began in time.
                "start_due": canonical.timestamp(book.due("T10.start", evaluation_of(lot).finished_at)),
            },
        )
        procedures.check_publicity(book, step.now, ends_at)
        standings = result(lot)[:3]
        procedures.check_candidates(book, len(standings))
        candidates = Candidate.objects.bulk_create([
            Candidate(lot=lot, rank=one.rank, bid=one.bid, technical=one.technical, price_score=one.price_score,
                      total=one.total)
            for one in standings
        ])
        notice = issue_notice(
            lot, kind=Notice.Kind.CANDIDATES, title=f"{lot.tender_project.name}（{lot.name}）中标候选人公示",
            body=printing.candidates_text(lot, candidates, ends_at), template="candidates",
            data=printing.candidates(lot, candidates, step.now, ends_at), actor=actor, clock=clock,
        )
        return Publicity.objects.create(lot=lot, starts_at=step.now, notice=notice)


def object_to_result(lot: Lot, *, text: str, actor: Actor, clock: Clock) -> ResultObjection:
    """Object to the result during the publicity (条例54); the lot is held until the answer (T6)."""
    if actor.role != Role.BIDDER or not lot.bids.filter(organisation=actor.organisation).exists():
        raise Refusal("PARTY", "只有本标段的投标人可以对评标结果提出异议。")
    text = text.strip()
    with note("award.objection", lot, lot=lot, actor=actor, clock=clock) as step:
        if lot.state != State.PUBLICITY or step.now >= lot.publicity_ends_at:
            raise Refusal("T10", "对评标结果的异议应当在中标候选人公示期间提出。")
        hold = projects.place_hold(
            lot, kind=Hold.Kind.OBJECTION, reason="对评标结果的异议，答复前暂停招标投标活动（条例54）",
            clocks=["T10", "T11"], actor=actor, clock=clock,
        )
        return ResultObjection.objects.create(
            lot=lot, organisation_id=UUID(actor.organisation), text=text, raised_at=step.now, hold=hold
        )


def answer_objection(objection: ResultObjection, *, answer: str, actor: Actor, clock: Clock) -> ResultObjection:
    """Answer an objection (T6: within three days); its hold is released and the publicity lengthened by it."""
    _must_host(objection.lot, actor)
    with note("award.answer", objection, lot=objection.lot, actor=actor, clock=clock) as step:
        objection = ResultObjection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
        if objection.answered_at is not None:
            raise Refusal("STATE", "该异议已经答复。")
        objection.answer, objection.answered_at = answer.strip(), step.now
        objection.save()
        due = rulebook_of(objection.lot).due("T6", objection.raised_at)
        step.facts["in_time"] = step.now <= due
        projects.release_hold(objection.hold, release_note="异议已答复", actor=actor, clock=clock)
    return objection


def decide_winner(lot: Lot, *, candidate: Candidate, ground: str, reason: str, actor: Actor, clock: Clock) -> Award:
    """Decide the winner (定标): number one, unless a ground of 条例55 stands against those before."""
    if actor.role != Role.TENDERER or actor.organisation != str(lot.tender_project.tenderer_id):
        raise Refusal("PARTY", "中标人由招标人确定。")
    if candidate.lot_id != lot.pk:
        raise Refusal("CANDIDATE", "只能在公示的中标候选人中确定中标人。", "candidate")
    if (candidate.rank == 1) != (ground == Award.Ground.FIRST):
        raise Refusal("条例55", "应当确定排名第一的中标候选人为中标人；选择后序候选人须具有法定事由。", "ground")
    if ground != Award.Ground.FIRST and not reason.strip():
        raise Refusal("条例55", "不选择排名第一的候选人，须写明事由和依据。", "reason")
    with transaction.atomic():
        step = projects.advance_lot(
            lot, "award", actor=actor, clock=clock,
            facts={"bid": canonical.b64(bytes(candidate.bid.digest)), "rank": candidate.rank, "ground": ground},
        )
        # Release event of the committee's names (法37): from here on they are public.
        with note("award.determined", lot, lot=lot, actor=actor, clock=clock):
            pass
        return Award.objects.create(
            lot=lot, candidate=candidate, ground=ground, reason=reason.strip(), decided_at=step.now
        )


def send_award_notice(lot: Lot, *, actor: Actor, clock: Clock) -> Award:
    """Send the award notice and publish the result (发出中标通知书、公告中标结果)."""
    _must_host(lot, actor)
    with transaction.atomic():
        step = projects.advance_lot(lot, "notify", actor=actor, clock=clock, award_noticed_at=lambda now: now)
        award = Award.objects.select_for_update().get(lot=lot)
        award.noticed_at = step.now
        award.award_notice = issue_document(
            "award_notice", f"{lot.name}中标通知书", "award_notice", printing.award_notice(award, step.now, actor),
            lot=lot.pk, is_public=False, now=step.now,
        )
        award.save()
        with note("award.notice", lot, lot=lot, actor=actor, clock=clock, document=award.award_notice.digest):
            pass
        issue_notice(
            lot, kind=Notice.Kind.RESULT, title=f"{lot.tender_project.name}（{lot.name}）中标结果公告",
            body=printing.result_text(award), template="result_notice", data=printing.result_notice(award, step.now),
            actor=actor, clock=clock,
        )
    return award


def earliest_publicity_end(lot: Lot, now: datetime) -> datetime:
    """Return the first lawful end of a publicity that begins now."""
    return rulebook_of(lot).due("T10", now)


def _must_host(lot: Lot, actor: Actor) -> None:
    if not is_host(lot, actor):
        raise Refusal("PARTY", "您所在的单位不是该标段的招标人或招标代理机构，不能办理。")
