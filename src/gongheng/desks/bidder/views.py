"""The desk of bidders (投标人工作台): every lot that takes bids, every hall, nothing that tells who bids."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gongheng.desks.portal.gathering import todos
from gongheng.kernel.roles import Role
from gongheng.trading.bids.queries import open_lots
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.queries import search, visible_to
from gongheng.ui.pages import page


@page("bidder.home", Role.BIDDER)
def home(request: HttpRequest) -> HttpResponse:
    """The same lots for every bidder: a list of one's own would tell who is at work on which."""
    now = settings.CLOCK.now()
    lots = search(open_lots(request.actor).filter(bids_due_at__gt=now), request.GET.get("q", ""))
    halls = visible_to(request.actor).filter(state__in=[State.CLOSED, State.OPENING]).order_by("-bids_due_at")
    return render(request, "bidder/home.html", {
        "todos": todos(request.actor, now), "now": now, "halls": halls[:20],
        "page_of": Paginator(lots, 20).get_page(request.GET.get("page")),
    })
