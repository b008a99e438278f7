"""Plain SM3 for files that anyone may re-hash with any tool, and keyed digests for secrets (杂凑).

Whatever is signed or logged takes a label instead: see `labels.digest`.
"""

from typing import BinaryIO

from .canonical import b64
from .hazmat import sm3

new, digest, hmac, keyed, hkdf = sm3.new, sm3.digest, sm3.hmac, sm3.keyed, sm3.hkdf
_BLOCK = 1 << 18


def file_digest(file: BinaryIO) -> str:
    """Return the plain SM3 of the rest of a file as base64url, read in blocks."""
    state = sm3.new()
    while block := file.read(_BLOCK):
        state.update(block)
    return b64(state.digest())
