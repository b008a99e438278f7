"""Who is where at a centre, and which gates alarm (人员轨迹与门禁告警)."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.places.access import actions, queries
from gongheng.places.access.forms import GateForm
from gongheng.places.access.keys import secret_of
from gongheng.places.access.lifecycle import VisitState
from gongheng.places.access.models import GateKey
from gongheng.places.access.rules import ALARM_NAMES, RESULT_NAMES, Alarm, Result
from gongheng.places.venues.models import Centre
from gongheng.places.venues.queries import centre_of
from gongheng.ui.pages import page

TONES = {
    VisitState.CHECKING: "warning", VisitState.ADMITTED: "success", VisitState.REFUSED: "danger",
    VisitState.LEFT: "neutral",
}
#: Alarms of so many days are shown.
DAYS = timedelta(days=7)


@page("access.board", Role.CENTRE, Role.SUPERVISOR)
def board(request: HttpRequest) -> HttpResponse:
    """The permits of one's centre, where each person is, and the alarms; without names."""
    now, actor = settings.CLOCK.now(), request.actor
    shown = Paginator(queries.visible_to(actor), 30).get_page(request.GET.get("page"))
    late = {visit.pk for visit in queries.overstaying(actor, now)}
    alarms = list(queries.alarms_visible_to(actor, now - DAYS)[:50])
    return render(request, "access/board.html", {
        "heading": "门禁与人员轨迹",
        "subtitle": "谁在何时被核验、准许进入哪些区域、现在何处；不显示姓名，仅本中心和监督部门可见。",
        "page_of": shown, "is_centre": actor.role == Role.CENTRE,
        "rows": [
            {
                "visit": visit, "tone": TONES[visit.state], "result": RESULT_NAMES[Result(visit.result)],
                "where": queries.whereabouts(visit), "track": list(visit.passages.all()), "is_late": visit.pk in late,
                "zones": "、".join(visit.zones), "can_leave": visit.state == VisitState.ADMITTED,
            }
            for visit in shown
        ],
        "alarms": [{"passage": one, "text": ALARM_NAMES[Alarm(one.alarm)]} for one in alarms],
        "inside": sum(queries.whereabouts(visit) is not None for visit in shown), "late": len(late),
    })


@page("access.leave", Role.CENTRE, methods=("POST",))
def leave(request: HttpRequest, pk) -> HttpResponse:
    """End a permit when the badge came back."""
    visit = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    actions.leave(visit, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已登记离场，准入许可失效。")
    return redirect("access:board")


@page("access.gates", Role.CENTRE, methods=("GET", "POST"))
def gates(request: HttpRequest) -> HttpResponse:
    """The keys of one's gates: enrol one, whose key is shown in this answer only, or revoke one."""
    centre, form, made = _own(request), GateForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.enrol_gate(centre, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        except Refusal as refusal:
            form.add_error(refusal.field, f"{refusal.message}（规则 {refusal.rule}）")
        else:
            form = GateForm()
    shown = render(request, "access/gates.html", {
        "heading": "门禁密钥", "subtitle": "每台门禁用自己的密钥上报通行记录；密钥只在登记时显示一次，数据库中没有它。",
        "breadcrumb": [{"label": "门禁与人员轨迹", "url": "/access/"}, {"label": "门禁密钥"}],
        "form": form, "rows": queries.gates_of(centre), "made": made, "secret": secret_of(made).hex() if made else "",
        "address": f"{settings.ORIGIN}/api/gates/{centre.pk}/",
    })
    if made:
        shown["Cache-Control"] = "no-store"
    return shown


@page("access.revoke_gate", Role.CENTRE, methods=("POST",))
def revoke_gate(request: HttpRequest, pk) -> HttpResponse:
    """Stop believing a gate."""
    key = get_object_or_404(GateKey, pk=pk, centre=_own(request))
    actions.revoke_gate(key, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, f"{key.gate}的密钥已吊销，不再接受它上报的通行记录。")
    return redirect("access:gates")


def _own(request: HttpRequest) -> Centre:
    centre = centre_of(request.actor)
    if centre is None:
        raise Http404
    return centre
