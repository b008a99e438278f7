"""Pages of remote evaluation: ordering venues, answering offers, statistics."""

from io import BytesIO

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from openpyxl import Workbook

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.places.venues import queries as venues
from gongheng.places.venues.models import Centre
from gongheng.places.venues.rules import choose_seats
from gongheng.trading.coordination import actions, queries
from gongheng.trading.coordination.forms import OrderForm, ReasonForm, SeatsForm
from gongheng.trading.coordination.lifecycle import OfferState
from gongheng.trading.coordination.models import Offer, VenueOrder
from gongheng.trading.projects.queries import conducted_by, is_host
from gongheng.ui.pages import page

_HOSTS = (Role.AGENCY, Role.TENDERER)
_CRUMBS = ({"label": "远程异地评标协调", "url": "/coordination/"},)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page("coordination.list", *_HOSTS, Role.CENTRE, Role.SUPERVISOR)
def orders(request: HttpRequest) -> HttpResponse:
    """A centre's inbox of offers; a host's or supervisor's orders."""
    now = settings.CLOCK.now()
    shown = Paginator(queries.visible_to(request.actor), 20).get_page(request.GET.get("page"))
    return render(request, "coordination/list.html", {
        "heading": "远程异地评标协调",
        "subtitle": "招标人或代理机构发起要约，主场先确认席位，副场随后确认；任何一方拒绝或逾期，要约单即不通过。",
        "page_of": shown,
        "orders": [{"order": one, "tone": queries.TONES[one.state], "venues": _venues(one)} for one in shown],
        "is_centre": request.actor.role == Role.CENTRE,
        "offers": [
            {"offer": one, "tone": queries.TONES[one.state]}
            for one in queries.offers_visible_to(request.actor).filter(state=OfferState.SENT).order_by("confirm_by")
        ],
        "lots": queries.lots_to_order(request.actor) if request.actor.role in _HOSTS else [],
        "now": now,
    })


@page("coordination.order", *_HOSTS, methods=("GET", "POST"), signed=True)
def order(request: HttpRequest, pk) -> HttpResponse:
    """Ask a main venue and sub venues for seats."""
    lot = get_object_or_404(conducted_by(request.actor), pk=pk)
    main = venues.centre_in(lot.place_region)
    others = Centre.objects.exclude(pk=main.pk if main else None).select_related("organisation")
    form = OrderForm(request.POST or None, centres=others, initial={"main_seats": 3, "sub_seats": 2})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.request_venues(
                lot, starts_at=data["starts_at"], ends_at=data["ends_at"], main_seats=data["main_seats"],
                sub_venues=form.sub_venues(), contact=data["contact"], phone=data["phone"],
                actor=request.actor, clock=settings.CLOCK,
            )
        except Refusal as refusal:
            if refusal.field not in form.fields:
                raise
            form.add_error(refusal.field, f"{refusal.message}（规则 {refusal.rule}）")
        else:
            messages.success(request, f"要约单 {made.number} 已发起，等待主场确认。")
            return redirect("coordination:detail", made.pk)
    return render(request, "coordination/order.html", {
        "heading": "预约评标场地",
        "pretitle": lot.code, "breadcrumb": [*_CRUMBS, {"label": "预约评标场地"}],
        "subtitle": f"{lot.full_name}：主场为交易发生地的交易中心，副场须在其他城市。",
        "lot": lot, "main": main, "form": form,
        "capacity": [
            {"centre": one, "seats": one.seat_count} for one in venues.with_capacity()
        ],
    })


@page("coordination.detail", *_HOSTS, Role.CENTRE, Role.SUPERVISOR)
def detail(request: HttpRequest, pk) -> HttpResponse:
    """One order: what each venue answered; hosts may cancel it."""
    thing = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    now = settings.CLOCK.now()
    refusal = thing.lifecycle.refusal(thing, "cancel", request.actor.role, now)
    may_cancel = is_host(thing.lot, request.actor) and refusal is None
    return render(request, "coordination/detail.html", {
        "heading": f"要约单 {thing.number}",
        "pretitle": thing.lot.code, "breadcrumb": [*_CRUMBS, {"label": "要约单"}],
        "subtitle": thing.lot.full_name,
        "order": thing, "tone": queries.TONES[thing.state],
        "offers": [_row(one, request.actor) for one in _sorted(thing)],
        "reason_form": ReasonForm() if may_cancel else None,
        "subject": f"venue_order:{thing.pk}",
    })


@page("coordination.cancel", *_HOSTS, methods=("POST",), signed=True)
def cancel(request: HttpRequest, pk) -> HttpResponse:
    thing = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    actions.cancel_order(thing, reason=request.POST.get("reason", ""), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "要约单已取消，席位已释放。")
    return redirect("coordination:detail", thing.pk)


