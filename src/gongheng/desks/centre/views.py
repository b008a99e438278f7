"""A centre's desk: what waits, the sessions of today, the use of its seats (交易中心工作台)."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from gongheng.desks.centre.board import STATES, TONES, state_of
from gongheng.desks.centre.board import board as board_of
from gongheng.desks.portal.gathering import todos
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.roles import Role
from gongheng.places.venues import queries as venues
from gongheng.places.venues.models import Centre
from gongheng.trading.coordination import queries as coordination
from gongheng.trading.coordination.lifecycle import OfferState
from gongheng.ui.live import EVERYWHERE
from gongheng.ui.pages import page

#: How far ahead the chart of seats in use looks.
DAYS = 14


@page("centre.home", Role.CENTRE)
def home(request: HttpRequest) -> HttpResponse:
    now = settings.CLOCK.now()
    today = now.astimezone(SHANGHAI).date()
    centre = venues.with_capacity().filter(organisation=request.actor.organisation).first()
    sessions = list(coordination.sessions_of(request.actor, now).prefetch_related("order__lot__holds")[:50])
    waiting = coordination.offers_visible_to(request.actor).filter(state=OfferState.SENT).count()
    return render(request, "centre/home.html", {
        "heading": f"{centre.organisation.name}工作台" if centre else "交易中心工作台",
        "subtitle": "待办事项、今日评标场次和本中心席位的使用情况。",
        "todos": todos(request.actor, now),
        "sessions": [
            {"offer": one, "order": one.order, "kind": "主场" if one.is_main else "副场",
             "is_today": one.order.starts_at.astimezone(SHANGHAI).date() == today,
             "state": STATES[state], "tone": TONES[state]}
            for one in sessions for state in [state_of(one.order, now)]
        ],
        "is_hub": coordination.is_hub(request.actor),
        "today": sum(one.order.starts_at.astimezone(SHANGHAI).date() == today for one in sessions),
        "waiting": waiting, "seats": centre.seat_count if centre else 0,
        "chart": _occupancy(centre, now) if centre else None,
    })


@page("centre.board", Role.CENTRE, Role.SUPERVISOR)
def board(request: HttpRequest) -> HttpResponse:
    """The dispatch board (调度大屏), for the provincial centre and supervisors: it names lots of all venues."""
    return render(request, "centre/board.html", _board(request) | {"topic": EVERYWHERE})


@page("centre.board_now", Role.CENTRE, Role.SUPERVISOR)
def board_now(request: HttpRequest) -> HttpResponse:
    """The board's content, asked for again whenever something happened."""
    return render(request, "centre/board_now.html", _board(request))


def _board(request: HttpRequest) -> dict:
    if not coordination.is_hub(request.actor):
        raise Http404
    return board_of(settings.CLOCK.now())


def _occupancy(centre: Centre, now: datetime) -> dict:
    """Return the chart of how many seats are held on each coming day."""
    first = datetime.combine(now.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    days = [first + timedelta(days=number) for number in range(DAYS)]
    used = venues.seats_in_use(centre, [(day, day + timedelta(days=1)) for day in days])
    return {
        "grid": {"left": 8, "right": 8, "top": 16, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [f"{day:%m-%d}" for day in days]},
        "yAxis": {"type": "value", "minInterval": 1, "max": max(centre.seat_count, 1)},
        "series": [{"type": "bar", "name": "已预留席位", "data": used}],
    }
