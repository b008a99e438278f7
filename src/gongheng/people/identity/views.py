"""Sign-in, choice of role, one's own certificates, sign-out."""

import json
import re

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from gongheng.crypto import canonical
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.people.identity import actions, queries, sessions
from gongheng.people.identity.capacities import capacities_of
from gongheng.people.identity.login import verify_sign_in
from gongheng.people.identity.middleware import chosen
from gongheng.trust.signatures.nonces import fresh_nonce
from gongheng.ui.pages import page

#: Where the demonstration keeps everybody's soft certificates; tools/demonstration serves it.
CABINET_URL, CABINET_PIN = "/demonstration/cabinet/", "123456"
DESK, CHOOSE, REGISTER, MINE = "/desk/", "/sign-in/role/", "/parties/register/", "/parties/mine/"


@page("identity.sign_in_page", Role.PUBLIC)
def sign_in_page(request: HttpRequest) -> HttpResponse:
    return render(request, "identity/sign_in.html", {
        "heading": "数字证书登录",
        "subtitle": "插入您的数字证书并输入口令；平台不设密码，登录即是一次签名。",
        "next": _next(request),
        "cabinet_url": _cabinet_url(request.GET.get("who", "")) if settings.IS_DEMONSTRATION else "",
    })


@page("identity.nonce", Role.PUBLIC, is_api=True)
def nonce(request: HttpRequest) -> HttpResponse:
    now = settings.CLOCK.now()
    answer = JsonResponse(
        {"nonce": fresh_nonce(now, "login"), "origin": settings.ORIGIN, "at": canonical.timestamp(now)}
    )
    answer["Cache-Control"] = "no-store"
    return answer


@page("identity.sign_in", Role.PUBLIC, methods=("POST",), is_api=True)
def sign_in(request: HttpRequest) -> HttpResponse:
    """Answer {next}; nothing is written that names who came. A program may name the role it wants."""
    sent = _sent(request)
    message, signature, der = (_bytes(sent, name) for name in ("message", "signature", "certificate"))
    done = verify_sign_in(message, signature, der, now=settings.CLOCK.now())
    if done.binding is None:
        sessions.begin_application(request, done.certificate)
        return JsonResponse({"next": REGISTER})
    sessions.begin_session(request, done.binding.person, done.certificate)
    capacities = capacities_of(done.binding.person)
    wanted = [capacity for capacity in capacities if capacity.role == sent.get("role")]
    if wanted:
        request.session["capacity"] = wanted[0].key
    elif len(capacities) > 1:
        return JsonResponse({"next": f"{CHOOSE}?next={_next(request)}"})
    return JsonResponse({"next": _next(request) if capacities else MINE})


@page("identity.role", Role.PUBLIC, methods=("GET", "POST"))
def role(request: HttpRequest) -> HttpResponse:
    """Choose in which role to act; the choice is kept in the cookie only."""
    if request.person is None:
        return redirect("/sign-in/")
    if request.method == "POST":
        if request.POST.get("capacity") not in [capacity.key for capacity in request.capacities]:
            raise Refusal("ROLE", "您没有这个身份，请从列表中选择。")
        request.session["capacity"] = request.POST["capacity"]
        return redirect(_next(request))
    return render(request, "identity/role.html", {
        "heading": "选择身份",
        "subtitle": "同一时间以一个身份办理业务，所办事项记在该身份名下。",
        "capacities": request.capacities,
        "current": chosen(request),
        "next": _next(request),
    })


@page("identity.me", Role.PUBLIC)
def me(request: HttpRequest) -> HttpResponse:
    if request.person is None:
        return redirect("/sign-in/?next=/sign-in/me/")
    now = settings.CLOCK.now()
    bindings = [
        {"certificate": one.certificate, "bound_at": one.bound_at, "status": _status(one.certificate, now)}
        for one in queries.bindings_of(request.person)
    ]
    return render(request, "identity/me.html", {
        "heading": "我的信息与证书",
        "subtitle": "核对本人信息，证书遗失时立即挂失。",
        "bindings": bindings,
        "capacities": request.capacities,
    })


@page("identity.report_loss", Role.PUBLIC, methods=("POST",), signed=True)
def report_loss(request: HttpRequest, kid: str) -> HttpResponse:
    actions.report_loss(request.person, kid, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "证书已挂失，自此不再有效。")
    return redirect("/sign-in/me/" if request.certificate.kid != kid else "/sign-in/")


@page("identity.sign_out", Role.PUBLIC, methods=("POST",))
def sign_out(request: HttpRequest) -> HttpResponse:
    actions.end_session(request, now=settings.CLOCK.now())
    messages.success(request, "已退出登录。")
    return redirect("/")


def _sent(request: HttpRequest) -> dict:
    try:
        sent = json.loads(request.body)
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise Refusal("LOGIN-FORM", "登录数据格式不符，请刷新页面后重新登录。")
    return sent


def _bytes(sent: dict, name: str) -> bytes:
    try:
        return canonical.unb64(sent.get(name))
    except canonical.NotCanonical as error:
        raise Refusal("LOGIN-FORM", "登录数据格式不符，请刷新页面后重新登录。") from error


def _cabinet_url(who: str) -> str:
    """With ``who``, the cabinet shows only that person: the demonstration's links lead here."""
    return f"{CABINET_URL}of/{who}/" if re.fullmatch(r"[0-9a-f-]{36}", who) else CABINET_URL


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours and wanted.startswith("/") else DESK


def _status(certificate, now) -> dict:
    if certificate.revoked_at:
        return {"text": "已挂失", "tone": "danger", "is_good": False}
    if now >= certificate.not_after:
        return {"text": "已到期", "tone": "warning", "is_good": False}
    return {"text": "有效", "tone": "success", "is_good": True}
