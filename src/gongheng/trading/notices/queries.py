"""Reading notices, tender documents and questions; what is published is everybody's."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from gongheng.crypto import canonical
from gongheng.kernel import procedures
from gongheng.kernel.calendar import in_words
from gongheng.kernel.money import formatted
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.trading.notices.models import Attachment, Notice, Question, TenderDocument
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import conducted_by, is_host, is_supervisor, rulebook_of, supervised_by
from gongheng.ui.cards import Link, LotCard, Todo


@dataclass(frozen=True)
class Search:
    """What the public list of notices was asked for (公告检索条件); "" means any."""

    text: str = ""
    kind: str = ""
    region: str = ""
    industry: str = ""
    state: str = ""


def visible_to(actor: Actor) -> QuerySet[Notice]:
    """Return all notices: once published they are everybody's; the body is left out of lists."""
    return Notice.objects.select_related("lot__tender_project__tenderer").order_by("-published_at", "-pk")


def search(actor: Actor, asked: Search) -> QuerySet[Notice]:
    """Return the notices that the search asks for, newest first; words must all occur."""
    notices = visible_to(actor).defer("body")
    if asked.kind:
        notices = notices.filter(kind=asked.kind)
    if asked.region:
        notices = notices.filter(lot__region__startswith=_stem(asked.region))
    if asked.industry:
        notices = notices.filter(lot__tender_project__project__industry=asked.industry)
    if asked.state:
        notices = notices.filter(lot__state=asked.state)
    for word in asked.text.split():
        notices = notices.filter(
            Q(title__icontains=word) | Q(lot__code__icontains=word) | Q(lot__deal_code__icontains=word)
            | Q(lot__tender_project__tenderer__name__icontains=word)
        )
    return notices


def draft_of(lot: Lot) -> TenderDocument | None:
    """Return the unpublished first version of the lot's tender document."""
    return lot.tender_documents.filter(version=1, published_at=None).first()


def published_versions(lot: Lot) -> QuerySet[TenderDocument]:
    """Return the published versions of the lot's tender document, newest first."""
    return lot.tender_documents.exclude(published_at=None).select_related("document").order_by("-version")


def current_document(lot: Lot) -> TenderDocument | None:
    """Return the version in force, None before the notice."""
    return published_versions(lot).first()


def readable_document(lot: Lot, actor: Actor) -> TenderDocument | None:
    """Return the version in force, or for the lot's parties the draft."""
    if is_host(lot, actor) or is_supervisor(lot, actor):
        return lot.tender_documents.select_related("document").order_by("-version").first()
    return current_document(lot)


def attachments_for(actor: Actor) -> QuerySet[Attachment]:
    """Return the attachments that the actor may read: published ones, and those of his own lots."""
    return Attachment.objects.select_related("document").filter(
        Q(document__is_public=True) | Q(lot__in=conducted_by(actor)) | Q(lot__in=supervised_by(actor))
        if actor.organisation else Q(document__is_public=True)
    )


def questions_of(lot: Lot) -> QuerySet[Question]:
    """Return the questions about the lot's tender document with their answers, newest first."""
    return lot.questions.order_by("-asked_at")


def conducted_questions(actor: Actor) -> QuerySet[Question]:
    """Return the questions that the actor's organisation has to answer."""
    if actor.role not in (Role.AGENCY, Role.TENDERER):
        return Question.objects.none()
    return Question.objects.filter(lot__in=conducted_by(actor)).select_related("lot__tender_project")


def may_still_ask(lot: Lot, now: datetime) -> Refusal | None:
    """Return why no more questions are taken (T5), or None."""
    if lot.state != State.ANNOUNCED:
        return Refusal("STATE", "该标段不在招标期内，不能提问或提出异议。")
    try:
        procedures.check_question_time(rulebook_of(lot), now, lot.bids_due_at)
    except Refusal as refusal:
        return refusal
    return None


def earliest_due(lot: Lot, now: datetime) -> datetime:
    """Return the earliest lawful deadline if a clarification that affects bids were published now (T4)."""
    return procedures.check_clarification(rulebook_of(lot), now, lot.bids_due_at, True) or lot.bids_due_at


