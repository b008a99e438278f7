"""The public pages of notices, and the host's pages for publishing, clarifying and answering."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.crypto import canonical
from gongheng.kernel.calendar import in_words
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trading.notices import actions, printing, queries
from gongheng.trading.notices.export import workbook
from gongheng.trading.notices.forms import (
    AnswerForm,
    AttachmentForm,
    ClarificationForm,
    QuestionForm,
    SearchForm,
    TerminationForm,
)
from gongheng.trading.notices.models import Notice
from gongheng.trading.projects.forms import refuse
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.queries import TONES, conducted_by, is_host, open_holds, rulebook_of
from gongheng.trading.projects.queries import visible_to as lots_visible_to
from gongheng.trust.documents import sandbox, store
from gongheng.ui.pages import page

ROWS = 20
KIND_TONES = {
    Notice.Kind.ANNOUNCEMENT: "info", Notice.Kind.CLARIFICATION: "warning", Notice.Kind.CANDIDATES: "accent",
    Notice.Kind.RESULT: "success", Notice.Kind.FAILURE: "danger", Notice.Kind.TERMINATION: "danger",
}
MEDIA_TYPES = {"pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg", "text": "text/plain",
                     "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                     "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@page("notices.list", Role.PUBLIC)
def notices(request: HttpRequest) -> HttpResponse:
    """The public list of notices with its filters."""
    form, asked = _asked(request)
    shown = Paginator(queries.search(request.actor, asked), ROWS).get_page(request.GET.get("page"))
    terms = request.GET.copy()
    terms.pop("page", None)
    return render(request, "notices/list.html", {
        "heading": "公告公示",
        "subtitle": "招标公告、澄清修改、候选人公示和中标结果，向全社会公开，无须登录。",
        "form": form, "page_of": shown, "rows": [row(one) for one in shown], "terms": terms.urlencode(),
    })


@page("notices.export", Role.PUBLIC)
def export(request: HttpRequest) -> HttpResponse:
    """The list just searched for, as a workbook."""
    _, asked = _asked(request)
    return HttpResponse(
        workbook(queries.search(request.actor, asked)),
        content_type=MEDIA_TYPES["xlsx"],
        headers={"Content-Disposition": 'attachment; filename="notices.xlsx"'},
    )


@page("notices.notice", Role.PUBLIC)
def notice(request: HttpRequest, pk) -> HttpResponse:
    """One notice as it is printed."""
    thing = get_object_or_404(queries.visible_to(request.actor).select_related("document"), pk=pk)
    lot = thing.lot
    return render(request, "notices/notice.html", {
        "heading": thing.title, "notice": thing, "lot": lot, "kind": thing.get_kind_display(),
        "issuer": lot.tender_project.tenderer.name, "document_number": lot.filing_number,
        "document_digest": thing.document.digest, "paragraphs": printing.lines(thing.body),
        "breadcrumb": _crumbs(lot, thing.get_kind_display()),
    })


@page("notices.lot", Role.PUBLIC)
def lot_documents(request: HttpRequest, lot) -> HttpResponse:
    """All that was published about a lot: notices, versions of the tender document, attachments."""
    lot = get_object_or_404(lots_visible_to(request.actor), pk=lot)
    document = queries.readable_document(lot, request.actor)
    return render(request, "notices/lot.html", {
        "heading": "公告与招标文件", "subtitle": f"{lot.tender_project.name}（{lot.name}）的全部公开文件。",
        "breadcrumb": _crumbs(lot, "公告与招标文件"), "lot": lot, "document": document,
        "pairs": queries.document_pairs(document) if document else [],
        "qualification": printing.lines(document.qualification) if document else [],
        "price_rules": printing.price_rules(document.method["price"]) if document else [],
        "factors": _factors(document) if document else [],
        "versions": queries.published_versions(lot),
        "attachments": printing.attachments(lot),
        "rows": [row(one) for one in queries.visible_to(request.actor).filter(lot=lot)],
    })


@page("notices.data", Role.PUBLIC, is_api=True)
def document_data(request: HttpRequest, lot, version: int) -> HttpResponse:
    """The canonical bytes of a published version: whoever hashes them gets what the bids bind to."""
    lot = get_object_or_404(lots_visible_to(request.actor), pk=lot)
    document = get_object_or_404(queries.published_versions(lot), version=version)
    return HttpResponse(
        canonical.encode(printing.canonical_data(document)), content_type="application/json; charset=utf-8"
    )


@page("notices.publish", Role.AGENCY, Role.TENDERER, methods=("GET", "POST"), signed=True)
def publish(request: HttpRequest, lot) -> HttpResponse:
    """Look at the notice once more and publish it (发布招标公告)."""
    lot = get_object_or_404(conducted_by(request.actor), pk=lot)
    if request.method == "POST":
        actions.publish_notice(lot, actor=request.actor, clock=settings.CLOCK)
        messages.success(request, "招标公告和招标文件已发布，标段开始接收投标。")
        return redirect(f"/lots/{lot.pk}/")
    draft = queries.draft_of(lot)
    return render(request, "notices/publish.html", {
        "heading": "发布招标公告", "breadcrumb": _crumbs(lot, "发布招标公告"), "lot": lot, "draft": draft,
        "subtitle": "发布后公告和招标文件即向社会公开，不能撤回；变更只能通过澄清修改。",
        "can_publish": draft is not None and lot.state == State.FILED, "state": lot.state_label,
        "pairs": queries.document_pairs(draft) if draft else [],
        "paragraphs": printing.lines(printing.announcement_text(draft)) if draft else [],
        "attachments": printing.attachments(lot),
    })


@page("notices.clarify", Role.AGENCY, Role.TENDERER, methods=("GET", "POST"), signed=True)
def clarify(request: HttpRequest, lot) -> HttpResponse:
    """Publish a clarification; the form proposes the earliest lawful deadline (T4)."""
    lot = get_object_or_404(conducted_by(request.actor).filter(state=State.ANNOUNCED), pk=lot)
    now = settings.CLOCK.now()
    if request.method == "POST":
        form = ClarificationForm(request.POST)
        if form.is_valid():
            try:
                done = actions.publish_clarification(
                    lot, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK
                )
            except Refusal as refusal:
                refuse(form, refusal)
            else:
                messages.success(
                    request, f"第 {done.number} 号澄清与修改已发布，招标文件更新为第 {done.number + 1} 版。"
                )
                return redirect("notices:lot", lot.pk)
    else:
        form = ClarificationForm(initial={"new_due_at": queries.earliest_due(lot, now)})
    return render(request, "notices/clarify.html", {
        "heading": "发布澄清修改", "breadcrumb": _crumbs(lot, "发布澄清修改"), "lot": lot, "form": form,
        "subtitle": "澄清修改发布后，投标人须按新版本重新封标；平台会提示已封标的投标人工具。",
        "due": in_words(lot.bids_due_at), "latest": in_words(rulebook_of(lot).latest("T4", lot.bids_due_at)),
        "earliest": in_words(queries.earliest_due(lot, now)),
        "is_forced": queries.earliest_due(lot, now) > lot.bids_due_at,
        "unanswered": queries.questions_of(lot).filter(answered_at=None),
    })


@page("notices.terminate", Role.TENDERER, methods=("GET", "POST"), signed=True)
def terminate(request: HttpRequest, lot) -> HttpResponse:
    """End the tender before its opening, with a public reason (终止招标)."""
    lot = get_object_or_404(conducted_by(request.actor).filter(state__in=(State.ANNOUNCED, State.CLOSED)), pk=lot)
    form = TerminationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.terminate_lot(lot, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        messages.success(request, "招标已终止，终止公告已发布；已封存的投标文件不再开启。")
        return redirect(f"/lots/{lot.pk}/")
    return render(request, "notices/terminate.html", {
        "heading": "终止招标", "breadcrumb": _crumbs(lot, "终止招标"), "lot": lot, "form": form,
        "subtitle": "无正当理由不得终止；终止公告立即公开，已封存的投标文件不再开启，费用和保证金依法退还。",
    })


@page("notices.attach", Role.AGENCY, Role.TENDERER, methods=("GET", "POST"))
def attach(request: HttpRequest, lot) -> HttpResponse:
    """Add a file to the tender document once the sandbox has looked into it."""
    lot = get_object_or_404(conducted_by(request.actor), pk=lot)
    form = AttachmentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            media_type = _inspected(upload)
            actions.attach_file(
                lot, name=upload.name, stream=upload, media_type=media_type, actor=request.actor, clock=settings.CLOCK
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"附件“{upload.name}”已检查并保存。")
            return redirect("notices:attach", lot.pk)
    return render(request, "notices/attach.html", {
        "heading": "招标文件附件", "breadcrumb": _crumbs(lot, "招标文件附件"), "lot": lot, "form": form,
        "subtitle": "图纸、工程量清单等随招标文件一同公布；文件在隔离环境中检查，损坏或含可执行内容的不予接收。",
        "attachments": printing.attachments(lot),
    })


@page("notices.attachment", Role.PUBLIC)
def attachment(request: HttpRequest, pk) -> FileResponse:
    """Give an attachment; before the notice only the lot's parties have it."""
    kept = get_object_or_404(queries.attachments_for(request.actor), pk=pk).document
    # A foreign file is saved, never shown in the platform's own origin.
    return FileResponse(
        store.open(kept.digest), content_type=kept.media_type, as_attachment=True, filename=kept.title
    )


