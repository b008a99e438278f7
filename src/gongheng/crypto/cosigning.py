"""Checkpoints of the evidence log and the witnesses' cosignatures, in the C2SP text forms (检查点与联署).

A checkpoint is a signed note: origin, size and root, an empty line, then one line per signature. The SHA-256 tree is
signed with Ed25519 and cosigned by witnesses; the SM3 tree has the same body and an SM2 signature of type 0xff.
"""

import base64
import binascii
import hashlib
import re
import struct
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from . import labels, signing
from .refused import ProofRefused

ED25519, COSIGNATURE = b"\x01", b"\x04"
# Type 0xff must be followed by a string of one's own, so that nobody mistakes the key for another scheme.
SM2 = b"\xff" + labels.CHECKPOINT_SM3.encode("ascii") + b"\n"
_TYPES = (ED25519, COSIGNATURE, SM2)
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_LINE = re.compile(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
MAX_NOTE = 64 * 1024


@dataclass(frozen=True)
class Checkpoint:
    """A log's statement: the tree of `origin` had `size` leaves and this 32-byte root."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """Return the text that is signed."""
        return f"{self.origin}\n{self.size}\n{_b64(self.root)}\n"


@dataclass(frozen=True)
class VerifierKey:
    """A named public key and its signature type, as written in policy files."""

    name: str
    kind: bytes
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Return the first 4 bytes of SHA-256(name ‖ 0x0A ‖ type ‖ public key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.kind + self.public).digest()[:4]

    def text(self) -> str:
        """Return "name+hexid+base64"."""
        return f"{self.name}+{self.key_id.hex()}+{_b64(self.kind + self.public)}"


def ed25519_public(private: bytes) -> bytes:
    """Return the 32-byte public key of a 32-byte Ed25519 private key."""
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def log_key(name: str, private: bytes) -> VerifierKey:
    """Return the verifier key of a log's Ed25519 key."""
    return VerifierKey(_named(name), ED25519, ed25519_public(private))


def witness_key(name: str, private: bytes) -> VerifierKey:
    """Return the verifier key of a witness's Ed25519 key."""
    return VerifierKey(_named(name), COSIGNATURE, ed25519_public(private))


def sm3_log_key(name: str, public: bytes) -> VerifierKey:
    """Return the verifier key of the SM2 key that signs the SM3 tree."""
    return VerifierKey(_named(name), SM2, public)


def parse_key(text: str) -> VerifierKey:
    """Return the key of "name+hexid+base64". Raises ProofRefused."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    data = _unb64(encoded)
    for kind in _TYPES:
        size = 65 if kind == SM2 else 32
        if data.startswith(kind) and len(data) == len(kind) + size and _NAME.fullmatch(name):
            key = VerifierKey(name, kind, data[len(kind) :])
            if key.key_id.hex() == key_id:
                return key
    raise ProofRefused("KEY", "验证公钥文本不正确。")


def sign_checkpoint(origin: str, size: int, root: bytes, name: str, ed25519_private: bytes) -> str:
    """Return the signed note of the SHA-256 tree, one signature line at its end."""
    body = Checkpoint(_named(origin), size, root).body()
    signature = Ed25519PrivateKey.from_private_bytes(ed25519_private).sign(body.encode())
    return body + "\n" + _line(log_key(name, ed25519_private), signature)


def sign_checkpoint_sm3(origin: str, size: int, root: bytes, name: str, sm2_private: bytes) -> str:
    """Return the signed note of the SM3 tree; use the origin and name of the log followed by "/sm3"."""
    body = Checkpoint(_named(origin), size, root).body()
    signature = signing.sign(sm2_private, body.encode(), labels.CHECKPOINT_SM3)
    return body + "\n" + _line(sm3_log_key(name, signing.public_of(sm2_private)), signature)


def parse(note: str) -> tuple[Checkpoint, list[str]]:
    """Return the checkpoint and the signature lines of a note, unverified. Raises ProofRefused."""
    body, gap, tail = note.partition("\n\n")
    lines = body.split("\n")
    if not gap or len(note) > MAX_NOTE or len(lines) != 3 or not tail.endswith("\n"):
        raise ProofRefused("NOTE", "检查点文本格式不正确。")
    origin, size, encoded = lines
    root, signatures = _unb64(encoded), tail[:-1].split("\n")
    good = _NAME.fullmatch(origin) and _SIZE.fullmatch(size) and len(root) == 32
    if not good or not all(map(_LINE.fullmatch, signatures)):
        raise ProofRefused("NOTE", "检查点文本格式不正确。")
    return Checkpoint(origin, int(size), root), [line + "\n" for line in signatures]


def verify(note: str, key: VerifierKey, origin: str) -> Checkpoint:
    """Return the checkpoint of a note that `key` signed for `origin`. Raises ProofRefused."""
    checkpoint, lines = parse(note)
    if checkpoint.origin != origin:
        raise ProofRefused("ORIGIN", f"检查点属于另一本日志：{checkpoint.origin}。")
    body = checkpoint.body().encode()
    signature = _signature_of(lines, key)
    if key.kind == SM2:
        holds = signing.verify(key.public, body, signature, labels.CHECKPOINT_SM3)
    else:
        holds = key.kind == ED25519 and _ed25519_holds(key.public, signature, body)
    if not holds:
        raise ProofRefused("SIGNATURE", f"检查点上“{key.name}”的签名无效。")
    return checkpoint


def cosign(checkpoint: Checkpoint, name: str, ed25519_private: bytes, time: int) -> str:
    """Return a witness's cosignature/v1 line; `time` is Unix seconds, when the witness saw the checkpoint."""
    signature = Ed25519PrivateKey.from_private_bytes(ed25519_private).sign(_cosigned(checkpoint, time))
    return _line(witness_key(name, ed25519_private), struct.pack(">Q", time) + signature)


def verify_cosignature(checkpoint: Checkpoint, line: str, key: VerifierKey) -> int:
    """Return the Unix time at which the witness cosigned. Raises ProofRefused."""
    data = _signature_of([line], key)
    if key.kind != COSIGNATURE or len(data) != 72:
        raise ProofRefused("SIGNATURE", f"见证方“{key.name}”的联署格式不正确。")
    time = struct.unpack(">Q", data[:8])[0]
    if not _ed25519_holds(key.public, data[8:], _cosigned(checkpoint, time)):
        raise ProofRefused("SIGNATURE", f"见证方“{key.name}”的联署无效。")
    return time


def quorum_times(note: str, witnesses: list[VerifierKey], needed: int) -> dict[str, int]:
    """Return {witness name: time} of all valid cosignatures on a note; raises ProofRefused below `needed`."""
    checkpoint, lines = parse(note)
    times = {}
    for key in witnesses:
        mine = [line for line in lines if _owner(line) == (key.name, key.key_id)]
        if mine:
            times[key.name] = verify_cosignature(checkpoint, mine[0], key)
    if len(times) < needed:
        raise ProofRefused("QUORUM", f"见证联署不足：需要 {needed} 家，现有 {len(times)} 家。")
    return times


def _cosigned(checkpoint: Checkpoint, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{checkpoint.body()}".encode()


def _line(key: VerifierKey, signature: bytes) -> str:
    return f"\u2014 {key.name} {_b64(key.key_id + signature)}\n"


def _owner(line: str) -> tuple[str, bytes]:
    match = _LINE.fullmatch(line.rstrip("\n"))
    if not match:
        raise ProofRefused("NOTE", "签名行格式不正确。")
    return match[1], _unb64(match[2])[:4]


def _signature_of(lines: list[str], key: VerifierKey) -> bytes:
    for line in lines:
        if _owner(line) == (key.name, key.key_id):
            return _unb64(line.rstrip("\n").rpartition(" ")[2])[4:]
    raise ProofRefused("SIGNATURE", f"检查点上没有“{key.name}”的签名。")


def _ed25519_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("a key name or origin holds no white space and no plus sign")
    return name


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unb64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProofRefused("NOTE", "检查点中的编码不正确。") from error
    if _b64(data) != text:
        raise ProofRefused("NOTE", "检查点中的编码不唯一。")
    return data
