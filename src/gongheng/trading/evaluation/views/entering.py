"""The way into an evaluation: which page is a member's next, and waiting for the others (评标室)."""

import hmac
import json
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from gongheng.crypto.canonical import b64
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.people.identity.sessions import session_digest
from gongheng.trading.evaluation import queries
from gongheng.trading.evaluation.actions import drafting, turning
from gongheng.trading.evaluation.drafting import changes_of
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Ballot, CompetitionVote, Evaluation, Member, ReportSignature
from gongheng.ui.pages import page

STEPS = ("席位签到", "推选组长", "初步评审", "技术评分", "汇总结果", "签署报告")
_STEP_OF = {
    State.CHECK_IN: 0, State.ELECTING: 1, State.PRELIMINARY: 2, State.COMPETITION: 2, State.TECHNICAL: 3,
    State.RESULT: 4, State.SIGNING: 5, State.DONE: 6, State.FAILED: 6, State.DISSOLVED: 6,
}


def seat(request: HttpRequest, pk) -> Member:
    """Return the actor's own place in the committee; 404 for everybody else."""
    evaluation = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    member = queries.member_of(evaluation, request.actor)
    if member is None:
        raise Http404
    if not queries.is_at_seat(member, session_digest(request)):
        raise Refusal(
            "SEAT-DEVICE", "本次登录尚未由您的席位设备验证，请在席位电脑上验证后继续；已保存的内容不会丢失。",
            remedy_at=reverse("evaluation:check-in", args=[pk]),
        )
    return member


def frame(evaluation: Evaluation, heading: str, subtitle: str) -> dict:
    """Return what every page of the committee shows around its work."""
    lot = evaluation.lot
    return {
        "evaluation": evaluation, "lot": lot, "heading": heading, "subtitle": subtitle, "steps": STEPS,
        "step": _STEP_OF[evaluation.state], "pretitle": f"{lot.tender_project.name}（{lot.name}）",
        "breadcrumb": [{"label": "我的评标", "url": "/desk/"}, {"label": heading}], "is_held": lot.is_held(),
    }


def keeper(member: Member, form: str = "", revisions: dict[str, int] | None = None) -> dict:
    """Return what the island that keeps drafts needs; the key encrypts what waits in this browser, and only that."""
    return {
        "form": form, "revisions": json.dumps(revisions or {}),
        "key": b64(hmac.digest(settings.KEYRING.secret("drafts"), member.pk.bytes, "sm3")),
        "onward": reverse("evaluation:room", args=[member.evaluation_id]),
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
        "is_failed": evaluation.state == State.FAILED, "is_dissolved": evaluation.state == State.DISSOLVED,
    }
    template = "evaluation/waiting.html" if "HX-Request" in request.headers else "evaluation/wait.html"
    return render(request, template, context)


@page("evaluation.pulse", Role.EXPERT, methods=("POST",), is_api=True)
def pulse(request: HttpRequest, pk) -> HttpResponse:
    """Hear a seat's heartbeat with what was typed since; answer with what stands (心跳与自动保存).

    One call does both, so that a link that is back brings the sheet up to date with its first heartbeat.
    """
    member = seat(request, pk)
    sent = _sent(request)
    form, known = sent["form"], sent["revisions"]
    drafting.feel_pulse(member, actor=request.actor, clock=settings.CLOCK)
    problems, refusal, changes = {}, None, changes_of(sent["changes"])
    if changes:
        try:
            problems = drafting.keep_drafts(
                member, form=form, window=sent["window"], changes=changes, actor=request.actor, clock=settings.CLOCK
            )
        except Refusal as refused:
            refusal = {"rule": refused.rule, "message": refused.message}
    evaluation = queries.visible_to(request.actor).get(pk=pk)
    answered = {change.field for change in changes}
    return JsonResponse({
        "phase": evaluation.state, "is_held": evaluation.lot.is_held(), "problems": problems, "refusal": refusal,
        "fields": {
            row.field: {"revision": row.revision, "window": row.window, "text": row.text}
            for row in (member.drafts.filter(form=form) if form else ())
            if row.field in answered or known.get(row.field) != row.revision
        },
    })


@page("evaluation.turns", Role.EXPERT, methods=("POST",), is_api=True)
def turns(request: HttpRequest, pk) -> HttpResponse:
    """Hear how long each page lay open since the last report (逐页阅看)."""
    member = seat(request, pk)
    try:
        sent = json.loads(request.body)
        form, rows = sent["form"], sent["turns"]
    except (ValueError, KeyError, TypeError):
        form, rows = None, None
    if not isinstance(form, str):
        raise Refusal("TURNS", "阅看记录的格式不正确，请刷新页面。")
    taken = turning.note_turns(member, form=form, turns=turning.turns_of(rows), clock=settings.CLOCK)
    return JsonResponse({"seconds": taken})


def _sent(request: HttpRequest) -> dict:
    """Read a heartbeat: {window, form, revisions: {field: number}, changes: […]}."""
    try:
        sent = json.loads(request.body)
        window = str(UUID(sent["window"]))
        is_good = isinstance(sent["form"], str) and len(sent["form"]) <= 60 and isinstance(sent["revisions"], dict)
        changes = sent["changes"]
    except (ValueError, KeyError, TypeError, AttributeError):
        is_good = False
    if not is_good:
        raise Refusal("DRAFT", "心跳的内容格式不正确，请刷新页面。")
    return {"window": window, "form": sent["form"], "revisions": sent["revisions"], "changes": changes}