def document_pairs(document: TenderDocument) -> list[tuple[str, object]]:
    """Return what a tender document says as labelled values (招标文件要素)."""
    method = document.method
    pairs = [
        ("最高投标限价", f"{formatted(document.ceiling)} 元"),
        ("投标保证金", f"{formatted(document.deposit)} 元" if document.deposit else "不要求"),
        ("投标有效期", f"{document.validity_days} 日"), ("质量要求", document.quality),
        ("招标文件获取", f"{in_words(document.sale_starts_at)} 至 {in_words(document.sale_ends_at)}"),
        ("投标截止暨开标", in_words(document.bids_due_at)),
        ("评标办法", method["title"]),
        ("分值构成", f"技术 {method['technical_weight']} 分，报价 {method['price_weight']} 分"),
        ("兜底开启", document.get_fallback_display()), ("版本", f"第 {document.version} 版"),
    ]
    if document.digest:
        pairs.append(("数据摘要（封标所绑定）", canonical.b64(bytes(document.digest))))
    return pairs


def card(lot: Lot, actor: Actor, now: datetime) -> LotCard | None:
    """Show the tender document and the notices of the lot; to its host, what can be done about them."""
    document, is_ours = readable_document(lot, actor), is_host(lot, actor)
    if document is None and not is_ours:
        return None
    if document is None:
        return LotCard("招标文件与公告", "speakerphone", "未编制", "secondary",
                       links=[Link("编制招标文件", f"/desk/lots/{lot.pk}/document/", "primary")])
    facts = [
        ("最高投标限价", f"{formatted(document.ceiling)} 元"), ("投标截止暨开标", in_words(document.bids_due_at)),
        ("评标办法", document.method["title"]), ("招标文件版本", f"第 {document.version} 版"),
    ]
    if document.published_at is None:
        links = [Link("修改招标文件", f"/desk/lots/{lot.pk}/document/")] if is_ours else []
        if is_ours and lot.state == State.FILED:
            links.append(Link("发布招标公告", f"/notices/lots/{lot.pk}/publish/", "primary"))
        return LotCard("招标文件与公告", "speakerphone", "草稿", "secondary", facts, links)
    unanswered = lot.questions.filter(answered_at=None).count()
    links = [
        Link("公告与招标文件", f"/notices/lots/{lot.pk}/"), Link("提问与答复", f"/notices/lots/{lot.pk}/questions/"),
    ]
    if is_ours and lot.state == State.ANNOUNCED:
        links.append(Link("发布澄清修改", f"/notices/lots/{lot.pk}/clarify/"))
    if is_ours and actor.role == Role.TENDERER and lot.state in (State.ANNOUNCED, State.CLOSED):
        links.append(Link("终止招标", f"/notices/lots/{lot.pk}/terminate/"))
    if unanswered:
        facts.append(("待答复", f"{unanswered} 件"))
    status = "接收投标" if lot.state == State.ANNOUNCED and now < lot.bids_due_at else "已发布"
    return LotCard("招标文件与公告", "speakerphone", status, "blue" if status == "接收投标" else "green", facts, links)


def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Say what the host has to do: write, publish, answer."""
    if actor.role not in (Role.AGENCY, Role.TENDERER) or actor.organisation is None:
        return []
    found = []
    for lot in conducted_by(actor).filter(state=State.FILED).order_by("created_at"):
        subject = f"{lot.tender_project.name}（{lot.name}）"
        if draft_of(lot) is None:
            found.append(Todo("编制招标文件", subject, f"/desk/lots/{lot.pk}/document/"))
        else:
            found.append(Todo("发布招标公告", subject, f"/notices/lots/{lot.pk}/publish/"))
    for question in conducted_questions(actor).filter(answered_at=None).order_by("asked_at"):
        lot = question.lot
        due_at = rulebook_of(lot).due("T6", question.asked_at) if question.hold_id else None
        found.append(Todo(f"答复{question.get_kind_display()}", f"{lot.tender_project.name}（{lot.name}）",
                          f"/notices/questions/{question.pk}/answer/", due_at))
    return found


def _stem(code: str) -> str:
    """Return the digits that a region shares with all below it: two of a province, four of a city."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
