"""What those see who organise or watch an evaluation: the venues' control page, the supervisor's monitor."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.kernel.roles import Role
from gongheng.trading.draws.queries import committee_size
from gongheng.trading.evaluation import queries
from gongheng.trading.evaluation.actions import sitting
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Evaluation
from gongheng.trading.evaluation.views.entering import STEPS, crumbs, frame
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import visible_to as lots_visible_to
from gongheng.ui.pages import page


@page("evaluation.control", Role.CENTRE)
def control(request: HttpRequest, lot) -> HttpResponse:
    """Organise the session: seats with their codes at the own venue, who is there, how far each is."""
    lot = _lot_of_venue(request, lot)
    evaluation = queries.evaluation_of(lot)
    order = queries.confirmed_order(lot)
    context = {
        "lot": lot, "order": order, "evaluation": evaluation, "is_main": queries.is_main_venue(lot, request.actor),
        "opens_at": order.starts_at - sitting.DOORS, "heading": "评标组织", "steps": STEPS,
        "pretitle": f"{lot.tender_project.name}（{lot.name}）",
        "subtitle": "主场启动评标后各会场开始签到；席位码只显示本场席位，请保持在对应席位屏幕上展示。",
        "breadcrumb": [{"label": "工作台", "url": "/desk/"}, {"label": lot.name, "url": f"/lots/{lot.pk}/"},
                       {"label": "评标组织"}],
    }
    if evaluation is not None:
        context |= frame(evaluation, context["heading"], context["subtitle"]) | {"breadcrumb": context["breadcrumb"]}
        context |= _board(request, evaluation)
    return render(request, "evaluation/control.html", context)


@page("evaluation.board", Role.CENTRE, Role.SUPERVISOR)
def board(request: HttpRequest, pk) -> HttpResponse:
    """The part of the control page or the monitor that changes while the committee works."""
    evaluation = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    return render(request, "evaluation/board.html", {"evaluation": evaluation} | _board(request, evaluation))


@page("evaluation.open", Role.CENTRE, methods=("POST",), signed=True)
def start(request: HttpRequest, lot) -> HttpResponse:
    """Open check-in at all venues."""
    lot = _lot_of_venue(request, lot)
    sitting.open_evaluation(lot, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "评标已启动，各会场开始签到。")
    return redirect("evaluation:control", lot.pk)


@page("evaluation.begin", Role.CENTRE, methods=("POST",), signed=True)
def begin(request: HttpRequest, pk) -> HttpResponse:
    """Begin once everybody sits and has promised."""
    evaluation = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    sitting.begin(evaluation, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "评标委员会到齐，评标开始。")
    return redirect("evaluation:control", evaluation.lot_id)


@page("evaluation.monitor", Role.SUPERVISOR)
def monitor(request: HttpRequest, pk) -> HttpResponse:
    """Watch over an evaluation: progress, then deviations once all sheets are locked."""
    evaluation = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    return render(request, "evaluation/monitor.html", frame(
        evaluation, "评标监督", "评分提交前任何人（含监督部门）都看不到分数；全部锁定后显示评分偏差。"
    ) | _board(request, evaluation) | {"breadcrumb": crumbs(evaluation, "评标监督")})


def _board(request: HttpRequest, evaluation: Evaluation) -> dict:
    lines = queries.board(evaluation)
    wanted = committee_size(evaluation.lot)
    is_ready = len(lines) == wanted and all(line.tone == "success" for line in lines)
    is_centre = request.actor.role == Role.CENTRE
    return {
        "lines": lines, "wanted": wanted, "present": len(lines),
        # Once the report is signed the seats are free again: an empty plan would say that nobody came.
        "venues": queries.seats_at(evaluation, request.actor) if is_centre and not evaluation.finished_at else [],
        "is_checking_in": evaluation.state == State.CHECK_IN, "is_ready": is_ready,
        "is_main": is_centre and queries.is_main_venue(evaluation.lot, request.actor),
        "deviations": queries.deviation_board(evaluation) if request.actor.role == Role.SUPERVISOR else [],
        "is_scored": request.actor.role == Role.SUPERVISOR and queries.is_scored(evaluation),
    }


def _lot_of_venue(request: HttpRequest, pk) -> Lot:
    """Return a lot for whose session the actor's centre is a confirmed venue."""
    lot = get_object_or_404(lots_visible_to(request.actor), pk=pk)
    order = queries.confirmed_order(lot)
    if order is None or not order.offers.filter(centre__organisation=request.actor.organisation).exists():
        raise Http404
    return lot