@page("notices.questions", Role.PUBLIC)
def questions(request: HttpRequest, lot) -> HttpResponse:
    """Questions and answers of a lot, public; a bidder asks here without being recorded."""
    lot = get_object_or_404(lots_visible_to(request.actor), pk=lot)
    return _questions_page(request, lot, QuestionForm())


@page("notices.ask", Role.BIDDER, methods=("POST",))
def ask(request: HttpRequest, lot) -> HttpResponse:
    """Take a question or objection; who asked is neither signed nor stored (投标人名单保密)."""
    lot = get_object_or_404(lots_visible_to(request.actor), pk=lot)
    form = QuestionForm(request.POST)
    if form.is_valid():
        try:
            actions.ask_question(lot, **form.cleaned_data, clock=settings.CLOCK)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "已提交，平台没有记录提出人；答复将在本页公开。")
            return redirect("notices:questions", lot.pk)
    return _questions_page(request, lot, form)


@page("notices.answer", Role.AGENCY, Role.TENDERER, methods=("GET", "POST"), signed=True)
def answer(request: HttpRequest, pk) -> HttpResponse:
    """Answer a question or objection in public (答复)."""
    question = get_object_or_404(queries.conducted_questions(request.actor), pk=pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.answer_question(question, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        messages.success(request, "答复已公开。")
        return redirect("notices:questions", question.lot_id)
    lot = question.lot
    return render(request, "notices/answer.html", {
        "heading": f"答复{question.get_kind_display()}", "breadcrumb": _crumbs(lot, "答复"), "lot": lot, "form": form,
        "subtitle": "答复向社会公开；涉及招标文件内容变更的，另行发布澄清修改。",
        "question": question, "is_answered": question.answered_at is not None,
        "due_at": rulebook_of(lot).due("T6", question.asked_at) if question.hold_id else None,
    })


def row(thing: Notice) -> dict:
    """Return what a list shows of a notice."""
    lot = thing.lot
    return {
        "pk": thing.pk, "lot": lot.pk, "title": thing.title, "kind": thing.get_kind_display(),
        "tone": KIND_TONES[Notice.Kind(thing.kind)], "tenderer": lot.tender_project.tenderer.name, "code": lot.code,
        "state": lot.state_label, "state_tone": TONES[State(lot.state)], "due_at": lot.bids_due_at,
        "published_at": thing.published_at,
    }


def _asked(request: HttpRequest) -> tuple[SearchForm, queries.Search]:
    form = SearchForm(request.GET)
    form.is_valid()  # a filter that is not understood falls away; the list is public and harmless
    clean = form.cleaned_data
    return form, queries.Search(
        clean.get("q", ""), clean.get("kind", ""), clean.get("region", ""), clean.get("industry", ""),
        clean.get("state", ""),
    )


def _inspected(upload) -> str:
    """Return the media type that the sandbox found; Refusal FILE when the file is unfit."""
    with tempfile.NamedTemporaryFile() as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        found = sandbox.inspect(Path(copy.name), _declared(upload.name))
    upload.seek(0)
    if not found.ok:
        raise Refusal("FILE", found.reason, "file")
    if found.kind not in MEDIA_TYPES:
        raise Refusal("FILE", "附件应为 PDF、DOCX、XLSX、文本或图片，请转换格式后上传。", "file")
    return MEDIA_TYPES[found.kind]


def _declared(name: str) -> str | None:
    kind = {"jpg": "jpeg", "txt": "text"}.get(suffix := Path(name).suffix.lower().lstrip("."), suffix)
    return kind if kind in MEDIA_TYPES else None


def _questions_page(request: HttpRequest, lot, form: QuestionForm) -> HttpResponse:
    now = settings.CLOCK.now()
    refusal = queries.may_still_ask(lot, now)
    return render(request, "notices/questions.html", {
        "heading": "提问与答复", "subtitle": "对招标文件的提问、异议和答复全部公开；平台不记录提出人。",
        "breadcrumb": _crumbs(lot, "提问与答复"), "lot": lot, "form": form,
        "questions": queries.questions_of(lot), "is_host": is_host(lot, request.actor),
        "can_ask": request.actor.role == Role.BIDDER and refusal is None,
        "why_not": refusal.message if refusal and request.actor.role == Role.BIDDER else "",
        "latest": rulebook_of(lot).latest("T5", lot.bids_due_at) if lot.bids_due_at else None,
        "holds": open_holds(lot),
    })


def _factors(document) -> list[dict]:
    return [one | {"kind": printing.FACTOR_KINDS[one["kind"]]} for one in document.method["factors"]]


def _crumbs(lot, here: str) -> list[dict]:
    return [
        {"label": "公告公示", "url": "/notices/"}, {"label": lot.name, "url": f"/lots/{lot.pk}/"}, {"label": here},
    ]
