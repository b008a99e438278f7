"""The monthly report of offers as a document (要约统计月报)."""

from datetime import date, datetime

from gongheng.crypto import canonical
from gongheng.kernel.regions import HOME_PROVINCE
from gongheng.places.venues.queries import centre_in
from gongheng.trading.coordination.queries.statistics import Tally, total_of
from gongheng.trust.documents.actions import issue_document
from gongheng.trust.documents.models import Document

#: Columns of the report, the page and the spreadsheet: (title, name in Tally).
COUNTS = (
    ("主场发起", "initiated"), ("收到", "sent"), ("确认", "confirmed"), ("拒绝", "refused"), ("逾期", "expired"),
    ("确认后变更", "changed"), ("确认后取消", "called_off"), ("撤回", "withdrawn"), ("待答复", "waiting"),
)
RESPONSES = (
    ("改派转入", "passed_in"), ("改派转出", "passed_out"), ("提供席位", "seats"), ("承接时长（小时）", "hours"),
    ("平均答复（分钟）", "mean_minutes"), ("九成答复不超过（分钟）", "slow_minutes"),
)
NOTES = [
    "按要约发出时间（北京时间）归入所在月份；取消申请不计入要约。",
    "收到＝确认＋拒绝＋逾期＋确认后变更＋确认后取消＋撤回＋待答复，状态以出具月报时为准。",
    "确认后取消，含发起方取消、撤回，以及要约单因其他会场未承接而未通过、席位随之释放；撤回，指该会场尚未答复时要约已终止。",
    "改派转入、转出，指副场拒绝或者逾期后，按公开的副场选择规则改由其他中心承接。",
    "提供席位和承接时长只计已确认的要约；答复时间从要约发出算起，拒绝也计入，逾期不计入。",
]


def monthly_report(month: date, rows: list[Tally], now: datetime) -> Document:
    """Issue the report of a month; it names no project and no person."""
    title = f"要约统计月报（{month.year}年{month.month}月）"
    return issue_document("offer_report", title, "offer_report", data(month, rows, now), lot=None, is_public=False,
                          now=now)


def data(month: date, rows: list[Tally], now: datetime) -> dict:
    """Return the report's data, shape OfferReport."""
    hub = centre_in(HOME_PROVINCE)
    nothing = ("red_head", "document_number", "project_name", "project_code", "lot_name", "lot_code", "public_url")
    return dict.fromkeys(nothing, "") | {
        "issued_at": canonical.timestamp(now), "period": f"{month.year}年{month.month}月",
        "issuer": str(hub) if hub else "公衡公共资源交易平台", "counts": _matrix(rows, COUNTS),
        "responses": _matrix(rows, RESPONSES), "notes": NOTES,
    }


def _matrix(rows: list[Tally], columns: tuple[tuple[str, str], ...]) -> dict:
    total = total_of(rows)
    names = [name for _, name in columns]
    lines = [(row.centre, [getattr(row, name) for name in names]) for row in rows]
    lines.append(("合计", [total.get(name) for name in names]))
    return {
        "corner": "交易中心", "columns": [title for title, _ in columns],
        "rows": [
            {"label": label, "cells": ["—" if cell is None else str(cell) for cell in cells]} for label, cells in lines
        ],
    }
