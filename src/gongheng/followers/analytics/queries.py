"""Reading tenders, leads and the watch-list; everything here is for supervising departments only."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth

from gongheng.followers.analytics.lifecycle import ENDED, LeadState, ListingState, Outcome
from gongheng.followers.analytics.models import (
    Alert,
    BidRecord,
    Lead,
    Listing,
    Report,
    TenderRecord,
    TradeYear,
    View,
)
from gongheng.followers.analytics.radar import Deal, Offer
from gongheng.followers.analytics.rules import CALM, Standing, due, standings
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.regions import HOME_PROVINCE
from gongheng.kernel.roles import Actor, Role
from gongheng.people.identity.models import Person
from gongheng.people.parties.models import Membership, Organisation
from gongheng.screening import combination, priors
from gongheng.ui.cards import Todo


def visible_to(actor: Actor) -> QuerySet[TenderRecord]:
    """Return the tenders whose screening the actor's department may see: its own, the province's all (仅监督部门)."""
    rows = TenderRecord.objects.all()
    if actor.role != Role.SUPERVISOR or actor.organisation is None:
        return rows.none()
    region = Organisation.objects.values_list("region", flat=True).get(pk=actor.organisation)
    if region == HOME_PROVINCE:
        return rows
    imported = Q(supervisor=None, region__startswith=region[:4])
    return rows.filter(Q(supervisor=actor.organisation) | imported)


def departments() -> QuerySet[Organisation]:
    """Return the supervising departments, of which each sees its own part of the trade."""
    return Organisation.objects.filter(roles__contains=[str(Role.SUPERVISOR)]).order_by("pk")


def trade_year(actor: Actor, until: datetime | None = None) -> TradeYear | None:
    """Return what was reckoned for the actor's department, the newest or of the year until a month's end."""
    if actor.role != Role.SUPERVISOR or actor.organisation is None:
        return None
    rows = TradeYear.objects.filter(department=actor.organisation)
    return (rows if until is None else rows.filter(until=until)).first()


def firm_names(firms: Iterable[str]) -> dict[str, str]:
    """Return the names of firms as they stand in their newest bids."""
    rows = BidRecord.objects.filter(uscc__in=list(firms)).order_by("tender__opened_at", "pk")
    return dict(rows.values_list("uscc", "name"))


def screened(actor: Actor) -> QuerySet[TenderRecord]:
    """Return the visible tenders that the engine has looked at, with what a row of the list shows."""
    return visible_to(actor).exclude(screening=None).select_related("screening", "lead").annotate(
        bidder_count=Count("bids")
    )


def leads_visible_to(actor: Actor) -> QuerySet[Lead]:
    return Lead.objects.filter(tender__in=visible_to(actor)).select_related("tender__screening", "organisation")


def in_month(rows: QuerySet, month: date, field: str = "opened_at") -> QuerySet:
    """Return the rows of one month in Shanghai."""
    begin = datetime(month.year, month.month, 1, tzinfo=SHANGHAI)
    return rows.filter(**{f"{field}__gte": begin, f"{field}__lt": next_month(begin)})


def next_month(begin: datetime) -> datetime:
    return (begin + timedelta(days=32)).replace(day=1)


def months(actor: Actor) -> list[date]:
    """Return the months in which visible tenders were opened, the newest first."""
    rows = visible_to(actor).annotate(month=TruncMonth("opened_at", tzinfo=SHANGHAI)).order_by()
    return [one.date() for one in rows.values_list("month", flat=True).distinct().order_by("-month")]


def month_standings(actor: Actor, wanted: Iterable[date]) -> dict[object, Standing]:
    """Return {tender: standing} for all screened tenders of the wanted months, each month ranked by itself."""
    found: dict[object, Standing] = {}
    rows = visible_to(actor).exclude(screening=None).order_by("pk").values_list(
        "opened_at", "pk", "screening__value", "screening__prior", "screening__is_statutory"
    )
    for month in wanted:
        begin = datetime(month.year, month.month, 1, tzinfo=SHANGHAI)
        end = next_month(begin)
        # A month of ten tenders has no 92nd percentile: the risk is relative to the year that ends with it.
        year = list(rows.filter(opened_at__gte=end - timedelta(days=366), opened_at__lt=end))
        scaled = combination.relative([row[2] for row in year])
        own = [(row, risk) for row, risk in zip(year, scaled, strict=True) if row[0] >= begin]
        found |= standings(
            [(pk, value, 100 * prior, statutory) for (_, pk, value, prior, statutory), _ in own],
            [risk for _, risk in own],
        )
    return found


def month_of(tender: TenderRecord) -> date:
    return tender.opened_at.astimezone(SHANGHAI).date().replace(day=1)


def standing_of(tender: TenderRecord, actor: Actor) -> Standing:
    return month_standings(actor, [month_of(tender)])[tender.pk]


def search(rows: QuerySet[TenderRecord], text: str) -> QuerySet[TenderRecord]:
    """Narrow tenders to those whose name, code, buyer, agency or a bidder contains every word."""
    for word in text.split():
        bidding = BidRecord.objects.filter(Q(name__icontains=word) | Q(uscc=word.upper())).values("tender")
        rows = rows.filter(
            Q(name__icontains=word) | Q(code__icontains=word) | Q(buyer__icontains=word) | Q(agency__icontains=word)
            | Q(pk__in=bidding)
        )
    return rows


def sign_rates(tender: TenderRecord, actor: Actor) -> tuple[int, Counter[str]]:
    """Return how many comparable tenders there were in the year before, and how many of them showed each sign.

    Comparable: the same trade, visible to the actor, not found to be rigged; the tender itself does not count.
    """
    rows = visible_to(actor).filter(
        trade=tender.trade, opened_at__gt=tender.opened_at - timedelta(days=365), opened_at__lte=tender.opened_at
    ).exclude(screening=None).exclude(pk=tender.pk).exclude(lead__outcome=Outcome.PROVEN)
    shown = list(rows.values_list("screening__signs", flat=True))
    return len(shown), Counter(code for signs in shown for code in signs)


def views_of(tender: TenderRecord) -> list[tuple[View, str]]:
    """Return who looked at a tender's screening, the newest first, with names for those who may see this page."""
    rows = list(tender.views.select_related("entry__leaf", "screening__run")[:50])
    names = person_names({row.person for row in rows})
    return [(row, names.get(row.person, "—")) for row in rows]


