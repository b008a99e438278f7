"""Sets ``request.actor`` (who acts in which role) for every request (行为人识别)."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from gongheng.crypto import canonical, certs
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import ANYONE, Actor, Role
from gongheng.people.identity import sessions
from gongheng.people.identity.capacities import Capacity, capacities_of
from gongheng.people.identity.models import Binding, EndedSession
from gongheng.trust.certificates import trusted
from gongheng.trust.certificates.actions import row_of


def acting(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Attach actor, person, capacities and certificate; anything that no longer holds means ANYONE.

    Certificate, binding, membership and session are looked at on every request, so a revocation
    or a lost membership counts from the next click on.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.actor, request.person, request.certificate = ANYONE, None, None
        request.capacities = []
        if "session" in request.session and not _has_ended(request):
            if "applicant" in request.session:
                _attach_applicant(request)
            else:
                _attach_person(request)
        return get_response(request)

    return middleware


def chosen(request: HttpRequest) -> Capacity | None:
    """Return the capacity in which the person acts: the one chosen, or the only one."""
    key = request.session.get("capacity")
    mine = [capacity for capacity in request.capacities if capacity.key == key]
    if mine:
        return mine[0]
    return request.capacities[0] if len(request.capacities) == 1 else None


def _has_ended(request: HttpRequest) -> bool:
    return EndedSession.objects.filter(digest=sessions.session_digest(request)).exists()


def _attach_person(request: HttpRequest) -> None:
    binding = (
        Binding.objects.filter(
            certificate__kid=request.session["certificate"], ended_at=None, person__disabled_at=None,
            person=request.session["person"],
        )
        .select_related("certificate", "person")
        .first()
    )
    if binding is None or not _holds(binding.certificate):
        return
    request.person, request.certificate = binding.person, binding.certificate
    request.capacities = capacities_of(binding.person)
    capacity = chosen(request)
    request.actor = Actor(
        str(binding.person.pk),
        capacity.role if capacity else Role.PUBLIC,
        capacity.organisation if capacity else None,
        binding.person.name,
    )


def _holds(certificate) -> bool:
    # The chain was checked at sign-in and is checked again at every signed act; here the cheap part.
    now = settings.CLOCK.now()
    return certificate.not_before <= now < certificate.not_after and (
        certificate.revoked_at is None or now < certificate.revoked_at
    )


def _attach_applicant(request: HttpRequest) -> None:
    # These bytes passed the limited parser at sign-in and came back under our cookie's signature.
    certificate = certs.parse(canonical.unb64(request.session["applicant"]))
    try:
        issuer = trusted.check(certificate, settings.CLOCK.now(), "sign")
    except Refusal:
        return
    request.certificate = row_of(certificate, issuer)
