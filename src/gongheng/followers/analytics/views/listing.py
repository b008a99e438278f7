"""The lead list: tenders by the month's rank, with filters, the month's budget and a spreadsheet (线索列表)."""

from datetime import date, datetime
from io import BytesIO
from urllib.parse import quote

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from openpyxl import Workbook

from gongheng.followers.analytics import queries, rules
from gongheng.followers.analytics.lifecycle import LeadState
from gongheng.followers.analytics.models import TenderRecord
from gongheng.kernel.calendar import in_words
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.regions import cities, region
from gongheng.kernel.roles import Actor, Role
from gongheng.screening.combination import RELATIVE
from gongheng.screening.findings import Family
from gongheng.ui.pages import page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BANDS = {
    rules.KEY: ("重点线索", "danger"), rules.WARNED: ("预警", "warning"), rules.CALM: ("未达预警线", "neutral"),
}
TONES = {
    LeadState.STUDYING: "info", LeadState.TRANSFERRED: "accent", LeadState.INVESTIGATED: "accent",
    LeadState.FED_BACK: "success", LeadState.DISMISSED: "neutral", LeadState.INSUFFICIENT: "neutral",
}
#: Filters that are no state of a lead: what waits to be studied, and every alert whatever became of it.
_WAITING, _ALERTS = "waiting", "alerts"


@page("analytics.list", Role.SUPERVISOR)
def tenders(request: HttpRequest) -> HttpResponse:
    """Show what stands out, the worst first."""
    actor, chosen = request.actor, request.GET
    known = queries.months(actor)
    month = _month(chosen.get("month", ""), known)
    wanted = [month] if month else known
    standings = queries.month_standings(actor, wanted)
    found = _filtered(queries.screened(actor), chosen, month, standings, actor)
    found = found.order_by("-screening__is_statutory", "-screening__value", "code")
    if chosen.get("format") == "xlsx":
        return _spreadsheet(found, standings, month)
    shown = Paginator(found, 20).get_page(chosen.get("page"))
    counts = [standing.band for standing in standings.values()]
    warned, keys = rules.budget(len(standings))
    labelled = len(queries.labels(queries.leads_visible_to(actor)))
    return render(request, "analytics/list.html", {
        "heading": "围串标线索", "subtitle": "指数是线索，不是认定；只有监督部门可以看到本页。",
        "page_of": shown, "rows": [row(one, standings[one.pk]) for one in shown],
        "months": [
            {"key": f"{one:%Y-%m}", "label": f"{one.year}年{one.month}月", "is_chosen": one == month} for one in known
        ],
        "is_all": month is None, "regions": _regions(actor, chosen.get("region", "")),
        "states": _states(chosen.get("state", "")), "families": _families(chosen.get("family", "")),
        "screened": len(standings), "warned": counts.count(rules.WARNED) + counts.count(rules.KEY),
        "keys": counts.count(rules.KEY),
        "warned_hint": f"本月预算 {warned} 件（8.1%）" if month else "各月合计",
        "key_hint": f"本月预算 {keys} 件（0.25%），法定情形不限" if month else "各月合计",
        "labelled": labelled, "label_hint": f"满 {rules.ENOUGH_LABELS} 件可以校准", "enough": rules.ENOUGH_LABELS,
        "relative": RELATIVE,
    })


def row(tender: TenderRecord, standing: rules.Standing) -> dict:
    """Return a tender as the list shows it."""
    lead = getattr(tender, "lead", None)
    label, tone = BANDS[standing.band]
    return {
        "tender": tender, "place": region(tender.region).full_name, "standing": standing,
        "relative": round(standing.relative), "band": label, "band_tone": tone,
        "families": [Family(one).label for one in tender.screening.families],
        "coalition": len(tender.screening.coalition),
        "state": lead.state_label if lead else "待研判" if standing.band != rules.CALM else "—",
        "state_tone": TONES[lead.state] if lead else "warning" if standing.band != rules.CALM else "neutral",
        "due": in_words(lead.due_at) if lead and lead.due_at else "",
    }


def _month(text: str, known: list[date]) -> date | None:
    """Return the month asked for; without a word the newest, None for "all"."""
    if text == "all" or not known:
        return None
    return next((one for one in known if f"{one:%Y-%m}" == text), known[0])


def _filtered(rows: QuerySet, chosen, month: date | None, standings: dict, actor: Actor) -> QuerySet:
    if month is not None:
        rows = queries.in_month(rows, month)
    if place := chosen.get("region", ""):
        rows = rows.filter(region__startswith=place[:4])
    if (family := chosen.get("family", "")) in set(Family):
        rows = rows.filter(screening__families__contains=[family])
    state = chosen.get("state", "")
    if state in (_WAITING, _ALERTS):
        alerting = [pk for pk, standing in standings.items() if standing.band != rules.CALM]
        rows = rows.filter(pk__in=alerting, **({"lead": None} if state == _WAITING else {}))
    elif state in LeadState.values:
        rows = rows.filter(lead__state=state)
    return queries.search(rows, chosen.get("q", ""))


def _regions(actor: Actor, chosen: str) -> list[dict]:
    present = {code[:4] for code in queries.visible_to(actor).order_by().values_list("region", flat=True).distinct()}
    return [
        {"key": one.code, "label": one.name, "is_chosen": one.code == chosen}
        for one in cities() if one.code[:4] in present
    ]


def _states(chosen: str) -> list[dict]:
    rows = [(_ALERTS, "预警及重点"), (_WAITING, "待研判"), *LeadState.choices]
    return [{"key": key, "label": label, "is_chosen": key == chosen} for key, label in rows]


def _families(chosen: str) -> list[dict]:
    return [{"key": one.value, "label": one.label, "is_chosen": one.value == chosen} for one in Family]


def _spreadsheet(rows: QuerySet, standings: dict, month: date | None) -> HttpResponse:
    book = Workbook()
    sheet = book.active
    sheet.title = "围串标线索"
    sheet.append([
        "交易编号", "项目", "数据来源", "地区", "开标时间", "投标人数", RELATIVE, "当月名次", "当月项目数", "模型指数",
        "分档", "法定情形", "迹象类别", "涉及投标人数", "办理状态", "模型", "筛查时间",
    ])
    for tender in rows.select_related("screening__run"):
        shown = row(tender, standings[tender.pk])
        standing, said = standings[tender.pk], tender.screening
        sheet.append([
            tender.code, tender.name, tender.source, shown["place"], _local(tender.opened_at), tender.bidder_count,
            shown["relative"], standing.rank, standing.of, round(said.value, 1), shown["band"],
            "有" if said.is_statutory else "", "、".join(shown["families"]), shown["coalition"], shown["state"],
            said.run.model_version, _local(said.run.as_of),
        ])
    sheet.freeze_panes = "C2"
    sheet.column_dimensions["B"].width = 48
    out = BytesIO()
    book.save(out)
    name = quote(f"围串标线索{f'{month:%Y-%m}' if month else ''}.xlsx")
    return HttpResponse(
        out.getvalue(), content_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
