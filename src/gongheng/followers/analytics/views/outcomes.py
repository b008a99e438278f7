"""What became of leads, and whether the index meant what it said (处理结果与校准)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gongheng.followers.analytics import figures, queries, rules
from gongheng.followers.analytics.lifecycle import LeadState, Outcome
from gongheng.followers.analytics.views.tender import CRUMBS
from gongheng.kernel.roles import Role
from gongheng.screening.combination import RELATIVE
from gongheng.ui.pages import page

_ROWS = (
    ("研判中", LeadState.STUDYING), ("已移送", LeadState.TRANSFERRED), ("查处中", LeadState.INVESTIGATED),
    ("研判排除", LeadState.DISMISSED), ("研判证据不足", LeadState.INSUFFICIENT),
    ("查实", f"{LeadState.FED_BACK}:{Outcome.PROVEN}"), ("查处后排除", f"{LeadState.FED_BACK}:{Outcome.CLEARED}"),
    ("查处后证据不足", f"{LeadState.FED_BACK}:{Outcome.UNPROVEN}"),
)


@page("analytics.outcomes", Role.SUPERVISOR)
def outcomes(request: HttpRequest) -> HttpResponse:
    """Count the leads by what became of them; plot the reliability once there are enough verdicts."""
    leads = queries.leads_visible_to(request.actor)
    labelled = queries.labels(leads)
    bins = rules.reliability([(value, truth) for _, value, truth in labelled])
    counts = queries.outcome_counts(request.actor)
    return render(request, "analytics/outcomes.html", {
        "heading": "处理结果与校准", "breadcrumb": [*CRUMBS, {"label": "处理结果与校准"}],
        "subtitle": "查实和排除是校准的标签；证据不足两边都不算。",
        "rows": [(label, counts[key]) for label, key in _ROWS], "labelled": len(labelled),
        "proven": sum(truth for _, _, truth in labelled), "enough": rules.ENOUGH_LABELS, "relative": RELATIVE,
        "chart": figures.reliability(bins) if bins else None, "bins": bins,
        "error": round(100 * rules.calibration_error(bins), 1) if bins else None,
        "closed": leads.exclude(closed_at=None).order_by("-closed_at")[:30],
    })
