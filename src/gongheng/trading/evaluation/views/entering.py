"""The way into an evaluation: which page is a member's next, and waiting for the others (评标室)."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from gongheng.kernel.roles import Role
from gongheng.trading.evaluation import queries
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Ballot, CompetitionVote, Evaluation, Member, ReportSignature
from gongheng.ui.pages import page

STEPS = ("席位签到", "推选组长", "初步评审", "技术评分", "汇总结果", "签署报告")
_STEP_OF = {
    State.CHECK_IN: 0, State.ELECTING: 1, State.PRELIMINARY: 2, State.COMPETITION: 2, State.TECHNICAL: 3,
    State.RESULT: 4, State.SIGNING: 5, State.DONE: 6, State.FAILED: 6,
}


def seat(request: HttpRequest, pk) -> Member:
    """Return the actor's own place in the committee; 404 for everybody else."""
    evaluation = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    member = queries.member_of(evaluation, request.actor)
    if member is None:
        raise Http404
    return member


def frame(evaluation: Evaluation, heading: str, subtitle: str) -> dict:
    """Return what every page of the committee shows around its work."""
    lot = evaluation.lot
    return {
        "evaluation": evaluation, "lot": lot, "heading": heading, "subtitle": subtitle, "steps": STEPS,
        "step": _STEP_OF[evaluation.state], "pretitle": f"{lot.tender_project.name}（{lot.name}）",
        "breadcrumb": [{"label": "我的评标", "url": "/desk/"}, {"label": heading}], "is_held": lot.is_held(),
    }


def crumbs(evaluation: Evaluation, here: str) -> list[dict]:
    """Return the way back for those who come from the lot's page."""
    lot = evaluation.lot
    return [{"label": "工作台", "url": "/desk/"}, {"label": lot.name, "url": f"/lots/{lot.pk}/"}, {"label": here}]


def next_page(evaluation: Evaluation, member: Member | None) -> str:
    """Return the name of the page where the member's next work is."""
    if member is None:
        return "check-in"
    match evaluation.state:
        case State.CHECK_IN if member.promised_at is None:
            return "promise"
        case State.ELECTING if not Ballot.objects.filter(voter=member, round=evaluation.ballot_round).exists():
            return "leader"
        case State.PRELIMINARY if member.preliminary_locked_at is None:
            return "preliminary"
        case State.COMPETITION if not CompetitionVote.objects.filter(member=member).exists():
            return "competition"
        case State.TECHNICAL if member.technical_locked_at is None:
            return "technical"
        case State.RESULT | State.DONE:
            return "result"
        case State.SIGNING:
            return "result" if ReportSignature.objects.filter(member=member).exists() else "sign"
        case _:
            return "wait"


@page("evaluation.room", Role.EXPERT)
def room(request: HttpRequest, pk) -> HttpResponse:
    """Lead the expert to his next work."""
    evaluation = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    member = queries.member_of(evaluation, request.actor)
    return redirect(f"evaluation:{next_page(evaluation, member)}", pk)


@page("evaluation.wait", Role.EXPERT)
def wait(request: HttpRequest, pk) -> HttpResponse:
    """Wait for the other members; as soon as there is work, the page leads there by itself."""
    member = seat(request, pk)
    evaluation = member.evaluation
    onward = next_page(evaluation, member)
    if "HX-Request" in request.headers and onward != "wait":
        return HttpResponse(headers={"HX-Redirect": reverse(f"evaluation:{onward}", args=[pk])})
    context = frame(evaluation, "等待其他评委", "您的本步骤工作已经完成，全部评委完成后自动进入下一步。") | {
        "lines": queries.board(evaluation), "own": member, "has_work": onward != "wait",
        "is_failed": evaluation.state == State.FAILED,
    }
    template = "evaluation/waiting.html" if "HX-Request" in request.headers else "evaluation/wait.html"
    return render(request, template, context)
