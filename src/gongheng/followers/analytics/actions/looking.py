"""Who looked at what (查阅留痕): a read that is worth proving."""

import os
from datetime import datetime

from gongheng.crypto import canonical, labels
from gongheng.followers.analytics.models import Screening, TenderRecord, View
from gongheng.followers.analytics.rules import ONE_LOOK
from gongheng.kernel.clock import Clock
from gongheng.kernel.roles import Actor
from gongheng.trust.evidence.moving import note


def note_look(tender: TenderRecord, screening: Screening, *, actor: Actor, clock: Clock) -> None:
    """Prove that a person saw this screening; the public log learns neither which tender nor which result."""
    recent = View.objects.filter(tender=tender, screening=screening, person=actor.id, at__gt=clock.now() - ONE_LOOK)
    if recent.exists():
        return
    salt = os.urandom(32)
    with note(
        "screening.look", "screening:looks", actor=actor, clock=clock, seen=seen_digest(salt, tender, screening)
    ) as step:
        now: datetime = step.now
    View.objects.create(
        tender=tender, screening=screening, person=actor.id, at=now, salt=salt, entry=step.entry
    )


def seen_digest(salt: bytes, tender: TenderRecord, screening: Screening) -> str:
    """Return what the log keeps of a look; with the salt of the row anybody can check it."""
    return canonical.b64(labels.digest(labels.FILE, salt + canonical.encode([str(tender.pk), str(screening.pk)])))
