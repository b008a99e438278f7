"""Prints one JSON of known answers for the browser's twin: `python -m gongheng.crypto.tests.vectors` (测试向量)."""

import io
import json
import random
import sys

from gongheng.crypto import canonical, drawing, labels, sealing, shares, signing
from gongheng.crypto.canonical import b64
from gongheng.crypto.envelopes import wrap_binding
from gongheng.crypto.hazmat import sm2, sm3, sm4

from . import bidder


def vectors() -> dict:
    """Return the vectors; the inputs are fixed, only SM2's own nonces differ from run to run."""
    source = random.Random(20260101)  # reproducible test input, never key material
    private = bytes(range(1, 33))
    public = signing.public_of(private)
    value = {"项目": "公衡", "n": [0, -1, 2**53 - 1], "b": True, "nil": None, "\U0001f600": '\u001f"\\/', "é": {}}
    points, given = shares.split(12345678901234567890, 2, (1, 2, 3), sealing.Scalars(source.randbytes))
    context = drawing.DrawContext("D-1", "pool", "order", 1)
    return {
        "canonical": {"value": value, "bytes": b64(canonical.encode(value))},
        "labels": {label: b64(labels.digest(label, b"abc")) for label in sorted(labels.ALL)},
        "hmac": b64(sm3.hmac(b"key", b"data")),
        "hkdf": b64(sm3.hkdf(bytes(32), b"salt", b"info", 55)),
        "sm4ctr": b64(sm4.Ctr(bytes(range(16))).crypt(bytes(range(12)), bytes(100))),
        "key": {"private": b64(private), "public": b64(public), "kid": signing.kid(public)},
        "signature": {
            "label": labels.ACT,
            "message": b64(b"message"),
            "signature": b64(signing.sign(private, b"message", labels.ACT)),
        },
        "ciphertext": {
            "plain": b64(b"p" * 64),
            "der": b64(sm2.encrypt(public, b"p" * 64, nonce=source.getrandbits(250))),
        },
        "shares": {
            "points": [b64(p) for p in points],
            "shares": {str(i): b64(s.to_bytes(32, "big")) for i, s in given.items()},
        },
        "wrap_binding": b64(wrap_binding("T", "L", "E0", "kid", b64(points[0]))),
        "draw": {
            "commit": drawing.commit_digest(context, 1, points),
            "seed": b64(drawing.seed_of(context, [1, 2, 3])),
            "order": drawing.order_of(bytes(32), "土建", [(f"p{i}", 1 + i) for i in range(9)]),
        },
        "container": container(source),
    }


def container(source: random.Random) -> dict:
    """Return a small sealed container with the keys that open it."""
    someone = bidder.Bidder()
    data, bid = someone.seal(files={"E1": {"甲.txt": b"one"}, "E2": {"乙.txt": b"two"}}, random=source.randbytes)
    read = sealing.Container.read(io.BytesIO(data))
    return {
        "gbid": b64(data),
        "D": bid.D,
        "core_digest": b64(read.core_digest),
        "otk": b64(bid.otk_private),
        "certificate_private": b64(someone.encryption[0]),
        "device_private": b64(someone.device[0]),
        "trustees": [b64(private) for private, _ in someone.trustees],
        "secrets": {env: b64(secret.to_bytes(32, "big")) for env, secret in bid.secrets.items()},
    }


if __name__ == "__main__":
    json.dump(vectors(), sys.stdout, ensure_ascii=False)
