"""SM2 (GB/T 32918.1, .2, .4, .5) in plain integers: the twin that checks the native library (椭圆曲线).

Not constant in time: for verification, public points and tests. Long-lived private keys go through libcrypto.
"""

import secrets

from . import der, sm3

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
A = P - 3
IDENTITY = b"1234567812345678"

Point = tuple[int, int]  # affine; the point at infinity is None
_JACOBIAN_ZERO = (1, 1, 0)


def on_curve(point: Point) -> bool:
    """Tell whether the coordinates are reduced and satisfy the curve equation."""
    x, y = point
    return 0 <= x < P and 0 <= y < P and (y * y - (x * x + A) * x - B) % P == 0


def encode_point(point: Point) -> bytes:
    """Return 04‖x‖y, 65 bytes."""
    return b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def decode_point(data: bytes) -> Point:
    """Return the point of 04‖x‖y; raises ValueError off the curve (an off-curve point leaks the private key)."""
    if len(data) != 65 or data[0] != 4:
        raise ValueError("point is not 65 bytes 04‖x‖y")
    point = int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:], "big")
    if not on_curve(point):
        raise ValueError("point is not on the SM2 curve")
    return point


def _double(point):
    x, y, z = point
    if not z:
        return _JACOBIAN_ZERO
    delta, gamma = z * z % P, y * y % P
    beta = x * gamma % P
    alpha = 3 * (x - delta) * (x + delta) % P
    x3 = (alpha * alpha - 8 * beta) % P
    z3 = ((y + z) ** 2 - gamma - delta) % P
    return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % P, z3


def _add(left, right):
    x1, y1, z1 = left
    x2, y2, z2 = right
    if not z1:
        return right
    if not z2:
        return left
    zz1, zz2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * zz2 % P, x2 * zz1 % P
    s1, s2 = y1 * zz2 * z2 % P, y2 * zz1 * z1 % P
    if u1 == u2:
        return _double(left) if s1 == s2 else _JACOBIAN_ZERO
    h, r = u2 - u1, s2 - s1
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, z1 * z2 * h % P


def _affine(point) -> Point | None:
    x, y, z = point
    if not z:
        return None
    inverse = pow(z, -1, P)
    square = inverse * inverse % P
    return x * square % P, y * square * inverse % P


def _windows(base, bits: int):
    table = [_JACOBIAN_ZERO, base]
    for _ in range((1 << bits) - 2):
        table.append(_add(table[-1], base))
    return table


def _fixed_table():
    # G·16^i·d for every nibble position: k·G then costs 64 additions and no doubling.
    rows, base = [], (GX, GY, 1)
    for _ in range(64):
        rows.append(_windows(base, 4))
        base = _double(_double(_double(_double(base))))
    return rows


_FIXED = _fixed_table()


def _mul_base(scalar: int):
    total = _JACOBIAN_ZERO
    scalar %= N
    for row in _FIXED:
        if scalar & 15:
            total = _add(total, row[scalar & 15])
        scalar >>= 4
    return total