@page("coordination.offer", Role.CENTRE)
def offer(request: HttpRequest, pk) -> HttpResponse:
    """One offer to this centre: pick seats on the plan of free seats, or refuse with a reason."""
    thing = get_object_or_404(queries.offers_visible_to(request.actor), pk=pk)
    window = (thing.order.starts_at, thing.order.ends_at)
    is_open = thing.lifecycle.refusal(thing, "confirm", request.actor.role, settings.CLOCK.now()) is None
    free = venues.free_seats(thing.centre, *window)
    enough = sum(map(len, free.values())) >= thing.seats_wanted
    return render(request, "coordination/offer.html", {
        "heading": f"要约 {thing.order.number}",
        "pretitle": thing.order.lot.code, "breadcrumb": [*_CRUMBS, {"label": "答复要约"}],
        "subtitle": f"{thing.order.lot.full_name}：{_kind(thing)}，需 {thing.seats_wanted} 个席位。",
        "offer": thing, "order": thing.order, "tone": queries.TONES[thing.state],
        "is_open": is_open, "is_enough": enough,
        "rooms": venues.rooms_with_use(thing.centre, *window) if is_open else [],
        "proposed": choose_seats(free, thing.seats_wanted) if is_open and enough else [],
        "seats": queries.seats_of(thing),
        "reason_form": ReasonForm() if is_open else None,
        "subject": f"offer:{thing.pk}",
    })


@page("coordination.confirm", Role.CENTRE, methods=("POST",), signed=True)
def confirm(request: HttpRequest, pk) -> HttpResponse:
    thing = get_object_or_404(queries.offers_visible_to(request.actor), pk=pk)
    form = SeatsForm(request.POST, centre=thing.centre)
    if not form.is_valid():
        raise Refusal("SEATS", f"请在席位图上选择{thing.seats_wanted}个本中心的空闲席位。", "seats")
    actions.confirm_offer(thing, seats=list(form.cleaned_data["seats"]), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "要约已确认，席位已预留。")
    return redirect("coordination:offer", thing.pk)


@page("coordination.refuse", Role.CENTRE, methods=("POST",), signed=True)
def refuse(request: HttpRequest, pk) -> HttpResponse:
    thing = get_object_or_404(queries.offers_visible_to(request.actor), pk=pk)
    actions.refuse_offer(thing, reason=request.POST.get("reason", ""), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已拒绝要约，发起方将收到您填写的理由。")
    return redirect("coordination:offer", thing.pk)


@page("coordination.statistics", Role.CENTRE, Role.SUPERVISOR)
def statistics(request: HttpRequest) -> HttpResponse:
    """Offers of every centre by outcome, as a chart, a table and a spreadsheet."""
    rows = queries.statistics()
    if request.GET.get("format") == "xlsx":
        return _spreadsheet(rows)
    return render(request, "coordination/statistics.html", {
        "heading": "要约统计", "breadcrumb": [*_CRUMBS, {"label": "要约统计"}],
        "subtitle": "各交易中心收到的要约及其答复情况，按月报送时导出。",
        "rows": rows,
        "total": {name: sum(row[name] for row in rows) for name in ("sent", "confirmed", "refused", "expired")},
        "chart": _chart(rows),
    })


_COLUMNS = (
    ("交易中心", "centre"), ("收到", "sent"), ("确认", "confirmed"), ("拒绝", "refused"), ("逾期", "expired"),
    ("取消", "cancelled"), ("待答复", "waiting"), ("平均答复时间（分钟）", "mean_minutes"),
)


def _spreadsheet(rows: list[dict]) -> HttpResponse:
    book = Workbook()
    sheet = book.active
    sheet.title = "要约统计"
    sheet.append([title for title, _ in _COLUMNS])
    for row in rows:
        sheet.append([row[name] for _, name in _COLUMNS])
    sheet.freeze_panes = "A2"
    sheet.column_dimensions["A"].width = 24
    out = BytesIO()
    book.save(out)
    return HttpResponse(
        out.getvalue(), content_type=XLSX,
        headers={"Content-Disposition": "attachment; filename*=UTF-8''%E8%A6%81%E7%BA%A6%E7%BB%9F%E8%AE%A1.xlsx"},
    )


def _chart(rows: list[dict]) -> dict:
    kinds = (  # the colours of the states' badges
        ("确认", "confirmed", "#3f8f6b"), ("拒绝", "refused", "#a5221c"), ("逾期", "expired", "#c98a1b"),
        ("待答复", "waiting", "#5b7fb5"), ("取消", "cancelled", "#9aa5ad"),
    )
    return {
        "grid": {"left": 8, "right": 8, "top": 36, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0},
        "xAxis": {
            "type": "category", "data": [row["centre"] for row in rows],
            "axisLabel": {"interval": 0, "rotate": 40 if len(rows) > 8 else 0},
        },
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [
            {"type": "bar", "stack": "offers", "name": title, "color": colour, "data": [row[name] for row in rows]}
            for title, name, colour in kinds
        ],
    }


def _sorted(thing: VenueOrder) -> list[Offer]:
    return sorted(thing.offers.all(), key=lambda one: not one.is_main)


def _venues(thing: VenueOrder) -> str:
    return "、".join(
        f"{one.centre.short_name}{'（主场）' if one.is_main else ''}{one.seats_wanted}席" for one in _sorted(thing)
    )


def _kind(one: Offer) -> str:
    return "主场" if one.is_main else "副场"


def _row(one: Offer, actor) -> dict:
    # Seat numbers are for the venue that holds them: whoever knows them knows where a committee sits.
    is_own = actor.organisation == str(one.centre.organisation_id)
    return {
        "offer": one, "tone": queries.TONES[one.state], "kind": _kind(one),
        "seats": [f"{seat.room.name} {seat.number}" for seat in queries.seats_of(one)] if is_own else [],
        "is_own": is_own,
    }
