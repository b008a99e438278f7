"""Reading projects, lots and holds; what an actor may not see does not exist."""

from datetime import datetime

from django.db.models import Q, QuerySet

from gongheng.crypto import canonical
from gongheng.kernel.calendar import prolonged
from gongheng.kernel.money import formatted
from gongheng.kernel.procedures import Rulebook
from gongheng.kernel.regions import region
from gongheng.kernel.roles import Actor, Role
from gongheng.people.parties.models import Organisation
from gongheng.people.parties.queries import with_role
from gongheng.trading.projects.codes import CLASSIFICATIONS, INDUSTRIES
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Hold, Lot, Project, TenderProject
from gongheng.trading.projects.rules import standstill
from gongheng.trust.evidence.models import Entry
from gongheng.ui.cards import Link, LotCard, Todo

#: States in which a lot is nobody's business but the parties'.
UNANNOUNCED = (State.DRAFT, State.REGISTERED, State.RETURNED, State.FILED, State.CANCELLED)
#: How a state looks on a badge.
TONES = {
    State.DRAFT: "neutral", State.REGISTERED: "warning", State.RETURNED: "danger", State.FILED: "accent",
    State.ANNOUNCED: "info", State.CLOSED: "dark", State.OPENING: "warning", State.OPENED: "info",
    State.EVALUATING: "warning", State.REPORTED: "info", State.PUBLICITY: "accent", State.AWARDED: "success",
    State.NOTIFIED: "success", State.CONTRACTED: "success", State.ARCHIVED: "neutral", State.FAILED: "danger",
    State.TERMINATED: "danger", State.CANCELLED: "neutral",
}
#: Tones of badges in the words of Tabler's colours, which lot cards use.
_COLOURS = {"neutral": "secondary", "warning": "yellow", "danger": "red", "success": "green", "dark": "secondary"}


def visible_to(actor: Actor) -> QuerySet[Lot]:
    """Return the lots this actor may know of."""
    lots = Lot.objects.select_related(
        "tender_project__project", "tender_project__tenderer", "tender_project__agency", "tender_project__supervisor"
    )
    announced = ~Q(state__in=UNANNOUNCED)
    match actor.role:
        case Role.TENDERER:
            return lots.filter(announced | Q(tender_project__tenderer=actor.organisation))
        case Role.AGENCY:
            return lots.filter(announced | Q(tender_project__agency=actor.organisation))
        case Role.SUPERVISOR:
            own = Q(tender_project__supervisor=actor.organisation) & ~Q(state=State.DRAFT)
            return lots.filter(announced | own)
        case Role.CENTRE:
            own = Q(place_region__startswith=_city(actor)) if actor.organisation else Q(pk=None)
            return lots.filter(announced | (own & ~Q(state=State.DRAFT)))
        case Role.CLOCK:
            return lots
        case _:
            return lots.filter(announced)


def conducted_by(actor: Actor) -> QuerySet[Lot]:
    """Return the lots that the actor's organisation tenders itself or as agency."""
    return visible_to(actor).filter(
        Q(tender_project__tenderer=actor.organisation) | Q(tender_project__agency=actor.organisation)
    )


def supervised_by(actor: Actor) -> QuerySet[Lot]:
    """Return the lots that the actor's department supervises."""
    return visible_to(actor).filter(tender_project__supervisor=actor.organisation)


def projects_of(actor: Actor) -> QuerySet[Project]:
    """Return the projects in which the actor's organisation has a part as owner, tenderer or agency."""
    mine = Q(owner=actor.organisation) | Q(tender_projects__tenderer=actor.organisation)
    return Project.objects.filter(
        mine | Q(tender_projects__agency=actor.organisation) | Q(registered_by=actor.organisation)
    ).distinct()


def tender_projects_of(actor: Actor) -> QuerySet[TenderProject]:
    """Return the tender projects that the actor's organisation tenders itself or as agency."""
    return TenderProject.objects.filter(Q(tenderer=actor.organisation) | Q(agency=actor.organisation))


def rulebook_of(lot: Lot) -> Rulebook:
    """Return the rulebook under which the lot's tender project began."""
    return Rulebook.from_json(lot.tender_project.rulebook)


def open_holds(lot: Lot) -> QuerySet[Hold]:
    """Return the holds that stand on the lot now."""
    return lot.holds.filter(released_at=None).order_by("placed_at")


def due_with_holds(lot: Lot, rule: str, since: datetime, due: datetime, now: datetime) -> datetime:
    """Return until when a period of the lot runs, the time that holds naming its rule stood left out."""
    holds = lot.holds.filter(clocks__contains=rule).values_list("placed_at", "released_at")
    return prolonged(due, standstill(holds, since, now))


def is_host(lot: Lot, actor: Actor) -> bool:
    """Return whether the actor acts for the lot's tenderer or agency."""
    tender = lot.tender_project
    return actor.organisation in {str(tender.tenderer_id), str(tender.agency_id)} and actor.role in (
        Role.AGENCY, Role.TENDERER,
    )


