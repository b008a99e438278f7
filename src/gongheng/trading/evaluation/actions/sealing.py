"""Putting away what no longer counts: a replaced member's work, or a whole committee's (封存评审数据)."""

import secrets
from datetime import datetime

from gongheng.crypto import canonical, labels
from gongheng.trading.evaluation.models import (
    Ballot,
    CompetitionVote,
    Conclusion,
    DeviationReason,
    Draft,
    Evaluation,
    Mark,
    Member,
    PageLog,
    Presence,
    ReportSignature,
    Score,
    SealedWork,
)


def seal_work(evaluation: Evaluation, members: list[Member], *, pid: str, reason: str, now: datetime) -> SealedWork:
    """Keep everything these members entered, encrypted, under a digest that the caller's entry names.

    The salt stays inside the sealed body: a digest of a few scores alone could be guessed.
    """
    body = canonical.encode({
        "v": 1, "evaluation": str(evaluation.pk), "attempt": evaluation.attempt, "phase": evaluation.state,
        "salt": canonical.b64(secrets.token_bytes(32)),
        "conclusions": [
            {"bid": str(one.bid_id), "item": one.item, "passes": one.passes, "reasons": one.reasons}
            for one in evaluation.conclusions.order_by("bid", "item")
        ],
        "members": {member.pid: _entered_by(member) for member in members},
    })
    return SealedWork.objects.create(
        evaluation=evaluation, pid=pid, body=body.decode(), reason=reason, sealed_at=now,
        digest=canonical.b64(labels.digest(labels.DOCUMENT, body)),
    )


def forget_member(member: Member) -> None:
    """Take a member and all his work out of the evaluation; what must be kept was sealed before."""
    evaluation = member.evaluation
    if evaluation.leader_id == member.pk:
        evaluation.leader = None
        Evaluation.objects.filter(pk=evaluation.pk).update(leader=None)
    Ballot.objects.filter(voter=member).delete()
    Ballot.objects.filter(choice=member).delete()
    Score.objects.filter(alias__member=member).delete()
    member.aliases.all().delete()
    for table in (Mark, CompetitionVote, DeviationReason, ReportSignature, Draft, Presence, PageLog):
        table.objects.filter(member=member).delete()
    member.delete()


def forget_conclusions(evaluation: Evaluation) -> None:
    """Take back what the committee concluded together, because one of its votes is void (条例48)."""
    Conclusion.objects.filter(evaluation=evaluation).delete()
    CompetitionVote.objects.filter(member__evaluation=evaluation).delete()


def _entered_by(member: Member) -> dict:
    signature = ReportSignature.objects.filter(member=member).first()
    vote = CompetitionVote.objects.filter(member=member).first()
    return {
        "number": member.number,
        "locked": [moment is not None for moment in (member.preliminary_locked_at, member.technical_locked_at)],
        "marks": [
            {"bid": str(one.bid_id), "item": one.item, "passes": one.passes, "reason": one.reason}
            for one in member.marks.order_by("bid", "item")
        ],
        "competition": None if vote is None else {"competes": vote.competes, "reason": vote.reason},
        "scores": [
            {
                "bid": alias.bid_sealed, "label": alias.label, "comment": alias.comment,
                "points": {score.factor: f"{score.points:.2f}" for score in alias.scores.all()},
            }
            for alias in member.aliases.order_by("label").prefetch_related("scores")
        ],
        "page_logs": {one.form: one.seconds for one in member.page_logs.order_by("form")},
        "drafts": [
            {"form": one.form, "field": one.field, "revision": one.revision, "text": one.text}
            for one in member.drafts.order_by("form", "field")
        ],
        "deviations": {str(one.bid_id): one.reason for one in member.deviation_reasons.all()},
        "signature": None if signature is None else {"agrees": signature.agrees, "dissent": signature.dissent},
    }
