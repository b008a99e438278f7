"""Issuing the figures of a month or a year as a document (监测月报、年报)."""

from datetime import date, datetime

from gongheng.followers.analytics import printing, queries, yearbook
from gongheng.followers.analytics.models import Report
from gongheng.kernel.clock import SHANGHAI, Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.trust.documents.actions import issue_document
from gongheng.trust.evidence.moving import note


def issue_report(month: date, *, actor: Actor, clock: Clock) -> Report:
    """Issue the report of a month that is over (出具月报), about what the actor's department may see."""
    if month > printing.whole_months(clock.now()):
        raise Refusal("MONTH", "该月尚未结束，不能出具月报。", "month")
    if month not in queries.months(actor):
        raise Refusal("MONTH", "该月没有开标的项目。", "month")
    begin = datetime(month.year, month.month, 1, tzinfo=SHANGHAI)
    if queries.trade_year(actor, queries.next_month(begin)) is None:
        raise Refusal("MONTH", "该月的抱团组和陪标专业户还没有计算；最近十二个月的在今夜筛查之后可以出具。", "month")
    report = Report(department_id=actor.organisation, month=month)
    with note("radar.report", f"report:{report.pk}", actor=actor, clock=clock, month=f"{month:%Y-%m}") as step:
        report.made_at = step.now
        report.document = issue_document(
            "monitoring_report", f"{month.year}年{month.month}月围串标监测月报", "statement",
            printing.monthly_report(month, actor, step.now), lot=None, is_public=False, now=step.now,
        )
        report.save(force_insert=True)
        step.facts["document"] = report.document.digest
    return report


def issue_yearbook(year: int, *, actor: Actor, clock: Clock) -> Report:
    """Issue the report of a year that is over (出具年报), about what the actor's department may see."""
    if year > yearbook.whole_years(clock.now()):
        raise Refusal("YEAR", "该年尚未结束，不能出具年报。", "month")
    if not any(month.year == year for month in queries.months(actor)):
        raise Refusal("YEAR", "该年没有开标的项目。", "month")
    if queries.trade_year(actor, datetime(year + 1, 1, 1, tzinfo=SHANGHAI)) is None:
        raise Refusal("YEAR", "该年的抱团组和陪标专业户还没有计算；上一年的在今夜筛查之后可以出具。", "month")
    report = Report(department_id=actor.organisation, month=date(year, 1, 1), is_yearly=True)
    with note("radar.yearbook", f"report:{report.pk}", actor=actor, clock=clock, year=str(year)) as step:
        report.made_at = step.now
        report.document = issue_document(
            "monitoring_report", f"{year}年围串标监测年报", "statement", yearbook.yearly_report(year, actor, step.now),
            lot=None, is_public=False, now=step.now,
        )
        report.save(force_insert=True)
        step.facts["document"] = report.document.digest
    return report
