"""The legal periods from the report to the contract, as a table and as a chart (定标阶段的法定期限)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gongheng.kernel.calendar import day_of, in_words
from gongheng.kernel.procedures import award_due
from gongheng.trading.award.models import Award, Publicity
from gongheng.trading.evaluation.queries import evaluation_of
from gongheng.trading.notices.queries import current_document
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import rulebook_of


@dataclass(frozen=True)
class Period:
    """One legal period (期限): from what moment, until when, and when the act was done.

    ``is_least`` marks a period that must have run out before the next act; the others are latest moments.
    """

    rule: str
    title: str
    starts_at: datetime
    due_at: datetime
    done_at: datetime | None = None
    is_least: bool = False

    def status(self, now: datetime) -> tuple[str, str]:
        """Return the words and the tone of a badge: how the period stands now."""
        if self.is_least:
            return ("已届满", "success") if now >= self.due_at else ("进行中", "accent")
        if self.done_at is not None:
            return ("按期完成", "success") if self.done_at <= self.due_at else ("逾期完成", "warning")
        return ("进行中", "info") if now <= self.due_at else ("已逾期", "danger")


def periods(lot: Lot) -> list[Period]:
    """Return the periods of the award stage as far as they have begun (T10, T6, T16)."""
    evaluation, book = evaluation_of(lot), rulebook_of(lot)
    if evaluation is None or evaluation.finished_at is None:
        return []
    publicity, award = Publicity.objects.filter(lot=lot).first(), Award.objects.filter(lot=lot).first()
    reported = evaluation.finished_at
    found = [Period("T10", "收到评标报告后开始公示", reported, book.due("T10.start", reported),
                    publicity.starts_at if publicity else None)]
    if publicity is not None:
        found.append(Period("T10", "中标候选人公示", publicity.starts_at, lot.publicity_ends_at, is_least=True))
    found += [
        Period("T6", "答复对评标结果的异议", one.raised_at, book.due("T6", one.raised_at), one.answered_at)
        for one in lot.result_objections.order_by("raised_at")
    ]
    document = current_document(lot)
    validity_ends = day_of(lot.bids_due_at) + timedelta(days=document.validity_days)
    found.append(Period("T16", "投标有效期内完成定标", lot.bids_due_at, award_due(book, validity_ends),
                        award.decided_at if award else None))
    return found


def rows(found: list[Period], now: datetime) -> list[dict]:
    """Return the periods as rows of a table."""
    shown = []
    for one in found:
        words, tone = one.status(now)
        shown.append({
            "rule": one.rule, "title": one.title, "starts_at": one.starts_at, "due_at": one.due_at,
            "due": in_words(one.due_at), "done_at": one.done_at, "status": words, "tone": tone,
            "is_running": words == "进行中",
        })
    return shown


def chart(found: list[Period]) -> dict:
    """Return an ECharts option: each period as a bar over days since the report, with the act as a dot.

    The validity of the bids (T16) began long before and would crush all others; the table has it.
    """
    found = [one for one in found if one.rule != "T16"]
    begin = min(one.starts_at for one in found)

    def days(moment: datetime) -> float:
        return round((moment - begin).total_seconds() / 86400, 2)

    return {
        "grid": {"left": 8, "right": 24, "top": 36, "bottom": 40, "containLabel": True},
        "legend": {"data": ["法定期限", "实际办理"], "top": 0},
        "tooltip": {"trigger": "item"},
        "xAxis": {"type": "value", "name": "自评标报告起的天数", "nameLocation": "middle", "nameGap": 28},
        "yAxis": {
            "type": "category", "inverse": True, "axisLabel": {"interval": 0, "width": 150, "overflow": "break"},
            "data": [f"{one.rule} {one.title}" for one in found],
        },
        "series": [
            {"type": "bar", "stack": "period", "silent": True, "itemStyle": {"color": "transparent"},
             "data": [days(one.starts_at) for one in found]},
            {"type": "bar", "name": "法定期限", "stack": "period", "barMaxWidth": 18,
             "data": [round(days(one.due_at) - days(one.starts_at), 2) for one in found]},
            {"type": "scatter", "name": "实际办理", "symbolSize": 12,
             "data": [[days(one.done_at), place] for place, one in enumerate(found) if one.done_at]},
        ],
    }
