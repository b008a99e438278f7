"""Pseudonyms of a draw (代号): only the key of the draw, kept outside the database, resolves them."""

import hmac
from collections.abc import Iterable

from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast

from gongheng.crypto import hashing
from gongheng.crypto.canonical import b64
from gongheng.people.experts.models import Expert

#: Characters of 32 bytes in base64url without padding.
_TEXT = 43


def key_of(draw) -> bytes:
    """Return k_draw, 32 bytes from the keyring; it is released to auditors after the award."""
    return settings.KEYRING.secret(f"draw-{draw.pk}")


def pseudonym(key: bytes, expert: str) -> str:
    """Return the pid of an expert id: base64url of HMAC-SM3(k_draw, "expert" ‖ 0x0A ‖ id)."""
    return _mac(key, "expert", expert)


def token(key: bytes, uscc: str) -> str:
    """Return the token of an employer, compared instead of its name: HMAC-SM3(k_draw, "employer" ‖ 0x0A ‖ USCC)."""
    return _mac(key, "employer", uscc)


def person_token(key: bytes, uscc: str, name: str) -> str:
    """Return how an order refers to a person whom the host named: by employer and name, readable to nobody."""
    return _mac(key, "person", f"{uscc}\n{name}")


def file_key(key: bytes) -> bytes:
    """Return the key under which the snapshot lies in the file store."""
    return hmac.new(key, b"pool-file", "sm3").digest()


def pid_of(draw, expert: Expert) -> str:
    """Return the pid that an expert has in a draw."""
    return pseudonym(key_of(draw), str(expert.pk))


def resolve(draw, pids: set[str]) -> dict[str, str]:
    """Return {pid: expert id} of some pseudonyms by trying everybody: there is no table to steal."""
    ids = list(Expert.objects.order_by().values_list(Cast("pk", TextField()), flat=True))
    return {pid: expert for pid, expert in zip(many(key_of(draw), "expert", ids), ids, strict=True) if pid in pids}


def many(key: bytes, kind: str, texts: Iterable[str]) -> list[str]:
    """Return the pseudonyms ("expert") or tokens ("employer") of many at once."""
    make = hashing.keyed(key, f"{kind}\n".encode())
    # With one byte between them every digest begins at a whole group of base64: one pass writes them all.
    written = b64(b"\0".join([make(text.encode()) for text in texts]))
    return [written[start:start + _TEXT] for start in range(0, len(written), _TEXT + 1)]


def _mac(key: bytes, kind: str, text: str) -> str:
    return many(key, kind, [text])[0]
