"""Reading candidates, publicity, objections to the result and the award."""

from datetime import datetime

from django.db.models import Q, QuerySet

from gongheng.kernel.calendar import in_words
from gongheng.kernel.money import formatted
from gongheng.kernel.roles import Actor, Role
from gongheng.trading.award.models import Award, Candidate, Publicity, ResultObjection
from gongheng.trading.bids.models import Bid
from gongheng.trading.evaluation.queries import Standing, evaluation_of, is_main_venue, result
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import (
    conducted_by,
    is_host,
    is_supervisor,
    rulebook_of,
    supervised_by,
)
from gongheng.trading.projects.queries import visible_to as lots_visible_to
from gongheng.ui.cards import Link, LotCard, Todo

#: States in which the award stage has something to show.
STAGE = (State.REPORTED, State.PUBLICITY, State.AWARDED, State.NOTIFIED, State.CONTRACTED, State.ARCHIVED)
#: From the report to the publicity only the host and the supervisor know of the stage.
BEFORE_PUBLICITY = (State.REPORTED,)


def visible_to(actor: Actor) -> QuerySet[Lot]:
    """Return the lots whose award stage the actor may see: everybody's from the publicity on."""
    lots = lots_visible_to(actor).filter(state__in=STAGE)
    if actor.organisation is None or actor.role not in (Role.AGENCY, Role.TENDERER, Role.SUPERVISOR):
        return lots.exclude(state__in=BEFORE_PUBLICITY)
    tender = "tender_project__supervisor" if actor.role == Role.SUPERVISOR else f"tender_project__{actor.role}"
    return lots.filter(~Q(state__in=BEFORE_PUBLICITY) | Q(**{tender: actor.organisation}))


def candidates_of(lot: Lot) -> QuerySet[Candidate]:
    """Return the published candidates, the first-ranked first."""
    return lot.candidates.select_related("bid__organisation").order_by("rank")


def proposed(lot: Lot) -> list[Standing]:
    """Return the ranking of the report from which the candidates will be made public."""
    return result(lot)[:3]


def publicity_of(lot: Lot) -> Publicity | None:
    """Return the lot's publicity, if it has begun."""
    return Publicity.objects.select_related("notice").filter(lot=lot).first()


def award_of(lot: Lot) -> Award | None:
    """Return the lot's award, if the winner is determined."""
    return Award.objects.select_related("candidate__bid__organisation", "award_notice").filter(lot=lot).first()


def is_winner(lot: Lot, actor: Actor) -> bool:
    """Return whether the actor acts for the winner."""
    award = award_of(lot)
    return (
        award is not None and actor.role == Role.BIDDER
        and actor.organisation == str(award.candidate.bid.organisation_id)
    )


def is_party(lot: Lot, actor: Actor) -> bool:
    """Return whether award notice and contract are the actor's business: host, winner, supervisor, main venue."""
    return (
        is_host(lot, actor) or is_supervisor(lot, actor) or is_winner(lot, actor) or is_main_venue(lot, actor)
    )


def objections_visible_to(actor: Actor) -> QuerySet[ResultObjection]:
    """Return the objections to results that the actor raised, has to answer or supervises; nobody else's business."""
    found = ResultObjection.objects.select_related("lot__tender_project", "organisation").order_by("raised_at")
    match actor.role:
        case Role.BIDDER if actor.organisation:
            return found.filter(organisation=actor.organisation)
        case Role.AGENCY | Role.TENDERER if actor.organisation:
            return found.filter(lot__in=conducted_by(actor))
        case Role.SUPERVISOR if actor.organisation:
            return found.filter(lot__in=supervised_by(actor))
        case _:
            return found.none()


def has_bid(lot: Lot, actor: Actor) -> bool:
    """Return whether the actor acts for an organisation that bid for the lot."""
    return actor.role == Role.BIDDER and bool(actor.organisation) and lot.bids.filter(
        organisation=actor.organisation, state=Bid.State.OPENED
    ).exists()


def may_object(lot: Lot, actor: Actor, now: datetime) -> bool:
    """Return whether the actor may object to the result now."""
    return lot.state == State.PUBLICITY and now < lot.publicity_ends_at and has_bid(lot, actor)


def card(lot: Lot, actor: Actor, now: datetime) -> LotCard | None:
    """Show candidates, publicity and winner; to those whose turn it is, the next act."""
    is_ours = is_host(lot, actor)
    if lot.state not in STAGE or (lot.state in BEFORE_PUBLICITY and not (is_ours or is_supervisor(lot, actor))):
        return None
    if lot.state in BEFORE_PUBLICITY:
        links = [Link("公示中标候选人", f"/award/lots/{lot.pk}/publicise/", "primary")] if is_ours else []
        return LotCard("候选人公示与定标", "award", "待公示", "yellow", links=links)
    award = award_of(lot)
    facts = [
        (f"第 {one.rank} 名", f"{one.bid.bidder_name}　{formatted(one.bid.total)} 元") for one in candidates_of(lot)
    ]
    facts.append(("公示截止", in_words(lot.publicity_ends_at)))
    links = [Link("公示与结果", f"/award/lots/{lot.pk}/")]
    if award is None:
        if may_object(lot, actor, now):
            links.append(Link("提出异议", f"/award/lots/{lot.pk}/object/"))
        if _may_decide(lot, actor, now):
            links.append(Link("确定中标人", f"/award/lots/{lot.pk}/decide/", "primary"))
        status = "公示中" if now < lot.publicity_ends_at else "公示期满"
        return LotCard("候选人公示与定标", "award", status, "blue", facts, links)
    facts += [("中标人", award.candidate.bid.bidder_name), ("定标时间", in_words(award.decided_at))]
    if is_ours and lot.state == State.AWARDED:
        links.append(Link("发出中标通知书", f"/award/lots/{lot.pk}/notify/", "primary"))
    status = "已定标" if award.noticed_at is None else "已发中标通知书"
    return LotCard("候选人公示与定标", "award", status, "green", facts, links)


def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Say what waits for the host: publicise, answer, decide, notify."""
    if actor.role not in (Role.AGENCY, Role.TENDERER) or actor.organisation is None:
        return []
    found = []
    for lot in conducted_by(actor).filter(state__in=STAGE[:3]).order_by("created_at"):
        subject, address = f"{lot.tender_project.name}（{lot.name}）", f"/award/lots/{lot.pk}"
        if lot.state == State.REPORTED:
            evaluation = evaluation_of(lot)
            due_at = rulebook_of(lot).due("T10.start", evaluation.finished_at) if evaluation else None
            found.append(Todo("公示中标候选人", subject, f"{address}/publicise/", due_at))
        elif _may_decide(lot, actor, now):
            found.append(Todo("确定中标人", subject, f"{address}/decide/"))
        elif lot.state == State.AWARDED:
            found.append(Todo("发出中标通知书", subject, f"{address}/notify/"))
    for one in objections_visible_to(actor).filter(answered_at=None):
        found.append(Todo(
            "答复对评标结果的异议", f"{one.lot.tender_project.name}（{one.lot.name}）",
            f"/award/objections/{one.pk}/answer/", rulebook_of(one.lot).due("T6", one.raised_at),
        ))
    return found


def _may_decide(lot: Lot, actor: Actor, now: datetime) -> bool:
    return actor.role == Role.TENDERER and is_host(lot, actor) and lot.lifecycle.refusal(
        lot, "award", actor.role, now, is_held=lot.is_held()
    ) is None
