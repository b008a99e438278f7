"""The public home, the page of a lot over all stages, how to verify, and the general desk."""

import mimetypes
from collections import Counter
from datetime import datetime

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from config import wiring
from gongheng.desks.portal import gathering
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.roles import ROLE_NAMES, Role
from gongheng.trading.notices.queries import visible_to as notices_visible_to
from gongheng.trading.notices.views import row as notice_row
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import TONES, UNANNOUNCED, lot_pairs, open_holds, search, visible_to
from gongheng.trading.projects.views import lot_row
from gongheng.trust.documents import store
from gongheng.trust.documents.actions import PDF
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence import publishing
from gongheng.trust.evidence.models import Head
from gongheng.trust.evidence.queries import newest_checkpoint
from gongheng.ui.pages import page

NEWEST = 10
#: How much of a lot's history stands open; the rest is one click away.
HISTORY_SHOWN = 12
_FINISHED = (State.CONTRACTED, State.ARCHIVED)


@page("portal.home", Role.PUBLIC)
def home(request: HttpRequest) -> HttpResponse:
    """The public front page: figures, the newest notices, search, how to verify."""
    now = settings.CLOCK.now()
    lots = visible_to(request.actor).exclude(state__in=UNANNOUNCED)
    head = Head.objects.filter(one=True).values_list("size", flat=True).first()
    newest = notices_visible_to(request.actor).defer("body")[:NEWEST]
    return render(request, "portal/home.html", {
        "announced": lots.filter(created_at__gte=_new_year(now)).count(),
        "bidding": lots.filter(state=State.ANNOUNCED).count(),
        "finished": lots.filter(state__in=_FINISHED).count(),
        "entries": head or 0,
        "rows": [notice_row(one) for one in newest],
        "soonest": [lot_row(one) for one in lots.filter(state=State.ANNOUNCED, bids_due_at__gt=now)
                    .order_by("bids_due_at")[:5]],
        "chart": _stages(lots),
    })


@page("portal.lot", Role.PUBLIC)
def lot(request: HttpRequest, pk) -> HttpResponse:
    """One lot over all its stages: stepper, cards, documents and the proved history."""
    thing = get_object_or_404(visible_to(request.actor), pk=pk)
    now = settings.CLOCK.now()
    state = State(thing.state)
    history = gathering.lot_history(thing)
    return render(request, "portal/lot.html", {
        "heading": thing.full_name, "lot": thing, "pretitle": thing.code,
        "breadcrumb": [{"label": "公告公示", "url": "/notices/"}, {"label": thing.name}],
        "state": state.label, "tone": TONES[state], "stage": gathering.STAGES.get(state),
        "is_taking_bids": state == State.ANNOUNCED and now < thing.bids_due_at,
        "holds": open_holds(thing), "cards": gathering.cards(thing, request.actor, now), "pairs": lot_pairs(thing),
        "documents": Document.objects.filter(lot=thing.pk, is_public=True).order_by("-created_at"),
        "history": {"newest": history[:HISTORY_SHOWN], "older": history[HISTORY_SHOWN:]},
    })


@page("portal.document", Role.PUBLIC)
def document(request: HttpRequest, pk) -> FileResponse:
    """Give a document that the platform issued, with the digest that the evidence log names."""
    kept = get_object_or_404(gathering.documents(request.actor), pk=pk)
    suffix = mimetypes.guess_extension(kept.media_type) or ""
    name = kept.title if kept.title.endswith(suffix) else f"{kept.title}{suffix}"
    # Only what we typeset ourselves is shown in our origin; a foreign file is saved.
    is_foreign = kept.kind == "attachment" or kept.media_type != PDF
    answer = FileResponse(
        store.open(kept.digest), content_type=kept.media_type, as_attachment=is_foreign, filename=name
    )
    answer["X-Document-Digest"] = kept.digest
    return answer


@page("portal.verify", Role.PUBLIC)
def verify(request: HttpRequest) -> HttpResponse:
    """How anybody checks the platform without believing it."""
    checkpoint = newest_checkpoint(is_cosigned=True) or newest_checkpoint()
    return render(request, "portal/verify.html", {
        "heading": "如何自行核验", "subtitle": "不必相信平台、交易中心或者任何一台服务器：自己重新算一遍。",
        "checkpoint": checkpoint,
        "note": publishing.cosigned_note(checkpoint) if checkpoint else "",
        "origin": settings.ORIGIN,
    })


@page("portal.desk", Role.PUBLIC)
def desk(request: HttpRequest) -> HttpResponse:
    """Lead to the desk of the actor's role, or show the general one."""
    role = request.actor.role
    if role == Role.PUBLIC:
        return redirect("/sign-in/me/" if request.person else "/sign-in/?next=/desk/")
    if role in wiring.DESKS:
        return redirect(wiring.DESKS[role])
    now = settings.CLOCK.now()
    lots = search(visible_to(request.actor), request.GET.get("q", "")).order_by("-created_at")
    shown = Paginator(lots, 20).get_page(request.GET.get("page"))
    return render(request, "portal/desk.html", {
        "heading": f"{ROLE_NAMES[role]}工作台", "subtitle": "待办事项，以及您可以查看的标段。",
        "todos": gathering.todos(request.actor, now), "page_of": shown, "rows": [lot_row(one) for one in shown],
    })


def _stages(lots: QuerySet[Lot]) -> dict | None:
    """Return the chart of how many announced lots stand at each stage; nothing while there are none."""
    counts = Counter(gathering.STAGES.get(state) for state in lots.values_list("state", flat=True))
    counts.pop(None, None)  # failed and terminated lots stand nowhere
    if not counts:
        return None
    names = list(dict.fromkeys(gathering.STAGES[state] for state in State if counts[gathering.STAGES.get(state)]))
    return {
        "grid": {"left": 8, "right": 40, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "show": False},
        "yAxis": {"type": "category", "inverse": True, "data": names},
        "series": [{
            "type": "bar", "name": "标段", "barMaxWidth": 22, "data": [counts[name] for name in names],
            "label": {"show": True, "position": "right"},
        }],
    }


def _new_year(now: datetime) -> datetime:
    return datetime(now.astimezone(SHANGHAI).year, 1, 1, tzinfo=SHANGHAI)
