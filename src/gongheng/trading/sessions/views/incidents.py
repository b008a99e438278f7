"""Incidents of a session (突发情况): report, degrade, pause, resume, postpone, abort; replacing a lost expert."""

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trading.evaluation.queries import is_main_venue
from gongheng.trading.projects.forms import refuse
from gongheng.trading.sessions import queries, rules
from gongheng.trading.sessions.actions import disturbing
from gongheng.trading.sessions.actions.replacing import replace_expert
from gongheng.trading.sessions.forms import DecisionForm, IncidentForm, ReplaceForm
from gongheng.trading.sessions.lifecycle import INCIDENT, IncidentState
from gongheng.trading.sessions.models import Incident
from gongheng.trading.sessions.views.console import lot_at
from gongheng.trust.documents import store
from gongheng.ui.pages import page

_ALL = (Role.CENTRE, Role.SUPERVISOR, Role.AGENCY, Role.TENDERER)
_STEPS = ("正常", "疑似故障", "降级运行", "暂停", "恢复或延期")
_STEP_OF = {IncidentState.SUSPECT: 1, IncidentState.DEGRADED: 2, IncidentState.PAUSED: 3}


@page("sessions.report", Role.CENTRE, methods=("GET", "POST"), signed=True)
def report(request: HttpRequest, lot) -> HttpResponse:
    """Report what went wrong at one's own venue."""
    lot = lot_at(request, lot)
    form = IncidentForm(request.POST or None, initial={"cause": request.GET.get("cause", "")})
    if request.method == "POST" and form.is_valid():
        try:
            found = disturbing.report_incident(
                lot, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "突发情况已登记，主场和副场同时看到。")
            return redirect("sessions:incident", found.pk)
    return render(request, "sessions/report.html", {
        "heading": "登记突发情况", "lot": lot, "form": form, "pretitle": f"{lot.tender_project.name}（{lot.name}）",
        "subtitle": "先登记、保全数据；是否暂停由主场决定。",
        "breadcrumb": [{"label": "会场控制台", "url": f"/sessions/lots/{lot.pk}/"}, {"label": "登记突发情况"}],
    })


@page("sessions.incident", *_ALL)
def incident(request: HttpRequest, pk) -> HttpResponse:
    """One incident with its clock and what this reader may decide about it."""
    found = get_object_or_404(queries.incidents_visible_to(request.actor), pk=pk)
    now, session, role = settings.CLOCK.now(), found.session, request.actor.role
    open_to = {move.name for move in INCIDENT.open_to(found, role, now)}
    is_main = is_main_venue(session.lot, request.actor)
    if role == Role.CENTRE and not is_main:
        open_to &= {"degrade", "clear"}
    if found.state == IncidentState.PAUSED and rules.postponing_refusal(
        role, found.is_before_start, found.limit_at, now
    ):
        open_to -= {"postpone"}
    return render(request, "sessions/incident.html", {
        "heading": f"{found.get_cause_display()}（{found.centre.short_name}）", "incident": found, "session": session,
        "pretitle": f"{session.lot.tender_project.name}（{session.lot.name}）",
        "subtitle": "正常 → 疑似 → 降级 → 暂停 → 恢复、延期或中止；每一步都签名存证。",
        "tone": queries.TONES.get(found.state, "danger"), "steps": _STEPS, "step": _STEP_OF.get(found.state, 4),
        "open_to": open_to, "is_paused": found.state == IncidentState.PAUSED, "now": now,
        "is_before_limit": found.limit_at is not None and now < found.limit_at,
        "forms": {
            name: DecisionForm(auto_id=f"{name}-%s") for name in ("clear", "resume", "postpone", "abort")
        },
        "breadcrumb": [
            {"label": "会场控制台", "url": f"/sessions/lots/{session.lot_id}/"} if role == Role.CENTRE
            else {"label": session.lot.name, "url": f"/lots/{session.lot_id}/"},
            {"label": "突发情况"},
        ],
    })


