"""Issuing the monthly report of offers (要约统计月报)."""

from datetime import date, timedelta

from django.db import transaction

from gongheng.kernel.clock import SHANGHAI, Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.trading.coordination import printing, queries
from gongheng.trading.coordination.models import MonthlyReport
from gongheng.trust.evidence.moving import note


def issue_report(month: date, *, actor: Actor, clock: Clock) -> MonthlyReport:
    """Typeset and keep the report of a month that is over (出具月报). Raises Refusal PARTY, MONTH."""
    if not queries.is_hub(actor):
        raise Refusal("PARTY", "月报由省交易中心或行政监督部门出具。")
    report = MonthlyReport(month=month)
    with transaction.atomic(), note(
        "coordination.report", f"report:{report.pk}", actor=actor, clock=clock, month=f"{month:%Y-%m}"
    ) as step:
        following = (month + timedelta(days=31)).replace(day=1)
        if step.now.astimezone(SHANGHAI).date() < following:
            raise Refusal("MONTH", "该月尚未结束，月报于次月出具。", "month")
        rows = queries.statistics(month)
        report.document, report.made_at = printing.monthly_report(month, rows, step.now), step.now
        report.save(force_insert=True)
        step.facts |= {"digest": report.document.digest, "offers": sum(row.sent for row in rows)}
    return report
