"""Pages of the contract and of the report to the supervisor (合同、书面报告)."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.kernel.calendar import in_words
from gongheng.kernel.money import formatted
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.trading.award.periods import chart, rows
from gongheng.trading.award.queries import award_of
from gongheng.trading.contracts import actions, printing, queries
from gongheng.trading.contracts.forms import ContractForm, ReportForm, SignatureForm
from gongheng.trading.contracts.lifecycle import State
from gongheng.trading.contracts.models import Contract
from gongheng.trading.projects.forms import refuse
from gongheng.trading.projects.lifecycle import State as LotState
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import conducted_by, is_host, is_supervisor
from gongheng.trust.documents import store
from gongheng.ui.pages import page

_HOSTS = (Role.AGENCY, Role.TENDERER)
_PARTIES = (*_HOSTS, Role.BIDDER, Role.SUPERVISOR, Role.CENTRE)


@page("contracts.list", *_PARTIES)
def contracts(request: HttpRequest) -> HttpResponse:
    """The contracts that are the actor's business."""
    found, now = queries.visible_to(request.actor).order_by("-award__noticed_at"), settings.CLOCK.now()
    shown = Paginator(found, 20).get_page(request.GET.get("page"))
    return render(request, "contracts/list.html", {
        "heading": "合同", "subtitle": "中标通知书发出后 30 日内，按照招标文件和中标人的投标文件签订。",
        "page_of": shown,
        "rows": [
            {"contract": one, "tone": queries.TONES[State(one.state)], "bid": one.award.candidate.bid,
             "due": in_words(queries.contract_due(one.lot, now))}
            for one in shown
        ],
    })


@page("contracts.lot", *_PARTIES)
def stage(request: HttpRequest, lot) -> HttpResponse:
    """The contract of a lot, the report to the supervisor, and their periods."""
    actor, now = request.actor, settings.CLOCK.now()
    lot = get_object_or_404(queries.lots_visible(actor), pk=lot)
    contract, report, found = queries.contract_of(lot), queries.report_of(lot), queries.periods(lot, now)
    refund_due = queries.refund_due(contract) if contract else None
    sees_report = is_host(lot, actor) or is_supervisor(lot, actor) or actor.role == Role.CENTRE
    return render(request, "contracts/lot.html", {
        "heading": "合同与书面报告", "pretitle": lot.code, "breadcrumb": _crumbs(lot, "合同与书面报告"),
        "subtitle": f"{lot.tender_project.name}（{lot.name}）：签订合同，向行政监督部门报告。",
        "lot": lot, "contract": contract, "tone": queries.TONES[State(contract.state)] if contract else "",
        "due": in_words(queries.contract_due(lot, contract.winner_signed_at or now)) if contract else "",
        "refund_due": in_words(refund_due) if refund_due else "",
        "can_draft": is_host(lot, actor) and contract is None and lot.state == LotState.NOTIFIED,
        "sign_form": _sign_form(contract, actor), "report": report, "sees_report": sees_report,
        "report_due": in_words(report.due_at) if report else "",
        "can_report": is_host(lot, actor) and report is None,
        "periods": rows(found, now), "chart": chart(found) if found else None,
    })


@page("contracts.draft", *_HOSTS, methods=("GET", "POST"))
def draft(request: HttpRequest, lot) -> HttpResponse:
    """Draft the contract with the terms of the winning bid (拟定合同)."""
    lot = get_object_or_404(conducted_by(request.actor).filter(state=LotState.NOTIFIED), pk=lot)
    bid = award_of(lot).candidate.bid
    form = ContractForm(request.POST or None, initial={
        "price": formatted(bid.total), "duration_days": bid.duration_days, "quality": bid.quality,
        "manager": bid.manager, "performance_bond": "0",
    })
    if request.method == "POST" and form.is_valid():
        try:
            actions.draft_contract(lot, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "合同已拟定，等待招标人签署。")
            return redirect("contracts:lot", lot.pk)
    return render(request, "contracts/draft.html", {
        "heading": "拟定合同", "breadcrumb": _crumbs(lot, "拟定合同"), "lot": lot, "form": form, "bid": bid,
        "subtitle": "合同的标的、价款、质量、履行期限等主要条款应与招标文件和中标人的投标文件一致。",
    })


@page("contracts.sign", Role.TENDERER, Role.BIDDER, methods=("POST",), signed=True)
def sign(request: HttpRequest, pk) -> HttpResponse:
    """Sign the contract (签订合同)."""
    contract = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    form = SignatureForm(request.POST)
    if not form.is_valid():
        raise Refusal("DOCUMENT", "请刷新页面，核对合同文本后重新签署。")
    signed = actions.sign_contract(contract, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "合同已签订。" if signed.state == State.CONCLUDED else "已签署，等待中标人签署。")
    return redirect("contracts:lot", contract.lot_id)


@page("contracts.document", *_PARTIES)
def document(request: HttpRequest, pk) -> HttpResponse:
    """The contract as printed: with both signatures once it is concluded, before that the text to be signed."""
    contract = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    return _pdf(contract.signed_document or contract.document, f"{contract.number}.pdf")


@page("contracts.report", *_HOSTS, methods=("GET", "POST"), signed=True)
def report(request: HttpRequest, lot) -> HttpResponse:
    """Hand the written report to the supervisor (招标投标情况书面报告)."""
    lot = get_object_or_404(conducted_by(request.actor).filter(state__in=queries.STAGE), pk=lot)
    form, now = ReportForm(request.POST or None), settings.CLOCK.now()
    if request.method == "POST" and form.is_valid():
        actions.submit_report(lot, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        messages.success(request, "书面报告已提交行政监督部门。")
        return redirect("contracts:lot", lot.pk)
    return render(request, "contracts/report.html", {
        "heading": "招标投标情况书面报告", "breadcrumb": _crumbs(lot, "书面报告"), "lot": lot, "form": form,
        "subtitle": "自确定中标人之日起 15 日内，向行政监督部门提交（法第四十七条）。",
        "is_submitted": queries.report_of(lot) is not None, "paragraphs": printing.account(award_of(lot)),
        "periods": [row for row in rows(queries.periods(lot, now), now) if row["rule"] == "T13"],
    })


@page("contracts.report_document", *_HOSTS, Role.SUPERVISOR, Role.CENTRE)
def report_document(request: HttpRequest, lot) -> HttpResponse:
    """The written report as printed."""
    lot = get_object_or_404(queries.lots_visible(request.actor), pk=lot)
    thing = queries.report_of(lot)
    if thing is None:
        raise Http404
    return _pdf(thing.document, f"{lot.code}-report.pdf")


def _sign_form(contract: Contract | None, actor: Actor) -> SignatureForm | None:
    """Return the form to sign with, for the party whose turn it is."""
    turn = {State.DRAFTED: Role.TENDERER, State.OFFERED: Role.BIDDER}.get(contract.state) if contract else None
    return SignatureForm(initial={"document": contract.document.digest}) if turn == actor.role else None


def _pdf(thing, name: str) -> FileResponse:
    return FileResponse(store.open(thing.digest), content_type="application/pdf", filename=name)


def _crumbs(lot: Lot, here: str) -> list[dict]:
    return [{"label": "合同", "url": "/contracts/"}, {"label": lot.name, "url": f"/lots/{lot.pk}/"}, {"label": here}]
