"""The session of a signed-in person: a signed cookie, nothing on the server (会话).

A row per session would tell a database dump who was at work on which lot in the sealed phase.
"""

import secrets

from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from gongheng.crypto import canonical, hashing
from gongheng.people.identity.models import Person
from gongheng.trust.certificates.models import Certificate


def begin_session(request: HttpRequest, person: Person, certificate: Certificate) -> None:
    """Start a fresh session; whatever the browser carried before is dropped."""
    request.session.flush()
    request.session.update(
        {"person": str(person.pk), "certificate": certificate.kid, "session": secrets.token_urlsafe(24)}
    )
    rotate_token(request)


def begin_application(request: HttpRequest, certificate: Certificate) -> None:
    """Start the session of somebody whose good certificate is not registered yet.

    The cookie carries the certificate itself: who comes to register leaves no row before he does.
    """
    request.session.flush()
    request.session.update(
        {"applicant": canonical.b64(bytes(certificate.der)), "session": secrets.token_urlsafe(24)}
    )
    rotate_token(request)


def session_digest(request: HttpRequest) -> bytes:
    """Return the digest by which an ended session is remembered."""
    return hashing.digest(b"session\n" + request.session["session"].encode())
