"""The signed heads of the log and the keys they are checked with (日志头与验证公钥)."""

from pathlib import Path

from django.conf import settings

from gongheng.crypto import cosigning, merkle
from gongheng.crypto.refused import ProofRefused
from gongheng.trust.evidence.models import Checkpoint, Head


class LogDamaged(RuntimeError):
    """The stored log contradicts what was signed or witnessed before; it must not be signed again."""


def sign(head: Head) -> tuple[str, str]:
    """Return the notes of both trees at this head: SHA-256 with Ed25519, SM3 with SM2."""
    origin = settings.LOG_ORIGIN
    note = cosigning.sign_checkpoint(origin, head.size, _root(head, "sha256"), origin, _ed25519())
    private, _ = settings.KEYRING.signing_key("log-sm2")
    note_sm3 = cosigning.sign_checkpoint_sm3(_sm3(origin), head.size, _root(head, "sm3"), _sm3(origin), private)
    return note, note_sm3


def is_ours(checkpoint: Checkpoint, head: Head) -> bool:
    """Say whether both notes carry our signatures over exactly this head."""
    origin = settings.LOG_ORIGIN
    try:
        told = cosigning.verify(checkpoint.note, _log_key(), origin)
        told_sm3 = cosigning.verify(checkpoint.note_sm3, _log_key_sm3(), _sm3(origin))
    except ProofRefused:
        return False
    return (told.size, told.root) == (head.size, _root(head, "sha256")) and (told_sm3.size, told_sm3.root) == (
        head.size,
        _root(head, "sm3"),
    )


def cosigned_note(checkpoint: Checkpoint) -> str:
    """Return the SHA-256 note with the cosignature lines gathered so far."""
    return checkpoint.note + "".join(checkpoint.cosignatures)


def is_cosigned(checkpoint: Checkpoint) -> bool:
    """Say whether all stored cosignatures are valid; none at all is valid too, only weaker."""
    key = witness_key()
    return all(key and cosigned_at(checkpoint.note, line, key) is not None for line in checkpoint.cosignatures)


def cosigned_at(note: str, line: str, key: str) -> int | None:
    """Return the Unix time of a witness's cosignature line over a note, None when it is not valid."""
    try:
        return cosigning.verify_cosignature(cosigning.parse(note)[0], line, cosigning.parse_key(key))
    except ProofRefused:
        return None


def signed_head(note: str) -> cosigning.Checkpoint | None:
    """Return the head that a note of somebody else's store states, None unless we signed it."""
    try:
        return cosigning.verify(note, _log_key(), settings.LOG_ORIGIN)
    except ProofRefused:
        return None


def verifier_key() -> str:
    """Return the log's Ed25519 key as a verifier key text."""
    return _log_key().text()


def is_witnessed() -> bool:
    """Say whether this deployment has a witness, so that proofs can wait for its cosignature."""
    return bool(settings.WITNESS_URL)


def witness_key() -> str | None:
    """Return the pinned key of the witness, None before the operator or the first contact gave it."""
    path = _witness_key_file()
    return path.read_text().strip() if path.exists() else None


def pin_witness_key(text: str) -> None:
    """Keep the witness's key for good, outside the database. Raises ProofRefused when it is none."""
    key = cosigning.parse_key(text.strip())
    if key.kind != cosigning.COSIGNATURE:
        raise ProofRefused("KEY", "见证方公钥的类型不正确。")
    with _witness_key_file().open("x") as file:
        file.write(key.text() + "\n")


def policy() -> dict:
    """Return what a verifier must know: origin, log keys, witness keys and how many must have signed."""
    key = witness_key()
    return {
        "v": 1,
        "origin": settings.LOG_ORIGIN,
        "log": verifier_key(),
        "log_sm3": _log_key_sm3().text(),
        "witnesses": [key] if key else [],
        "quorum": 1 if is_witnessed() else 0,
    }


def _witness_key_file() -> Path:
    return settings.VAR / "witness.vkey"


def _ed25519() -> bytes:
    return settings.KEYRING.secret("log-ed25519")


def _log_key() -> cosigning.VerifierKey:
    return cosigning.log_key(settings.LOG_ORIGIN, _ed25519())


def _log_key_sm3() -> cosigning.VerifierKey:
    return cosigning.sm3_log_key(_sm3(settings.LOG_ORIGIN), settings.KEYRING.signing_key("log-sm2")[1])


def _sm3(origin: str) -> str:
    return f"{origin}/sm3"


def _root(head: Head, algorithm: str) -> bytes:
    return bytes(getattr(head, f"root_{algorithm}")) or merkle.empty_root(algorithm)
