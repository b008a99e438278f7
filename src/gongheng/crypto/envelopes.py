"""How one envelope of a sealed bid is padded, keyed, cut into chunks and its secret wrapped (信封加密).

Plain text = u64 real length ‖ content ‖ zeros up to the padded size; chunks of 64 KiB, each sealed as
SM4-CTR ciphertext ‖ HMAC-SM3 tag over H(core) ‖ env id ‖ u32 counter ‖ final ‖ nonce ‖ ciphertext, where
nonce = base(7) ‖ u32 counter ‖ final(1). Sixteen sealed chunks make one part, the unit of upload.
"""

import secrets
import struct

from . import labels, signing
from .canonical import encode
from .hazmat import curve, sm3, sm4
from .refused import ContainerRefused

SUITE = "GM1"
ROLES = {"E0": "identity", "E1": "qualification", "E2": "technical", "E3": "price"}
CHUNK = 65536
TAG = 32
SEALED_CHUNK = CHUNK + TAG
CHUNKS_PER_PART = 16
PART_SIZE = CHUNK * CHUNKS_PER_PART  # plain bytes of one part, as written in the manifest
SEALED_PART = SEALED_CHUNK * CHUNKS_PER_PART
PRICE_SIZE = 256 * 1024
IDENTITY_SIZE = 16 * 1024
#: Envelopes of one size for everybody: the length of a bidder's name must not show through the padding.
FIXED = {"E0": (IDENTITY_SIZE, "身份"), "E3": (PRICE_SIZE, "报价")}


def padme(size: int) -> int:
    """Return the next PADMÉ size (Nikitin et al., 2019): at most 12 % more, and few distinct sizes."""
    exponent = size.bit_length() - 1
    mask = (1 << max(exponent - exponent.bit_length(), 0)) - 1
    return (size + mask) & ~mask


def padded_size(env: str, size: int) -> int:
    """Return the padded plain size of `size` content bytes; identity and price envelopes all have one size."""
    if env not in FIXED:
        return padme(size + 8)
    fixed, name = FIXED[env]
    if size + 8 > fixed:
        raise ContainerRefused("SIZE", f"{name}信封内容超过 {fixed // 1024} KiB 上限，请精简内容。")
    return fixed


def sealed_size(padded: int) -> int:
    """Return the body size of a padded plain text, tags included."""
    return padded + TAG * -(-padded // CHUNK)


def plain_size(env: str, sealed: int) -> int:
    """Return the padded plain size of a body. Raises ContainerRefused (SIZE) for sizes no sealer makes."""
    padded = sealed - TAG * -(-sealed // SEALED_CHUNK)
    right = padded == FIXED[env][0] if env in FIXED else padded >= 8 and padme(padded) == padded
    if not right or sealed_size(padded) != sealed:
        raise ContainerRefused("SIZE", f"信封 {env} 的长度 {sealed} 字节不符合封装规则。")
    return padded


def core_digest(core: dict) -> bytes:
    """Return H(core), which every chunk and the inner signature are bound to."""
    return labels.digest(labels.BID_CORE, encode(core))


def wrap_binding(tender: str, lot: str, env: str, kid: str, point: str) -> bytes:
    """Return the digest that ties a wrapped scalar to its place; `point` is C0 as base64url."""
    return labels.digest(labels.WRAP, encode([tender, lot, env, kid, point]))


def wrap(public: bytes, scalar: int, binding: bytes) -> bytes:
    """Return the ASN.1 ciphertext of scalar(32) ‖ binding(32)."""
    return signing.encrypt(public, scalar.to_bytes(32, "big") + binding)


def unwrap(private: bytes, blob: bytes, binding: bytes) -> int:
    """Return the scalar of a wrap. Raises ContainerRefused (WRAP) if it is not ours or was made for another place."""
    try:
        plain = signing.decrypt(private, blob)
    except ValueError as error:
        raise ContainerRefused("WRAP", "密钥封装无法用该私钥解开：密钥不对，或密文被改动。") from error
    scalar = int.from_bytes(plain[:32], "big")
    if len(plain) != 64 or not secrets.compare_digest(plain[32:], binding) or not 0 < scalar < curve.N:
        raise ContainerRefused("WRAP", "密钥封装与其所在的标段、信封或密钥不符，疑似被移动。")
    return scalar


class ChunkCipher:
    """Seals and opens the chunks of one envelope under its secret."""

    def __init__(self, secret: int, digest: bytes, salt: bytes, lot: str, env: str, chunks: int):
        info = labels.prefix(labels.ENVELOPE_KEY) + encode([SUITE, lot, env])
        keys = sm3.hkdf(secret.to_bytes(32, "big"), salt, info, 55)
        self._cipher = sm4.Ctr(keys[:16])
        self._mac = sm3.mac(keys[16:48])
        self._base = keys[48:]
        self._place = digest + env.encode("ascii")
        self._last = chunks - 1

    def seal(self, counter: int, plain: bytes) -> bytes:
        """Return ciphertext ‖ tag of chunk `counter`."""
        turn = self._turn(counter)
        body = self._cipher.crypt(self._base + turn, plain)
        return body + self._tag(turn, body)

    def open(self, counter: int, sealed: bytes) -> bytes | None:
        """Return the plain text of chunk `counter`, or None if its tag does not hold."""
        turn = self._turn(counter)
        body = sealed[:-TAG]
        if not secrets.compare_digest(self._tag(turn, body), sealed[-TAG:]):
            return None
        return self._cipher.crypt(self._base + turn, body)

    def _turn(self, counter: int) -> bytes:
        return struct.pack(">IB", counter, counter == self._last)

    def _tag(self, turn: bytes, body: bytes) -> bytes:
        mac = self._mac.copy()
        mac.update(self._place + turn + self._base + turn)
        mac.update(body)
        return mac.digest()
