"""The public list of centres, and a centre's own rooms and seats."""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.places.venues import actions, queries
from gongheng.places.venues.forms import DayForm, FaultForm, RoomForm
from gongheng.places.venues.models import Seat
from gongheng.ui.pages import page


@page("venues.list", Role.PUBLIC)
def centres(request: HttpRequest) -> HttpResponse:
    return render(request, "venues/list.html", {
        "heading": "交易中心与评标场地",
        "subtitle": "省、市两级公共资源交易中心可用于远程异地评标的评标室与席位。",
        "centres": queries.with_capacity(),
    })


@page("venues.centre", Role.PUBLIC)
def centre(request: HttpRequest, pk) -> HttpResponse:
    """One centre; its own staff see the seats of a day and can report a fault."""
    thing = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    is_own = request.actor.role == Role.CENTRE and request.actor.organisation == str(thing.organisation_id)
    form = DayForm(request.GET)
    day = form.cleaned_data.get("day") if form.is_valid() else None
    day = day or settings.CLOCK.now().astimezone(SHANGHAI).date()
    starts_at = datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
    return render(request, "venues/centre.html", {
        "heading": str(thing),
        "subtitle": "评标室、席位及其使用情况。",
        "centre": thing,
        "pairs": [("地址", thing.address), ("电话", thing.phone)],
        "day": day,
        "day_form": DayForm(initial={"day": day}),
        "rooms": queries.rooms_with_use(thing, starts_at, starts_at + timedelta(days=1)),
        "is_own": is_own,
        "room_form": RoomForm(),
    })


@page("venues.mine", Role.CENTRE)
def mine(request: HttpRequest) -> HttpResponse:
    own = queries.centre_of(request.actor)
    if own is None:
        raise Http404
    return redirect("venues:centre", own.pk)


@page("venues.fault", Role.CENTRE, methods=("GET", "POST"))
def fault(request: HttpRequest, pk) -> HttpResponse:
    own = queries.centre_of(request.actor)
    seat = get_object_or_404(Seat.objects.select_related("room__centre"), pk=pk, room__centre=own)
    form = FaultForm(request.POST or None, initial={"fault": seat.fault})
    if request.method == "POST" and form.is_valid():
        actions.report_fault(seat, fault=form.cleaned_data["fault"], actor=request.actor, clock=settings.CLOCK)
        messages.success(request, "席位状态已更新。")
        return redirect("venues:centre", own.pk)
    return render(request, "venues/fault.html", {
        "heading": f"{seat.room.name} {seat.number} 号席位",
        "subtitle": "报修的席位不再参与席位分配。",
        "form": form,
    })


@page("venues.add_room", Role.CENTRE, methods=("POST",))
def add_room(request: HttpRequest) -> HttpResponse:
    own = queries.centre_of(request.actor)
    form = RoomForm(request.POST)
    if own is None:
        raise Http404
    if not form.is_valid():
        raise Refusal("ROOM", "请填写评标室名称、楼层和1至40之间的席位数。")
    actions.add_room(own, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已新增评标室。")
    return redirect("venues:centre", own.pk)