def person_names(ids: Iterable[str]) -> dict[str, str]:
    return {str(one.pk): one.name for one in Person.objects.filter(pk__in=[pk for pk in ids if pk])}


def colleagues(actor: Actor) -> int:
    """Return how many people act for the actor's department: ending a listing takes another than who entered it."""
    rows = Membership.objects.filter(organisation=actor.organisation, role=Role.SUPERVISOR, ended_at=None)
    return rows.values("person").distinct().count()


def listings_visible_to(actor: Actor) -> QuerySet[Listing]:
    """Return the watch-list of the actor's own department."""
    rows = Listing.objects.select_related("firm", "expert__person")
    if actor.role != Role.SUPERVISOR or actor.organisation is None:
        return rows.none()
    return rows.filter(department=actor.organisation)


def alerts_visible_to(actor: Actor) -> QuerySet[Alert]:
    return Alert.objects.filter(listing__in=listings_visible_to(actor)).select_related(
        "listing__firm", "listing__expert__person", "lot__tender_project"
    )


def listed() -> QuerySet[Listing]:
    """Return the listings that stand now, of all departments."""
    return Listing.objects.filter(state=ListingState.LISTED)


def labels(leads: QuerySet[Lead] | None = None) -> list[tuple[TenderRecord, float, bool]]:
    """Return (tender, index it was judged by, truth) of every adjudicated lead; what stayed open is no label."""
    rows = Lead.objects.all() if leads is None else leads
    return [(tender, value, truth) for tender, value, _, truth in _adjudicated(rows)]


