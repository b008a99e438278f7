"""SM2 over bytes: the native library where there is one, its pure twin otherwise (曲线运算)."""

import secrets

from . import libcrypto, sm2

N = sm2.N
_NATIVE = libcrypto.load()
BACKEND = "libcrypto" if _NATIVE else "python"

if _NATIVE:
    mul_base, mul = _NATIVE.mul_base, _NATIVE.mul
    sign, verify, encrypt, decrypt = _NATIVE.sign, _NATIVE.verify, _NATIVE.encrypt, _NATIVE.decrypt
else:

    def mul_base(scalar: int) -> bytes:
        """Return scalar·G as 04‖x‖y."""
        if not 0 < scalar < N:
            raise ValueError("scalar outside [1, n-1]")
        return sm2.encode_point(sm2.mul_base(scalar))

    def mul(scalar: int, point: bytes) -> bytes:
        """Return scalar·point as 04‖x‖y."""
        if not 0 < scalar < N:
            raise ValueError("scalar outside [1, n-1]")
        return sm2.encode_point(sm2.mul(scalar, sm2.decode_point(point)))

    sign, verify, encrypt, decrypt = sm2.sign, sm2.verify, sm2.encrypt, sm2.decrypt


def random_scalar(random=secrets) -> int:
    """Return a uniform scalar in [1, n-1]; `random` needs `randbelow`, as the module `secrets` has."""
    return random.randbelow(N - 1) + 1


def is_point(data: bytes) -> bool:
    """Tell whether the bytes are 04‖x‖y of a point on the curve."""
    try:
        sm2.decode_point(data)
    except ValueError:
        return False
    return True


def combine(points: list[bytes], factor: int) -> bytes | None:
    """Return Σ factor^i·points[i] as 04‖x‖y, or None for the point at infinity. The points are public."""
    result = sm2.combine([sm2.decode_point(point) for point in points], factor)
    return None if result is None else sm2.encode_point(result)
