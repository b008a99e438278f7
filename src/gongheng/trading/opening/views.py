"""The opening hall (不见面开标大厅): everybody watches, each role acts; every legal act is signed."""

import json
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.crypto import canonical
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trading.bids import queries as bids
from gongheng.trading.bids.models import Bid
from gongheng.trading.bids.views import read_json
from gongheng.trading.opening import actions, queries
from gongheng.trading.opening.forms import AnswerForm, FaultForm, ObjectionForm
from gongheng.trading.opening.models import FallbackRequest, Opening
from gongheng.ui.pages import page

_HOSTS = (Role.AGENCY, Role.TENDERER)
_REASONS = {"certificate": "证书损坏、遗失或无法读取", "device": "封标所用电脑或浏览器不在手边", "other": "其他原因"}


@page("opening.hall", Role.PUBLIC)
def hall(request, lot: UUID):
    """The big screen, with a panel for whoever has something to do."""
    lot = get_object_or_404(queries.halls(request.actor), pk=lot)
    opening, now = queries.opening_of(lot), settings.CLOCK.now()
    context = queries.board(lot, opening, now) | queries.panel(lot, opening, request.actor, now) | _forms()
    return render(request, "opening/hall.html", context)


@page("opening.board", Role.PUBLIC)
def board(request, lot: UUID):
    """The big screen's content, asked for again whenever something happened."""
    lot = get_object_or_404(queries.halls(request.actor), pk=lot)
    return render(request, "opening/board.html", queries.board(lot, queries.opening_of(lot), settings.CLOCK.now()))


@page("opening.panel", Role.PUBLIC)
def panel(request, lot: UUID):
    """The role's panel; 204 while nothing in it changed, so that a form being filled in stays."""
    lot = get_object_or_404(queries.halls(request.actor), pk=lot)
    context = queries.panel(lot, queries.opening_of(lot), request.actor, settings.CLOCK.now())
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "opening/panel.html", context | _forms())


@page("opening.start", *_HOSTS, methods=("POST",), signed=True)
def start(request, lot: UUID):
    """Begin the opening."""
    lot = get_object_or_404(queries.halls(request.actor), pk=lot)
    opening = actions.start_opening(lot, actor=request.actor, clock=settings.CLOCK)
    if opening is None:
        messages.warning(request, "递交投标文件的投标人少于3个，依法不得开标，已发布招标失败公告。")
    else:
        messages.success(request, "开标开始，请提示投标人在时限内解密。")
    return _back(lot.pk)


@page("opening.sign_in", Role.BIDDER, methods=("POST",), signed=True)
def sign_in(request, lot: UUID):
    """A bidder signs in."""
    opening = _opening(request, lot)
    actions.sign_in(opening, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "签到成功。")
    return _back(lot)


@page("opening.header", Role.BIDDER, is_api=True)
def header(request, lot: UUID):
    """The sealed header of one container: what a bidder derives the secrets from."""
    opening = _opening(request, lot)
    _, container = bids.find_seal(opening.lot, _digest(request.GET.get("d")))
    return JsonResponse({"core": container.core, "open": list(actions.ENVELOPES)})


@page("opening.open_own", Role.BIDDER, methods=("POST",), is_api=True)
def open_own(request, lot: UUID):
    """Take the secrets of the bidder's own envelopes; the bytes they open were fixed at sealing."""
    opening = _opening(request, lot)
    digest, secrets = _secrets(request.body)
    bid = actions.open_own(opening, digest=digest, secrets=secrets, actor=request.actor, clock=settings.CLOCK)
    return JsonResponse({"state": bid.state, "problem": bid.problem})


@page("opening.request_fallback", Role.BIDDER, methods=("POST",), is_api=True)
def request_fallback(request, lot: UUID):
    """A bidder who cannot open asks the trustees, and proves that the sealed bid is his."""
    opening = _opening(request, lot)
    body = read_json(request, "D", "reason", optional=("otk_signature", "salt"))
    proof = {name: body[name] for name in ("otk_signature", "salt") if name in body}
    actions.request_fallback(
        opening, digest=_digest(body["D"]), ground=FallbackRequest.Ground.BIDDER,
        reason=_REASONS.get(body["reason"], _REASONS["other"]), proof=proof, actor=request.actor, clock=settings.CLOCK,
    )
    return JsonResponse({}, status=201)


