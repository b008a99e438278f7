"""Pages of the demonstration: whom one can be, and what time it is; they exist nowhere else."""

import functools
import json
from collections.abc import Callable

import httpx
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from gongheng.crypto import canonical
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trust.certificates.models import Certificate
from gongheng.trust.evidence.moving import note
from gongheng.ui.pages import page
from tools.demonstration import cabinet, history
from tools.demonstration.forms import ClockForm
from tools.demonstration.province import OPERATOR

ROLES = (
    ("tenderer", "招标人", "确定招标方案、定标、签合同"), ("agency", "招标代理机构", "编制文件、发布公告、主持开标"),
    ("supervisor", "行政监督部门", "备案、见证、监督"), ("bidder", "投标人", "密封投标、解密、提出异议"),
    ("centre", "交易中心", "场地协调、专家抽取、归档"), ("notary", "公证机构", "见证抽取与开标"),
    ("expert", "评标专家", "评标打分、签署报告"), ("applicant", "未登记单位", "体验凭证书登记"),
)
_SHOWN = 6


def only_demonstration(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Serve only where legal time and everybody's keys are a demonstration's."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not settings.IS_DEMONSTRATION:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@only_demonstration
@page("demonstration.page", Role.PUBLIC)
def overview(request: HttpRequest) -> HttpResponse:
    folder = settings.VAR / "cabinet"
    now = settings.CLOCK.now()
    return render(request, "demonstration/page.html", {
        "heading": "演示环境",
        "subtitle": "取用演示证书以任一身份办理业务，并可把演示时钟拨快；一切签名、加密与存证都是真的。",
        "groups": [
            {"role": role, "title": title, "does": does, "people": cabinet.search(folder, role=role, most=_SHOWN)}
            for role, title, does in ROLES
        ],
        "found": cabinet.search(folder, request.GET["q"]) if request.GET.get("q") else [],
        "pin": cabinet.PIN, "ring": history.ring(),
        "supervisor": next(iter(cabinet.search(folder, role="supervisor", most=1)), None),
        "form": ClockForm(initial={"moment": now.astimezone(SHANGHAI)}),
        "now": now,
    })


@only_demonstration
@page("demonstration.cabinet", Role.PUBLIC, is_api=True)
def search(request: HttpRequest, role: str = "", who: str = "") -> HttpResponse:
    """Answer [{id, name, organisation, role_names, hint}] to ``q``, within a role or for one person."""
    folder = settings.VAR / "cabinet"
    if who:
        one = cabinet.holder(folder, str(who))
        found = [one] if one else []
    else:
        found = cabinet.search(folder, request.GET.get("q", ""), role or request.GET.get("role", ""))
    return JsonResponse([
        {"id": one.id, "name": one.name, "organisation": one.organisation, "uscc": one.uscc, "role": one.role,
         "role_names": one.role_names, "hint": one.hint}
        for one in found
    ], safe=False)


@only_demonstration
@page("demonstration.certificate", Role.PUBLIC, is_api=True)
def certificate(request: HttpRequest, pk, role: str = "", who: str = "") -> HttpResponse:
    """Hand out one person's soft certificate."""
    folder = settings.VAR / "cabinet"
    one = cabinet.holder(folder, str(pk))
    if one is None:
        raise Http404
    if one.certificate_sign:
        sign, enc = canonical.unb64(one.certificate_sign), canonical.unb64(one.certificate_enc)
    else:
        ders = {
            row.usage: bytes(row.der)
            for row in Certificate.objects.filter(binding__person=pk).order_by("not_before")
        }
        sign, enc = ders["sign"], ders.get("enc")
    answer = HttpResponse(
        cabinet.soft_certificate(folder, one, sign, enc), content_type="application/json"
    )
    answer["Content-Disposition"] = f'attachment; filename="{one.id}.gkey"'
    answer["Cache-Control"] = "no-store"
    return answer


@only_demonstration
@page("demonstration.clock", Role.PUBLIC, methods=("GET", "POST"), is_api=True)
def clock(request: HttpRequest) -> HttpResponse:
    """Tell legal time; a POST {"at": moment} or of the form moves it forward, never back."""
    if request.method == "POST":
        is_program = request.content_type == "application/json"
        _advance(_wanted(request, is_program))
        if not is_program:
            messages.success(request, "演示时钟已拨快。")
            return redirect("demonstration:page")
    return JsonResponse({"now": canonical.timestamp(settings.CLOCK.now())})


@only_demonstration
@page("demonstration.phones", Role.PUBLIC)
def phones(request: HttpRequest) -> HttpResponse:
    """Show the SMS that the simulated gateway holds, newest first, and whose telephone each went to."""
    sent = (
        httpx.get(f"{settings.SMS_URL}/outbox", timeout=5, trust_env=False).json()["messages"]
        if settings.SMS_URL
        else []
    )
    if request.GET.get("format") == "json":
        return JsonResponse({"messages": sent})
    owners = {one.phone: one for one in cabinet.holders(settings.VAR / "cabinet")}
    return render(request, "demonstration/phones.html", {
        "heading": "演示手机", "subtitle": "短信网关是模拟器，短信不会发出；这里能看到每部演示手机收到了什么。",
        "rows": [{"to": one["to"], "text": one["text"], "owner": owners.get(one["to"])} for one in reversed(sent)],
    })


def _wanted(request: HttpRequest, is_program: bool):
    if is_program:
        try:
            return canonical.parse_timestamp(json.loads(request.body)["at"])
        except (ValueError, KeyError, TypeError) as error:
            raise Refusal("CLOCK", "请给出要拨到的时刻，形如 2026-03-02T01:00:00.000Z。", "at") from error
    form = ClockForm(request.POST)
    if not form.is_valid():
        raise Refusal("CLOCK", "请填写要拨到的日期和时间。", "moment")
    return form.cleaned_data["moment"]


def _advance(moment) -> None:
    before = settings.CLOCK.now()
    if moment <= before:
        raise Refusal("CLOCK", "演示时钟只能向前拨，所填时间早于当前法定时间。", "moment")
    # First the clock, then the entry: the entry must not bear a time that was not yet.
    after = settings.CLOCK.advance_to(moment)
    with note(
        "clock.advance", "clock:demonstration", actor=OPERATOR, clock=settings.CLOCK,
        **{"from": canonical.timestamp(before), "to": canonical.timestamp(after)},
    ):
        pass
