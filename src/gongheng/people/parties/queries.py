"""Reads about organisations and their members."""

from datetime import datetime

from django.db.models import Q, QuerySet

from gongheng.crypto import canonical
from gongheng.kernel.regions import HOME_PROVINCE
from gongheng.kernel.roles import Actor, Role
from gongheng.people.identity.capacities import Capacity
from gongheng.people.identity.models import Person
from gongheng.people.parties import rules
from gongheng.people.parties.lifecycle import State
from gongheng.people.parties.models import Control, Membership, Organisation
from gongheng.trust.evidence.models import Entry
from gongheng.ui.cards import Todo


def visible_to(actor: Actor) -> QuerySet[Organisation]:
    """Verified organisations are public; centres and supervisors see all, everybody his own."""
    rows = Organisation.objects.order_by("name")
    if actor.role in (Role.CENTRE, Role.SUPERVISOR):
        return rows
    shown = Q(state__in=[State.ACTIVE, State.SUSPENDED])
    if _is_person(actor):
        shown |= Q(pk__in=Membership.objects.filter(person=actor.id, ended_at=None).values("organisation"))
    return rows.filter(shown)


def may_see_contacts(actor: Actor, organisation: Organisation) -> bool:
    """Contact data is for the organisation itself and for those who verify and supervise it."""
    return actor.role in (Role.CENTRE, Role.SUPERVISOR) or organisations_of(actor).filter(pk=organisation.pk).exists()


def organisations_of(actor: Actor) -> QuerySet[Organisation]:
    """Return the organisations for which the person may act, or is applying."""
    if not _is_person(actor):
        return Organisation.objects.none()
    return Organisation.objects.filter(memberships__person=actor.id, memberships__ended_at=None).distinct()


def with_role(role: Role) -> QuerySet[Organisation]:
    """Return the verified organisations that act in a role, e.g. to choose an agency from."""
    return Organisation.objects.filter(state=State.ACTIVE, roles__contains=[role]).order_by("region", "name")


def by_uscc(uscc: str) -> Organisation | None:
    """Return the registered organisation with this code, as an opened bid is matched by it."""
    return Organisation.objects.filter(uscc=uscc).first()


def controls_of(organisation: Organisation) -> QuerySet[Control]:
    """Return the standing relations of control of one organisation, whoever declared them."""
    touching = Q(upper_uscc=organisation.uscc) | Q(lower_uscc=organisation.uscc)
    return Control.objects.filter(touching, ended_at=None).select_related("declared_by")


def group_of(usccs: set[str]) -> set[str]:
    """Return organisations with all that belong to one of their groups (关联企业), as declared today."""
    standing = Control.objects.filter(ended_at=None).order_by()
    return rules.group_of(usccs, standing.values_list("upper_uscc", "lower_uscc"))


def capacities(person: Person) -> list[Capacity]:
    """Return a person's capacities by membership in verified organisations."""
    rows = (
        Membership.objects.filter(person=person, ended_at=None, organisation__state=State.ACTIVE)
        .select_related("organisation")
        .order_by("since", "role")
    )
    return [
        Capacity(f"membership:{row.pk}", Role(row.role), str(row.organisation_id), row.organisation.name)
        for row in rows
    ]


def awaiting_verification(actor: Actor) -> QuerySet[Organisation]:
    """Return the registrations that wait for this centre."""
    waiting = Organisation.objects.filter(state=State.SUBMITTED).order_by("registered_at")
    region = Organisation.objects.filter(pk=actor.organisation).values_list("region", flat=True).first()
    if actor.role != Role.CENTRE or region is None:
        return waiting.none()
    return waiting if region == HOME_PROVINCE else waiting.filter(region__startswith=region[:4])


def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Say what waits for this actor: registrations to verify, or one's own that came back."""
    if actor.role == Role.CENTRE:
        return [
            Todo("核验主体登记", one.name, f"/parties/{one.pk}/") for one in awaiting_verification(actor)
        ]
    return [
        Todo("补正主体登记", one.name, f"/parties/{one.pk}/resubmit/")
        for one in organisations_of(actor).filter(state=State.RETURNED)
    ]


def last_reason(organisation: Organisation) -> str:
    """Return why the registration was last returned or the organisation suspended."""
    entry = Entry.objects.filter(pk=organisation.last_entry_id).first()
    return canonical.decode(bytes(entry.body))["facts"].get("reason", "") if entry else ""


def _is_person(actor: Actor) -> bool:
    return actor.id not in ("anyone", "clock")
