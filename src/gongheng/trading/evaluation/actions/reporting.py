"""The result, the report and its signatures (评标报告)."""

from datetime import timedelta

from django.db import transaction

from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.trading.evaluation import printing, queries
from gongheng.trading.evaluation.actions.sitting import actor_of_committee, at_work, masked, release_venues
from gongheng.trading.evaluation.lifecycle import SIGNING_TIME, State
from gongheng.trading.evaluation.models import Evaluation, Member, ReportSignature
from gongheng.trading.projects import actions as projects
from gongheng.trust.documents.actions import issue_document
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.moving import moving, note


def make_report(member: Member, *, opinion: str, result: str, actor: Actor, clock: Clock) -> Evaluation:
    """Let the leader fix the result whose digest he saw, and typeset the report (形成评标报告)."""
    evaluation = member.evaluation
    with moving(evaluation, "report", actor=masked(actor, member.pid), clock=clock) as step:
        if evaluation.leader_id != member.pk:
            raise Refusal("LEADER", "评标报告由评标委员会组长编制。")
        unexplained = queries.unexplained_deviations(evaluation)
        if unexplained:
            raise Refusal("DEVIATION", f"还有{len(unexplained)}处评分偏差未说明理由，请相关评委先说明。")
        evaluation.opinion, evaluation.reported_at = opinion.strip(), step.now
        evaluation.sign_by = step.now + SIGNING_TIME
        evaluation.result = queries.compute_result(evaluation)
        if queries.result_digest(evaluation) != result:
            raise Refusal("RESULT", "汇总结果在您打开本页之后有变化，请刷新页面、核对后再编制报告。")
        evaluation.report = _issue(evaluation, step.now)
        step.facts |= {"document": evaluation.report.digest, "result": queries.result_digest(evaluation)}
    return evaluation


def sign_report(
    member: Member, *, agrees: bool, dissent: str, document: str, actor: Actor, clock: Clock
) -> Evaluation:
    """Sign the report with this digest, or put the dissent in writing (条例53); the last one ends the evaluation."""
    if not agrees and not dissent.strip():
        raise Refusal("DISSENT", "不同意评标结果的，须书面说明不同意见和理由；不说明的视为同意。", "dissent")
    with transaction.atomic():
        with note("report.sign", member.evaluation, lot=member.evaluation.lot, actor=masked(actor, member.pid),
                  clock=clock, pid=member.pid) as step:
            member = at_work(member, State.SIGNING)
            evaluation = member.evaluation
            if document != evaluation.report.digest:
                raise Refusal("DOCUMENT", "您看到的不是现行的评标报告，请刷新页面、重新阅读后签署。")
            step.facts["document"] = evaluation.report.digest
            _, created = ReportSignature.objects.get_or_create(
                member=member,
                defaults={"agrees": agrees, "dissent": "" if agrees else dissent.strip(), "signed_at": step.now},
            )
            if not created:
                raise Refusal("STATE", "您已经签署过评标报告。")
        if not evaluation.members.filter(report_signature=None).exists():
            _finish(evaluation, actor_of_committee(), clock)
    return evaluation


def prolong_signing(evaluation: Evaluation, by: timedelta) -> None:
    """Give back the time for signing that an incident took (暂停期间不计时), inside its transaction."""
    if evaluation.state == State.SIGNING:
        evaluation.sign_by += by
        evaluation.next_due_at = evaluation.sign_by
        evaluation.save(update_fields=["sign_by", "next_due_at"])


def end_signing(evaluation: Evaluation, *, actor: Actor, clock: Clock) -> Evaluation:
    """End the signing when its time is up (视为同意, 条例53): silence counts as agreeing; called by the clock."""
    return _finish(evaluation, actor, clock)


def _finish(evaluation: Evaluation, actor: Actor, clock: Clock) -> Evaluation:
    with transaction.atomic():
        with moving(evaluation, "finish", actor=actor, clock=clock) as step:
            silent = evaluation.members.filter(report_signature=None)
            if silent.exists() and step.now < evaluation.sign_by:
                raise Refusal("EARLY", "签署时限尚未届满。")
            ReportSignature.objects.bulk_create([
                ReportSignature(member=member, agrees=True, is_deemed=True, signed_at=step.now) for member in silent
            ])
            evaluation.finished_at = step.now
            # The page of signatures can only be typeset when they are all there.
            evaluation.report = _issue(evaluation, step.now)
            step.facts["document"] = evaluation.report.digest
            release_venues(evaluation.lot, step.now)
        projects.advance_lot(evaluation.lot, "report", actor=actor_of_committee(), clock=clock)
    return evaluation


def _issue(evaluation: Evaluation, now) -> Document:
    return issue_document(
        "evaluation_report", f"{evaluation.lot.name}评标报告", "evaluation_report", printing.report(evaluation, now),
        lot=evaluation.lot_id, is_public=False, now=now,
    )
