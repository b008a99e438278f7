"""Issuing and keeping documents: typeset, store, and note the digest (文书出具)."""

import io
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from gongheng.trust.documents import store, typesetting
from gongheng.trust.documents.models import Document

PDF = "application/pdf"


def issue_document(
    kind: str, title: str, template: str, data: dict, *, lot: UUID | None, is_public: bool, now: datetime
) -> Document:
    """Typeset ``template`` with ``data`` (shapes.py) as PDF/A, store it, and return its row.

    The caller writes the evidence entry, with ``document.digest`` among its facts.
    """
    return keep_document(
        kind,
        title,
        io.BytesIO(typesetting.render(template, data)),
        media_type=PDF,
        lot=lot,
        is_public=is_public,
        now=now,
    )


def keep_document(
    kind: str,
    title: str,
    stream: BinaryIO,
    *,
    media_type: str,
    lot: UUID | None,
    is_public: bool,
    now: datetime,
) -> Document:
    """Store the bytes of a file that somebody gave or that another part made, and return its row."""
    stored = store.put(stream)
    return Document.objects.create(
        kind=kind, title=title, lot=lot, digest=stored.digest, size=stored.size,
        media_type=media_type, is_public=is_public, created_at=now,
    )
