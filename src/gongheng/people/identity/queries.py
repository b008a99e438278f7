"""Reads about people and their certificates."""

from gongheng.kernel.roles import Actor
from gongheng.people.identity.models import Binding, Person
from gongheng.trust.certificates.models import Certificate


def visible_to(actor: Actor):
    """A person sees himself; who else may be seen is for the apps that know why."""
    return Person.objects.filter(pk=actor.id) if actor.id not in ("anyone", "clock") else Person.objects.none()


def bindings_of(person: Person):
    """Return the person's certificates, newest first."""
    rows = Binding.objects.filter(person=person).select_related("certificate")
    return rows.order_by("-bound_at", "certificate__usage")


def encryption_certificate(person_id: str) -> Certificate | None:
    """Return the newest encryption certificate bound to a person that was not revoked."""
    return (
        Certificate.objects.filter(
            binding__person=person_id, binding__ended_at=None, usage=Certificate.Usage.ENC, revoked_at=None
        )
        .order_by("-not_before")
        .first()
    )
