"""四加一: an evaluation while it runs, for the department that supervises it and nobody else."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from gongheng.followers.analytics import actions, figures, live
from gongheng.followers.analytics.models import TenderRecord
from gongheng.followers.analytics.views.tender import CRUMBS
from gongheng.kernel.roles import Role
from gongheng.trading.evaluation import queries as evaluations
from gongheng.trading.evaluation.lifecycle import State
from gongheng.ui.pages import page

_SHOWN = 50


@page("analytics.running", Role.SUPERVISOR)
def running(request: HttpRequest) -> HttpResponse:
    """List the evaluations of the department's tenders, those that run first."""
    rows = evaluations.visible_to(request.actor).exclude(state=State.DISSOLVED).order_by("-started_at")[:_SHOWN]
    return render(request, "analytics/running.html", {
        "heading": "评标实时（四加一）", "breadcrumb": [*CRUMBS, {"label": "评标实时"}],
        "subtitle": "评标用时、评分偏差、文件丰富度、投标人得分差；只用于要求说明理由，不作认定。",
        "rows": sorted(rows, key=lambda one: one.state in evaluations.OVER), "over": evaluations.OVER,
    })


@page("analytics.live", Role.SUPERVISOR)
def evaluation(request: HttpRequest, pk) -> HttpResponse:
    """Show one evaluation: time at any moment, scores only once all sheets are locked."""
    found = get_object_or_404(evaluations.visible_to(request.actor), pk=pk)
    record = TenderRecord.objects.select_related("screening").filter(lot=found.lot).first()
    if record is not None and record.screening is not None:
        actions.note_look(record, record.screening, actor=request.actor, clock=settings.CLOCK)
    paces, told = live.paces(found, settings.CLOCK.now()), live.standings(found)
    left, rich = live.residuals(found), live.richness_rows(found)
    means = [sum(column) / len(column) for column in zip(*told[2], strict=True)] if told else []
    return render(request, "analytics/live.html", {
        "heading": "评标实时（四加一）", "pretitle": found.lot.code,
        "breadcrumb": [*CRUMBS, {"label": "评标实时", "url": "/screening/live/"}, {"label": found.lot.name}],
        "subtitle": found.lot.full_name, "evaluation": found, "record": record, "paces": paces,
        "pages": live.pages_of(found), "pace_chart": figures.paces(paces) if paces else None,
        "is_scored": told is not None, "deviations": evaluations.deviation_board(found),
        "residuals": figures.residuals(*left) if left else None, "richness": rich,
        "richness_chart": figures.richness(rich) if rich else None,
        "spread": figures.spread(told[1], means) if told else None, "is_just_enough": len(means) == live.JUST_ENOUGH,
        "gap": f"{sorted(means)[-1] - sorted(means)[-2]:.2f}" if len(means) > 1 else "",
    })