@page("opening.platform_fault", *_HOSTS, methods=("POST",), signed=True)
def platform_fault(request, bid: UUID):
    """The host states that the platform's fault keeps a bidder from opening."""
    opening = get_object_or_404(queries.visible_to(request.actor), lot__bids=bid)
    form = FaultForm(request.POST)
    if not form.is_valid():
        raise Refusal("REASON", "请写明平台故障情形。", "reason")
    row = get_object_or_404(Bid, pk=bid)
    actions.request_fallback(
        opening, digest=bytes(row.digest), ground=FallbackRequest.Ground.PLATFORM,
        reason=form.cleaned_data["reason"], proof={}, actor=request.actor, clock=settings.CLOCK,
    )
    messages.success(request, "已申请兜底开启，等待受托人核验。")
    return _back(opening.lot_id)


@page("opening.end_decryption", *_HOSTS, methods=("POST",), signed=True)
def end_decryption(request, lot: UUID):
    """End decryption; the coefficient is drawn in the same instant."""
    opening = actions.end_decryption(_opening(request, lot), actor=request.actor, clock=settings.CLOCK)
    if opening.coefficient:
        messages.success(request, f"解密结束，公开抽取系数 K = {opening.coefficient}%。")
    else:
        messages.warning(request, "有效投标文件少于3份，已发布招标失败公告。")
    return _back(lot)


@page("opening.object", Role.BIDDER, methods=("POST",), signed=True)
def object_now(request, lot: UUID):
    """A bidder objects on the spot (T7)."""
    form = ObjectionForm(request.POST)
    if not form.is_valid():
        raise Refusal("TEXT", "请写明异议内容。", "text")
    actions.raise_objection(
        _opening(request, lot), text=form.cleaned_data["text"], actor=request.actor, clock=settings.CLOCK
    )
    messages.success(request, "异议已提出，等待主持人当场答复。")
    return _back(lot)


@page("opening.answer", *_HOSTS, methods=("POST",), signed=True)
def answer(request, objection: UUID):
    """The host answers on the spot (T7)."""
    objection = get_object_or_404(queries.objections_to_answer(request.actor), pk=objection)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        raise Refusal("TEXT", "请写明答复内容。", "answer")
    actions.answer_objection(
        objection, answer=form.cleaned_data["answer"], actor=request.actor, clock=settings.CLOCK
    )
    messages.success(request, "已当场答复。")
    return _back(objection.opening.lot_id)


@page("opening.record", *_HOSTS, methods=("POST",), signed=True)
def record(request, lot: UUID):
    """Typeset the record."""
    actions.make_record(_opening(request, lot), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "开标记录已形成，请各方签署确认。")
    return _back(lot)


@page("opening.sign_record", *_HOSTS, Role.BIDDER, Role.CENTRE, Role.SUPERVISOR, methods=("POST",), signed=True)
def sign_record(request, lot: UUID):
    """Sign the record."""
    actions.sign_record(_opening(request, lot), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已签署开标记录。")
    return _back(lot)


@page("opening.finish", *_HOSTS, methods=("POST",), signed=True)
def finish(request, lot: UUID):
    """Close the hall."""
    actions.finish_opening(_opening(request, lot), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "开标结束。")
    return _back(lot)


def _forms() -> dict:
    return {"objection_form": ObjectionForm(), "answer_form": AnswerForm(), "fault_form": FaultForm()}


def _opening(request, lot: UUID) -> Opening:
    return get_object_or_404(queries.visible_to(request.actor), lot=lot)


def _back(lot: UUID):
    return redirect("opening:hall", lot=lot)


def _digest(text) -> bytes:
    try:
        return canonical.unb64(text)
    except (ValueError, TypeError):
        raise Refusal("UNKNOWN", "本标段没有这份投标文件。") from None


def _secrets(body: bytes) -> tuple[bytes, dict[str, bytes]]:
    try:
        value = json.loads(body)
        secrets = {envelope: canonical.unb64(value["secrets"][envelope]) for envelope in actions.ENVELOPES}
        return canonical.unb64(value["D"]), secrets
    except (ValueError, KeyError, TypeError):
        raise Refusal("JSON", "解密请求的内容格式不正确。") from None
