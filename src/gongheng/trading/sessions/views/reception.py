"""Where experts are received (核验台): arrival code, document and face, locker; then the seat is drawn."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.places.access import actions as access
from gongheng.places.access.gates import compare
from gongheng.places.access.lifecycle import VisitState
from gongheng.places.access.queries import whereabouts
from gongheng.places.access.rules import RESULT_NAMES, Result
from gongheng.trading.evaluation.actions import arriving
from gongheng.trading.evaluation.models import Arrival
from gongheng.trading.projects.forms import refuse
from gongheng.trading.sessions import queries
from gongheng.trading.sessions.actions.replacing import move_expert
from gongheng.trading.sessions.forms import DecideForm, LockerForm, MoveForm, ReceiveForm
from gongheng.trading.sessions.models import Session
from gongheng.ui.pages import page

_TONES = {
    VisitState.CHECKING: "warning", VisitState.ADMITTED: "success", VisitState.REFUSED: "danger",
    VisitState.LEFT: "neutral",
}


@page("sessions.receive", Role.CENTRE, methods=("GET", "POST"), signed=True)
def reception(request: HttpRequest, pk) -> HttpResponse:
    """Receive an expert who shows his arrival code; the list of those received, without names."""
    session = _session(request, pk)
    form = ReceiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        try:
            # The device is asked under the code, not under a name: nobody at the desk learns who comes.
            arrival = arriving.receive_expert(
                session.evaluation, code=code, comparison=compare(code), actor=request.actor, clock=settings.CLOCK
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            if arrival.seat_id is None:
                messages.warning(request, f"{RESULT_NAMES[Result(arrival.visit.result)]}：请人工核对证件后作出结论。")
            else:
                messages.success(request, "核验通过，席位已随机抽取，专家可在自己的工作台上查看。")
            return redirect("sessions:reception", pk)
    labels = {member.pid: member.label for member in session.evaluation.members.all()}
    rows = [
        _row(one) | {"label": labels.get(one.pid, "未签到")}
        for one in _arrivals(request, session).filter(is_gone=False)
    ]
    return render(request, "sessions/reception.html", {
        "heading": "核验台", "session": session, "form": form, "rows": rows,
        "pretitle": f"{session.lot.tender_project.name}（{session.lot.name}）",
        "subtitle": "核对证件和人脸，存放手机，系统随机抽取席位；席位只告知专家本人和门禁。",
        "breadcrumb": [
            {"label": "会场控制台", "url": f"/sessions/lots/{session.lot_id}/"}, {"label": "核验台"},
        ],
    })


@page("sessions.decide", Role.CENTRE, methods=("POST",), signed=True)
def decide(request: HttpRequest, pk, arrival) -> HttpResponse:
    """Admit or turn away by hand."""
    one = get_object_or_404(_arrivals(request, _session(request, pk)), pk=arrival)
    form = DecideForm(request.POST)
    if not form.is_valid():
        raise Refusal("DECISION", "请选择核验结论，并写明核对了何种证件和判断依据。")
    admits = form.cleaned_data["admits"] == "yes"
    arriving.decide_arrival(
        one, admits=admits, decision=form.cleaned_data["decision"], actor=request.actor, clock=settings.CLOCK
    )
    messages.success(request, "已准予进入，席位已随机抽取。" if admits else "已登记不予进入。")
    return redirect("sessions:reception", pk)


@page("sessions.move", Role.CENTRE, methods=("GET", "POST"), signed=True)
def move(request: HttpRequest, pk, arrival) -> HttpResponse:
    """Give an expert another seat because his own failed."""
    session = _session(request, pk)
    one = get_object_or_404(_arrivals(request, session).filter(is_gone=False).exclude(seat=None), pk=arrival)
    member = session.evaluation.members.filter(pid=one.pid).first()
    form = MoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            move_expert(session, one, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "新席位已随机抽取，专家可在自己的工作台上查看；原席位已报修，处置决定书已出具。")
            return redirect("sessions:console", session.lot_id)
    return render(request, "sessions/move.html", {
        "heading": f"换席：{member.label if member else '尚未签到的专家'}", "session": session, "form": form,
        "pretitle": f"{session.lot.tender_project.name}（{session.lot.name}）",
        "subtitle": "在本会场符合要求的空闲席位中随机抽取；已保存的评审内容不变，新席位只告知专家本人和门禁。",
        "breadcrumb": [
            {"label": "会场控制台", "url": f"/sessions/lots/{session.lot_id}/"},
            {"label": "核验台", "url": f"/sessions/{session.pk}/reception/"}, {"label": "换席"},
        ],
    })


@page("sessions.phone", Role.CENTRE, methods=("POST",))
def phone(request: HttpRequest, pk, arrival) -> HttpResponse:
    """Note the locker of the phone."""
    one = get_object_or_404(_arrivals(request, _session(request, pk)), pk=arrival)
    access.store_phone(
        one.visit, locker=request.POST.get("locker", "")[:10], actor=request.actor, clock=settings.CLOCK
    )
    messages.success(request, "手机存放已登记。")
    return redirect("sessions:reception", pk)


def _session(request: HttpRequest, pk) -> Session:
    return get_object_or_404(queries.visible_to(request.actor).exclude(evaluation=None), pk=pk)


def _arrivals(request: HttpRequest, session: Session):
    rows = Arrival.objects.filter(evaluation=session.evaluation, centre__organisation=request.actor.organisation)
    return rows.select_related("visit__centre", "centre", "evaluation__lot").order_by("-arrived_at")


def _row(arrival: Arrival) -> dict:
    visit = arrival.visit
    is_waiting = visit.state == VisitState.CHECKING
    return {
        "arrival": arrival, "visit": visit, "result": RESULT_NAMES[Result(visit.result)], "tone": _TONES[visit.state],
        "where": whereabouts(visit), "is_waiting": is_waiting,
        "decide": DecideForm(auto_id=f"decide-{arrival.pk}-%s") if is_waiting else None,
        "locker": LockerForm(auto_id=f"locker-{arrival.pk}-%s"),
        "can_move": arrival.seat_id is not None,
        "needs_locker": visit.state == VisitState.ADMITTED and not visit.locker,
    }