def _mul(scalar: int, point: Point):
    table = _windows((*point, 1), 4)
    total = _JACOBIAN_ZERO
    scalar %= N
    for shift in range((scalar.bit_length() + 3) // 4 * 4 - 4, -1, -4):
        total = _double(_double(_double(_double(total))))
        if digit := scalar >> shift & 15:
            total = _add(total, table[digit])
    return total


def mul_base(scalar: int) -> Point | None:
    """Return scalar·G."""
    return _affine(_mul_base(scalar))


def mul(scalar: int, point: Point) -> Point | None:
    """Return scalar·point."""
    return _affine(_mul(scalar, point))


def combine(points: list[Point], factor: int) -> Point | None:
    """Return points[0] + factor·points[1] + factor²·points[2] + …, cheap for a small factor."""
    total = _JACOBIAN_ZERO
    for point in reversed(points):
        scaled = _JACOBIAN_ZERO
        for bit in bin(factor)[2:]:
            scaled = _double(scaled)
            if bit == "1":
                scaled = _add(scaled, total)
        total = _add(scaled, (*point, 1))
    return _affine(total)


def _message_number(point: Point, message: bytes, identity: bytes) -> int:
    fields = b"".join(n.to_bytes(32, "big") for n in (A, B, GX, GY, *point))
    za = sm3.digest((len(identity) * 8).to_bytes(2, "big") + identity + fields)
    return int.from_bytes(sm3.digest(za + message), "big")


def sign(private: bytes, message: bytes, identity: bytes = IDENTITY, nonce: int | None = None) -> bytes:
    """Return r‖s, 64 bytes; a fixed `nonce` is for the vectors of the standard only."""
    d = _scalar(private)
    e = _message_number(mul_base(d), message, identity)
    while True:
        k = nonce or secrets.randbelow(N - 1) + 1
        r = (e + mul_base(k)[0]) % N
        s = pow(1 + d, -1, N) * (k - r * d) % N
        if r and r + k != N and s:
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(public: bytes, message: bytes, signature: bytes, identity: bytes = IDENTITY) -> bool:
    """Tell whether r‖s is a signature of the message under the public key."""
    if len(signature) != 64:
        return False
    try:
        point = decode_point(public)
    except ValueError:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    t = (r + s) % N
    if not (0 < r < N and 0 < s < N and t):
        return False
    sum_point = _affine(_add(_mul_base(s), _mul(t, point)))
    return sum_point is not None and (_message_number(point, message, identity) + sum_point[0]) % N == r


def _mask(point: Point, size: int) -> bytes:
    seed = point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")
    blocks = (sm3.digest(seed + i.to_bytes(4, "big")) for i in range(1, (size + 31) // 32 + 1))
    return b"".join(blocks)[:size]


def encrypt(public: bytes, plain: bytes, nonce: int | None = None) -> bytes:
    """Return the ASN.1 ciphertext C1‖C3‖C2 of a short, non-empty plain text."""
    if not plain:
        raise ValueError("nothing to encrypt")
    point = decode_point(public)
    while True:
        k = nonce or secrets.randbelow(N - 1) + 1
        shared = mul(k, point)
        mask = _mask(shared, len(plain))
        # The standard draws again when the mask is all zero, which would show the plain text.
        if any(mask):
            break
    x1, y1 = mul_base(k)
    body = bytes(a ^ b for a, b in zip(plain, mask, strict=True))
    check = sm3.digest(shared[0].to_bytes(32, "big") + plain + shared[1].to_bytes(32, "big"))
    return der.sequence(
        der.integer(x1), der.integer(y1), der.tlv(der.OCTET_STRING, check), der.tlv(der.OCTET_STRING, body)
    )


def decrypt(private: bytes, ciphertext: bytes) -> bytes:
    """Return the plain text; raises ValueError if the ciphertext is malformed or altered."""
    reader = der.one(ciphertext)
    point = reader.integer(), reader.integer()
    check, body = reader.next(der.OCTET_STRING)[1], reader.next(der.OCTET_STRING)[1]
    reader.end()
    if not on_curve(point) or not body:
        raise ValueError("ciphertext is malformed")
    shared = mul(_scalar(private), point)
    mask = _mask(shared, len(body))
    plain = bytes(a ^ b for a, b in zip(body, mask, strict=True))
    expected = sm3.digest(shared[0].to_bytes(32, "big") + plain + shared[1].to_bytes(32, "big"))
    if not secrets.compare_digest(expected, check) or not any(mask):
        raise ValueError("ciphertext does not decrypt under this key")
    return plain


def _scalar(private: bytes) -> int:
    d = int.from_bytes(private, "big")
    if len(private) != 32 or not 0 < d < N - 1:
        raise ValueError("private key is not a scalar of 32 bytes in [1, n-2]")
    return d
