"""A centre's pages: answering an offer with exactly the seats it asks for, or refusing it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.places.venues import queries as venues
from gongheng.trading.coordination import actions, queries
from gongheng.trading.coordination.forms import ReasonForm, SeatsForm
from gongheng.trading.coordination.models import Offer
from gongheng.trading.coordination.views.orders import CRUMBS, kind_of
from gongheng.ui.pages import page


@page("coordination.offer", Role.CENTRE)
def offer(request: HttpRequest, pk) -> HttpResponse:
    """One offer to this centre: pick seats on the plan of free seats, or refuse with a reason."""
    thing = get_object_or_404(queries.offers_visible_to(request.actor), pk=pk)
    order = thing.asked_for
    is_open = thing.lifecycle.refusal(thing, "confirm", request.actor.role, settings.CLOCK.now()) is None
    return render(request, "coordination/offer.html", {
        "heading": f"要约 {order.number}",
        "pretitle": order.lot.code, "breadcrumb": [*CRUMBS, {"label": "答复要约"}],
        "subtitle": f"{order.lot.full_name}：{kind_of(thing)}" + (
            f"，需 {thing.seats_wanted} 个席位。" if thing.seats_wanted else "，请答复是否同意取消。"
        ),
        "offer": thing, "order": order, "tone": queries.TONES[thing.state], "is_open": is_open,
        **(_plan(thing) if is_open and thing.seats_wanted else {}),
        "seats": queries.seats_of(thing),
        "reason_form": ReasonForm() if is_open else None,
        "subject": f"offer:{thing.pk}",
    })


@page("coordination.confirm", Role.CENTRE, methods=("POST",), signed=True)
def confirm(request: HttpRequest, pk) -> HttpResponse:
    thing = get_object_or_404(queries.offers_visible_to(request.actor), pk=pk)
    form = SeatsForm(request.POST, centre=thing.centre)
    if thing.seats_wanted and not form.is_valid():
        raise Refusal("SEATS", f"请在席位图上选择{thing.seats_wanted}个本中心的空闲席位。", "seats")
    seats = list(form.cleaned_data["seats"]) if thing.seats_wanted else []
    actions.confirm_offer(thing, seats=seats, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "要约已确认，席位已预留。" if seats else "已同意取消。")
    return redirect("coordination:offer", thing.pk)


@page("coordination.refuse", Role.CENTRE, methods=("POST",), signed=True)
def refuse(request: HttpRequest, pk) -> HttpResponse:
    thing = get_object_or_404(queries.offers_visible_to(request.actor), pk=pk)
    actions.refuse_offer(thing, reason=request.POST.get("reason", ""), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已拒绝要约，发起方将收到您填写的理由。")
    return redirect("coordination:offer", thing.pk)


def _plan(thing: Offer) -> dict:
    """Return the plan of seats with a proposal that staff may change, and why there is none.

    Of a change, the seats that this centre holds for the original are proposed first.
    """
    order, now = thing.asked_for, settings.CLOCK.now()
    kept_back = queries.held_by_original(thing)
    rooms = venues.rooms_with_use(thing.centre, order.starts_at, order.ends_at, now)
    for seat in (seat for item in rooms for seat in item["seats"] if seat["pk"] in kept_back):
        seat |= {"is_held": False, "text": "原要约单留用", "is_kept": True}
    before = [seat for offer in _original(thing) for seat in queries.seats_of(offer)]
    proposed = [str(seat.pk) for seat in before][: thing.seats_wanted]
    missing, problem = thing.seats_wanted - len(proposed), ""
    if missing > 0:
        try:
            more = venues.propose_seats(thing.centre, order.starts_at, order.ends_at, missing, now)
            proposed += [str(seat.pk) for seat in more]
        except Refusal as refusal:
            problem = refusal.message
    return {"rooms": rooms, "proposed": proposed, "problem": problem}


def _original(thing: Offer) -> list[Offer]:
    original = thing.asked_for.original
    return list(original.offers.filter(centre=thing.centre_id)) if original is not None else []
