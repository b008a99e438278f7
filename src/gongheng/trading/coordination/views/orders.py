"""The hosts' pages: ordering venues, changing and cancelling, and the public rule by which venues are chosen."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.crypto import labels
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import region
from gongheng.kernel.roles import Role
from gongheng.places.venues import queries as venues
from gongheng.places.venues.models import Centre
from gongheng.trading.coordination import actions, queries, rules
from gongheng.trading.coordination.forms import ChangeForm, OrderForm, ReasonForm
from gongheng.trading.coordination.lifecycle import PENDING, OfferState, OrderKind, OrderState
from gongheng.trading.coordination.models import Offer, VenueOrder
from gongheng.trading.projects.queries import conducted_by, is_host
from gongheng.ui.pages import page

HOSTS = (Role.AGENCY, Role.TENDERER)
CRUMBS = ({"label": "远程异地评标协调", "url": "/coordination/"},)


@page("coordination.list", *HOSTS, Role.CENTRE, Role.SUPERVISOR)
def orders(request: HttpRequest) -> HttpResponse:
    """A centre's inbox of offers; a host's or supervisor's orders."""
    shown = Paginator(queries.visible_to(request.actor), 20).get_page(request.GET.get("page"))
    waiting = queries.offers_visible_to(request.actor).filter(state=OfferState.SENT)
    return render(request, "coordination/list.html", {
        "heading": "远程异地评标协调",
        "subtitle": "发起要约后主场先确认席位，副场随后确认；副场拒绝或逾期的，按公开规则改派，无中心承接的不通过。",
        "page_of": shown,
        "orders": [{"order": one, "tone": queries.TONES[one.state], "venues": _venues(one)} for one in shown],
        "is_centre": request.actor.role == Role.CENTRE,
        "has_figures": request.actor.role in (Role.CENTRE, Role.SUPERVISOR),
        "offers": [
            {"offer": one, "order": one.asked_for, "kind": kind_of(one)} for one in waiting.order_by("confirm_by")
        ],
        "lots": queries.lots_to_order(request.actor) if request.actor.role in HOSTS else [],
    })


@page("coordination.order", *HOSTS, methods=("GET", "POST"), signed=True)
def order(request: HttpRequest, pk) -> HttpResponse:
    """Ask a main venue and sub venues for seats."""
    lot = get_object_or_404(conducted_by(request.actor), pk=pk)
    main = venues.centre_in(lot.place_region)
    form = OrderForm(request.POST or None, centres=_others(main), initial={"main_seats": 3, "sub_seats": 2})
    if request.method == "POST" and form.is_valid():
        made = _asked(form, lambda asked: actions.request_venues(
            lot, **asked, actor=request.actor, clock=settings.CLOCK
        ))
        if made is not None:
            messages.success(request, f"要约单 {made.number} 已发起，等待主场确认。")
            return redirect("coordination:detail", made.pk)
    return render(request, "coordination/order.html", {
        "heading": "预约评标场地", "pretitle": lot.code, "breadcrumb": [*CRUMBS, {"label": "预约评标场地"}],
        "subtitle": f"{lot.full_name}：主场为交易发生地的交易中心，副场须在其他城市。",
        "lot": lot, "main": main, "form": form, "verb": "coordination.order", "verb_title": "发起评标场地要约",
        "subject": f"lot:{lot.pk}", "submit_label": "签名并发起要约", "capacity": _capacity(),
    })


