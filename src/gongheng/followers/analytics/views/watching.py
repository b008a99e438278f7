"""The watch-list and its alerts (重点关注名单)."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.followers.analytics import actions, queries
from gongheng.followers.analytics.forms import ListingForm, RemoveForm
from gongheng.followers.analytics.lifecycle import ListingState
from gongheng.followers.analytics.models import Listing
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.people.experts.models import Expert
from gongheng.people.parties.models import Organisation
from gongheng.people.parties.queries import by_uscc
from gongheng.trading.projects.forms import refuse
from gongheng.ui.pages import page

CRUMBS = ({"label": "重点关注", "url": "/screening/watch/"},)
TONES = {ListingState.LISTED: "warning", ListingState.REMOVED: "neutral", ListingState.LAPSED: "neutral"}
_SHOWN = 50


@page("analytics.watch", Role.SUPERVISOR)
def watch(request: HttpRequest) -> HttpResponse:
    """The department's watch-list and what it alerted of."""
    actor = request.actor
    listings = list(queries.listings_visible_to(actor).order_by("state", "-entered_at"))
    names = queries.person_names({one.entered_by for one in listings} | {one.removed_by for one in listings})
    alerts = queries.alerts_visible_to(actor)
    return render(request, "analytics/watch.html", {
        "heading": "重点关注名单",
        "subtitle": "列入只用于提醒，不限制任何单位和专家参加交易；列入和移出由不同的人办理。",
        "rows": [
            {"listing": one, "name": name_of(one), "tone": TONES[one.state],
             "entered_by": names.get(one.entered_by, ""), "removed_by": names.get(one.removed_by, ""),
             "is_own": one.state == ListingState.LISTED and one.entered_by == actor.id,
             "may_remove": one.state == ListingState.LISTED and one.entered_by != actor.id}
            for one in listings
        ],
        "alerts": [(one, name_of(one.listing)) for one in alerts[:_SHOWN]],
        "unseen": alerts.filter(seen_at=None).count(),
        "alone": queries.colleagues(actor) < 2,
    })


@page("analytics.enter", Role.SUPERVISOR, methods=("GET", "POST"), signed=True)
def enter(request: HttpRequest) -> HttpResponse:
    """Put a firm or an expert on the list (列入)."""
    form = ListingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            firm, expert = _party(told["kind"], told["party"])
            actions.enter_listing(
                firm=firm, expert=expert, reason=told["reason"], until=told["until"], actor=request.actor,
                clock=settings.CLOCK,
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "已列入重点关注名单。")
            return redirect("analytics:watch")
    return render(request, "analytics/enter.html", {
        "heading": "列入重点关注", "breadcrumb": [*CRUMBS, {"label": "列入"}], "form": form,
        "subtitle": "列入后，该单位签到、投标文件开启，或者该专家被抽中时提醒本部门。",
    })


@page("analytics.remove", Role.SUPERVISOR, methods=("GET", "POST"), signed=True)
def remove(request: HttpRequest, pk) -> HttpResponse:
    """Take somebody off the list (移出); a colleague of who entered him."""
    listing = get_object_or_404(queries.listings_visible_to(request.actor).filter(state=ListingState.LISTED), pk=pk)
    form = RemoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.remove_listing(listing, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "已移出重点关注名单。")
            return redirect("analytics:watch")
    return render(request, "analytics/remove.html", {
        "heading": "移出重点关注", "breadcrumb": [*CRUMBS, {"label": "移出"}], "form": form, "listing": listing,
        "name": name_of(listing), "is_own": listing.entered_by == request.actor.id,
        "entered_by": queries.person_names([listing.entered_by]).get(listing.entered_by, ""),
    })


@page("analytics.seen", Role.SUPERVISOR, methods=("POST",))
def seen(request: HttpRequest) -> HttpResponse:
    """Note that all alerts were seen (全部已阅)."""
    count = actions.see_alerts(queries.alerts_visible_to(request.actor), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, f"{count} 条提醒已阅。")
    return redirect("analytics:watch")


def name_of(listing: Listing) -> str:
    return listing.firm.name if listing.firm else f"专家 {listing.expert.person.name}"


def _party(kind: str, text: str) -> tuple[Organisation | None, Expert | None]:
    text = text.strip()
    if kind == "firm":
        found = by_uscc(text.upper())
        if found is None:
            raise Refusal("PARTY", "没有登记该统一社会信用代码的单位。", "party")
        return found, None
    found = Expert.objects.filter(pk=text).first() if _is_uuid(text) else None
    if found is None:
        raise Refusal("PARTY", "专家库中没有这个编号。", "party")
    return None, found


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4 and all(one in "0123456789abcdef-" for one in text.lower())
