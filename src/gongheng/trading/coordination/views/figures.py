"""Figures of quantity, quality and response: a page per month, a spreadsheet, and the monthly report."""

from datetime import date, datetime
from io import BytesIO
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from openpyxl import Workbook

from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trading.coordination import actions, queries
from gongheng.trading.coordination.forms import MonthForm
from gongheng.trading.coordination.printing import COUNTS, NOTES, RESPONSES
from gongheng.trading.coordination.queries import Tally
from gongheng.trading.coordination.views.orders import CRUMBS
from gongheng.trust.documents import store
from gongheng.ui.pages import page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What became of offers, in the colours of the states' badges.
_OUTCOMES = (
    ("确认", "confirmed", "#3f8f6b"), ("拒绝", "refused", "#a5221c"), ("逾期", "expired", "#c98a1b"),
    ("待答复", "waiting", "#5b7fb5"), ("确认后变更", "changed", "#7fa8a0"), ("确认后取消", "called_off", "#8a4f7d"),
    ("撤回", "withdrawn", "#9aa5ad"),
)


@page("coordination.statistics", Role.CENTRE, Role.SUPERVISOR)
def statistics(request: HttpRequest) -> HttpResponse:
    """Offers of every centre by outcome and response in a month, as charts, tables and a spreadsheet."""
    now = settings.CLOCK.now()
    month = queries.month_of(request.GET.get("month", ""), now)
    rows = queries.statistics(month)
    if request.GET.get("format") == "xlsx":
        return _spreadsheet(rows, month)
    return render(request, "coordination/statistics.html", {
        "heading": "要约统计", "breadcrumb": [*CRUMBS, {"label": "要约统计"}],
        "subtitle": "各交易中心收到的要约及其答复情况，按要约发出的月份统计。",
        "rows": [{"counts": _cells(row, COUNTS), "responses": _cells(row, RESPONSES), "centre": row.centre}
                 for row in rows],
        "total": queries.total_of(rows), "count_titles": _titles(COUNTS), "response_titles": _titles(RESPONSES),
        "months": [
            {"key": f"{one:%Y-%m}", "label": f"{one.year}年{one.month}月", "is_chosen": one == month}
            for one in queries.months(now)
        ],
        "is_all": month is None, "notes": NOTES,
        "outcomes": _outcomes(rows), "answers": _answers(rows), "is_hub": queries.is_hub(request.actor),
    })


@page("coordination.reports", Role.CENTRE, Role.SUPERVISOR)
def reports(request: HttpRequest) -> HttpResponse:
    """The monthly reports issued so far, and the months that one can be made for."""
    if not queries.is_hub(request.actor):
        raise Http404
    over = queries.months(settings.CLOCK.now())[1:]
    issued = list(queries.reports(request.actor))
    return render(request, "coordination/reports.html", {
        "heading": "要约统计月报", "breadcrumb": [*CRUMBS, {"label": "统计月报"}],
        "subtitle": "每月结束后出具，报送省级协调部门；出具后再有答复的，可再次出具，各次均留存。",
        "months": [
            {"key": f"{one:%Y-%m}", "label": f"{one.year}年{one.month}月",
             "is_made": any(report.month == one for report in issued)}
            for one in over
        ],
        "reports": [{"report": one, "label": f"{one.month.year}年{one.month.month}月"} for one in issued],
    })


@page("coordination.make_report", Role.CENTRE, Role.SUPERVISOR, methods=("POST",))
def make_report(request: HttpRequest) -> HttpResponse:
    form = MonthForm(request.POST)
    if not form.is_valid():
        raise Refusal("MONTH", "请选择要出具月报的月份。", "month")
    month = datetime.strptime(form.cleaned_data["month"], "%Y-%m").replace(tzinfo=SHANGHAI).date()
    actions.issue_report(month, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, f"{month.year}年{month.month}月月报已出具并存证。")
    return redirect("coordination:reports")


@page("coordination.report", Role.CENTRE, Role.SUPERVISOR)
def report(request: HttpRequest, pk) -> FileResponse:
    """Download one monthly report."""
    thing = get_object_or_404(queries.reports(request.actor), pk=pk)
    return FileResponse(
        store.open(thing.document.digest), content_type="application/pdf", filename=f"{thing.document.title}.pdf"
    )


def _titles(columns) -> str:
    return "|".join(["交易中心", *(f"{title}:num" for title, _ in columns)])


def _cells(row: Tally, columns) -> list:
    return ["—" if (value := getattr(row, name)) is None else value for _, name in columns]


def _spreadsheet(rows: list[Tally], month: date | None) -> HttpResponse:
    book = Workbook()
    sheet = book.active
    sheet.title = "要约统计"
    columns = (*COUNTS, *RESPONSES)
    sheet.append(["交易中心", *(title for title, _ in columns)])
    for row in rows:
        sheet.append([row.centre, *(getattr(row, name) for _, name in columns)])
    total = queries.total_of(rows)
    sheet.append(["合计", *(total.get(name) for _, name in columns)])
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["A"].width = 24
    out = BytesIO()
    book.save(out)
    name = quote(f"要约统计{f'{month:%Y-%m}' if month else ''}.xlsx")
    return HttpResponse(
        out.getvalue(), content_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )


def _outcomes(rows: list[Tally]) -> dict:
    return _bars(rows) | {
        "series": [
            {"type": "bar", "stack": "offers", "name": title, "color": colour,
             "data": [getattr(row, name) for row in rows]}
            for title, name, colour in _OUTCOMES if any(getattr(row, name) for row in rows)
        ],
    }


def _answers(rows: list[Tally]) -> dict:
    answered = [row for row in rows if row.mean_minutes is not None]
    return _bars(answered) | {
        "series": [
            {"type": "bar", "name": "平均", "color": "#5b7fb5", "data": [row.mean_minutes for row in answered]},
            {"type": "bar", "name": "九成不超过", "color": "#c98a1b", "data": [row.slow_minutes for row in answered]},
        ],
    }


def _bars(rows: list[Tally]) -> dict:
    return {
        "grid": {"left": 8, "right": 8, "top": 36, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis"}, "legend": {"top": 0},
        "xAxis": {
            "type": "category", "data": [row.centre.removesuffix("中心") for row in rows],
            "axisLabel": {"interval": 0, "rotate": 40 if len(rows) > 8 else 0},
        },
        "yAxis": {"type": "value", "minInterval": 1},
    }
