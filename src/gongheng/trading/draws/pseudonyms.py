"""Pseudonyms of a draw (代号): only the key of the draw, kept outside the database, resolves them."""

import hmac

from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast

from gongheng.crypto.canonical import b64
from gongheng.people.experts.models import Expert


def key_of(draw) -> bytes:
    """Return k_draw, 32 bytes from the keyring; it is released to auditors after the award."""
    return settings.KEYRING.secret(f"draw-{draw.pk}")


def pseudonym(key: bytes, expert: str) -> str:
    """Return the pid of an expert id: base64url of HMAC-SM3(k_draw, "expert" ‖ 0x0A ‖ id)."""
    return _mac(key, "expert", expert)


def token(key: bytes, uscc: str) -> str:
    """Return the token of an employer, compared instead of its name: HMAC-SM3(k_draw, "employer" ‖ 0x0A ‖ USCC)."""
    return _mac(key, "employer", uscc)


def file_key(key: bytes) -> bytes:
    """Return the key under which the snapshot lies in the file store."""
    return hmac.new(key, b"pool-file", "sm3").digest()


def pid_of(draw, expert: Expert) -> str:
    """Return the pid that an expert has in a draw."""
    return pseudonym(key_of(draw), str(expert.pk))


def resolve(draw, pids: set[str]) -> dict[str, str]:
    """Return {pid: expert id} of some pseudonyms by trying everybody: there is no table to steal."""
    make = maker(key_of(draw), "expert")
    ids = Expert.objects.order_by().values_list(Cast("pk", TextField()), flat=True)
    return {pid: expert for expert in ids if (pid := make(expert)) in pids}


def maker(key: bytes, kind: str):
    """Return a function that makes the pseudonyms ("expert") or tokens ("employer") of many at once."""
    head, encode = f"{kind}\n".encode(), b64

    def make(text: str) -> str:
        return encode(hmac.digest(key, head + text.encode(), "sm3"))

    return make


def _mac(key: bytes, kind: str, text: str) -> str:
    return maker(key, kind)(text)
