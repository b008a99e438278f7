"""Reading who is where; only the centre's own staff and supervisors may (人员轨迹)."""

from datetime import datetime, timedelta

from django.db.models import F, OuterRef, QuerySet, Subquery

from gongheng.kernel.roles import Actor, Role
from gongheng.places.access.lifecycle import VisitState
from gongheng.places.access.models import GateKey, Passage, Visit
from gongheng.places.venues.models import Centre


def visible_to(actor: Actor) -> QuerySet[Visit]:
    """Return the visits that the actor may see: those at the own centre, all for a supervisor."""
    rows = Visit.objects.select_related("centre__organisation").prefetch_related("passages").order_by("-checked_at")
    match actor.role:
        case Role.CENTRE:
            return rows.filter(centre__organisation=actor.organisation)
        case Role.SUPERVISOR:
            return rows
        case _:
            return rows.none()


def alarms_visible_to(actor: Actor, since: datetime) -> QuerySet[Passage]:
    """Return the alarms of the gates that the actor may see, newest first."""
    rows = Passage.objects.exclude(alarm="").filter(passed_at__gte=since).select_related("visit", "centre")
    match actor.role:
        case Role.CENTRE:
            rows = rows.filter(centre__organisation=actor.organisation)
        case Role.SUPERVISOR:
            pass
        case _:
            return rows.none()
    return rows.order_by("-passed_at")


def gates_of(centre: Centre) -> QuerySet[GateKey]:
    """Return the gates of a centre with the moment of their last event, the live ones first."""
    last = Passage.objects.filter(centre=centre, gate=OuterRef("gate")).order_by("-passed_at").values("passed_at")[:1]
    return GateKey.objects.filter(centre=centre).annotate(seen_at=Subquery(last)).order_by(
        F("revoked_at").desc(nulls_first=True), "gate"
    )


def whereabouts(visit: Visit) -> str | None:
    """Return the zone in which a person is by the gates' events; None = outside."""
    inside: list[str] = []
    for one in visit.passages.all():
        if one.is_inward:
            inside.append(one.zone)
        elif one.zone in inside:
            inside.remove(one.zone)
    return inside[-1] if inside else None


def overstaying(actor: Actor, now: datetime, grace: timedelta = timedelta(minutes=30)) -> list[Visit]:
    """Return those who are still inside well after their window has closed."""
    rows = visible_to(actor).filter(state=VisitState.ADMITTED, closes_at__lt=now - grace)
    return [visit for visit in rows if whereabouts(visit) is not None]
