"""What those see who watch an evaluation: who sits where and how far each is, never a score (进度)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from gongheng.kernel.roles import Actor, Role
from gongheng.places.venues.queries import bookings_for, seats_with_device
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import CompetitionVote, Evaluation, Member, ReportSignature, Score
from gongheng.trading.evaluation.queries.access import (
    OVER,
    bids_under_review,
    confirmed_order,
    evaluation_of,
    is_main_venue,
    method_of,
    passed_bids,
    seat_code,
    sessions_of,
    visible_to,
)
from gongheng.trading.evaluation.queries.results import Deviation, deviations
from gongheng.trading.projects.lifecycle import State as LotState
from gongheng.trading.projects.models import Lot
from gongheng.ui.cards import Link, LotCard, Todo

#: States in which sheets are locked for good and deviations may be looked at.
_SCORED = (State.RESULT, State.SIGNING, State.DONE)


@dataclass(frozen=True)
class Line:
    """One member on the progress board; ``done`` of ``wanted`` in the phase that runs."""

    member: Member
    status: str
    tone: str
    done: int
    wanted: int
    is_leader: bool


def board(evaluation: Evaluation) -> list[Line]:
    """Return how far each member is in the running phase: counts and locks only."""
    members = evaluation.members.select_related("centre", "seat__room").order_by("number")
    match evaluation.state:
        case State.PRELIMINARY:
            wanted = bids_under_review(evaluation).count() * len(method_of(evaluation.lot).items)
            done = _counted(members.annotate(count=Count("marks")))
        case State.TECHNICAL:
            wanted = passed_bids(evaluation).count() * len(method_of(evaluation.lot).factors)
            rows = Score.objects.filter(alias__member__evaluation=evaluation)
            done = dict(rows.values_list("alias__member").annotate(count=Count("pk")))
        case State.ELECTING:
            wanted = 1
            rows = evaluation.ballots.filter(round=evaluation.ballot_round)
            done = dict.fromkeys(rows.values_list("voter", flat=True), 1)
        case State.COMPETITION:
            wanted = 1
            rows = CompetitionVote.objects.filter(member__evaluation=evaluation)
            done = dict.fromkeys(rows.values_list("member", flat=True), 1)
        case State.SIGNING | State.DONE:
            wanted = 1
            rows = ReportSignature.objects.filter(member__evaluation=evaluation)
            done = dict.fromkeys(rows.values_list("member", flat=True), 1)
        case _:
            wanted, done = 1, {member.pk: int(member.promised_at is not None) for member in members}
    return [
        Line(member, *_status(evaluation, member, done.get(member.pk, 0)), done.get(member.pk, 0), wanted,
             member.pk == evaluation.leader_id)
        for member in members
    ]


def _counted(members) -> dict:
    return {member.pk: member.count for member in members}


def _status(evaluation: Evaluation, member: Member, done: int) -> tuple[str, str]:
    match evaluation.state:
        case State.CHECK_IN:
            return ("已签承诺", "success") if member.promised_at else ("已签到", "warning")
        case State.PRELIMINARY:
            return ("已提交", "success") if member.preliminary_locked_at else ("评审中", "warning")
        case State.TECHNICAL:
            return ("已提交", "success") if member.technical_locked_at else ("评分中", "warning")
        case State.ELECTING | State.COMPETITION:
            return ("已投票", "success") if done else ("待投票", "warning")
        case State.SIGNING | State.DONE:
            return ("已签署", "success") if done else ("待签署", "warning")
        case State.RESULT:
            return ("待组长编制报告", "info")
        case _:
            return ("已结束", "neutral")


def seats_at(evaluation: Evaluation, actor: Actor) -> list[dict]:
    """Return the venues with their seats; the codes only of the actor's own venue (只看本场)."""
    order = confirmed_order(evaluation.lot)
    sitting = {member.seat_id: member for member in evaluation.members.all()}
    venues = []
    for offer in order.offers.select_related("centre__organisation").order_by("-is_main", "centre__region"):
        is_own = actor.organisation == str(offer.centre.organisation_id)
        bookings = list(bookings_for(offer.pk))
        vouched = seats_with_device(one.seat_id for one in bookings)
        venues.append({
            "centre": offer.centre, "is_main": offer.is_main, "is_own": is_own, "wanted": offer.seats_wanted,
            "present": sum(booking.seat_id in sitting for booking in bookings),
            "seats": [
                {
                    "name": f"{booking.seat.room.name} {booking.seat.number} 号", 
                    "code": "" if booking.seat_id in vouched else seat_code(booking),
                    "member": sitting.get(booking.seat_id),
                }
                for booking in bookings
            ] if is_own else [],
        })
    return venues


