"""The demonstration cabinet (演示证书柜): everybody's soft certificates, made on the fly from one seed.

It replaces the drawer with UKeys that a person would have. It lies outside the database and is
served only in a demonstration: whoever opens it can act as anybody.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import pbkdf2_hmac
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gongheng.crypto import canonical
from gongheng.people.identity.views import CABINET_PIN as PIN
from tools.demonstration.authority import derived_key

#: Low on purpose: the PIN is public and the rehearsal opens hundreds of files. A real soft certificate has 310,000.
ITERATIONS = 2_000
MOST_FOUND = 40


@dataclass(frozen=True)
class Holder:
    """A person whose soft certificate lies in the cabinet."""

    id: str
    name: str
    organisation: str
    uscc: str
    role: str
    role_names: str
    hint: str
    phone: str
    certificate_sign: str = ""  # b64 DER, only while the platform does not know the certificate
    certificate_enc: str = ""


def open_seed(folder: Path) -> bytes:
    """Return the cabinet's seed, made on first use."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "seed"
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(secrets.token_bytes(32))
    return path.read_bytes()


def write_index(folder: Path, holders: list[Holder]) -> None:
    """Write the list of holders in one step."""
    draft = folder / "index.new"
    draft.write_text(json.dumps([asdict(one) for one in holders], ensure_ascii=False))
    draft.replace(folder / "index.json")


def holders(folder: Path) -> tuple[Holder, ...]:
    """Return all holders; none while the province is not loaded."""
    path = folder / "index.json"
    return _read(path, path.stat().st_mtime_ns) if path.exists() else ()


@lru_cache(maxsize=2)
def _read(path: Path, stamp: int) -> tuple[Holder, ...]:
    return tuple(Holder(**row) for row in json.loads(path.read_text()))


def holder(folder: Path, id: str) -> Holder | None:
    """Return one holder by the id of the person."""
    return next((one for one in holders(folder) if one.id == id), None)


def search(folder: Path, text: str = "", role: str = "", most: int = MOST_FOUND) -> list[Holder]:
    """Find holders by words in name, organisation, role, hint or phone; every word must occur."""
    words = text.split()
    found = []
    for one in holders(folder):
        if role and one.role != role:
            continue
        line = f"{one.name} {one.organisation} {one.role_names} {one.hint} {one.phone}"
        if all(word in line for word in words):
            found.append(one)
            if len(found) == most:
                break
    return found


def soft_certificate(folder: Path, one: Holder, sign: bytes, enc: bytes | None) -> bytes:
    """Return the .gkey file of a holder, locked with the demonstration PIN."""
    seed = open_seed(folder)
    keys = {
        "sign": canonical.b64(derived_key(seed, f"{one.id}/sign")),
        "enc": canonical.b64(derived_key(seed, f"{one.id}/enc")) if enc else None,
    }
    salt, iv = os.urandom(16), os.urandom(12)
    wrap = pbkdf2_hmac("sha256", PIN.encode(), salt, ITERATIONS, 32)
    file = {
        "v": 1, "kind": "gongheng-soft-certificate", "person": one.id, "name": one.name,
        "organisation": one.organisation, "uscc": one.uscc, "certificate_sign": canonical.b64(sign),
        "certificate_enc": canonical.b64(enc) if enc else None,
        "box": {
            "kdf": "PBKDF2-SHA256", "salt": canonical.b64(salt), "iterations": ITERATIONS, "iv": canonical.b64(iv),
            "data": canonical.b64(AESGCM(wrap).encrypt(iv, canonical.encode(keys), None)),
        },
    }
    return json.dumps(file, ensure_ascii=False, indent=1).encode()
