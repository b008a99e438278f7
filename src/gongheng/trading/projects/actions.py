"""The only writer of projects, tender projects, lots and holds."""

from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from gongheng.kernel import numbers
from gongheng.kernel.calendar import day_of, prolonged
from gongheng.kernel.clock import Clock
from gongheng.kernel.procedures import rulebook
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import LotRegions, region
from gongheng.kernel.roles import Actor, Role
from gongheng.people.parties.models import Organisation
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Hold, Lot, Project, TenderProject
from gongheng.trading.projects.rules import stood_still_since
from gongheng.trust.evidence.moving import Step, moving, note, starting

#: Four digits issued by the national service platform; 9999 until it has issued ours.
PLATFORM_NUMBER = "9999"


def register_project(
    *, name: str, region_code: str, address: str, industry: str, invest_project_code: str, fund_source: str,
    scale: str, approval_name: str, approval_number: str, approval_authority: str, owner: Organisation,
    actor: Actor, clock: Clock,
) -> Project:
    """Register a project (项目登记) and give it its 17-character code.

    Raises Refusal REGION or CODE naming the field.
    """
    region(region_code, "region_code")
    if invest_project_code:
        invest_project_code = numbers.check_investment_code(invest_project_code, "invest_project_code")
    project = Project(
        name=name, region=region_code, address=address, industry=industry, owner=owner,
        invest_project_code=invest_project_code, fund_source=fund_source, scale=scale,
        approval_name=approval_name, approval_number=approval_number, approval_authority=approval_authority,
        registered_by_id=UUID(actor.organisation),
    )
    with note("project.register", project, actor=actor, clock=clock) as step:
        project.code = numbers.make_project_code("A", region_code, PLATFORM_NUMBER, _next("project_code_sequence"))
        project.created_at = step.now
        project.save(force_insert=True)
        step.facts["code"] = project.code
    return project


def register_tender_project(
    project: Project, *, name: str, content: str, is_by_law: bool, form: str, tenderer: Organisation,
    agency: Organisation | None, supervisor: Organisation, actor: Actor, clock: Clock,
) -> TenderProject:
    """Register a tender project (招标项目) under a project; it keeps today's rulebook for its whole life."""
    if form == TenderProject.Form.AGENCY and agency is None:
        raise Refusal("AGENCY", "委托招标须选择招标代理机构。", "agency")
    _must_act_for(actor, tenderer, agency)
    for organisation, role, field in ((tenderer, Role.TENDERER, "tenderer"), (agency, Role.AGENCY, "agency"),
                                      (supervisor, Role.SUPERVISOR, "supervisor")):
        if organisation is not None and role not in organisation.roles:
            raise Refusal("PARTY", f"“{organisation.name}”未登记该角色，请重新选择。", field)
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)  # numbers the rounds without gaps or twins
        tender = TenderProject(
            project=project, name=name, content=content, is_by_law=is_by_law, form=form,
            tenderer=tenderer, agency=agency if form == TenderProject.Form.AGENCY else None, supervisor=supervisor,
            code=numbers.make_tender_code(project.code, project.tender_projects.count() + 1),
        )
        with note("tender_project.register", tender, actor=actor, clock=clock, code=tender.code) as step:
            tender.created_at = step.now
            tender.rulebook = rulebook(day_of(step.now)).to_json()
            tender.save(force_insert=True)
    return tender


def add_lot(
    tender: TenderProject, *, name: str, content: str, classification: str, region_code: str, place_region: str,
    estimate: Decimal, qualification: str, period_days: int, actor: Actor, clock: Clock,
) -> Lot:
    """Add a lot (标段) as a draft, with its 23-character code and its unified deal code.

    ``region_code`` is where the project lies, ``place_region`` the main venue's region; the tenderer's
    and the agency's regions come from their registration. Raises Refusal REGION, CODE or UDC.
    """
    _must_act_for(actor, tender.tenderer, tender.agency)
    agency_region = tender.agency.region if tender.agency else None
    LotRegions(region_code, tender.tenderer.region, agency_region, place_region).check()
    lot = Lot(
        tender_project=tender, name=name, content=content, classification=classification, region=region_code,
        tenderer_region=tender.tenderer.region, agency_region=agency_region or "", place_region=place_region,
        estimate=estimate, qualification=qualification, period_days=period_days,
    )
    with transaction.atomic():
        TenderProject.objects.select_for_update().get(pk=tender.pk)
        number = (tender.lots.aggregate(last=Max("code"))["last"] or "000")[-3:]
        with starting(lot, actor=actor, clock=clock, verb="add") as step:
            lot.code = numbers.make_lot_code(tender.code, int(number) + 1)
            lot.deal_code = numbers.make_udc(
                tender.project.industry, settings.OPERATOR_USCC, day_of(step.now), _next("deal_code_sequence")
            )
            lot.created_at = step.now
            step.facts |= {"code": lot.code, "deal_code": lot.deal_code}
    return lot


