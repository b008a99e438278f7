"""Reading contracts and reports to the supervisor."""

from datetime import datetime

from django.db.models import QuerySet

from gongheng.kernel import procedures
from gongheng.kernel.calendar import in_words
from gongheng.kernel.money import formatted
from gongheng.kernel.roles import Actor, Role
from gongheng.trading.award import periods as award_periods
from gongheng.trading.award.periods import Period
from gongheng.trading.award.queries import award_of, is_party
from gongheng.trading.contracts.lifecycle import State
from gongheng.trading.contracts.models import Contract, SupervisionReport
from gongheng.trading.coordination.lifecycle import OrderState
from gongheng.trading.projects.lifecycle import State as LotState
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import conducted_by, due_with_holds, is_host, is_supervisor, rulebook_of
from gongheng.trading.projects.queries import visible_to as lots_visible_to
from gongheng.ui.cards import Link, LotCard, Todo

#: States in which a lot has a winner, and so a contract to come.
STAGE = (LotState.AWARDED, LotState.NOTIFIED, LotState.CONTRACTED, LotState.ARCHIVED)
TONES = {State.DRAFTED: "warning", State.OFFERED: "accent", State.CONCLUDED: "success"}


def lots_visible(actor: Actor) -> QuerySet[Lot]:
    """Return the awarded lots whose contract is the actor's business: as host, winner, supervisor or main venue."""
    lots = lots_visible_to(actor).filter(state__in=STAGE)
    if actor.organisation is None:
        return lots.none()
    match actor.role:
        case Role.TENDERER:
            return lots.filter(tender_project__tenderer=actor.organisation)
        case Role.AGENCY:
            return lots.filter(tender_project__agency=actor.organisation)
        case Role.SUPERVISOR:
            return lots.filter(tender_project__supervisor=actor.organisation)
        case Role.BIDDER:
            return lots.filter(award__candidate__bid__organisation=actor.organisation)
        case Role.CENTRE:
            return lots.filter(
                venue_orders__state=OrderState.CONFIRMED, venue_orders__offers__is_main=True,
                venue_orders__offers__centre__organisation=actor.organisation,
            ).distinct()
        case _:
            return lots.none()


def visible_to(actor: Actor) -> QuerySet[Contract]:
    """Return the contracts that are the actor's business."""
    return Contract.objects.filter(lot__in=lots_visible(actor)).select_related(
        "lot__tender_project__tenderer", "award__candidate__bid__organisation", "document", "signed_document"
    )


def contract_of(lot: Lot) -> Contract | None:
    """Return the lot's contract, if it is drafted."""
    return Contract.objects.select_related(
        "award__candidate__bid__organisation", "document", "signed_document"
    ).filter(lot=lot).first()


def report_of(lot: Lot) -> SupervisionReport | None:
    """Return the lot's report to the supervisor, if it is handed in."""
    return SupervisionReport.objects.select_related("document").filter(lot=lot).first()


def contract_due(lot: Lot, now: datetime) -> datetime:
    """Return until when the contract is to be concluded (T11), holds that stop this clock left out."""
    due = procedures.contract_due(rulebook_of(lot), lot.award_noticed_at)
    return due_with_holds(lot, "T11", lot.award_noticed_at, due, now)


def report_due(lot: Lot, now: datetime) -> datetime:
    """Return until when the report is due at the supervisor (T13), holds that stop this clock left out."""
    decided_at = award_of(lot).decided_at
    return due_with_holds(lot, "T13", decided_at, procedures.report_due(rulebook_of(lot), decided_at), now)


def periods(lot: Lot, now: datetime) -> list[Period]:
    """Return all periods from the report to the contract as far as they have begun (T10, T6, T16, T13, T11)."""
    found, award = award_periods.periods(lot), award_of(lot)
    if award is None:
        return found
    report, contract = report_of(lot), contract_of(lot)
    reported_at = report.submitted_at if report else None
    due_at = report_due(lot, reported_at or now)
    found.append(Period("T13", "提交招标投标情况书面报告", award.decided_at, due_at, reported_at))
    if award.noticed_at is not None:
        signed_at = contract.winner_signed_at if contract else None
        found.append(Period("T11", "签订合同", award.noticed_at, contract_due(lot, signed_at or now), signed_at))
    return found


def refund_due(contract: Contract) -> datetime | None:
    """Return until when the bid deposits are to be paid back with interest (T12), once the contract is concluded."""
    if contract.winner_signed_at is None:
        return None
    return rulebook_of(contract.lot).due("T12", contract.winner_signed_at)


def card(lot: Lot, actor: Actor, now: datetime) -> LotCard | None:
    """Show contract and report; to those whose turn it is, the next act."""
    if lot.state not in STAGE:
        return None
    award, contract = award_of(lot), contract_of(lot)
    if award is None:
        return None
    facts = [("中标人", award.candidate.bid.bidder_name)]
    if contract is not None:
        facts += [("合同价", f"{formatted(contract.price)} 元"), ("合同编号", contract.number)]
    if award.noticed_at is not None:
        facts.append(("签订期限", in_words(contract_due(lot, now))))
    if is_host(lot, actor) or is_supervisor(lot, actor):
        facts.append(("书面报告", "已提交" if report_of(lot) else "未提交"))
    links = [Link("合同与书面报告", f"/contracts/lots/{lot.pk}/")] if is_party(lot, actor) else []
    if contract is None and is_host(lot, actor) and lot.state == LotState.NOTIFIED:
        links.append(Link("拟定合同", f"/contracts/lots/{lot.pk}/draft/", "primary"))
    status, tone = (contract.state_label, "green" if contract.state == State.CONCLUDED else "blue") if contract else (
        "待拟定", "yellow")
    return LotCard("合同", "file-check", status, tone, facts, links)


def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Say what waits for this actor: to draft, to sign, to report."""
    if actor.organisation is None:
        return []
    found = []
    if actor.role in (Role.AGENCY, Role.TENDERER):
        lots = conducted_by(actor).filter(state__in=STAGE[:3]).order_by("created_at")
        for lot in lots.filter(state=LotState.NOTIFIED, contract=None):
            found.append(_todo("拟定合同", lot, "draft/", contract_due(lot, now)))
        for lot in lots.filter(supervision_report=None):
            found.append(_todo("提交招标投标情况书面报告", lot, "report/", report_due(lot, now)))
    turn = {Role.TENDERER: State.DRAFTED, Role.BIDDER: State.OFFERED}.get(actor.role)
    if turn is not None:
        for contract in visible_to(actor).filter(state=turn):
            found.append(_todo("签署合同", contract.lot, "", contract_due(contract.lot, now)))
    return found


def _todo(title: str, lot: Lot, page: str, due_at: datetime) -> Todo:
    return Todo(title, f"{lot.tender_project.name}（{lot.name}）", f"/contracts/lots/{lot.pk}/{page}", due_at)
