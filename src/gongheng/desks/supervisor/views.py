"""The supervising department's desk: filings, holds, and what runs now (行政监督工作台)."""

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gongheng.desks.portal.gathering import todos
from gongheng.kernel.roles import Role
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import holds_visible_to, search, supervised_by
from gongheng.trading.projects.views import lot_row
from gongheng.ui.pages import page

#: The three boxes of the filing desk.
FILINGS = {
    "waiting": ("待审核", (State.REGISTERED,)),
    "filed": ("已通过", tuple(s for s in State if s not in (
        State.DRAFT, State.REGISTERED, State.RETURNED, State.CANCELLED))),
    "returned": ("已退回", (State.RETURNED,)),
}
RUNNING = (
    State.ANNOUNCED, State.CLOSED, State.OPENING, State.OPENED, State.EVALUATING, State.REPORTED, State.PUBLICITY,
    State.AWARDED, State.NOTIFIED,
)


@page("supervisor.home", Role.SUPERVISOR)
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the department, the holds that stand, and the lots under way."""
    lots = supervised_by(request.actor)
    running = search(lots.filter(state__in=RUNNING), request.GET.get("q", "")).order_by("bids_due_at")
    shown = Paginator(running, 20).get_page(request.GET.get("page"))
    holds = holds_visible_to(request.actor).filter(lot__in=lots, released_at=None).order_by("placed_at")
    return render(request, "supervisor/home.html", {
        "heading": "行政监督工作台", "subtitle": "备案审核、抽取见证、暂停事项，以及所监督标段的实时进展。",
        "todos": todos(request.actor, settings.CLOCK.now()), "page_of": shown,
        "rows": [lot_row(one) for one in shown], "counts": _counts(lots),
        "holds": [
            {"lot": one.lot_id, "name": f"{one.lot.tender_project.name}（{one.lot.name}）",
             "kind": one.get_kind_display(), "reason": one.reason, "placed_at": one.placed_at}
            for one in holds
        ],
    })


@page("supervisor.filing", Role.SUPERVISOR)
def filing(request: HttpRequest) -> HttpResponse:
    """The filing desk: waiting, accepted, returned (备案)."""
    box = request.GET.get("box", "")
    box = box if box in FILINGS else "waiting"
    lots = supervised_by(request.actor)
    order = "created_at" if box == "waiting" else "-created_at"  # the one that waits longest comes first
    found = search(lots.filter(state__in=FILINGS[box][1]), request.GET.get("q", "")).order_by(order)
    shown = Paginator(found, 20).get_page(request.GET.get("page"))
    return render(request, "supervisor/filing.html", {
        "heading": "备案审核", "subtitle": "招标人和代理机构提交的标段登记，审核通过后方可发布公告。",
        "breadcrumb": [{"label": "工作台", "url": "/desk/"}, {"label": "备案审核"}],
        "boxes": [
            {"key": key, "label": label, "count": lots.filter(state__in=states).count(), "is_chosen": key == box}
            for key, (label, states) in FILINGS.items()
        ],
        "page_of": shown, "rows": [lot_row(one) for one in shown],
    })


def _counts(lots: QuerySet[Lot]) -> dict[str, int | str]:
    held = lots.filter(holds__released_at=None, holds__isnull=False).distinct().count()
    return {
        "waiting": lots.filter(state=State.REGISTERED).count(),
        "running": lots.filter(state__in=RUNNING).count(),
        "held": held, "held_tone": "danger" if held else "neutral",
    }
