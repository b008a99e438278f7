"""A platform in memory with log, keys and authorities, from which tests write whole bundles (测试平台)."""

import functools
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gongheng.crypto import canonical, certs, cosigning, hashing, labels, merkle, signing
from gongheng.crypto.canonical import b64

ORIGIN, LOT, TENDER = "log.test/2026", "11111111-2222-4333-8444-555555555555", "A3701000001000001"
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
AUTHORITY = certs.Subject("测试认证机构", "测试认证机构")
TRUSTEES = ("centre", "supervisor", "notary")


@dataclass
class Platform:
    """Keys of everybody who signs, and the log as it grows; ``close_size`` is the head that first held the close."""

    log_key: bytes = field(default_factory=lambda: os.urandom(32))
    witness_key: bytes = field(default_factory=lambda: os.urandom(32))
    log_sm2: tuple[bytes, bytes] = field(default_factory=signing.generate)
    platform: tuple[bytes, bytes] = field(default_factory=signing.generate)
    authority: tuple[bytes, bytes] = field(default_factory=signing.generate)
    trustees: dict[str, tuple[bytes, bytes]] = field(
        default_factory=lambda: {name: signing.generate() for name in TRUSTEES}
    )
    bodies: list[bytes] = field(default_factory=list)
    reveals: dict[int, dict] = field(default_factory=dict)
    acts: list[dict] = field(default_factory=list)
    now: datetime = START
    serial: int = 1
    close_size: int = 0
    close_time: int = 0

    # ------------------------------------------------------------------ people

    def certificate(self, uscc: str | None = None, name: str = "张三") -> tuple[bytes, bytes]:
        """Return (private key, certificate) of a new person."""
        private, public = signing.generate()
        self.serial += 1
        subject = certs.Subject(name, "测试单位", uscc)
        return private, self._issue(subject, public, "sign")

    @functools.cached_property
    def root(self) -> bytes:
        return self._issue(AUTHORITY, self.authority[1], "ca")

    def _issue(self, subject: certs.Subject, public: bytes, usage: str) -> bytes:
        return certs.issue(
            self.authority[0],
            AUTHORITY,
            subject,
            public,
            usage,
            self.serial,
            START - timedelta(days=90),
            START + timedelta(days=900),
        )

    # ------------------------------------------------------------------ log

    def note(self, verb: str, subject: str = f"lot:{LOT}", role: str = "agency", signed: bool = False, **facts) -> int:
        """Write one entry a minute later and return its index; ``signed`` adds a signed act."""
        self.now += timedelta(minutes=1)
        at = canonical.timestamp(self.now)
        if signed:
            facts["act"] = self._act(verb, subject, at)
        return self._append(
            {
                "v": 1,
                "verb": verb,
                "subject": subject,
                "lot": LOT,
                "actor": {"id": "p-1", "role": role},
                "at": at,
                "facts": facts,
            }
        )

    def blind(self, verb: str, **facts) -> int:
        """Write one opaque entry of the sealed phase and return its index."""
        self.now += timedelta(minutes=1)
        hidden = {"verb": verb, "lot": LOT, "at": canonical.timestamp(self.now), "facts": facts}
        salt = os.urandom(32)
        digest = labels.digest(labels.EVIDENCE_BLIND, salt + canonical.encode(hidden))
        index = self._append({"t": "c", "h": b64(digest)})
        self.reveals[index] = {"salt": b64(salt), "hidden": hidden}
        return index

    def witness_close(self) -> None:
        """Let the witness sign the head as it is now."""
        self.close_size, self.close_time = len(self.bodies), int(self.now.timestamp())

    def _append(self, body: dict) -> int:
        self.bodies.append(canonical.encode(body))
        mine = len(self.bodies) - 1
        # Other tenders write into the same log between our entries.
        self.bodies.append(canonical.encode({"t": "c", "h": b64(os.urandom(32))}))
        return mine

    def _act(self, verb: str, subject: str, at: str) -> str:
        private, certificate = self.certificate()
        body = canonical.encode({"v": 1, "verb": verb, "subject": subject, "at": at, "nonce": b64(os.urandom(16))})
        digest = b64(labels.digest(labels.ACT, body))
        self.acts.append(
            {
                "digest": digest,
                "act": b64(body),
                "signature": b64(signing.sign(private, body, labels.ACT)),
                "certificate": b64(certificate),
                "signed_at": at,
            }
        )
        return digest

    # ------------------------------------------------------------------ what the bundle says of it

    def policy(self) -> dict:
        return self.log_policy() | {
            "platform": b64(self.platform[1]),
            "roots": [b64(self.root)],
            "trustees": {name: b64(public) for name, (_, public) in self.trustees.items()},
        }

    def log_policy(self) -> dict:
        return {
            "v": 1,
            "origin": ORIGIN,
            "log": cosigning.log_key(ORIGIN, self.log_key).text(),
            "log_sm3": cosigning.sm3_log_key(f"{ORIGIN}/sm3", self.log_sm2[1]).text(),
            "witnesses": [cosigning.witness_key("witness.test", self.witness_key).text()],
            "quorum": 1,
        }

    def export(self) -> dict:
        """Return log.json: every entry of the lot under the newest head, and the close under its own."""
        size, rows, close = len(self.bodies), [], None
        for index, body in enumerate(self.bodies):
            entry = canonical.decode(body)
            if index in self.reveals:
                rows.append(self._row(index, size) | {"reveal": self.reveals[index]})
            elif entry.get("lot") == LOT:
                rows.append(self._row(index, size))
            if entry.get("verb") == "lot.close":
                close = index
        early, steps = self.close_size, {}
        for name, algorithm in (("proof", "sha256"), ("proof_sm3", "sm3")):
            proof = merkle.consistency_proof(algorithm, early, size, self._tree(algorithm, size))
            steps[name] = [b64(one) for one in proof]
        return {
            "v": 1,
            "lot": LOT,
            "policy": self.log_policy(),
            **self._heads(size, int(self.now.timestamp())),
            "entries": rows,
            "consistency": {"old": early, "new": size, **steps},
            "close": {"v": 1, **self._heads(early, self.close_time), **self._row(close, early)},
        }

    def proof(self, index: int) -> dict:
        size = len(self.bodies)
        return {"v": 1, **self._heads(size, int(self.now.timestamp())), **self._row(index, size)}

    def _row(self, index: int, size: int) -> dict:
        return {
            "index": index,
            "entry": b64(self.bodies[index]),
            "path": self._path("sha256", index, size),
            "path_sm3": self._path("sm3", index, size),
        }

    def _path(self, algorithm: str, index: int, size: int) -> list[str]:
        return [b64(one) for one in merkle.inclusion_proof(algorithm, index, size, self._tree(algorithm, size))]

    def _tree(self, algorithm: str, size: int):
        return merkle.from_leaves(algorithm, [merkle.leaf_hash(algorithm, body) for body in self.bodies[:size]])

    def _heads(self, size: int, time: int) -> dict:
        root, root_sm3 = (merkle.root_at(name, size, self._tree(name, size)) for name in ("sha256", "sm3"))
        signed = cosigning.sign_checkpoint(ORIGIN, size, root, ORIGIN, self.log_key)
        line = cosigning.cosign(cosigning.parse(signed)[0], "witness.test", self.witness_key, time)
        name = f"{ORIGIN}/sm3"
        return {
            "checkpoint": signed + line,
            "checkpoint_sm3": cosigning.sign_checkpoint_sm3(name, size, root_sm3, name, self.log_sm2[0]),
        }

    def seal_folder(self, folder: Path) -> None:
        """Write the signed manifest over a folder as the platform would, also over one that was tampered with."""
        files = [
            {
                "path": path.relative_to(folder).as_posix(),
                "size": path.stat().st_size,
                "sm3": b64(hashing.digest(path.read_bytes())),
            }
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith("MANIFEST.")
        ]
        manifest = canonical.encode({"v": 1, "files": files})
        (folder / "MANIFEST.json").write_bytes(manifest)
        (folder / "MANIFEST.sig").write_bytes(signing.sign(self.platform[0], manifest, labels.BUNDLE))