def _adjudicated(leads: QuerySet[Lead]) -> list[tuple[TenderRecord, float, float, bool]]:
    adjudicated = leads.select_related("tender", "screening").filter(
        Q(state=LeadState.FED_BACK, outcome__in=[Outcome.PROVEN, Outcome.CLEARED]) | Q(state=LeadState.DISMISSED)
    )
    return [
        (lead.tender, lead.screening.value, lead.screening.prior, lead.outcome == Outcome.PROVEN)
        for lead in adjudicated.order_by("closed_at", "pk")
    ]


def outcomes() -> list[priors.Outcome]:
    """Return the adjudicated leads as the prior learns from them; a statutory fact needs no index, and teaches none."""
    kept = Lead.objects.filter(screening__is_statutory=False)
    return [
        priors.Outcome(tender.trade, value / 100, prior, truth) for tender, value, prior, truth in _adjudicated(kept)
    ]


def outcome_counts(actor: Actor) -> Counter:
    """Return how many leads stand in each state, the fed-back ones by outcome."""
    rows = leads_visible_to(actor).values_list("state", "outcome")
    return Counter(f"{state}:{outcome}" if outcome else state for state, outcome in rows)


def waiting(actor: Actor) -> list[TenderRecord]:
    """Return the alerts of the newest two months with tenders that nobody has begun to study, the worst first."""
    newest = months(actor)[:2]
    found = month_standings(actor, newest)
    alerting = [pk for pk, standing in found.items() if standing.band != CALM]
    rows = screened(actor).filter(pk__in=alerting, lead=None).select_related("screening__run")
    return sorted(rows, key=lambda one: (-one.screening.value, one.code))


def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Say which alerts, leads and reminders wait for this department."""
    if actor.role != Role.SUPERVISOR or actor.organisation is None:
        return []
    found = []
    alerts = waiting(actor)
    if alerts:
        first = min(due("study", one.screening.run.as_of) for one in alerts)
        found.append(Todo("研判围串标预警", f"{len(alerts)} 个项目待研判", "/screening/?state=waiting", first))
    titles = {
        LeadState.STUDYING: "作出线索处理决定", LeadState.TRANSFERRED: "登记线索受理情况",
        LeadState.INVESTIGATED: "登记线索查处结果",
    }
    leads = leads_visible_to(actor).filter(organisation=actor.organisation).exclude(state__in=ENDED)
    found += [
        Todo(titles[lead.state], lead.tender.name, f"/screening/tenders/{lead.tender_id}/", lead.due_at)
        for lead in leads.order_by("due_at")
    ]
    unseen = alerts_visible_to(actor).filter(seen_at=None).count()
    if unseen:
        found.append(Todo("查看重点关注提醒", f"{unseen} 条未阅", "/screening/watch/"))
    return found


def of_the_year(now: datetime) -> QuerySet[TenderRecord]:
    """Return the tenders that the night's screening looks at again: those opened in the last twelve months."""
    return TenderRecord.objects.filter(opened_at__gt=now - timedelta(days=365))


def reports_visible_to(actor: Actor) -> QuerySet[Report]:
    """Return the reports that the actor's department issued."""
    rows = Report.objects.select_related("document")
    if actor.role != Role.SUPERVISOR or actor.organisation is None:
        return rows.none()
    return rows.filter(department=actor.organisation)


def deals(actor: Actor, begin: datetime, end: datetime) -> list[Deal]:
    """Return the visible tenders opened from ``begin`` to before ``end`` as the radar reads them."""
    rows = visible_to(actor).filter(opened_at__gte=begin, opened_at__lt=end).order_by("opened_at", "code")
    return [
        Deal(
            one.opened_at, month_of(one), one.region[:4], one.buyer, one.agency,
            None if one.ceiling is None else float(one.ceiling),
            tuple(Offer(bid.uscc, bid.name, float(bid.total), bool(bid.won)) for bid in one.bids.all()),
        )
        for one in rows.prefetch_related("bids")
    ]
