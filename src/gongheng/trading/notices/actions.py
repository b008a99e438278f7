"""The only writer of tender documents, notices, clarifications and questions."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from gongheng.crypto import canonical, labels
from gongheng.kernel import procedures
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import ANYONE, Actor
from gongheng.trading.notices import printing
from gongheng.trading.notices.models import Attachment, Clarification, Notice, Question, TenderDocument
from gongheng.trading.projects import actions as projects
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Hold, Lot
from gongheng.trading.projects.queries import is_host, rulebook_of
from gongheng.trust.documents.actions import issue_document, keep_document
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.moving import note


def save_tender_document(
    lot: Lot, *, method: dict, qualification: str, ceiling: Decimal, deposit: Decimal, validity_days: int,
    quality: str, sale_starts_at: datetime, sale_ends_at: datetime, bids_due_at: datetime, fallback: str,
    actor: Actor, clock: Clock,
) -> TenderDocument:
    """Keep the draft of the tender document; dates and money are checked against the project's rulebook.

    ``method`` is EvaluationMethod.to_json(), validated by the caller. Raises Refusal T1, T3, CEILING,
    DEPOSIT … naming the field; STATE once the notice is out.
    """
    _must_host(lot, actor)
    book = rulebook_of(lot)
    procedures.check_ceiling(book, ceiling)
    procedures.check_deposit(book, deposit, lot.estimate)
    procedures.check_sale_period(book, sale_starts_at, sale_ends_at)
    procedures.check_bid_period(book, sale_starts_at, bids_due_at)
    if sale_ends_at > bids_due_at:
        raise Refusal("T1", "招标文件获取截止时间不能晚于投标截止时间，请调整。", "sale_ends_at")
    with note("tender_document.save", lot, lot=lot, actor=actor, clock=clock):
        if lot.state not in (State.DRAFT, State.RETURNED, State.REGISTERED, State.FILED):
            raise Refusal("STATE", "招标公告已发布，招标文件只能通过“澄清修改”变更。")
        draft, _ = TenderDocument.objects.update_or_create(
            lot=lot, version=1,
            defaults={
                "method": method, "qualification": qualification, "ceiling": ceiling, "deposit": deposit,
                "validity_days": validity_days, "quality": quality, "sale_starts_at": sale_starts_at,
                "sale_ends_at": sale_ends_at, "bids_due_at": bids_due_at, "fallback": fallback,
            },
        )
    return draft


def attach_file(lot: Lot, *, name: str, stream, media_type: str, actor: Actor, clock: Clock) -> Attachment:
    """Add a file to the tender document before the notice; the caller has had it inspected in the sandbox."""
    _must_host(lot, actor)
    with note("tender_document.attach", lot, lot=lot, actor=actor, clock=clock) as step:
        if lot.state not in (State.DRAFT, State.RETURNED, State.REGISTERED, State.FILED):
            raise Refusal("STATE", "招标公告已发布，不能再添加附件；请通过“澄清修改”办理。")
        document = keep_document(
            "attachment", name, stream, media_type=media_type, lot=lot.pk, is_public=False, now=step.now
        )
        step.facts["digest"] = document.digest
        return Attachment.objects.create(lot=lot, document=document, added_at=step.now)


def publish_notice(lot: Lot, *, actor: Actor, clock: Clock) -> Notice:
    """Issue the tender document and the notice, and open the lot for bids (发布招标公告)."""
    _must_host(lot, actor)
    with transaction.atomic():
        draft = TenderDocument.objects.select_for_update().filter(lot=lot, version=1).first()
        if draft is None:
            raise Refusal("DOCUMENT", "尚未编制招标文件，请先完成招标文件再发布公告。")
        step = projects.advance_lot(
            lot, "announce", actor=actor, clock=clock, bids_due_at=draft.bids_due_at,
            facts={
                "tender_document": canonical.b64(_digest(draft)),
                "bids_due_at": canonical.timestamp(draft.bids_due_at),
            },
        )
        book = rulebook_of(lot)
        starts_at = max(step.now, draft.sale_starts_at)
        # What was lawful when drafted may no longer be when published: the periods run from the issue.
        procedures.check_sale_period(book, starts_at, draft.sale_ends_at)
        procedures.check_bid_period(book, starts_at, draft.bids_due_at)
        _publish_version(draft, now=step.now)
        Document.objects.filter(pk__in=lot.attachments.values("document")).update(is_public=True)
        return issue_notice(
            lot, kind=Notice.Kind.ANNOUNCEMENT, title=f"{lot.tender_project.name}（{lot.name}）招标公告",
            body=printing.announcement_text(draft), template="notice", data=printing.announcement(draft, step.now),
            actor=actor, clock=clock,
        )


def issue_notice(
    lot: Lot, *, kind: str, title: str, body: str, template: str, data: dict, actor: Actor, clock: Clock
) -> Notice:
    """Make something public about the lot: typeset it, keep it, log its digest. Later stages call it too."""
    with note("notice.publish", lot, lot=lot, actor=actor, clock=clock, kind=kind) as step:
        document = issue_document(
            f"notice.{kind}", title, template, data, lot=lot.pk, is_public=True, now=step.now
        )
        step.facts["document"] = document.digest
        return Notice.objects.create(
            lot=lot, kind=kind, title=title, body=body, document=document, published_at=step.now
        )


def publish_clarification(
    lot: Lot, *, content: str, affects_bids: bool, new_due_at: datetime | None, actor: Actor, clock: Clock
) -> Clarification:
    """Publish a clarification (澄清修改); one that affects bids moves a deadline fewer than 15 days away (T4)."""
    _must_host(lot, actor)
    with transaction.atomic():
        lot = Lot.objects.select_for_update(no_key=True).get(pk=lot.pk)
        now = clock.now()
        forced = procedures.check_clarification(rulebook_of(lot), now, lot.bids_due_at, affects_bids)
        due_at = new_due_at or lot.bids_due_at
        if due_at < lot.bids_due_at:
            raise Refusal("T4", "澄清修改不得提前投标截止时间。", "new_due_at")
        if forced and due_at < forced:
            raise Refusal(
                "T4",
                "该澄清可能影响投标文件编制，距投标截止不足15日，投标截止时间应顺延至"
                f"{printing.moment(forced)}或以后。", "new_due_at",
            )
        old_due = lot.bids_due_at
        current = lot.tender_documents.exclude(published_at=None).latest("version")
        draft = TenderDocument.objects.get(pk=current.pk)
        draft.pk, draft._state.adding = TenderDocument._meta.pk.default(), True
        draft.version, draft.bids_due_at, draft.corrigendum = current.version + 1, due_at, content
        draft.digest = draft.document = draft.published_at = None
        number = current.version  # version 2 is corrigendum 1
        step = projects.advance_lot(
            lot, "amend", actor=actor, clock=clock, bids_due_at=due_at,
            facts={
                "corrigendum": number, "tender_document": canonical.b64(_digest(draft)),
                "bids_due_at": canonical.timestamp(due_at),
            },
        )
        draft.save(force_insert=True)
        _publish_version(draft, now=step.now)
        notice = issue_notice(
            lot, kind=Notice.Kind.CLARIFICATION,
            title=f"{lot.tender_project.name}（{lot.name}）澄清与修改（第{number}号）", body=content,
            template="clarification",
            data=printing.clarification(draft, number, content, old_due, step.now), actor=actor, clock=clock,
        )
        return Clarification.objects.create(
            lot=lot, number=number, content=content, affects_bids=affects_bids, due_before=old_due,
            due_after=due_at, notice=notice, published_at=step.now,
        )


def terminate_lot(lot: Lot, *, reason: str, actor: Actor, clock: Clock) -> Notice:
    """End the tender before its opening (终止招标, 条例31) and tell everybody why; only the tenderer may."""
    _must_host(lot, actor)
    with transaction.atomic():
        step = projects.advance_lot(lot, "terminate", actor=actor, clock=clock, facts={"reason": reason})
        return issue_notice(
            lot, kind=Notice.Kind.TERMINATION, title=f"{lot.tender_project.name}（{lot.name}）终止公告", body=reason,
            template="statement", data=printing.termination(lot, reason, step.now), actor=actor, clock=clock,
        )


def ask_question(lot: Lot, *, kind: str, text: str, clock: Clock) -> Question:
    """Keep a question about the tender document without its asker (T5); an objection holds the lot (T6)."""
    if lot.state != State.ANNOUNCED:
        raise Refusal("STATE", "该标段当前不在招标期内，不能提问或提出异议。")
    procedures.check_question_time(rulebook_of(lot), clock.now(), lot.bids_due_at)
    with note("question.ask", lot, lot=lot, actor=ANYONE, clock=clock, kind=kind) as step:
        question = Question(lot=lot, kind=kind, text=text, asked_at=step.now)
        if kind == Question.Kind.OBJECTION:
            question.hold = projects.place_hold(
                lot, kind=Hold.Kind.OBJECTION, reason="对招标文件的异议，答复前暂停招标投标活动（条例22）",
                clocks=[], actor=ANYONE, clock=clock,
            )
        question.save(force_insert=True)
    return question


def answer_question(question: Question, *, answer: str, actor: Actor, clock: Clock) -> Question:
    """Answer publicly; the answer to an objection releases its hold."""
    _must_host(question.lot, actor)
    with note("question.answer", f"question:{question.pk}", lot=question.lot, actor=actor, clock=clock) as step:
        question = Question.objects.select_for_update(of=("self",)).get(pk=question.pk)
        if question.answered_at is not None:
            raise Refusal("STATE", "该问题已经答复。")
        question.answer, question.answered_at = answer, step.now
        question.save()
        if question.hold is not None:
            projects.release_hold(question.hold, release_note="异议已答复", actor=actor, clock=clock)
    return question


def _publish_version(document: TenderDocument, *, now: datetime) -> None:
    document.digest = _digest(document)
    document.published_at = now
    document.document = issue_document(
        "tender_document", f"{document.lot.name}招标文件（第{document.version}版）", "tender_document",
        printing.tender_document(document, now), lot=document.lot_id, is_public=True, now=now,
    )
    document.save()


def _digest(document: TenderDocument) -> bytes:
    return labels.digest(labels.DOCUMENT, canonical.encode(printing.canonical_data(document)))


def _must_host(lot: Lot, actor: Actor) -> None:
    if not is_host(lot, actor):
        raise Refusal("PARTY", "您所在的单位不是该标段的招标人或招标代理机构，不能办理。")