def is_supervisor(lot: Lot, actor: Actor) -> bool:
    """Return whether the actor acts for the department that supervises the lot."""
    return actor.role == Role.SUPERVISOR and actor.organisation == str(lot.tender_project.supervisor_id)


def holds_visible_to(actor: Actor) -> QuerySet[Hold]:
    """Return the holds on lots that the actor may know of."""
    return Hold.objects.filter(lot__in=visible_to(actor)).select_related("lot__tender_project")


def clients_of(actor: Actor) -> QuerySet[Organisation]:
    """Return the tenderers for whom the actor's agency has worked (委托过本单位的招标人)."""
    return with_role(Role.TENDERER).filter(tenders__agency=actor.organisation).distinct()


def supervisors_for(code: str) -> QuerySet[Organisation]:
    """Return the departments that may supervise a project in a region: of its city, or of the province."""
    return with_role(Role.SUPERVISOR).filter(Q(region__startswith=code[:4]) | Q(region=code[:2] + "0000"))


def find_organisation(role: Role, text: str) -> Organisation | None:
    """Return the verified organisation of a role whose code or whole name was typed."""
    return with_role(role).filter(Q(uscc=text.strip().upper()) | Q(name=text.strip())).first()


def search(lots: QuerySet[Lot], text: str) -> QuerySet[Lot]:
    """Narrow lots to those whose name, tender, code or tenderer contains the text."""
    for word in text.split():
        lots = lots.filter(
            Q(name__icontains=word) | Q(tender_project__name__icontains=word) | Q(code__icontains=word)
            | Q(tender_project__tenderer__name__icontains=word)
        )
    return lots


def last_reason(lot: Lot) -> str:
    """Return why the filing was last returned (退回理由), as the log tells it."""
    entry = Entry.objects.filter(lot=lot.pk, verb="lot.return").order_by("-id").first()
    return canonical.decode(bytes(entry.body))["facts"]["reason"] if entry else ""


def lot_pairs(lot: Lot) -> list[tuple[str, object]]:
    """Return what is registered about a lot as labelled values (标段登记要素)."""
    tender = lot.tender_project
    project = tender.project
    return [
        ("项目名称", project.name), ("项目编号", project.code),
        ("招标项目", tender.name), ("招标项目编号", tender.code),
        ("标段编号", lot.code), ("统一交易标识码", lot.deal_code),
        ("招标人", tender.tenderer.name), ("招标代理机构", tender.agency.name if tender.agency else "自行招标"),
        ("行政监督部门", tender.supervisor.name), ("招标方式", tender.get_mode_display()),
        ("项目行业", INDUSTRIES.get(project.industry, project.industry)),
        ("标段分类", CLASSIFICATIONS.get(lot.classification, lot.classification)),
        ("项目所在地", region(lot.region).full_name), ("交易发生地（主场）", region(lot.place_region).full_name),
        ("合同估算价", f"{formatted(lot.estimate)} 元"), ("计划工期", f"{lot.period_days} 日历天"),
        ("投资项目统一代码", project.invest_project_code), ("资金来源", project.fund_source),
        ("备案编号", lot.filing_number), ("登记时间", lot.created_at),
    ]


def card(lot: Lot, actor: Actor, now: datetime) -> LotCard:
    """Show registration and filing of the lot; for its parties, the way to the page where both are done."""
    tone, tender = TONES[State(lot.state)], lot.tender_project
    facts = [
        ("招标人", tender.tenderer.name), ("代理机构", tender.agency.name if tender.agency else "自行招标"),
        ("监督部门", tender.supervisor.name), ("备案编号", lot.filing_number or "未备案"),
        ("统一交易标识码", lot.deal_code),
    ]
    facts += [("暂停", f"{hold.get_kind_display()}：{hold.reason}") for hold in open_holds(lot)]
    links = []
    if is_host(lot, actor) or is_supervisor(lot, actor):
        links.append(Link("登记与备案", f"/projects/lots/{lot.pk}/"))
    return LotCard("项目登记与备案", "building", lot.state_label, _COLOURS.get(tone, "blue"), facts, links)


def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Say which lots wait for this actor: to be filed, corrected or handed in."""
    if actor.organisation is None:
        return []
    if actor.role == Role.SUPERVISOR:
        waiting = [("审核备案", supervised_by(actor).filter(state=State.REGISTERED))]
    elif actor.role in (Role.AGENCY, Role.TENDERER):
        mine = conducted_by(actor)
        waiting = [
            ("补正后重新提交备案", mine.filter(state=State.RETURNED)), ("提交备案", mine.filter(state=State.DRAFT)),
        ]
    else:
        return []
    return [
        Todo(title, f"{lot.tender_project.name}（{lot.name}）", f"/projects/lots/{lot.pk}/")
        for title, lots in waiting for lot in lots.order_by("created_at")
    ]


def _city(actor: Actor) -> str:
    region = Organisation.objects.values_list("region", flat=True).get(pk=actor.organisation)
    return region[:2] if region.endswith("0000") else region[:4]
