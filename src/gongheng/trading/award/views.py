"""Pages from the report to the award notice: publicity, objections, decision (公示、异议、定标)."""

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.kernel.calendar import in_words
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.trading.award import actions, printing, queries
from gongheng.trading.award.forms import AnswerForm, DecisionForm, ObjectionForm, PublicityForm
from gongheng.trading.award.models import Award
from gongheng.trading.award.periods import chart, periods, rows
from gongheng.trading.evaluation.queries import evaluation_of
from gongheng.trading.projects.forms import refuse
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import TONES, conducted_by, is_host, open_holds, rulebook_of
from gongheng.trust.documents import store
from gongheng.ui.pages import page

_HOSTS = (Role.AGENCY, Role.TENDERER)


@page("award.lot", Role.PUBLIC)
def stage(request: HttpRequest, lot) -> HttpResponse:
    """The public page of a lot's publicity and result, with what each party may do next."""
    lot, actor, now = get_object_or_404(queries.visible_to(request.actor), pk=lot), request.actor, settings.CLOCK.now()
    found, award, publicity = periods(lot), queries.award_of(lot), queries.publicity_of(lot)
    return render(request, "award/lot.html", {
        "heading": "候选人公示与中标结果", "pretitle": lot.code, "breadcrumb": _crumbs(lot, "公示与结果"),
        "subtitle": f"{lot.tender_project.name}（{lot.name}）：候选人公示、异议、定标的全过程及其法定期限。",
        "lot": lot, "state": lot.state_label, "tone": TONES[State(lot.state)], "publicity": publicity, "award": award,
        "is_open": lot.state == State.PUBLICITY and now < lot.publicity_ends_at,
        "candidates": queries.candidates_of(lot), "rejections": printing.rejections(lot) if publicity else [],
        "objection_rule": printing.objection_rule(lot), "holds": open_holds(lot),
        "committee": printing.committee(lot) if award else [],
        "objections": queries.objections_visible_to(actor).filter(lot=lot),
        "can_publicise": is_host(lot, actor) and lot.state == State.REPORTED,
        "can_object": queries.may_object(lot, actor, now),
        "can_answer": is_host(lot, actor),
        "can_decide": is_host(lot, actor) and actor.role == Role.TENDERER and lot.state == State.PUBLICITY,
        "can_notify": is_host(lot, actor) and lot.state == State.AWARDED,
        "can_read_notice": _may_read_notice(lot, actor, award), "has_contract_page": queries.is_party(lot, actor),
        "periods": rows(found, now), "chart": chart(found) if found else None,
    })


@page("award.publicise", *_HOSTS, methods=("GET", "POST"), signed=True)
def publicise(request: HttpRequest, lot) -> HttpResponse:
    """Check the ranking of the report and make the candidates public (公示中标候选人)."""
    lot = get_object_or_404(conducted_by(request.actor).filter(state=State.REPORTED), pk=lot)
    earliest = actions.earliest_publicity_end(lot, settings.CLOCK.now())
    form = PublicityForm(request.POST or None, initial={"publicity_ends_at": earliest})
    if request.method == "POST" and form.is_valid():
        try:
            actions.publicise_candidates(
                lot, ends_at=form.cleaned_data["publicity_ends_at"], actor=request.actor, clock=settings.CLOCK
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "中标候选人已公示。")
            return redirect("award:lot", lot.pk)
    return render(request, "award/publicise.html", {
        "heading": "公示中标候选人", "breadcrumb": _crumbs(lot, "公示中标候选人"), "lot": lot, "form": form,
        "subtitle": "候选人来自评标报告，不能更改；自收到评标报告之日起 3 日内公示，公示期不少于 3 日。",
        "standings": queries.proposed(lot), "rejections": printing.rejections(lot), "earliest": in_words(earliest),
        "latest": in_words(rulebook_of(lot).due("T10.start", evaluation_of(lot).finished_at)),
    })


