"""A trustee's own store: identity key, one key pair per lot, its covers (受托人密钥库)."""

import json
import os
from pathlib import Path

from gongheng.crypto import canonical, signing


class Store:
    """Files of mode 0600 in the trustee's own folder; nothing in it leaves this machine."""

    def __init__(self, folder: Path, name: str):
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (folder / "identity.key").exists():
            private, public = signing.generate()
            self._write("identity.key", private)
            (folder / "public.json").write_text(json.dumps({"name": name, "public": canonical.b64(public)}))
        self.identity = (folder / "identity.key").read_bytes()

    def lot_key(self, lot: str) -> tuple[bytes, bytes]:
        """Return this lot's key pair, made once (security.md 4.0.3: a fresh pair per lot)."""
        name = f"lot-{lot}.key"
        if not (self.folder / name).exists():
            self._write(name, signing.generate()[0])
        private = (self.folder / name).read_bytes()
        return private, signing.public_of(private)

    def plan(self, lot: str) -> dict | None:
        """Return the covers planned or made for a lot, or None when none was planned yet."""
        file = self.folder / f"covers-{lot}.json"
        return json.loads(file.read_text()) if file.exists() else None

    def keep_plan(self, lot: str, plan: dict) -> None:
        self._write(f"covers-{lot}.json", json.dumps(plan).encode())

    def deadline(self, lot: str) -> str | None:
        """Return the latest deadline ever seen for a lot, as a timestamp text."""
        file = self.folder / f"deadline-{lot}"
        return file.read_text() if file.exists() else None

    def keep_deadline(self, lot: str, deadline: str) -> None:
        """Remember a deadline; an earlier one than known never replaces it (timestamps sort as text)."""
        if deadline > (self.deadline(lot) or ""):
            self._write(f"deadline-{lot}", deadline.encode())

    def policy(self) -> dict | None:
        """Return the log and witness keys pinned at the first contact, or put here by the operator."""
        file = self.folder / "policy.json"
        return json.loads(file.read_text()) if file.exists() else None

    def pin_policy(self, policy: dict) -> None:
        self._write("policy.json", json.dumps(policy).encode())

    def _write(self, name: str, data: bytes) -> None:
        # Written beside and renamed: a killed trustee never leaves half a key.
        draft = self.folder / f".{name}.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / name)
