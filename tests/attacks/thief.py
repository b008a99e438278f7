"""A thief before the deadline: database, files, logs, every application key and one trustee's store (窃取者).

He may use all of our own code. ``Loot.pry`` opens whatever these keys open; the tests then look for who bids,
at what price, and how many.
"""

import json
from dataclasses import dataclass, field

from gongheng.crypto import canonical, labels
from gongheng.kernel.keyring import Keyring
from gongheng.kernel.sealed_field import unseal

#: What everybody may read anyway: the register of parties and their certificates, bidders or not.
REGISTER = ("parties_", "identity_person", "identity_binding", "certificates_certificate")


@dataclass
class Loot:
    """What the thief carries home, and what his keys open of it."""

    rows: dict[str, list[tuple]]
    files: list[bytes]
    keys: Keyring
    trustee: dict[str, bytes]
    lots: list[str]
    opened: list[bytes] = field(default_factory=list)
    manifests: list[dict] = field(default_factory=list)

    def pry(self) -> None:
        """Try every application key on every sealed value of the database."""
        phase = [labels.digest(labels.PHASE_KEY, self.keys.secret("phase") + bytes.fromhex(lot)) for lot in self.lots]
        for rows in self.rows.values():
            for value in (bytes(cell) for row in rows for cell in row if isinstance(cell, bytes | memoryview)):
                for key in (*phase, self.keys.secret("columns")):
                    try:
                        self.opened.append(unseal(value, key))
                    except ValueError:
                        continue
        for plain in self.opened:
            if plain.startswith(b'{"manifest"'):
                manifest = canonical.unb64(json.loads(plain)["manifest"])
                self.opened.append(manifest)
                self.manifests.append(canonical.decode(manifest))

    def haystack(self) -> bytes:
        """Return everything that is not the public register, in one piece."""
        cells = [
            bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
            for table, rows in self.rows.items() if not table.startswith(REGISTER) for row in rows for cell in row
        ]
        return b"\n".join([*cells, *self.files, *self.trustee.values(), *self.sealed_phase()])

    def sealed_phase(self) -> list[bytes]:
        """Return what was opened of uploads and entries; personal columns of the register are not the prize."""
        return [plain for plain in self.opened if b'"lot"' in plain]


def spellings(secret: bytes) -> list[bytes]:
    """Return the ways in which a secret may be written down."""
    return [secret, canonical.b64(secret).encode(), secret.hex().encode()]


def marks(manifest: dict) -> str:
    """Return everything in a container's header that could be a mark of its maker; all must look alike."""
    envelopes = manifest["core"]["env"]
    return json.dumps([
        [[own["kid"], own["mode"], len(own["blob"]) // 8] for own in row["own"]] + [len(row["fall"]), len(row["C"])]
        for row in envelopes
    ] + [row["size"] for row in manifest["envelopes"] if row["id"] in ("E0", "E3")])
