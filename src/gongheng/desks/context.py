"""What every page needs around its content: navigation, person, legal time, log head (页面环境)."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from config.navigation import NAVIGATION
from gongheng.crypto import canonical
from gongheng.kernel.roles import ANYONE, ROLE_NAMES, Role
from gongheng.people.identity.views import CABINET_PIN, CABINET_URL
from gongheng.trust.evidence.models import Head
from gongheng.trust.signatures.nonces import fresh_nonce


def page(request: HttpRequest) -> dict:
    """Return the variables that base.html reads; what costs a query is asked only when shown."""
    actor = getattr(request, "actor", ANYONE)
    person = getattr(request, "person", None)
    certificate = getattr(request, "certificate", None)
    return {
        "actor": actor,
        "nav": navigation(actor.role, request.path),
        # Whoever works here keeps his desk around the public pages too.
        "frame": "portal.html" if actor.role == Role.PUBLIC else "desk.html",
        "role": ROLE_NAMES[actor.role] if actor.role != Role.PUBLIC else "",
        "roles": _roles(request, actor),
        "person": {"name": person.name, "organisation": _organisation(request, actor)} if person else None,
        "profile_url": "/sign-in/me/",
        "sign_out_url": "/sign-in/out/",
        "sign_in_url": "/sign-in/",
        "legal_now": settings.CLOCK.now(),
        "clock_is_demo": settings.CLOCK.is_demonstration,
        "clock_url": "/demonstration/#clock" if settings.IS_DEMONSTRATION else "",
        "log_head": SimpleLazyObject(_log_head),
        "act_nonce": SimpleLazyObject(fresh_nonce),
        "signing_kid": certificate.kid if certificate else "",
        "cabinet_url": CABINET_URL if settings.IS_DEMONSTRATION else "",
        "demo_pin": CABINET_PIN if settings.IS_DEMONSTRATION else "",
    }


def navigation(role: Role, path: str) -> list[dict]:
    """Return the role's navigation; the entry with the longest address that leads here is active."""
    entries = NAVIGATION.get(role, NAVIGATION[Role.PUBLIC])
    leading = [url for _, url, _ in entries if url == path or (url != "/" and path.startswith(url))]
    here = max(leading, key=len, default="")
    return [{"label": label, "url": url, "icon": icon, "active": url == here} for label, url, icon in entries]


def _roles(request: HttpRequest, actor) -> list[dict]:
    capacities = getattr(request, "capacities", [])
    return [
        {"label": one.title, "url": "/sign-in/role/",
         "active": one.role == actor.role and one.organisation == actor.organisation}
        for one in capacities
    ]


def _organisation(request: HttpRequest, actor) -> str:
    own = [one.organisation_name for one in request.capacities if one.organisation == actor.organisation]
    return own[0] if own else ""


def _log_head() -> dict | None:
    head = Head.objects.filter(one=True).values("size", "root_sm3").first()
    return {"size": head["size"], "root": canonical.b64(bytes(head["root_sm3"]))} if head and head["size"] else None
