"""Messages between systems: canonical bytes proved by an SM2 signature or an HMAC-SM3 tag (接口报文认证).

A signature proves to everybody who sent a message; a tag proves it only to the two who share the secret.
"""

import hmac as _hmac

from . import labels, signing
from .hazmat import sm3

SM2, HMAC_SM3 = "sm2", "hmac-sm3"
#: Bytes of a shared secret.
SECRET_SIZE = 32


def prove(algorithm: str, key: bytes, message: bytes, label: str) -> bytes:
    """Return the SM2 signature (64 bytes) or HMAC-SM3 tag (32 bytes) over ``label ‖ 0x0A ‖ message``."""
    if algorithm == SM2:
        return signing.sign(key, message, label)
    if algorithm == HMAC_SM3:
        return sm3.hmac(key, labels.prefix(label) + message)
    raise ValueError(f"unknown algorithm {algorithm!r}")


def is_proved(algorithm: str, key: bytes, message: bytes, proof: bytes, label: str) -> bool:
    """Tell whether the proof holds under the public key (SM2) or the shared secret (HMAC-SM3)."""
    if algorithm == SM2:
        return signing.verify(key, message, proof, label)
    return _hmac.compare_digest(prove(algorithm, key, message, label), proof)
