"""What everybody may see: the shared catalogue of seats, and one centre with its rooms (工位共享目录)."""

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from gongheng.kernel.calendar import day_of
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.roles import Role
from gongheng.places.venues import export, queries
from gongheng.places.venues.forms import CityForm, DayForm, NewRoomForm
from gongheng.ui.pages import page

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILE = "attachment; filename*=UTF-8''%E5%B7%A5%E4%BD%8D%E5%85%B1%E4%BA%AB%E7%9B%AE%E5%BD%95.xlsx"


@page("venues.list", Role.PUBLIC)
def centres(request: HttpRequest) -> HttpResponse:
    """The shared catalogue: rooms, seats, hours and fees of every centre, as a page and a spreadsheet."""
    form = CityForm(request.GET)
    rows = queries.catalogue(form.cleaned_data["city"] if form.is_valid() else "", day_of(settings.CLOCK.now()))
    if request.GET.get("format") == "xlsx":
        return HttpResponse(export.workbook(rows), content_type=_XLSX, headers={"Content-Disposition": _FILE})
    return render(request, "venues/list.html", {
        "heading": "评标场所工位共享目录",
        "subtitle": "省、市两级公共资源交易中心可用于远程异地评标的评标室与席位、服务时间和劳务报酬标准。",
        "form": form, "rows": rows, "mixed_text": f"其中混合评标室 {sum(row['centre'].mixed_count for row in rows)} 间",
        "total": {
            name: sum(getattr(row["centre"], f"{name}_count") for row in rows)
            for name in ("room", "total", "seat")
        },
    })


@page("venues.centre", Role.PUBLIC)
def centre(request: HttpRequest, pk) -> HttpResponse:
    """One centre; its own staff see the health of its seats at a glance and lead on to what they keep."""
    thing = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    is_own = request.actor.role == Role.CENTRE and request.actor.organisation == str(thing.organisation_id)
    form = DayForm(request.GET)
    now = settings.CLOCK.now()
    day = (form.cleaned_data.get("day") if form.is_valid() else None) or day_of(now)
    starts_at = datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
    health = queries.health(thing) if is_own else []
    return render(request, "venues/centre.html", {
        "heading": str(thing),
        "subtitle": "评标室、席位及其使用情况。",
        "centre": thing, "row": queries.catalogue_row(thing, queries.fee_rule(thing, day_of(now))),
        "day": day,
        "day_form": DayForm(initial={"day": day}),
        "rooms": queries.rooms_with_use(thing, starts_at, starts_at + timedelta(days=1), now),
        "is_own": is_own,
        "health": health,
        "counts": queries.count_health(health),
        "room_form": NewRoomForm(),
    })
