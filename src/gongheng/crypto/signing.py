"""SM2 keys, signatures and key wrapping, each signature bound to one label (签名).

Private keys are 32 bytes, public keys 65 bytes 04‖x‖y, signatures 64 bytes r‖s, ciphertexts ASN.1 C1‖C3‖C2.
"""

from . import labels
from .canonical import b64
from .hazmat import curve

BACKEND = curve.BACKEND  # "libcrypto" or "python"
decrypt, encrypt, is_point = curve.decrypt, curve.encrypt, curve.is_point


def generate() -> tuple[bytes, bytes]:
    """Return a fresh (private, public) pair."""
    while True:
        scalar = curve.random_scalar()
        # n-1 is no SM2 private key: 1 + d would have no inverse.
        if scalar != curve.N - 1:
            return scalar.to_bytes(32, "big"), curve.mul_base(scalar)


def public_of(private: bytes) -> bytes:
    """Return the public key of a private key. Raises ValueError outside [1, n-1]."""
    return curve.mul_base(int.from_bytes(private, "big"))


def kid(public: bytes) -> str:
    """Return the 22-character name of a public key."""
    return b64(labels.digest(labels.KEY, public))[:22]


def sign(private: bytes, message: bytes, label: str) -> bytes:
    """Return the signature over `label ‖ 0x0A ‖ message`."""
    return curve.sign(private, labels.prefix(label) + message)


def verify(public: bytes, message: bytes, signature: bytes, label: str) -> bool:
    """Tell whether the signature over `label ‖ 0x0A ‖ message` holds under the public key."""
    return curve.verify(public, labels.prefix(label) + message, signature)
