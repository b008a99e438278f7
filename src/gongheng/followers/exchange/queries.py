"""Reading outside systems, their calls and callbacks."""

from django.db.models import Count, Q, QuerySet

from gongheng.followers.exchange.lifecycle import SystemState
from gongheng.followers.exchange.models import Callback, OutsideSystem
from gongheng.followers.exchange.rules import LONGEST_WAIT
from gongheng.kernel.regions import HOME_PROVINCE
from gongheng.kernel.roles import Actor, Role
from gongheng.people.parties.models import Organisation


def is_registrar(actor: Actor) -> bool:
    """Say whether the actor works at the provincial centre, which runs the hub."""
    if actor.role != Role.CENTRE or actor.organisation is None:
        return False
    return Organisation.objects.filter(pk=actor.organisation, region=HOME_PROVINCE).exists()


def visible_to(actor: Actor) -> QuerySet[OutsideSystem]:
    """Return all systems for the provincial centre, and for everybody else those of his own organisation."""
    rows = OutsideSystem.objects.select_related("organisation").order_by("state", "system_no")
    if actor.role == Role.PUBLIC or actor.organisation is None:
        return rows.none()
    return rows if is_registrar(actor) else rows.filter(organisation=actor.organisation)


def listening() -> QuerySet[OutsideSystem]:
    """Return the systems that are told what happens; a sandbox never hears of real trade."""
    return OutsideSystem.objects.select_related("organisation").filter(
        state=SystemState.ACTIVE, is_sandbox=False
    ).exclude(notify_url="")


def with_callbacks_to_send(now) -> QuerySet[OutsideSystem]:
    """Return the listening systems for which something waits."""
    waiting = Q(callbacks__delivered_at=None, callbacks__made_at__gt=now - LONGEST_WAIT)
    return listening().annotate(waiting=Count("callbacks", filter=waiting)).filter(waiting__gt=0)


def next_callback(system: OutsideSystem, now) -> Callback | None:
    """Return what is sent next: the oldest, but nothing that failed keeps back what was not tried yet."""
    return (
        system.callbacks.filter(delivered_at=None, made_at__gt=now - LONGEST_WAIT).order_by("tries", "made_at").first()
    )


def figures(system: OutsideSystem, now) -> dict[str, int]:
    """Count a system's calls and callbacks."""
    calls, callbacks = system.calls.all(), system.callbacks.all()
    return {
        "answered": calls.filter(rule="").count(), "refused": calls.exclude(rule="").count(),
        "delivered": callbacks.exclude(delivered_at=None).count(),
        "waiting": callbacks.filter(delivered_at=None, made_at__gt=now - LONGEST_WAIT).count(),
        "lost": callbacks.filter(delivered_at=None, made_at__lte=now - LONGEST_WAIT).count(),
    }

