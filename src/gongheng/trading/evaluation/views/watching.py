"""What those see who organise or watch an evaluation: the board of progress, the supervisor's monitor."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from gongheng.kernel.roles import Actor, Role
from gongheng.trading.draws.queries import committee_size
from gongheng.trading.evaluation import queries
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Evaluation
from gongheng.trading.evaluation.views.entering import crumbs, frame
from gongheng.ui.pages import page


@page("evaluation.board", Role.CENTRE, Role.SUPERVISOR)
def board(request: HttpRequest, pk) -> HttpResponse:
    """The part of the console or the monitor that changes while the committee works."""
    evaluation = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    return render(request, "evaluation/board.html", {"evaluation": evaluation} | board_of(request.actor, evaluation))


@page("evaluation.monitor", Role.SUPERVISOR)
def monitor(request: HttpRequest, pk) -> HttpResponse:
    """Watch over an evaluation: progress, then deviations once all sheets are locked."""
    evaluation = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    return render(request, "evaluation/monitor.html", frame(
        evaluation, "评标监督", "评分提交前任何人（含监督部门）都看不到分数；全部锁定后显示评分偏差。"
    ) | board_of(request.actor, evaluation) | {"breadcrumb": crumbs(evaluation, "评标监督")})


def board_of(actor: Actor, evaluation: Evaluation) -> dict:
    """Return what the board shows to this actor: seats of his own venue, progress of all, never a score."""
    lines = queries.board(evaluation)
    wanted = committee_size(evaluation.lot)
    is_ready = len(lines) == wanted and all(line.tone == "success" for line in lines)
    is_centre = actor.role == Role.CENTRE
    return {
        "lines": lines, "wanted": wanted, "present": len(lines),
        # Once the report is signed the seats are free again: an empty plan would say that nobody came.
        "venues": queries.seats_at(evaluation, actor) if is_centre and not evaluation.finished_at else [],
        "is_checking_in": evaluation.state == State.CHECK_IN, "is_ready": is_ready,
        "is_main": is_centre and queries.is_main_venue(evaluation.lot, actor),
        "deviations": queries.deviation_board(evaluation) if actor.role == Role.SUPERVISOR else [],
        "is_scored": actor.role == Role.SUPERVISOR and queries.is_scored(evaluation),
    }
