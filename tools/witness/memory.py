"""What a witness (见证方) remembers of each log, and when it gives its cosignature (C2SP tlog-witness).

It keeps one newest head per log and signs only what provably continues it; a head that does
not is kept beside it: two heads signed by one log are a portable proof of fraud.
"""

import base64
import binascii
import hashlib
import os
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gongheng.crypto import cosigning, merkle
from gongheng.crypto.refused import ProofRefused

MOST_BYTES = 64 * 1024
MOST_PROOF_LINES = 63
_OLD = re.compile(r"old (0|[1-9][0-9]{0,15})", re.ASCII)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: status, text, and the type that C2SP asks for."""

    status: int
    text: str
    content_type: str = "text/plain; charset=utf-8"


class Witness:
    """One witness with its own key, store and clock; safe to use from many threads."""

    def __init__(self, store: Path, name: str, clock: Callable[[], int]):
        self.store, self.name, self.clock = store, name, clock
        self._lock = threading.Lock()
        store.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (store / "key").exists():
            _write(store / "key", secrets.token_bytes(32))
        self._private = (store / "key").read_bytes()

    def key(self) -> Answer:
        """Give the verifier key by which the cosignatures are checked."""
        return Answer(200, cosigning.witness_key(self.name, self._private).text() + "\n")

    def introduce(self, body: bytes) -> Answer:
        """Trust the first key that speaks for an origin, for good; the operator may place it beforehand."""
        try:
            key = cosigning.parse_key(body.decode().strip())
        except (ProofRefused, UnicodeDecodeError):
            return Answer(400, "no verifier key\n")
        if key.kind != cosigning.ED25519:
            return Answer(400, "the key of a log is of type Ed25519\n")
        with self._lock:
            path = self._folder(key.name) / "log.vkey"
            if not path.exists():
                _write(path, key.text().encode())
            is_same = path.read_bytes().strip() == key.text().encode()
        return Answer(200, "known\n") if is_same else Answer(409, "another key speaks for this origin\n")

    def newest(self, origin: str) -> Answer:
        """Give the newest head that was cosigned for an origin, with the cosignature."""
        path = self._folder(origin) / "newest"
        return Answer(200, path.read_text()) if path.exists() else Answer(404, "unknown log\n")

    def add_checkpoint(self, body: bytes) -> Answer:
        """Cosign a head that continues the newest one; 400, 403, 404, 409 and 422 as the standard says."""
        try:
            old, proof, note = _request(body)
            checkpoint, _ = cosigning.parse(note)
        except (ValueError, ProofRefused):
            return Answer(400, "malformed request\n")
        folder = self._folder(checkpoint.origin)
        if not (folder / "log.vkey").exists():
            return Answer(404, "unknown log\n")
        try:
            cosigning.verify(note, cosigning.parse_key((folder / "log.vkey").read_text().strip()), checkpoint.origin)
        except ProofRefused:
            return Answer(403, "not signed by the key of this log\n")
        if old > checkpoint.size:
            return Answer(400, "old size is beyond the checkpoint\n")
        # Comparing and persisting are one step, or a slower request could roll the memory back.
        with self._lock:
            return self._judge(folder, checkpoint, old, proof, note)

    def _judge(
        self, folder: Path, checkpoint: cosigning.Checkpoint, old: int, proof: list[bytes], note: str
    ) -> Answer:
        known = _remembered(folder)
        size, root = (known.size, known.root) if known else (0, merkle.empty_root("sha256"))
        if checkpoint.size == size and checkpoint.root != root:
            _keep_fraud(folder, note)
        if old != size or (checkpoint.size == size and checkpoint.root != root):
            return Answer(409, f"{size}\n", "text/x.tlog.size")
        if not merkle.verify_consistency("sha256", old, checkpoint.size, root, checkpoint.root, proof):
            _keep_fraud(folder, note)
            return Answer(422, "the checkpoint does not continue what was seen\n")
        line = cosigning.cosign(checkpoint, self.name, self._private, self.clock())
        _write(folder / "newest", (_unsigned(note) + line).encode())
        return Answer(200, line)

    def _folder(self, origin: str) -> Path:
        return self.store / "logs" / hashlib.sha256(origin.encode()).hexdigest()[:32]


def _request(body: bytes) -> tuple[int, list[bytes], str]:
    """Split an add-checkpoint body; raises ValueError when it is malformed."""
    head, gap, note = body.decode().partition("\n\n")
    first, *lines = head.split("\n")
    match = _OLD.fullmatch(first)
    if not match or not gap or len(lines) > MOST_PROOF_LINES:
        raise ValueError("no old size or too many proof lines")
    try:
        proof = [base64.b64decode(line, validate=True) for line in lines]
    except binascii.Error as error:
        raise ValueError("a proof line is not base64") from error
    return int(match[1]), proof, note


def _remembered(folder: Path) -> cosigning.Checkpoint | None:
    path = folder / "newest"
    return cosigning.parse(path.read_text())[0] if path.exists() else None


def _unsigned(note: str) -> str:
    """Drop foreign cosignatures: only what the log itself signed is kept with ours."""
    checkpoint, lines = cosigning.parse(note)
    return checkpoint.body() + "\n" + "".join(one for one in lines if one.split(" ")[1] == checkpoint.origin)


def _keep_fraud(folder: Path, note: str) -> None:
    """Keep the offered head beside the remembered one; both are signed, which is the proof."""
    known = folder / "newest"
    name = f"fraud-{hashlib.sha256(_unsigned(note).encode()).hexdigest()[:16]}"
    if not (folder / name).exists():
        _write(folder / name, ((known.read_text() if known.exists() else "") + "\n" + note).encode())


def _write(path: Path, data: bytes) -> None:
    """Replace a file in one step that survives a crash of the machine."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
