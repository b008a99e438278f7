"""The application's own secrets, kept in files outside the database (密钥环).

A real deployment puts an HSM behind this class; what a thief gains from each key is listed in
docs/trust.md. None of them opens a bid: no key of the application takes part in sealing.
"""

import os
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from gongheng.crypto import signing


class Keyring:
    """Named 32-byte secrets in a folder of mode 0700, made on first use."""

    def __init__(self, folder: Path):
        self.folder = folder

    def secret(self, name: str) -> bytes:
        """Return the 32-byte secret ``name``, creating it once and for all processes."""
        return _secret(self.folder, name)

    def signing_key(self, name: str) -> tuple[bytes, bytes]:
        """Return the SM2 key pair ``name`` as (private 32 bytes, public 65 bytes)."""
        return _signing_key(self.folder, name)

    def destroy(self, name: str) -> None:
        """Erase a secret for good, e.g. the key of a draw after its release."""
        (self.folder / name).unlink(missing_ok=True)
        _secret.cache_clear()


@lru_cache(maxsize=512)
def _secret(folder: Path, name: str) -> bytes:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    draft = folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_bytes(_fresh(name))
        with suppress(FileExistsError):
            os.link(draft, path)  # link fails if another process was first: exactly one secret wins
        draft.unlink()
    return path.read_bytes()


def _fresh(name: str) -> bytes:
    return signing.generate()[0] if name.endswith(".sm2") else secrets.token_bytes(32)


@lru_cache(maxsize=64)
def _signing_key(folder: Path, name: str) -> tuple[bytes, bytes]:
    private = _secret(folder, f"{name}.sm2")
    return private, signing.public_of(private)
