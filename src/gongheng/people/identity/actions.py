"""The only writer of people, certificate bindings and ended sessions."""

import uuid
from datetime import datetime

from django.http import HttpRequest

from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.people.identity import sessions
from gongheng.people.identity.models import Binding, EndedSession, Person
from gongheng.trust.certificates.actions import register_certificate, revoke_certificate
from gongheng.trust.certificates.models import Certificate


def register_person(
    name: str, phone: str, certificate: Certificate, *, now: datetime, person_id: uuid.UUID | None = None
) -> Person:
    """Register a person with a first signing certificate; ``person_id`` when the act needed it before.

    Called inside the transaction of the act that needs it; its entry names the certificate's kid.
    """
    person = Person.objects.create(pk=person_id or uuid.uuid4(), name=name, phone=phone, registered_at=now)
    bind_certificate(person, certificate, now=now)
    return person


def bind_certificate(person: Person, certificate: Certificate, *, now: datetime) -> Binding:
    """Bind an examined certificate to a person; a renewal (换证) adds a binding and overwrites none.

    What was sealed to the old key must still open under it.
    """
    register_certificate(certificate)
    return Binding.objects.create(person=person, certificate=certificate, bound_at=now)


def report_loss(person: Person, kid: str, *, actor: Actor, clock: Clock) -> Certificate:
    """Revoke one's own certificate at once (挂失); sessions under it end with the next request."""
    binding = Binding.objects.filter(person=person, certificate__kid=kid).select_related("certificate").first()
    if binding is None:
        raise Refusal("CERT-UNKNOWN", "没有找到您名下的这张证书，请核对后重试。")
    revoke_certificate(binding.certificate, actor=actor, clock=clock)
    return binding.certificate


def end_session(request: HttpRequest, *, now: datetime) -> None:
    """Sign out: the cookie is dropped, and a copy of it no longer counts."""
    if "session" in request.session:
        EndedSession.objects.get_or_create(digest=sessions.session_digest(request), defaults={"ended_at": now})
    request.session.flush()
