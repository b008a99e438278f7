"""One seat: its parts, what staff wrote about it, its neighbours and its self-test program."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.places.venues import actions, queries
from gongheng.places.venues.forms import FaultForm, NeighboursForm
from gongheng.places.venues.models import Seat
from gongheng.ui.pages import page


@page("venues.seat", Role.CENTRE)
def seat(request: HttpRequest, pk) -> HttpResponse:
    return _shown(request, _find(request, pk))


@page("venues.fault", Role.CENTRE, methods=("GET", "POST"))
def fault(request: HttpRequest, pk) -> HttpResponse:
    thing = _find(request, pk)
    form = FaultForm(request.POST or None, initial={"fault": thing.fault})
    if request.method == "POST" and form.is_valid():
        actions.report_fault(thing, fault=form.cleaned_data["fault"], actor=request.actor, clock=settings.CLOCK)
        messages.success(request, "席位状态已更新。")
        return redirect("venues:seat", thing.pk)
    return render(request, "venues/form.html", {
        "heading": f"{thing.room.name} {thing.number} 号席位", "breadcrumb": _crumbs(thing),
        "subtitle": "报修的席位不再参与席位分配。",
        "form": form,
    })


@page("venues.neighbours", Role.CENTRE, methods=("POST",))
def neighbours(request: HttpRequest, pk) -> HttpResponse:
    thing = _find(request, pk)
    form = NeighboursForm(request.POST, seat=thing)
    if not form.is_valid():
        raise Refusal("NEIGHBOUR", "请选择本中心其他评标室的席位。", "neighbours")
    actions.link_seats(
        thing, neighbours=list(form.cleaned_data["neighbours"]), actor=request.actor, clock=settings.CLOCK
    )
    messages.success(request, "隔室相望的席位已登记。")
    return redirect("venues:seat", thing.pk)


@page("venues.invite", Role.CENTRE, methods=("POST",))
def invite(request: HttpRequest, pk) -> HttpResponse:
    """Make a one-time code and show it in this answer only; reloading the page does not bring it back."""
    thing = _find(request, pk)
    _, code = actions.invite_agent(thing, actor=request.actor, clock=settings.CLOCK)
    shown = _shown(request, thing, code="-".join(code[at : at + 4] for at in range(0, len(code), 4)))
    shown["Cache-Control"] = "no-store"
    return shown


@page("venues.revoke", Role.CENTRE, methods=("POST",))
def revoke(request: HttpRequest, pk) -> HttpResponse:
    thing = _find(request, pk)
    agent = queries.live_agent(thing)
    if agent is None:
        raise Http404
    actions.revoke_agent(agent, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "自检程序已吊销，该席位改按人工报修判断。")
    return redirect("venues:seat", thing.pk)


def _find(request: HttpRequest, pk) -> Seat:
    return get_object_or_404(queries.seats_visible_to(request.actor), pk=pk)


def _crumbs(thing: Seat) -> list[dict]:
    return [{"label": "场地席位", "url": "/venues/mine/"}, {"label": f"{thing.room.name} {thing.number} 号"}]


def _shown(request: HttpRequest, thing: Seat, code: str = "") -> HttpResponse:
    return render(request, "venues/seat.html", {
        "heading": f"{thing.room.name} {thing.number} 号席位", "breadcrumb": _crumbs(thing),
        "subtitle": "部件自检、报修、隔室相望席位和自检程序。",
        "seat": thing, "agent": queries.live_agent(thing), "code": code, "origin": settings.ORIGIN,
        "state": queries.state_of(thing), "parts": queries.parts_of(thing),
        "neighbours_form": NeighboursForm(
            seat=thing, initial={"neighbours": list(thing.neighbours.values_list("pk", flat=True))}
        ),
        "history": queries.history_of(thing),
    })