@page("coordination.change", *HOSTS, methods=("GET", "POST"), signed=True)
def change(request: HttpRequest, pk) -> HttpResponse:
    """Ask for another time or other venues instead of a confirmed order."""
    original = get_object_or_404(queries.visible_to(request.actor), pk=pk, state=OrderState.CONFIRMED)
    lot, main = original.lot, venues.centre_in(original.lot.place_region)
    form = ChangeForm(request.POST or None, centres=_others(main), initial=_initial(original))
    if request.method == "POST" and form.is_valid():
        made = _asked(form, lambda asked: actions.request_change(
            original, **asked, reason=form.cleaned_data["reason"], actor=request.actor, clock=settings.CLOCK
        ))
        if made is not None:
            messages.success(request, f"变更单 {made.number} 已发起；全部会场确认前，原要约单继续有效。")
            return redirect("coordination:detail", made.pk)
    return render(request, "coordination/order.html", {
        "heading": f"变更要约单 {original.number}", "pretitle": lot.code,
        "breadcrumb": [*CRUMBS, {"label": "变更要约单"}],
        "subtitle": f"{lot.full_name}：全部会场确认后变更生效，此前原要约单及其席位不变。",
        "lot": lot, "main": main, "form": form, "verb": "coordination.change", "verb_title": "变更评标场地要约单",
        "subject": f"venue_order:{original.pk}", "submit_label": "签名并申请变更", "capacity": _capacity(),
    })


@page("coordination.detail", *HOSTS, Role.CENTRE, Role.SUPERVISOR)
def detail(request: HttpRequest, pk) -> HttpResponse:
    """One order: what each venue answered, and why each further one was chosen; hosts may change or end it."""
    thing = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    now = settings.CLOCK.now()
    hosts = is_host(thing.lot, request.actor)
    may_withdraw = hosts and thing.lifecycle.refusal(thing, "cancel", request.actor.role, now) is None
    may_change = (
        hosts and thing.state == OrderState.CONFIRMED and queries.pending_order(thing.lot) is None
        and thing.lot.state in rules.BEFORE_EVALUATION and now < thing.starts_at
    )
    asked = sorted(thing.asked.select_related("centre__organisation", "replaces__centre"), key=_by_time)
    return render(request, "coordination/detail.html", {
        "heading": f"{thing.get_kind_display()}单 {thing.number}",
        "pretitle": thing.lot.code, "breadcrumb": [*CRUMBS, {"label": "要约单"}],
        "subtitle": thing.lot.full_name,
        "order": thing, "tone": queries.TONES[thing.state],
        "offers": [_row(one, request.actor) for one in asked],
        "changes": [
            {"order": one, "tone": queries.TONES[one.state]} for one in thing.changes.order_by("requested_at")
        ],
        "rankings": [ranking_of(one) for one in asked if one.ranking],
        "is_pending": thing.state in PENDING, "is_cancellation": thing.kind == OrderKind.CANCELLATION,
        "reason_form": ReasonForm() if may_withdraw or may_change else None,
        "may_withdraw": may_withdraw, "may_change": may_change,
        "subject": f"venue_order:{thing.pk}",
    })


@page("coordination.cancel", *HOSTS, methods=("POST",), signed=True)
def cancel(request: HttpRequest, pk) -> HttpResponse:
    thing = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    actions.cancel_order(thing, reason=request.POST.get("reason", ""), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "要约单已撤回，席位已释放。")
    return redirect("coordination:detail", thing.pk)


@page("coordination.ask_cancellation", *HOSTS, methods=("POST",), signed=True)
def ask_cancellation(request: HttpRequest, pk) -> HttpResponse:
    thing = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    made = actions.request_cancellation(
        thing, reason=request.POST.get("reason", ""), actor=request.actor, clock=settings.CLOCK
    )
    messages.success(request, f"取消单 {made.number} 已发起；全部会场同意前，原要约单继续有效。")
    return redirect("coordination:detail", made.pk)


@page("coordination.choice", Role.PUBLIC)
def choice(request: HttpRequest) -> HttpResponse:
    """The published rule by which a further sub venue is chosen; anybody can recompute a choice from it."""
    lot, code = "A3701000001000001001001", "370200"
    return render(request, "coordination/choice.html", {
        "heading": "副场选择规则",
        "subtitle": "副场拒绝或逾期未答复后，平台按下列规则改向下一个中心发出要约，任何人都可以复算。",
        "answer_hours": rules.ANSWER_TIME // timedelta(hours=1), "days": rules.LOOK_BACK.days,
        "most": rules.MOST_REROUTES, "last_minutes": rules.LAST_REMINDER // timedelta(minutes=1),
        "label": labels.VENUE_TIE,
        "example": {"lot": lot, "region": code, "digest": rules.tie_break(lot, code)},
    })