@page("award.object", Role.BIDDER, methods=("GET", "POST"), signed=True)
def object_to_result(request: HttpRequest, lot) -> HttpResponse:
    """Object to the result during the publicity (对评标结果的异议)."""
    lot = get_object_or_404(queries.visible_to(request.actor), pk=lot)
    if not queries.has_bid(lot, request.actor):
        raise Http404
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.object_to_result(lot, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        messages.success(request, "异议已提交，答复前暂停招标投标活动。")
        return redirect("award:lot", lot.pk)
    return render(request, "award/object.html", {
        "heading": "对评标结果提出异议", "breadcrumb": _crumbs(lot, "提出异议"), "lot": lot, "form": form,
        "subtitle": "异议应当在公示期间提出；招标人自收到之日起 3 日内答复。",
        "is_open": queries.may_object(lot, request.actor, settings.CLOCK.now()),
        "objections": queries.objections_visible_to(request.actor).filter(lot=lot),
    })


@page("award.answer", *_HOSTS, methods=("GET", "POST"), signed=True)
def answer(request: HttpRequest, pk) -> HttpResponse:
    """Answer an objection to the result (答复异议)."""
    thing = get_object_or_404(queries.objections_visible_to(request.actor), pk=pk)
    form, lot = AnswerForm(request.POST or None), thing.lot
    if request.method == "POST" and form.is_valid():
        actions.answer_objection(thing, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        messages.success(request, "异议已答复，暂停解除，公示期相应顺延。")
        return redirect("award:lot", lot.pk)
    return render(request, "award/answer.html", {
        "heading": "答复对评标结果的异议", "breadcrumb": _crumbs(lot, "答复异议"), "lot": lot, "form": form,
        "subtitle": "自收到异议之日起 3 日内答复；答复前不得定标。", "objection": thing,
        "due_at": rulebook_of(lot).due("T6", thing.raised_at),
    })


@page("award.decide", Role.TENDERER, methods=("GET", "POST"), signed=True)
def decide(request: HttpRequest, lot) -> HttpResponse:
    """Determine the winner (定标)."""
    lot = get_object_or_404(conducted_by(request.actor).filter(state=State.PUBLICITY), pk=lot)
    form = DecisionForm(request.POST or None, candidates=queries.candidates_of(lot))
    if request.method == "POST" and form.is_valid():
        try:
            actions.decide_winner(lot, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        except Refusal as refusal:
            if refusal.field not in form.fields:
                raise
            refuse(form, refusal)
        else:
            messages.success(request, "中标人已确定。请发出中标通知书并公告中标结果。")
            return redirect("award:lot", lot.pk)
    now = settings.CLOCK.now()
    return render(request, "award/decide.html", {
        "heading": "确定中标人", "breadcrumb": _crumbs(lot, "确定中标人"), "lot": lot, "form": form,
        "subtitle": "应当确定排名第一的中标候选人为中标人；有法定事由的，依次确定后序候选人（条例第五十五条）。",
        "candidates": queries.candidates_of(lot), "holds": open_holds(lot),
        "is_running": now < lot.publicity_ends_at, "ends": in_words(lot.publicity_ends_at),
    })


@page("award.notify", *_HOSTS, methods=("GET", "POST"), signed=True)
def send_notice(request: HttpRequest, lot) -> HttpResponse:
    """Send the award notice and publish the result (发出中标通知书)."""
    lot = get_object_or_404(conducted_by(request.actor).filter(state=State.AWARDED), pk=lot)
    if request.method == "POST":
        actions.send_award_notice(lot, actor=request.actor, clock=settings.CLOCK)
        messages.success(request, "中标通知书已发出，中标结果已公告。请在 30 日内签订合同。")
        return redirect("award:lot", lot.pk)
    award = queries.award_of(lot)
    return render(request, "award/notify.html", {
        "heading": "发出中标通知书", "breadcrumb": _crumbs(lot, "发出中标通知书"), "lot": lot, "award": award,
        "subtitle": "向中标人发出中标通知书，同时公告中标结果，告知所有未中标的投标人。",
        "paragraphs": printing.result_text(award).splitlines(), "bid": award.candidate.bid,
    })


@page("award.award_notice", *_HOSTS, Role.BIDDER, Role.SUPERVISOR, Role.CENTRE)
def award_notice(request: HttpRequest, lot) -> HttpResponse:
    """The award notice as printed, for its parties."""
    lot = get_object_or_404(queries.visible_to(request.actor), pk=lot)
    award = queries.award_of(lot)
    if not _may_read_notice(lot, request.actor, award):
        raise Http404
    return FileResponse(
        store.open(award.award_notice.digest), content_type="application/pdf", filename=f"{lot.code}-award-notice.pdf"
    )


def _may_read_notice(lot: Lot, actor: Actor, award: Award | None) -> bool:
    return award is not None and award.award_notice is not None and queries.is_party(lot, actor)


def _crumbs(lot: Lot, here: str) -> list[dict]:
    return [
        {"label": "公告公示", "url": "/notices/"}, {"label": lot.name, "url": f"/lots/{lot.pk}/"}, {"label": here},
    ]
