"""Organisations, actors and lots for tests of the trade, made through the actions themselves (测试布景)."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from gongheng.kernel.clock import Clock
from gongheng.kernel.numbers import make_uscc
from gongheng.kernel.roles import Actor, Role
from gongheng.people.parties.lifecycle import State as PartyState
from gongheng.people.parties.models import Organisation
from gongheng.trading.projects import actions
from gongheng.trading.projects.models import Lot, TenderProject

REGISTERED_AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
PROJECT = {
    "name": "历城区凤鸣路小学新建工程", "region_code": "370112", "address": "凤鸣路以东", "industry": "A01",
    "invest_project_code": "2026-370112-04-01-123456", "fund_source": "财政资金", "scale": "建筑面积 18650 平方米",
    "approval_name": "立项批复", "approval_number": "历发改〔2026〕1号", "approval_authority": "历城区发展和改革局",
}
LOT = {
    "name": "施工一标段", "content": "施工图纸范围内的全部工程", "classification": "A08", "region_code": "370112",
    "place_region": "370100", "estimate": Decimal("12000000.00"), "qualification": "二级及以上资质\n有安全生产许可证",
    "period_days": 365,
}


@dataclass(frozen=True)
class Cast:
    """The parties of a tender, and an outsider agency."""

    tenderer: Actor
    agency: Actor
    supervisor: Actor
    centre: Actor
    bidder: Actor
    outsider: Actor


def organisation(role: Role, number: int, name: str, region: str = "370112") -> Organisation:
    """Register a verified organisation of one role."""
    return Organisation.objects.create(
        uscc=make_uscc("9", "1", "370112", number), name=name, region=region, roles=[str(role)],
        legal_representative="甲", address="经十路1号", contact="乙", phone="0531-88110000",
        registered_at=REGISTERED_AT, state=PartyState.ACTIVE,
    )


def actor(role: Role, of: Organisation) -> Actor:
    """Return somebody who acts for an organisation."""
    return Actor(str(uuid.uuid4()), role, str(of.pk), "某人")


def cast() -> Cast:
    """Register the six organisations and return who acts for them."""
    rows = (
        (Role.TENDERER, "历城区教育和体育局", "370112"), (Role.AGENCY, "山东信衡工程咨询有限公司", "370102"),
        (Role.SUPERVISOR, "历城区住房和城乡建设局", "370112"), (Role.CENTRE, "济南市公共资源交易中心", "370100"),
        (Role.BIDDER, "济南恒筑建设有限公司", "370102"), (Role.AGENCY, "青岛某咨询有限公司", "370202"),
    )
    return Cast(*(
        actor(role, organisation(role, 60000000 + number, name, region))
        for number, (role, name, region) in enumerate(rows)
    ))


def of(one: Actor) -> Organisation:
    """Return the organisation for which somebody acts."""
    return Organisation.objects.get(pk=one.organisation)


def tender_project(who: Cast, clock: Clock) -> TenderProject:
    """Register a project and a tender project by the agency."""
    project = actions.register_project(**PROJECT, owner=of(who.tenderer), actor=who.agency, clock=clock)
    return actions.register_tender_project(
        project, name=PROJECT["name"], content="新建小学一所", is_by_law=True, form=TenderProject.Form.AGENCY,
        tenderer=of(who.tenderer), agency=of(who.agency), supervisor=of(who.supervisor), actor=who.agency, clock=clock,
    )


def draft_lot(who: Cast, clock: Clock, **changes) -> Lot:
    """Add a lot as a draft."""
    return actions.add_lot(tender_project(who, clock), **LOT | changes, actor=who.agency, clock=clock)


def filed_lot(who: Cast, clock: Clock) -> Lot:
    """Bring a lot to the state in which its notice may be published."""
    lot = draft_lot(who, clock)
    actions.submit_lot(lot, actor=who.agency, clock=clock)
    return actions.file_lot(lot, filing_number="", actor=who.supervisor, clock=clock)
