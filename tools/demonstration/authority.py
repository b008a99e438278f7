"""The demonstration's own certificate authority (演示CA): an SM2 root that signs soft certificates.

It stands in for the mutually recognised CAs; a real deployment puts their roots into var/ca instead.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from pathlib import Path

from gongheng.crypto import certs, signing

NAME = certs.Subject("公衡演示数字证书认证机构", "公衡演示环境")
_ORDER = int("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123", 16)


def derived_key(seed: bytes, name: str) -> bytes:
    """Return the private key that ``seed`` gives to ``name``; the same seed always gives the same key."""
    block = hmac.digest(seed, name.encode(), "sha256") + hmac.digest(seed, name.encode() + b"\x01", "sha256")
    return (int.from_bytes(block, "big") % (_ORDER - 2) + 1).to_bytes(32, "big")


class Authority:
    """Issues certificates under the root; keys come from the cabinet's seed."""

    def __init__(self, seed: bytes, opened_at: datetime):
        self._seed = seed
        self._private = derived_key(seed, "authority")
        self._not_before = opened_at - timedelta(days=400)
        # Long enough for a demonstration clock that is moved on by months.
        self._not_after = opened_at + timedelta(days=5 * 365)

    def root(self) -> bytes:
        """Return the DER of the self-signed root certificate."""
        return certs.issue(
            self._private, NAME, NAME, signing.public_of(self._private), "ca", 1, self._not_before,
            self._not_after + timedelta(days=365),
        )

    def install_root(self, folder: Path) -> None:
        """Put the root where the platform looks for the issuers that it trusts."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "root.der").write_bytes(self.root())

    def issue(
        self, holder: str, usage: str, subject: certs.Subject, *, not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> bytes:
        """Return the DER of the holder's certificate for ``usage`` ("sign" or "enc")."""
        public = signing.public_of(derived_key(self._seed, f"{holder}/{usage}"))
        return certs.issue(
            self._private, NAME, subject, public, usage, self.serial(holder, usage), not_before or self._not_before,
            not_after or self._not_after,
        )

    @staticmethod
    def serial(holder: str, usage: str) -> int:
        """Return the serial number of a holder's certificate, never zero."""
        return int.from_bytes(hashlib.sha256(f"{holder}/{usage}".encode()).digest()[:12], "big") | 1 << 96
