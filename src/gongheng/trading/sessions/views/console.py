"""The console of each venue (会场控制台): one look tells who is there, what runs and what is wrong."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.kernel.roles import Actor, Role
from gongheng.places.meetings.queries import meeting_for
from gongheng.trading.evaluation.actions.sitting import DOORS
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.queries import ENDED, confirmed_order, is_main_venue
from gongheng.trading.evaluation.views.entering import STEPS, frame
from gongheng.trading.evaluation.views.watching import board_of
from gongheng.trading.projects.models import Lot
from gongheng.trading.sessions import queries
from gongheng.trading.sessions.actions import running
from gongheng.trading.sessions.lifecycle import SessionState
from gongheng.trading.sessions.models import Session
from gongheng.ui.pages import page


@page("sessions.list", Role.CENTRE, Role.SUPERVISOR)
def sessions(request: HttpRequest) -> HttpResponse:
    """The sessions at one's venues or under one's supervision, newest first."""
    shown = Paginator(queries.visible_to(request.actor), 20).get_page(request.GET.get("page"))
    return render(request, "sessions/list.html", {
        "heading": "评标场次", "subtitle": "远程异地评标的运行、突发情况、资料移交和劳务费。", "page_of": shown,
        "rows": [
            {"session": one, "tone": queries.TONES[one.state], "open": queries.open_incidents(one).count()}
            for one in shown
        ],
        "is_centre": request.actor.role == Role.CENTRE,
    })


@page("sessions.console", Role.CENTRE)
def console(request: HttpRequest, lot) -> HttpResponse:
    """Run the session as main venue, or witness it as sub venue."""
    lot = lot_at(request, lot)
    session, order = queries.session_of(lot), confirmed_order(lot)
    is_main = is_main_venue(lot, request.actor)
    context = {
        "lot": lot, "order": order, "session": session, "is_main": is_main, "opens_at": order.starts_at - DOORS,
        "heading": "会场控制台（主场）" if is_main else "会场控制台（副场）",
        "pretitle": f"{lot.tender_project.name}（{lot.name}）",
        "subtitle": "主场启动、暂停、结束评标；副场核验本场专家、保障席位、见证全程并及时登记突发情况。",
        "breadcrumb": [
            {"label": "工作台", "url": "/desk/"}, {"label": "评标场次", "url": "/sessions/"}, {"label": lot.name},
        ],
        "venues": [
            {"name": one.centre.short_name, "is_main": one.is_main, "wanted": one.seats_wanted}
            for one in order.offers.filter(state="confirmed").select_related("centre").order_by("-is_main")
        ],
        "has_started": session is not None and session.evaluation is not None,
    }
    if session is not None:
        context |= live_part(session, request.actor)
    return render(request, "sessions/console.html", context)


@page("sessions.live", Role.CENTRE, Role.SUPERVISOR)
def live(request: HttpRequest, pk) -> HttpResponse:
    """The part of the console that changes by itself."""
    session = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    return render(request, "sessions/live.html", {"session": session} | live_part(session, request.actor))


@page("sessions.start", Role.CENTRE, methods=("POST",), signed=True)
def start(request: HttpRequest, lot) -> HttpResponse:
    """Start the session; check-in opens at all venues."""
    lot = lot_at(request, lot)
    running.start_session(lot, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "评标已启动，各会场开始核验签到。")
    return redirect("sessions:console", lot.pk)


@page("sessions.begin", Role.CENTRE, methods=("POST",), signed=True)
def begin(request: HttpRequest, pk) -> HttpResponse:
    """Let the committee begin once everybody sits and has promised."""
    session = get_object_or_404(queries.visible_to(request.actor).exclude(evaluation=None), pk=pk)
    running.begin_evaluation(session, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "评标委员会到齐，评标开始。")
    return redirect("sessions:console", session.lot_id)


@page("sessions.end", Role.CENTRE, methods=("POST",), signed=True)
def end(request: HttpRequest, pk) -> HttpResponse:
    """End the session after the last signature."""
    session = get_object_or_404(queries.visible_to(request.actor).exclude(evaluation=None), pk=pk)
    running.end_session(session, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "评标场次已结束。请副场5个工作日内移交资料，各会场确认劳务费。")
    return redirect("sessions:console", session.lot_id)


def lot_at(request: HttpRequest, pk) -> Lot:
    """Return a lot for whose session the actor's centre is a confirmed venue."""
    lot = queries.lots_at(request.actor).filter(pk=pk).first()
    if lot is None:
        raise Http404
    return lot


def live_part(session: Session, actor: Actor) -> dict:
    """Return what the console shows of a session: board, links, incidents, what happened."""
    now, evaluation, lot = settings.CLOCK.now(), session.evaluation, session.lot
    members = queries.members_with_presence(evaluation, now) if evaluation else []
    for row in members:
        row["is_own"] = str(row["member"].centre.organisation_id) == actor.organisation
    own = [row for row in members if row["is_own"]]
    context = {
        "lot": lot, "is_main": is_main_venue(lot, actor), "tone": queries.TONES[session.state], "now": now,
        "links": members, "silent": sum(row["is_silent"] for row in members), "own_present": len(own),
        "is_working": evaluation is not None and evaluation.state not in (*ENDED, State.DISSOLVED),
        "can_end": session.state == SessionState.RUNNING and evaluation.state in ENDED,
        "is_over": session.ended_at is not None,
        "meeting": meeting_for(session.room) if session.room else None,
        "incidents": [
            {"incident": one, "tone": queries.TONES[one.state]} for one in queries.open_incidents(session)
        ],
        "papers": queries.papers_of(session), "events": queries.timeline_of(session),
    }
    if evaluation is not None:
        shown = frame(evaluation, "", "")
        context |= {"steps": STEPS, "step": shown["step"], "evaluation": evaluation, "is_held": shown["is_held"]}
        context |= board_of(actor, evaluation)
        context["committee"] = f"应到 {context['wanted']} 人，本场 {context['own_present']} 人"
    return context
