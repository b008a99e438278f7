"""Seals a bid: four envelopes, each under its own secret, signed inside by the bidder and outside by nobody (封标).

This module is the public face of the sealed-bid format; `container` reads it and `envelopes` holds its arithmetic.
"""

import contextlib
import io
import os
import shutil
import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from . import labels, shares, signing
from .canonical import b64, encode, unb64
from .container import (
    MAGIC,
    THRESHOLD,
    TRUSTEES,
    Container,
    check_fallback_share,
    check_secret,
    open_envelope,
    own_secret,
    parse_manifest,
    part_digest,
    parts_root,
    secret_of_shares,
)
from .contents import IDENTITY_FIELDS, check_identity, check_price, inner_message
from .envelopes import (
    CHUNK,
    CHUNKS_PER_PART,
    PART_SIZE,
    ROLES,
    SUITE,
    ChunkCipher,
    core_digest,
    padded_size,
    sealed_size,
    wrap,
    wrap_binding,
)
from .hazmat import curve
from .refused import ContainerRefused

__all__ = [
    "Container", "ContainerRefused", "Scalars", "SealedBid", "check_fallback_share", "check_identity", "check_price",
    "check_secret", "frame", "open_envelope", "own_secret", "parse_manifest", "part_digest", "parts_root", "seal",
    "secret_of_shares",
]  # fmt: skip

_SPOOL = 8 << 20


@dataclass(frozen=True)
class SealedBid:
    """What the bidder keeps of a sealed bid: its digest, its one-time key, and (for tests) the secrets."""

    D: str
    otk_private: bytes
    otk_public: bytes
    manifest: bytes
    secrets: dict[str, int]


def seal(
    out: BinaryIO,
    *,
    tender: str,
    lot: str,
    notice_digest: str,
    corrigendum: int,
    trustees: list[tuple[str, bytes]],
    own_certificate_public: bytes,
    own_cert_kid: str,
    device_public: bytes | None = None,
    device_kid: str | None = None,
    identity: dict,
    sign_inner: Callable[[bytes], bytes],
    envelopes: dict[str, bytes | BinaryIO],
    level: str = "N",
    random: Callable[[int], bytes] = os.urandom,
) -> SealedBid:
    """Write a container to `out` and return what the bidder keeps.

    `envelopes` holds the content of E1, E2 (packs) and E3 (price) as bytes or seekable files; `identity` the fields
    of `contents.IDENTITY_FIELDS`; `sign_inner(message)` signs under the label BID_INNER with the bidder's certificate
    key. Without `device_public` the own path needs the certificate's key alone.
    """
    if (
        level != "N"
        or len(trustees) != TRUSTEES
        or set(envelopes) != {"E1", "E2", "E3"}
        or set(identity) != IDENTITY_FIELDS
    ):
        raise ValueError("seal needs level N, three trustees, the envelopes E1, E2, E3 and the identity fields")
    own = [(own_cert_kid, own_certificate_public)]
    if device_public is not None:
        own.append((device_kid, device_public))
    scalars = Scalars(random)
    secrets = {env: curve.random_scalar(scalars) for env in ROLES}
    core = {
        "v": 1, "suite": SUITE, "tender": tender, "lot": lot, "notice_digest": notice_digest,
        "corrigendum": corrigendum, "salt": b64(random(32)), "level": level,
        "trustees": {"k": THRESHOLD, "keys": [kid for kid, _ in trustees]},
        "env": [_core_row(tender, lot, env, secrets[env], own, trustees, scalars) for env in ROLES],
    }  # fmt: skip
    digest = core_digest(core)
    otk_private = curve.random_scalar(scalars).to_bytes(32, "big")
    otk_public = signing.public_of(otk_private)
    with contextlib.ExitStack() as stack:
        bodies = {env: stack.enter_context(tempfile.SpooledTemporaryFile(_SPOOL)) for env in ROLES}
        rows = {}
        for env in ("E1", "E2", "E3"):
            rows[env] = _seal_body(bodies[env], envelopes[env], core, digest, env, secrets[env])
        roots = [rows[env]["root"] for env in ("E1", "E2", "E3")]
        signature = sign_inner(inner_message(digest, roots, otk_public))
        plain = encode({"v": 1, **identity, "inner_signature": b64(signature)})
        rows["E0"] = _seal_body(bodies["E0"], plain, core, digest, "E0", secrets["E0"])
        manifest = encode({"core": core, "envelopes": [rows[env] for env in ROLES], "otk": b64(otk_public)})
        bid = labels.digest(labels.BID_MANIFEST, manifest)
        outer = signing.sign(otk_private, bid, labels.BID_OTK)
        out.write(frame(manifest, outer))
        for body in bodies.values():
            body.seek(0)
            shutil.copyfileobj(body, out, _SPOOL)
    return SealedBid(b64(bid), otk_private, otk_public, manifest, secrets)


def frame(manifest: bytes, signature: bytes) -> bytes:
    """Return the head of a container file; the bodies of E0 … E3 follow it."""
    return MAGIC + struct.pack(">I", len(manifest)) + manifest + struct.pack(">I", len(signature)) + signature


class Scalars:
    """Draws scalars from a source of bytes, with 64 spare bits so that the remainder shows no bias."""

    def __init__(self, random: Callable[[int], bytes]):
        self._random = random

    def randbelow(self, limit: int) -> int:
        """Return a uniform integer in [0, limit)."""
        return int.from_bytes(self._random(40), "big") % limit


def _core_row(tender, lot, env, secret, own, trustees, scalars) -> dict:
    points, parts = shares.split(secret, THRESHOLD, range(1, TRUSTEES + 1), scalars)
    first = b64(points[0])

    def blob(kid: str, public: bytes, scalar: int) -> str:
        return b64(wrap(public, scalar, wrap_binding(tender, lot, env, kid, first)))

    pieces, mode = [secret], "cert"
    if len(own) == 2:
        device = curve.random_scalar(scalars)
        # A zero half cannot be wrapped; it comes once in 2^256 draws, and the caller may seal again.
        pieces, mode = [(secret - device) % curve.N, device], "cert+device"
    return {
        "id": env,
        "C": [b64(point) for point in points],
        "own": [
            {"kid": kid, "mode": mode, "blob": blob(kid, public, piece)}
            for (kid, public), piece in zip(own, pieces, strict=True)
        ],
        "fall": [
            {"kid": kid, "index": i, "blob": blob(kid, public, parts[i])}
            for i, (kid, public) in enumerate(trustees, start=1)
        ],
    }


def _seal_body(out: BinaryIO, content, core: dict, digest: bytes, env: str, secret: int) -> dict:
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    size = source.seek(0, os.SEEK_END)
    source.seek(0)
    padded = padded_size(env, size)
    chunks = -(-padded // CHUNK)
    cipher = ChunkCipher(secret, digest, unb64(core["salt"]), core["lot"], env, chunks)
    head, left, digests = struct.pack(">Q", size), padded, []
    for start in range(0, chunks, CHUNKS_PER_PART):
        part = bytearray()
        for counter in range(start, min(start + CHUNKS_PER_PART, chunks)):
            want = min(CHUNK, left)
            plain = head + source.read(want - len(head))
            head, left = b"", left - want
            part += cipher.seal(counter, plain + bytes(want - len(plain)))
        digests.append(part_digest(part))
        out.write(part)
    return {
        "id": env, "role": ROLES[env], "size": sealed_size(padded), "part_size": PART_SIZE,
        "parts": [b64(item) for item in digests], "root": b64(parts_root(digests)),
    }  # fmt: skip