def is_scored(evaluation: Evaluation) -> bool:
    """Return whether all sheets are locked for good."""
    return evaluation.state in _SCORED


def deviation_board(evaluation: Evaluation) -> list[Deviation]:
    """Return the deviations once all sheets are locked; before that there is nothing to see."""
    return deviations(evaluation) if is_scored(evaluation) else []


def card(lot: Lot, actor: Actor, now: datetime) -> LotCard | None:
    """Show the evaluation of a lot to those who may know of it."""
    evaluation = visible_to(actor).filter(lot=lot).exclude(state=State.DISSOLVED).first()
    if evaluation is None:
        if lot.state == LotState.OPENED and is_main_venue(lot, actor):
            link = Link("进入评标组织", f"/sessions/lots/{lot.pk}/", "primary")
            return LotCard("评标", "scale", "待开始", "yellow", [], [link])
        return None
    base = f"/evaluation/{evaluation.pk}/"
    facts = [("评标委员会", f"{evaluation.members.count()} 人"), ("开始时间", evaluation.started_at)]
    if evaluation.finished_at:
        facts.append(("结束时间", evaluation.finished_at))
    links = {
        Role.CENTRE: [Link("评标组织", f"/sessions/lots/{lot.pk}/")],
        Role.SUPERVISOR: [Link("评标监督", f"{base}monitor/")],
        Role.EXPERT: [Link("进入评标", base, "primary")],
    }.get(actor.role, [])
    if evaluation.result is not None and evaluation.state == State.DONE and actor.role != Role.EXPERT:
        links = [*links, Link("评标结果", f"{base}outcome/")]
    tone = {State.DONE: "green", State.FAILED: "red"}.get(evaluation.state, "yellow")
    return LotCard("评标", "scale", evaluation.state_label, tone, facts, links)


def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Say which evaluations wait for this expert or this main venue."""
    if actor.role == Role.EXPERT:
        return [
            Todo(title, _named(evaluation.lot), f"/evaluation/{evaluation.pk}/")
            for evaluation, member in sessions_of(actor)
            if (title := _waiting(evaluation, member)) is not None
        ]
    if actor.role != Role.CENTRE or actor.organisation is None:
        return []
    lots = Lot.objects.filter(
        state=LotState.OPENED, venue_orders__state="confirmed", venue_orders__offers__is_main=True,
        venue_orders__offers__centre__organisation=actor.organisation,
    ).select_related("tender_project").distinct()
    waiting = [
        Todo("组织评标", _named(lot), f"/sessions/lots/{lot.pk}/", confirmed_order(lot).starts_at)
        for lot in lots if evaluation_of(lot) is None
    ]
    ready = [
        Todo("委员到齐后开始评标", _named(one.lot), f"/sessions/lots/{one.lot_id}/")
        for one in visible_to(actor).filter(state=State.CHECK_IN) if is_main_venue(one.lot, actor)
    ]
    return waiting + ready


def _named(lot: Lot) -> str:
    return f"{lot.tender_project.name}（{lot.name}）"


def _waiting(evaluation: Evaluation, member: Member | None) -> str | None:
    if evaluation.state in OVER:
        return None
    if member is None:
        return "到席位签到" if evaluation.state == State.CHECK_IN else None
    line = next((one for one in board(evaluation) if one.member.pk == member.pk), None)
    if line is None or line.tone != "warning":
        return "编制评标报告" if evaluation.state == State.RESULT and evaluation.leader_id == member.pk else None
    return evaluation.state_label