@page("sessions.paper", *_ALL)
def paper(request: HttpRequest, pk, document) -> FileResponse:
    """The paper of a decision, for those who see the session."""
    session = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    kept = get_object_or_404(queries.papers_of(session), pk=document)
    answer = FileResponse(store.open(kept.digest), content_type=kept.media_type, filename=f"{kept.title}.pdf")
    answer["X-Document-Digest"] = kept.digest
    return answer


@page("sessions.degrade", Role.CENTRE, methods=("POST",), signed=True)
def degrade(request: HttpRequest, pk) -> HttpResponse:
    """Go on without audio and video."""
    found = _incident(request, pk)
    disturbing.degrade_session(found, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已转为降级运行：独立评审，不讨论。")
    return redirect("sessions:incident", pk)


@page("sessions.clear", Role.CENTRE, methods=("POST",), signed=True)
def clear(request: HttpRequest, pk) -> HttpResponse:
    """Close an incident that never stopped the session."""
    return _decide(request, pk, disturbing.clear_incident, "故障已排除。")


@page("sessions.pause", Role.CENTRE, methods=("POST",), signed=True)
def pause(request: HttpRequest, pk) -> HttpResponse:
    """Pause the evaluation for this incident."""
    found = _incident(request, pk)
    disturbing.pause_session(found, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "评标已暂停，各席位已停止录入，已保存的内容不会丢失。")
    return redirect("sessions:incident", pk)


@page("sessions.resume", Role.CENTRE, methods=("POST",), signed=True)
def resume(request: HttpRequest, pk) -> HttpResponse:
    """Resume after the repair."""
    return _decide(request, pk, disturbing.resume_session, "评标已恢复。")


@page("sessions.postpone", Role.CENTRE, Role.AGENCY, Role.TENDERER, methods=("POST",), signed=True)
def postpone(request: HttpRequest, pk) -> HttpResponse:
    """Postpone the session: data sealed, committee dissolved."""
    return _decide(request, pk, disturbing.postpone_session, "已延期：评审数据封存，评标委员会解散，席位释放。")


@page("sessions.abort", Role.SUPERVISOR, methods=("POST",), signed=True)
def abort(request: HttpRequest, pk) -> HttpResponse:
    """Abort the session as supervisor."""
    return _decide(request, pk, disturbing.abort_session, "评标已中止，标段保持暂停。")


@page("sessions.replace", Role.CENTRE, methods=("GET", "POST"), signed=True)
def replace(request: HttpRequest, pk, member) -> HttpResponse:
    """Replace an expert who cannot go on."""
    session = get_object_or_404(queries.visible_to(request.actor).exclude(evaluation=None), pk=pk)
    lost = get_object_or_404(queries.member_at(session, member))
    form = ReplaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            replace_expert(session, lost, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "已更换：其评审意见作废并封存，系统按抽取名单顺延通知下一位专家。")
            return redirect("sessions:console", session.lot_id)
    return render(request, "sessions/replace.html", {
        "heading": f"更换{lost.label}", "session": session, "member": lost, "form": form,
        "pretitle": f"{session.lot.tender_project.name}（{session.lot.name}）",
        "subtitle": "实施条例第四十八条：被更换的评委作出的评审结论无效，由更换后的评委重新评审。",
        "breadcrumb": [{"label": "会场控制台", "url": f"/sessions/lots/{session.lot_id}/"}, {"label": "更换评委"}],
    })


def _incident(request: HttpRequest, pk) -> Incident:
    return get_object_or_404(queries.incidents_visible_to(request.actor), pk=pk)


def _decide(request: HttpRequest, pk, act, done: str) -> HttpResponse:
    found = _incident(request, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise Refusal("DECISION", "请写明处置情况和依据（不超过500字）。", "decision")
    act(found, decision=form.cleaned_data["decision"], actor=request.actor, clock=settings.CLOCK)
    messages.success(request, done)
    return redirect("sessions:incident", pk)
