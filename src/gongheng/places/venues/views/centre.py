"""What a centre's staff keep: rooms, service hours, closed days, fees, and the plan of a day."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.kernel.calendar import day_of
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.places.venues import actions, queries, rules, schedule
from gongheng.places.venues.forms import ClosedDayForm, DayForm, FeeRuleForm, HoursForm, NewRoomForm, RoomForm
from gongheng.places.venues.models import Centre, ClosedDay, Room
from gongheng.ui.pages import page

_CRUMBS = ({"label": "场地席位", "url": "/venues/mine/"},)


@page("venues.mine", Role.CENTRE)
def mine(request: HttpRequest) -> HttpResponse:
    return redirect("venues:centre", _own(request).pk)


@page("venues.add_room", Role.CENTRE, methods=("POST",))
def add_room(request: HttpRequest) -> HttpResponse:
    own = _own(request)
    form = NewRoomForm(request.POST)
    if not form.is_valid():
        raise Refusal("ROOM", "请填写评标室名称、楼层、类型和1至40之间的席位数。")
    actions.add_room(own, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已新增评标室。")
    return redirect("venues:centre", own.pk)


@page("venues.room", Role.CENTRE, methods=("GET", "POST"))
def room(request: HttpRequest, pk) -> HttpResponse:
    """Change one room: its name, its kind, whether it is in use."""
    own = _own(request)
    thing = get_object_or_404(Room, pk=pk, centre=own)
    form = RoomForm(request.POST or None, initial={name: getattr(thing, name) for name in RoomForm.base_fields})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_room(thing, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        except Refusal as refusal:
            _show(form, refusal)
        else:
            messages.success(request, "评标室已变更。")
            return redirect("venues:centre", own.pk)
    return render(request, "venues/form.html", {
        "heading": thing.name, "breadcrumb": [*_CRUMBS, {"label": thing.name}],
        "subtitle": "有尚未结束的席位预留时，不能改变类型或停用。",
        "form": form,
    })


@page("venues.hours", Role.CENTRE, methods=("GET", "POST"))
def hours(request: HttpRequest) -> HttpResponse:
    """Service hours, and the days on which the centre takes no sessions."""
    own = _own(request)
    form = HoursForm(request.POST or None, initial=HoursForm.values_of(own))
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_hours(own, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        except Refusal as refusal:
            _show(form, refusal)
        else:
            messages.success(request, "服务时间已更新。")
            return redirect("venues:hours")
    return render(request, "venues/hours.html", {
        "heading": "服务时间与停止服务日", "breadcrumb": [*_CRUMBS, {"label": "服务时间"}],
        "subtitle": "评标场次只能在服务时间内开始；停止服务日不接受新的席位分配，已预留的场次不受影响。",
        "form": form, "closed_form": ClosedDayForm(),
        "closed_days": own.closed_days.filter(day__gte=day_of(settings.CLOCK.now())),
    })


@page("venues.close_day", Role.CENTRE, methods=("POST",))
def close_day(request: HttpRequest) -> HttpResponse:
    form = ClosedDayForm(request.POST)
    if not form.is_valid():
        raise Refusal("DAY", "请填写停止服务日期和原因。")
    actions.close_day(_own(request), **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已登记停止服务日。")
    return redirect("venues:hours")


@page("venues.reopen_day", Role.CENTRE, methods=("POST",))
def reopen_day(request: HttpRequest, pk) -> HttpResponse:
    closed = get_object_or_404(ClosedDay, pk=pk, centre=_own(request))
    actions.reopen_day(closed, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, f"{closed.day:%Y-%m-%d} 恢复服务。")
    return redirect("venues:hours")


@page("venues.fees", Role.CENTRE, methods=("GET", "POST"))
def fees(request: HttpRequest) -> HttpResponse:
    """What experts are paid, by the day from which it holds; a published row is never changed."""
    own, today = _own(request), day_of(settings.CLOCK.now())
    form = FeeRuleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_fee_rule(own, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        except Refusal as refusal:
            _show(form, refusal)
        else:
            messages.success(request, "劳务报酬标准已公布。")
            return redirect("venues:fees")
    return render(request, "venues/fees.html", {
        "heading": "劳务报酬标准", "breadcrumb": [*_CRUMBS, {"label": "劳务报酬标准"}],
        "subtitle": "自生效日期起执行并在共享目录公开；已公布的标准不能修改，调整时公布新的一条。",
        "form": form, "rules": own.fee_rules.all(), "current": queries.fee_rule(own, today),
    })


@page("venues.day", Role.CENTRE)
def day_plan(request: HttpRequest) -> HttpResponse:
    """One day of the centre: who sits where when, by session number and without names."""
    own = _own(request)
    form = DayForm(request.GET)
    day = (form.cleaned_data.get("day") if form.is_valid() else None) or day_of(settings.CLOCK.now())
    plan = queries.plan_day(own, day, settings.CLOCK.now())
    half_hours = schedule.slots(day, own.opens_at, own.closes_at, plan)
    for room in plan:
        for seat in room["seats"]:
            seat["line"] = schedule.line(seat["held"], half_hours)
    sessions = {number for room in plan for seat in room["seats"] for _, _, number in seat["held"]}
    closed_days = dict(own.closed_days.values_list("day", "reason"))
    return render(request, "venues/day.html", {
        "heading": f"日排程 {day:%Y-%m-%d}", "breadcrumb": [*_CRUMBS, {"label": "日排程"}],
        "subtitle": f"{own}：各席位的预留时段，同一编号为同一场次。",
        "day_form": DayForm(initial={"day": day}),
        "closed": rules.why_closed(day, weekdays=own.weekdays, closed_days=closed_days),
        "plan": plan, "heads": schedule.heads(half_hours), "columns": len(half_hours) + 1,
        "sessions": len(sessions),
        "held": sum(bool(seat["held"]) for room in plan for seat in room["seats"]),
        "ready": sum(seat["is_fit"] for room in plan for seat in room["seats"]),
        "chart": schedule.curve(plan, half_hours),
    })


def _own(request: HttpRequest) -> Centre:
    own = queries.centre_of(request.actor)
    if own is None:
        raise Http404
    return own


def _show(form, refusal: Refusal) -> None:
    """Show a refusal at its field, or above the form when it has none there."""
    form.add_error(refusal.field if refusal.field in form.fields else None, f"{refusal.message}（规则 {refusal.rule}）")
