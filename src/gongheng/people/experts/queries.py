"""Reads of the pool: figures for the centres, rows without names for the draw (专家库查询)."""

import functools
from collections.abc import Iterator
from datetime import date
from functools import reduce
from itertools import chain
from operator import or_
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast

from gongheng.kernel.regions import region
from gongheng.kernel.roles import Actor, Role
from gongheng.people.experts import rules
from gongheng.people.experts.models import (
    Batch,
    Expert,
    Leave,
    OutsidePool,
    PastEmployment,
    Practice,
    Specialty,
    Tie,
)
from gongheng.people.identity.capacities import Capacity
from gongheng.people.identity.models import Person
from gongheng.people.parties.models import Organisation


def visible_to(actor: Actor) -> QuerySet[Expert]:
    """An expert sees himself; only the pool keeper and supervisors, by code, see rows of others."""
    if actor.role == Role.EXPERT:
        return Expert.objects.filter(person=actor.id)
    is_let_in = actor.role == Role.SUPERVISOR or keeps_pool(actor)
    return Expert.objects.all() if is_let_in else Expert.objects.none()


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


class PoolRow(NamedTuple):
    """One expert as a draw may see him: attributes, no name."""

    id: str
    specialties: tuple[str, ...]  # sorted codes
    region: str
    employer: str  # USCC
    past: tuple[str, ...]  # sorted USCCs: employment, office, ownership, kinship, interest of the last three years
    state: str


#: Grouped and joined where the rows lie: as objects they took longer than all the hashing of a draw.
_POOL = """
    SELECT expert.id::text, expert.region, expert.employer_uscc, expert.state, practice.codes
    FROM experts_expert expert LEFT JOIN (
        SELECT expert_id, string_agg(specialty_id, ',') AS codes FROM experts_practice GROUP BY expert_id
    ) practice ON practice.expert_id = expert.id
"""


def pool_rows(today: date) -> Iterator[PoolRow]:
    """Yield every expert of the pool. Three queries, whatever its size."""
    # Many experts have the same specialties, and relations end on few days.
    codes_of = functools.cache(lambda text: tuple(sorted(text.split(","))) if text else ())
    counts = functools.cache(lambda ended_on: rules.counts_for_avoidance(ended_on, today))
    past: dict[str, set] = {}
    employed = PastEmployment.objects.values_list(Cast("expert", TextField()), "employer_uscc", "ended_on")
    tied = Tie.objects.values_list(Cast("expert", TextField()), "uscc", "ended_on")
    for expert, uscc, ended_on in chain(employed, tied):
        if counts(ended_on):
            past.setdefault(expert, set()).add(uscc)
    with connection.cursor() as cursor:
        cursor.execute(_POOL)
        for pk, place, employer, state, codes in cursor.fetchall():
            relations = tuple(sorted(past[pk])) if pk in past else ()
            yield PoolRow(pk, codes_of(codes), place, employer, relations, state)


def count_eligible(
    *, specialty: str, lives_in: list[str], not_in: list[str], within: list[str], avoid: set[str], today: date
) -> int:
    """Count who could be drawn as things stand, as a draw's rules say; for an early answer, the draw counts again."""
    related = chain(
        PastEmployment.objects.filter(employer_uscc__in=avoid).values_list("expert_id", "ended_on"),
        Tie.objects.filter(uscc__in=avoid).values_list("expert_id", "ended_on"),
    )
    barred = {expert for expert, ended_on in related if rules.counts_for_avoidance(ended_on, today)}
    found = Expert.objects.filter(
        state=Expert.State.IN_POOL,
        pk__in=Practice.objects.filter(specialty__code__startswith=specialty).values("expert"),
    ).exclude(employer_uscc__in=avoid).exclude(pk__in=barred)
    if not within:
        return 0
    found = found.filter(_lives_in(within))
    if lives_in:
        found = found.filter(_lives_in(lives_in))
    return (found.exclude(_lives_in(not_in)) if not_in else found).count()


def _lives_in(cities: list[str]) -> Q:
    return reduce(or_, (Q(region__startswith=city[:4]) for city in cities))


def on_leave(first_day: date, last_day: date) -> set[str]:
    """Return the ids of the experts who are on leave on one of the days."""
    found = Leave.objects.filter(withdrawn_at=None, first_day__lte=last_day, last_day__gte=first_day)
    return {str(pk) for pk in found.values_list("expert_id", flat=True)}


def conflicts_of(expert: Expert, usccs: set[str], today: date) -> set[str]:
    """Return those organisations that an expert may not judge: employer, or a relation of the last three years."""
    related = {expert.employer_uscc}
    for one in expert.past_employments.all():
        if rules.counts_for_avoidance(one.ended_on, today):
            related.add(one.employer_uscc)
    related |= {one.uscc for one in expert.ties.all() if rules.counts_for_avoidance(one.ended_on, today)}
    return related & usccs


def pools() -> QuerySet[OutsidePool]:
    """Return the outside pools with the number of experts that each brought in."""
    return OutsidePool.objects.annotate(count=Count("experts")).order_by("name")


def batches(actor: Actor) -> QuerySet[Batch]:
    """Return the deliveries, newest first; for the pool keeper only."""
    found = Batch.objects.select_related("pool").defer("body")
    return found if keeps_pool(actor) else found.none()


def tree(sought: str = "") -> list[dict]:
    """Return the classification in code order with the experts in the pool at or below each node.

    ``sought`` keeps the nodes whose code or name holds it, with the nodes above them.
    """
    counted: dict[str, set] = {}
    for expert, code in Practice.objects.filter(expert__state=Expert.State.IN_POOL).values_list(
        "expert_id", "specialty_id"
    ):
        for level in rules.specialty_levels(code):
            counted.setdefault(level, set()).add(expert)
    nodes = list(specialties())
    shown = {
        level for node in nodes if sought.upper() in node.code or sought in node.name
        for level in rules.specialty_levels(node.code)
    }
    return [
        {"code": node.code, "name": node.name, "level": len(rules.specialty_levels(node.code)),
         "count": len(counted.get(node.code, ()))}
        for node in nodes if node.code in shown
    ]


def catalogue() -> list[dict]:
    """Return the shared catalogue of experts (共享目录): specialty × city → how many, without a name (807号)."""
    names = dict(Specialty.objects.values_list("code", "name"))
    counted: dict[tuple[str, str], set] = {}
    for expert, code, place in Practice.objects.filter(expert__state=Expert.State.IN_POOL).values_list(
        "expert_id", "specialty_id", "expert__region"
    ):
        counted.setdefault((code[:5], f"{place[:4]}00"), set()).add(expert)
    return [
        {"specialty": code, "name": names.get(code, code), "city": region(place).name, "count": len(experts)}
        for (code, place), experts in sorted(counted.items())
    ]


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
