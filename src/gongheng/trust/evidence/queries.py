"""Reading the log: what happened to a thing or in a lot, oldest first (历史)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from gongheng.crypto import canonical
from gongheng.trust.evidence.models import Checkpoint, Entry
from gongheng.trust.evidence.moving import subject_of


@dataclass(frozen=True)
class Line:
    """One line of a history page, without its sentence: that is the business of the desks."""

    verb: str
    subject: str
    at: datetime
    actor: str  # pseudonymous person id
    role: str
    facts: dict
    position: int | None  # None until the sequencer has placed it
    digest: str  # of the signed act, "" when the entry came from no signed act


def entries_of_lot(lot: uuid.UUID) -> models.QuerySet[Entry]:
    """Return the clear entries of a lot; the opaque ones of its sealed phase name no lot."""
    return Entry.objects.filter(lot=lot).select_related("leaf").order_by("id")


def entries_of_subject(thing: models.Model | str) -> models.QuerySet[Entry]:
    """Return the clear entries about one thing."""
    return Entry.objects.filter(subject=subject_of(thing)).select_related("leaf").order_by("id")


def history(entries: models.QuerySet[Entry]) -> list[Line]:
    """Return the lines of a history page, newest first; what they say is read from the proved body."""
    return [_line(entry) for entry in entries.order_by("-id")]


def newest_checkpoint(*, is_cosigned: bool = False) -> Checkpoint | None:
    """Return the newest published head, with ``is_cosigned`` the newest that the witness signed."""
    heads = Checkpoint.objects.filter(cosigned_at__isnull=False) if is_cosigned else Checkpoint.objects.all()
    return heads.order_by("-size").first()


def _line(entry: Entry) -> Line:
    body = canonical.decode(bytes(entry.body))
    return Line(
        verb=body["verb"],
        subject=body["subject"],
        at=canonical.parse_timestamp(body["at"]),
        actor=body["actor"]["id"],
        role=body["actor"]["role"],
        facts=body["facts"],
        position=entry.leaf.index if hasattr(entry, "leaf") else None,
        digest=body["facts"].get("act", ""),
    )