def revise_lot(
    lot: Lot, *, name: str, content: str, classification: str, region_code: str, place_region: str,
    estimate: Decimal, qualification: str, period_days: int, actor: Actor, clock: Clock,
) -> Lot:
    """Correct what was registered about a lot before it is (again) handed in for filing (修改、补正)."""
    tender = lot.tender_project
    _must_act_for(actor, tender.tenderer, tender.agency)
    agency_region = tender.agency.region if tender.agency else None
    LotRegions(region_code, tender.tenderer.region, agency_region, place_region).check()
    with note("lot.revise", lot, lot=lot, actor=actor, clock=clock):
        if lot.state not in (State.DRAFT, State.RETURNED):
            raise Refusal("STATE", f"标段当前状态为“{lot.state_label}”，只有草稿或退回补正的标段可以修改。")
        lot.name, lot.content, lot.classification, lot.region = name, content, classification, region_code
        lot.place_region, lot.estimate, lot.qualification = place_region, estimate, qualification
        lot.period_days = period_days
        lot.save()
    return lot


def submit_lot(lot: Lot, *, actor: Actor, clock: Clock) -> Lot:
    """Hand the lot in for filing (提交备案)."""
    _must_act_for(actor, lot.tender_project.tenderer, lot.tender_project.agency)
    advance_lot(lot, "submit", actor=actor, clock=clock)
    return lot


def file_lot(lot: Lot, *, filing_number: str, actor: Actor, clock: Clock) -> Lot:
    """Accept the filing (备案通过) under the supervisor's number; the platform numbers when it is empty."""
    _must_supervise(actor, lot)
    number = filing_number.strip() or f"BA{lot.code[1:]}"
    advance_lot(lot, "file", actor=actor, clock=clock, facts={"filing_number": number}, filing_number=number)
    return lot


def return_lot(lot: Lot, *, reason: str, actor: Actor, clock: Clock) -> Lot:
    """Send the filing back for correction (退回补正) with the reason."""
    _must_supervise(actor, lot)
    advance_lot(lot, "return", actor=actor, clock=clock, facts={"reason": reason})
    return lot


def cancel_lot(lot: Lot, *, reason: str, actor: Actor, clock: Clock) -> Lot:
    """Withdraw a lot that was not yet announced (撤销登记)."""
    _must_act_for(actor, lot.tender_project.tenderer, lot.tender_project.agency)
    advance_lot(lot, "cancel", actor=actor, clock=clock, facts={"reason": reason})
    return lot


def advance_lot(lot: Lot, move: str, *, actor: Actor, clock: Clock, facts: dict | None = None, **changes) -> Step:
    """Make one move of the lot's main path for a later stage, with the lot's own columns it changes.

    ``changes`` are columns of Lot (bids_due_at, closed_at, closing_root …); a callable value gets
    the moment read after the lock. Raises Refusal as ``moving`` does.
    """
    with moving(lot, move, actor=actor, clock=clock, **(facts or {})) as step:
        for column, value in changes.items():
            setattr(lot, column, value(step.now) if callable(value) else value)
    return step


def place_hold(lot: Lot, *, kind: str, reason: str, clocks: list[str], actor: Actor, clock: Clock) -> Hold:
    """Leave a hold on the lot (暂停): its main path stands still until every hold is released.

    ``clocks`` are the ids of the rules whose running periods the hold shifts (T10, T11 …).
    """
    hold = Hold(lot=lot, kind=kind, reason=reason, clocks=clocks, placed_by=actor.id)
    with note("hold.place", f"hold:{hold.pk}", lot=lot, actor=actor, clock=clock, kind=kind, clocks=clocks) as step:
        hold.placed_at = step.now
        hold.save(force_insert=True)
    return hold


def release_hold(hold: Hold, *, release_note: str, actor: Actor, clock: Clock) -> Hold:
    """Release a hold (解除暂停); the clocks it names are shifted by the time it stood."""
    lot = hold.lot
    with note("hold.release", f"hold:{hold.pk}", lot=lot, actor=actor, clock=clock) as step:
        hold = Hold.objects.select_for_update().get(pk=hold.pk)
        if hold.released_at is not None:
            raise Refusal("STATE", "该暂停事项已经解除。")
        hold.released_at, hold.released_by, hold.release_note = step.now, actor.id, release_note
        hold.save()
        # The other clocks are not stored: queries.due_with_holds counts them anew.
        if "T10" in hold.clocks and lot.publicity_ends_at is not None:
            since = stood_still_since(
                lot.holds.filter(clocks__contains="T10").values_list("placed_at", "released_at"), step.now
            )
            if since is not None:
                lot.publicity_ends_at = prolonged(lot.publicity_ends_at, step.now - since)
                lot.save()
        step.facts["held_seconds"] = int((step.now - hold.placed_at).total_seconds())
    return hold


def _must_act_for(actor: Actor, *organisations: Organisation | None) -> None:
    if UUID(actor.organisation) not in {one.pk for one in organisations if one is not None}:
        raise Refusal("PARTY", "您所在的单位不是该项目的招标人或招标代理机构，不能办理。")


def _must_supervise(actor: Actor, lot: Lot) -> None:
    if UUID(actor.organisation) != lot.tender_project.supervisor_id:
        raise Refusal("PARTY", "该标段不归您所在的监督部门监督，不能办理。")


def _next(sequence: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval('{sequence}')")
        return cursor.fetchone()[0]