def kind_of(one: Offer) -> str:
    """Name what an offer asks of its centre, for a page."""
    if one.asked_for.kind == OrderKind.CANCELLATION:
        return "主场（取消）" if one.is_main else "副场（取消）"
    return "主场" if one.is_main else "副场"


def ranking_of(one: Offer) -> dict:
    """Compute again, from what was looked at, in which order the centres were to be asked (改派复算)."""
    looked_at = [rules.Candidate(**row) for row in one.ranking]
    lot = one.asked_for.lot.code
    ranked = rules.fair_order(looked_at, lot=lot, seats=one.seats_wanted)
    rest = [other for other in looked_at if other not in ranked]
    return {
        "declined": one.replaces.centre.short_name, "chosen": one.centre.short_name, "at": one.sent_at,
        "seats": one.seats_wanted,
        "rows": [
            {"place": place if item in ranked else None, "name": region(item.region).name, "item": item,
             "tie": rules.tie_break(lot, item.region)[:12]}
            for place, item in enumerate([*ranked, *rest], 1)
        ],
    }


def _asked(form: OrderForm, request_it) -> VenueOrder | None:
    """Make the order that a form asks for; a refusal that concerns a field is shown there, and None comes back."""
    data = form.cleaned_data
    asked = {name: data[name] for name in ("starts_at", "ends_at", "main_seats", "contact", "phone", "reroute_limit")}
    try:
        return request_it(asked | {"sub_venues": form.sub_venues()})
    except Refusal as refusal:
        if refusal.field not in form.fields:
            raise
        form.add_error(refusal.field, f"{refusal.message}（规则 {refusal.rule}）")
        return None


def _initial(original: VenueOrder) -> dict:
    main, *subs = sorted(original.offers.all(), key=lambda one: not one.is_main)
    names = (("sub_venue", "sub_seats"), ("second_sub_venue", "second_sub_seats"))
    chosen = {
        name: value
        for (venue, seats), one in zip(names, subs, strict=False)
        for name, value in ((venue, one.centre_id), (seats, one.seats_wanted))
    }
    return chosen | {
        "starts_at": original.starts_at.astimezone(SHANGHAI), "ends_at": original.ends_at.astimezone(SHANGHAI),
        "main_seats": main.seats_wanted, "contact": original.contact, "phone": original.phone,
        "reroute_limit": original.reroute_limit,
    }


def _others(main: Centre | None):
    return Centre.objects.exclude(pk=main.pk if main else None).select_related("organisation")


def _capacity() -> list[dict]:
    return [{"centre": one, "seats": one.seat_count} for one in venues.with_capacity()]


def _by_time(one: Offer) -> tuple:
    return not one.is_main, one.sent_at is None, one.sent_at or one.centre.region, one.centre.region


def _venues(thing: VenueOrder) -> str:
    standing = sorted((one for one in thing.asked.all() if one.order_id), key=lambda one: not one.is_main)
    return "、".join(
        f"{one.centre.short_name}{'（主场）' if one.is_main else ''}"
        + (f"{one.seats_wanted}席" if one.seats_wanted else "")
        for one in standing
    )


def _row(one: Offer, actor) -> dict:
    # Seat numbers are for the venue that holds them: whoever knows them knows where a committee sits.
    is_own = actor.organisation == str(one.centre.organisation_id)
    return {
        "offer": one, "tone": queries.TONES[one.state], "kind": "主场" if one.is_main else "副场",
        "seats": [f"{seat.room.name} {seat.number}" for seat in queries.seats_of(one)] if is_own else [],
        "is_own": is_own, "is_open": one.state == OfferState.SENT,
        "instead_of": one.replaces.centre.short_name if one.replaces_id else "",
    }
