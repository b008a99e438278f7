"""The radar of the trade and its monthly report (交易雷达): figures of a year, each leading to its tenders."""

from datetime import date, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.followers.analytics import actions, figures, printing, queries, radar, yearbook
from gongheng.followers.analytics.forms import PeriodForm
from gongheng.followers.analytics.views.tender import CRUMBS
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trust.documents import store
from gongheng.ui.pages import page

_SHOWN = 12


@page("analytics.radar", Role.SUPERVISOR)
def overview(request: HttpRequest) -> HttpResponse:
    """Show the last twelve months, and the month to come."""
    now = settings.CLOCK.now()
    deals = queries.deals(request.actor, now - timedelta(days=730), now)
    year = [one for one in deals if one.opened_at > now - timedelta(days=365)]
    whole = printing.whole_months(now)
    turnover, savings = radar.turnover(deals, whole), radar.savings(year)
    forecast, months = radar.forecast(turnover), queries.months(request.actor)
    reckoned = queries.trade_year(request.actor)
    told = reckoned.result if reckoned else {"groups": [], "losers": [], "divisions": []}
    return render(request, "analytics/radar.html", {
        "heading": "交易雷达", "breadcrumb": [*CRUMBS, {"label": "交易雷达"}],
        "subtitle": "最近十二个月；样本不足的一律不列，各项均为统计现象，不是认定。",
        "count": len(year), "bids": sum(len(one.offers) for one in year),
        "reckoned": reckoned, "unreckoned": "" if reckoned else "尚未计算，今夜筛查之后显示", "groups": [
            one | {
                "query": "+".join(one["firms"]),
                "members": zip(one["firms"], one["names"], one["wins"], strict=True),
            } for one in told["groups"]
        ],
        "losers": told["losers"][:_SHOWN], "divisions": [
            one | {"members": zip(one["firms"], one["names"], strict=True)} for one in told["divisions"][:_SHOWN]
        ],
        "concentrations": [
            (title, [(row, printing.place(row.label) if field == "city" else row.label) for row in
                     radar.concentrations(year, field)[:_SHOWN]])
            for title, field in (("招标人", "buyer"), ("代理机构", "agency"), ("地区", "city"))
        ],
        "outsiders": [
            {"place": printing.place(city), "city": city, "bids": bids, "from_outside": outside,
             "awards": awards, "to_outside": won,
             "share": f"{100 * won / awards:.0f}%" if awards else "—"}
            for city, bids, outside, awards, won in radar.outsiders(year)
        ],
        "savings": [(month, f"{100 * share:.1f}%", number) for month, share, number in savings],
        "savings_chart": figures.savings(savings) if savings else None,
        "turnover": [(month, value / 10_000) for month, value in turnover[-12:]], "forecast": forecast,
        "turnover_chart": figures.turnover(turnover, forecast) if turnover else None,
        "limits": radar, "reports": queries.reports_visible_to(request.actor)[:_SHOWN],
        "months": [f"{one:%Y-%m}" for one in months if one <= whole][:_SHOWN],
        "years": sorted({one.year for one in months if one.year <= yearbook.whole_years(now)}, reverse=True),
    })


@page("analytics.make_report", Role.SUPERVISOR, methods=("POST",))
def make_report(request: HttpRequest) -> HttpResponse:
    """Issue the report of one whole month or year (监测月报、年报)."""
    form = PeriodForm(request.POST)
    if not form.is_valid():
        raise Refusal("MONTH", "请选择要出具报告的月份或年份。", "month")
    year, _, month = form.cleaned_data["month"].partition("-")
    if month:
        actions.issue_report(date(int(year), int(month), 1), actor=request.actor, clock=settings.CLOCK)
    else:
        actions.issue_yearbook(int(year), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, f"{'月报' if month else '年报'}已出具并存证。")
    return redirect("analytics:radar")


@page("analytics.report", Role.SUPERVISOR)
def report(request: HttpRequest, pk) -> FileResponse:
    """Download one report."""
    thing = get_object_or_404(queries.reports_visible_to(request.actor), pk=pk)
    return FileResponse(
        store.open(thing.document.digest), content_type="application/pdf", filename=f"{thing.document.title}.pdf"
    )
