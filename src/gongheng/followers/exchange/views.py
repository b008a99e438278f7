"""Outside systems: registration by the provincial centre, what each called and was told; the public document."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.crypto import canonical, labels, signing
from gongheng.followers.exchange import actions, queries, reading, rules
from gongheng.followers.exchange.forms import ReasonForm, SystemForm
from gongheng.followers.exchange.lifecycle import KEEPERS, SystemState
from gongheng.followers.exchange.models import OutsideSystem
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.people.parties.queries import by_uscc
from gongheng.ui.pages import page

_CRUMBS = ({"label": "数据接口", "url": "/exchange/"},)
TONES = {SystemState.ACTIVE: "success", SystemState.REVOKED: "neutral"}
_SHOWN = 12


@page("exchange.systems", *KEEPERS)
def systems(request: HttpRequest) -> HttpResponse:
    found = queries.visible_to(request.actor)
    return render(request, "exchange/systems.html", {
        "heading": "外部系统", "subtitle": "经数据接口接入的交易系统、场地管理系统和行政监督平台。",
        "rows": [(one, TONES[one.state]) for one in found], "is_registrar": queries.is_registrar(request.actor),
    })


@page("exchange.register", Role.CENTRE, methods=("GET", "POST"), signed=True)
def register(request: HttpRequest) -> HttpResponse:
    """Register a system; a shared secret stands in the answer to this POST and nowhere else."""
    if not queries.is_registrar(request.actor):
        raise Refusal("ROLE", "外部系统由省级交易中心登记接入。")
    form = SystemForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            system, secret = _register(form, request)
        except Refusal as refusal:
            form.add_error(
                refusal.field if refusal.field in form.fields else None, f"{refusal.message}（规则 {refusal.rule}）"
            )
        else:
            if secret is None:
                messages.success(request, f"已登记，系统编号 {system.system_no}。")
                return redirect("exchange:system", system.pk)
            response = render(request, "exchange/secret.html", {
                "heading": "共享密钥", "pretitle": system.system_no,
                "breadcrumb": [*_CRUMBS, {"label": system.system_no}],
                "subtitle": "密钥只在本页显示一次；请当面或加密交给对方，遗失须停用后重新登记。",
                "system": system, "secret": canonical.b64(secret),
            })
            response.headers["Cache-Control"] = "no-store"
            return response
    return render(request, "exchange/register.html", {
        "heading": "登记接入", "breadcrumb": [*_CRUMBS, {"label": "登记接入"}],
        "subtitle": "登记后系统即可调用；编号和平台公钥请一并告知对方。", "form": form,
    })


def _register(form: SystemForm, request: HttpRequest) -> tuple[OutsideSystem, bytes | None]:
    told = dict(form.cleaned_data)
    organisation = by_uscc(told.pop("uscc").strip().upper())
    if organisation is None:
        raise Refusal("PARTY", "没有登记该统一社会信用代码的单位。", "uscc")
    return actions.register_system(organisation, **told, actor=request.actor, clock=settings.CLOCK)


@page("exchange.system", *KEEPERS)
def system(request: HttpRequest, pk) -> HttpResponse:
    """One system: its key, what it asked, what it was told."""
    found = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    now = settings.CLOCK.now()
    return render(request, "exchange/system.html", {
        "heading": found.name, "pretitle": found.system_no, "breadcrumb": [*_CRUMBS, {"label": found.system_no}],
        "subtitle": f"{found.organisation.name} · {found.get_kind_display()}",
        "system": found, "tone": TONES[found.state], "figures": queries.figures(found, now),
        "kid": signing.kid(bytes(found.public_key)) if found.public_key else "",
        "calls": [
            (one, rules.digest(labels.EXCHANGE_CALL, bytes(one.request))) for one in found.calls.all()[:_SHOWN]
        ],
        "callbacks": [(one, _standing(one, now)) for one in found.callbacks.all()[:_SHOWN]],
        "form": ReasonForm() if found.state == SystemState.ACTIVE else None, "subject": f"outside_system:{found.pk}",
    })


@page("exchange.revoke", *KEEPERS, methods=("POST",), signed=True)
def revoke(request: HttpRequest, pk) -> HttpResponse:
    found = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    actions.revoke_system(
        found, reason=request.POST.get("reason", ""), actor=request.actor, clock=settings.CLOCK
    )
    messages.success(request, "已停用，即刻生效。")
    return redirect("exchange:system", pk)


@page("exchange.interface", Role.PUBLIC, *Role)
def interface(request: HttpRequest) -> HttpResponse:
    """The interface to read: how messages are made, each operation and callback with fields and an example."""
    _, public = settings.KEYRING.signing_key("exchange")
    return render(request, "exchange/interface.html", {
        "heading": "数据接口规范", "subtitle": "外部系统接入公衡的报文、操作和回调。",
        "operations": reading.operations(), "events": reading.events(), "public": canonical.b64(public),
        "origin": settings.ORIGIN, "statuses": reading.STATUSES, "most": rules.MOST_BYTES // 1024,
    })


def _standing(callback, now) -> tuple[str, str]:
    if callback.delivered_at:
        return ("已送达，有回执", "success") if callback.acknowledgement else ("已送达，无有效回执", "warning")
    if callback.made_at <= now - rules.LONGEST_WAIT:
        return ("未送达，已停止", "danger")
    return (f"重试中：{callback.problem}", "danger") if callback.tries else ("待发送", "neutral")
