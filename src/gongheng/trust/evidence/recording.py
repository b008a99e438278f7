"""Writing entries inside the business transaction: the only way anything enters the log (存证)."""

import os
import uuid
from datetime import datetime

from django.conf import settings
from django.db import connection

from gongheng.crypto import canonical, labels
from gongheng.kernel.roles import Actor
from gongheng.kernel.sealed_field import seal, unseal
from gongheng.trust.evidence.models import Entry

#: C2SP log bundles give an entry a 16-bit length.
MOST_BYTES = 65_535


def record(
    verb: str, subject: str, *, lot: uuid.UUID | None, actor: Actor, at: datetime, facts: dict
) -> Entry:
    """Write one entry in clear; ``facts`` are small, canonical-JSON values, never personal, never secret.

    When the actor signed an act for this request, its signature is kept in the same transaction
    and the digest of the act joins the facts.
    Raises ValueError when the body exceeds 64 KiB or holds a value canonical JSON lacks.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an entry is written only inside the transaction of what it tells")
    if actor.act is not None:
        facts = facts | {"act": actor.act.keep(verb, subject, at)}
    body = canonical.encode(
        {
            "v": 1,
            "verb": verb,
            "subject": subject,
            "lot": str(lot) if lot else None,
            "actor": {"id": actor.id, "role": str(actor.role)},
            "at": canonical.timestamp(at),
            "facts": facts,
        }
    )
    if len(body) > MOST_BYTES:
        raise ValueError(f"entry {verb} has {len(body)} bytes, more than {MOST_BYTES}")
    entry = Entry.objects.create(body=body, verb=verb, subject=subject, lot=lot, actor=actor.id, at=at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('trade', %s)", [f"{lot or ''} {verb} {subject}"])
    return entry


def record_blinded(verb: str, *, lot: uuid.UUID, at: datetime, facts: dict, phase_key: bytes) -> Entry:
    """Write one opaque entry of the sealed phase; verb, lot, time and facts come out at opening.

    What is committed to: H("ggzy/evidence-blind/v1", salt ‖ canonical{verb, lot, at, facts}).
    """
    hidden = canonical.encode(
        {"verb": verb, "lot": str(lot), "at": canonical.timestamp(at), "facts": facts}
    )
    salt = os.urandom(32)
    digest = labels.digest(labels.EVIDENCE_BLIND, salt + hidden)
    body = canonical.encode({"t": "c", "h": canonical.b64(digest)})
    return Entry.objects.create(body=body, salt_sealed=seal(salt + hidden, phase_key))


def unblind(entry: Entry, phase_key: bytes) -> tuple[bytes, dict] | None:
    """Return (salt, what was hidden) of an opaque entry, or None when it belongs to another lot."""
    try:
        plain = unseal(bytes(entry.salt_sealed), phase_key)
    except ValueError:
        return None
    return plain[:32], canonical.decode(plain[32:])


def phase_key(lot: uuid.UUID) -> bytes:
    """Return the lot's phase key, derived from a secret outside the database (security.md 4.0.3)."""
    return labels.digest(labels.PHASE_KEY, settings.KEYRING.secret("phase") + lot.bytes)
