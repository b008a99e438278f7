"""Reads of the pool: figures for the centres, rows without names for the draw (专家库查询)."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Q, QuerySet

from gongheng.kernel.regions import region
from gongheng.kernel.roles import Actor, Role
from gongheng.people.experts import rules
from gongheng.people.experts.models import Expert, PastEmployment, Practice, Specialty
from gongheng.people.identity.capacities import Capacity
from gongheng.people.identity.models import Person
from gongheng.people.parties.models import Organisation


def visible_to(actor: Actor) -> QuerySet[Expert]:
    """An expert sees himself; only the pool keeper sees rows of others."""
    if actor.role == Role.EXPERT:
        return Expert.objects.filter(person=actor.id)
    return Expert.objects.all() if keeps_pool(actor) else Expert.objects.none()


def keeps_pool(actor: Actor) -> bool:
    """Say whether the actor works at the provincial centre."""
    if actor.role != Role.CENTRE or actor.organisation is None:
        return False
    return rules.is_pool_keeper(
        Organisation.objects.filter(pk=actor.organisation).values_list("region", flat=True).first()
    )


def expert_of(person_id: str) -> Expert | None:
    """Return the expert that a person is, if any."""
    return Expert.objects.filter(person=person_id).first()


def capacities(person: Person) -> list[Capacity]:
    """Return the capacity of an expert in the pool; a suspended one has none."""
    expert = Expert.objects.filter(person=person, state=Expert.State.IN_POOL).only("pk").first()
    return [Capacity(f"expert:{expert.pk}", Role.EXPERT)] if expert else []


def pool_rows(today: date) -> Iterator[dict]:
    """Yield every expert as a draw may see him: attributes, no name, in the order of ids.

    Keys: id (uuid text), specialties (sorted codes), region, employer (USCC), past_employers
    (sorted USCCs of the last three years), state. Three queries, whatever the size of the pool.
    """
    practices: dict = {}
    for expert, code in Practice.objects.order_by("specialty_id").values_list("expert_id", "specialty_id"):
        practices.setdefault(expert, []).append(code)
    past: dict = {}
    for expert, uscc, ended_on in PastEmployment.objects.values_list("expert_id", "employer_uscc", "ended_on"):
        if rules.counts_for_avoidance(ended_on, today):
            past.setdefault(expert, set()).add(uscc)
    for pk, place, employer, state in Expert.objects.order_by("pk").values_list(
        "pk", "region", "employer_uscc", "state"
    ):
        yield {
            "id": str(pk), "specialties": practices.get(pk, []), "region": place, "employer": employer,
            "past_employers": sorted(past.get(pk, ())), "state": state,
        }


def by_specialty() -> list[dict]:
    """Count the experts in the pool for each first-level specialty, with the share of main specialties."""
    names = dict(Specialty.objects.values_list("code", "name"))
    counted: dict[str, set] = {}
    for expert, code in Practice.objects.filter(expert__state=Expert.State.IN_POOL).values_list(
        "expert_id", "specialty_id"
    ):
        counted.setdefault(code[:3], set()).add(expert)
    return [
        {"code": code, "name": names.get(code, code), "count": len(experts)}
        for code, experts in sorted(counted.items())
    ]


def by_region() -> list[dict]:
    """Count the experts in the pool by city."""
    counted: dict[str, int] = {}
    rows = Expert.objects.filter(state=Expert.State.IN_POOL).values("region").annotate(count=Count("pk"))
    for row in rows:
        city = row["region"][:4] + "00"
        counted[city] = counted.get(city, 0) + row["count"]
    return [{"code": code, "name": region(code).name, "count": count} for code, count in sorted(counted.items())]


def by_state() -> dict[str, int]:
    """Count the experts of each state."""
    return dict(Expert.objects.values_list("state").annotate(count=Count("pk")))


def specialties() -> QuerySet[Specialty]:
    """Return the classification, in code order."""
    return Specialty.objects.order_by("code")


def search(actor: Actor, *, specialty: str = "", place: str = "") -> QuerySet[Expert]:
    """Return what the pool keeper looks for; by attributes only, because names are encrypted."""
    rows = visible_to(actor).select_related("person").order_by("pk")
    if specialty:
        rows = rows.filter(
            Q(pk__in=Practice.objects.filter(specialty__code__startswith=specialty).values("expert"))
        )
    return rows.filter(region__startswith=place[:4]) if place else rows
