"""SM3 by way of the `cryptography` wheel, for Python builds whose OpenSSL leaves SM3 out (后备杂凑)."""

from cryptography.hazmat.primitives import hashes, hmac


class _Running:
    """Gives a `cryptography` hash or HMAC context the shape of a hashlib object."""

    def __init__(self, context):
        self._context = context

    def update(self, data) -> None:
        self._context.update(bytes(data))

    def copy(self):
        return _Running(self._context.copy())

    def digest(self) -> bytes:
        # finalize() spends a context, hashlib's digest() does not.
        return self._context.copy().finalize()


def new(data: bytes = b""):
    """Return a running SM3 object."""
    state = _Running(hashes.Hash(hashes.SM3()))
    if data:
        state.update(data)
    return state


def mac(key: bytes, data: bytes = b""):
    """Return a running HMAC-SM3 object."""
    state = _Running(hmac.HMAC(key, hashes.SM3()))
    if data:
        state.update(data)
    return state
