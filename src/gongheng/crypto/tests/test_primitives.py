"""SM2, SM3 and SM4 give the published vectors and agree with two other libraries (国密算法测试)."""

import hmac as standard_hmac
import io
import secrets

import gmssl_pyx
import pytest
from tongsuopy.crypto import hashes
from tongsuopy.crypto.asymciphers import ec

from gongheng.crypto import hashing, labels, merkle, shares, signing
from gongheng.crypto.canonical import b64
from gongheng.crypto.hazmat import _sm3_wheel, curve, der, libcrypto, sm2, sm3, sm4

# GB/T 32918.5-2017, annexes A.2 (signature) and C.2 (encryption).
PRIVATE = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
PUBLIC = bytes.fromhex(
    "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
NONCE = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
SIGNATURE = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
C1 = (
    0x04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73,
    0xE858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0,
)
C3 = bytes.fromhex("59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766")
C2 = bytes.fromhex("21886CA989CA9C7D58087307CA93092D651EFA")
BACKENDS = [sm2, curve]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_gives_the_standard_digests(message, expected):
    assert sm3.digest(message).hex() == _sm3_wheel.new(message).digest().hex() == expected


def test_a_file_is_hashed_in_blocks_without_a_label():
    body = bytes(600_000)
    assert hashing.file_digest(io.BytesIO(body)) == b64(gmssl_pyx.sm3_hash(body))


def test_hmac_and_hkdf_follow_their_rfcs_with_sm3():
    key, salt, info = b"k" * 40, b"s" * 13, b"i" * 10
    assert sm3.hmac(key, b"data") == standard_hmac.digest(key, b"data", "sm3")
    assert _sm3_wheel.mac(key, b"data").digest() == gmssl_pyx.sm3_hmac(key, b"data") == sm3.hmac(key, b"data")
    for length in (0, 32, 64, 65, 200):
        assert sm3.keyed(b"k" * length, b"head")(b"tail") == standard_hmac.digest(b"k" * length, b"headtail", "sm3")
    extracted = sm3.hmac(salt, key)
    first = sm3.hmac(extracted, info + b"\x01")
    second = sm3.hmac(extracted, first + info + b"\x02")
    assert sm3.hkdf(key, salt, info, 55) == (first + second)[:55]


def test_digests_of_many_are_those_of_each():
    many = [b"", b"a", b"b" * 100]
    assert labels.digests(labels.POOL, many) == [labels.digest(labels.POOL, one) for one in many]
    for algorithm in ("sha256", "sm3"):
        assert merkle.leaf_hashes(algorithm, many) == [merkle.leaf_hash(algorithm, one) for one in many]


def test_sm4_gives_the_standard_block_through_both_libraries():
    # GB/T 32907, A.1 is the key stream of one counter block; the oracle that gives it agrees with us on other blocks.
    key = block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    assert gmssl_pyx.sm4_ctr_encrypt(key, block, bytes(16)).hex() == "681edf34d206965e86b3e94f536e4246"
    expected = gmssl_pyx.sm4_ctr_encrypt(key, block[:12] + bytes(4), bytes(64))
    for make in (sm4.Ctr, sm4.WheelCtr):
        assert make(key).crypt(block[:12], bytes(64)) == expected


@pytest.mark.parametrize("size", [1, 15, 16, 17, 65536, 65537])
def test_sm4_counter_mode_agrees_at_every_length(size):
    key, nonce, data = secrets.token_bytes(16), secrets.token_bytes(12), secrets.token_bytes(size)
    sealed = sm4.Ctr(key).crypt(nonce, data)
    assert sealed == sm4.WheelCtr(key).crypt(nonce, data)
    assert sm4.Ctr(key).crypt(nonce, sealed) == data


def test_sm2_gives_the_signature_of_the_standard():
    assert signing.public_of(PRIVATE) == PUBLIC == sm2.encode_point(sm2.mul_base(int.from_bytes(PRIVATE, "big")))
    assert sm2.sign(PRIVATE, b"message digest", nonce=NONCE) == SIGNATURE
    assert all(backend.verify(PUBLIC, b"message digest", SIGNATURE) for backend in BACKENDS)


def test_sm2_gives_the_ciphertext_of_the_standard():
    sealed = sm2.encrypt(PUBLIC, b"encryption standard", nonce=NONCE)
    reader = der.one(sealed)
    assert (reader.integer(), reader.integer()) == C1
    assert reader.next(der.OCTET_STRING)[1] == C3
    assert reader.next(der.OCTET_STRING)[1] == C2
    assert all(backend.decrypt(PRIVATE, sealed) == b"encryption standard" for backend in BACKENDS)


def test_three_libraries_agree_on_random_signatures_and_ciphertexts():
    for _ in range(300):
        private, public = signing.generate()
        message = secrets.token_bytes(secrets.randbelow(80) + 1)
        ours = curve.sign(private, message)
        assert sm2.verify(public, message, ours)
        assert gmssl_pyx.sm2_verify(public[1:], message, der.der_signature(ours))
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SM2(), public)
        point.verify(der.der_signature(ours), message, ec.ECDSA(hashes.SM3()))
        theirs = der.raw_signature(gmssl_pyx.sm2_sign(private, public[1:], message))
        assert curve.verify(public, message, theirs)
        assert sm2.verify(public, message, theirs)
        assert gmssl_pyx.sm2_decrypt(private, curve.encrypt(public, message)) == message
        sealed = gmssl_pyx.sm2_encrypt(public[1:], message)
        assert curve.decrypt(private, sealed) == sm2.decrypt(private, sealed) == message


def test_native_and_twin_multiply_alike():
    assert libcrypto.load() is None or curve.BACKEND == "libcrypto"
    for scalar in (1, 2, 15, 16, 17, curve.N - 1, *(curve.random_scalar() for _ in range(40))):
        assert curve.mul_base(scalar) == sm2.encode_point(sm2.mul_base(scalar))
        assert curve.mul(scalar, PUBLIC) == sm2.encode_point(sm2.mul(scalar, sm2.decode_point(PUBLIC)))
    assert sm2.mul_base(curve.N) is None
    for scalar in (0, curve.N, curve.N + 1):
        with pytest.raises(ValueError, match="scalar"):
            curve.mul_base(scalar)


@pytest.mark.parametrize("backend", BACKENDS)
def test_altered_signatures_and_ciphertexts_are_refused(backend):
    for position in range(0, 64, 5):
        altered = bytearray(SIGNATURE)
        altered[position] ^= 1
        assert not backend.verify(PUBLIC, b"message digest", bytes(altered))
    zero, order = bytes(32), curve.N.to_bytes(32, "big")
    for bad in (b"", SIGNATURE[:63], zero + SIGNATURE[32:], SIGNATURE[:32] + zero, order + SIGNATURE[32:], bytes(64)):
        assert not backend.verify(PUBLIC, b"message digest", bad)
    off_curve = PUBLIC[:-1] + bytes([PUBLIC[-1] ^ 1])
    assert not backend.verify(off_curve, b"message digest", SIGNATURE)
    sealed = backend.encrypt(PUBLIC, b"secret")
    for position in range(len(sealed)):
        altered = bytearray(sealed)
        altered[position] ^= 1
        with pytest.raises(ValueError, match=r"."):
            backend.decrypt(PRIVATE, bytes(altered))
    with pytest.raises(ValueError, match=r"."):
        backend.encrypt(off_curve, b"secret")
    with pytest.raises(ValueError, match=r"."):
        backend.decrypt(signing.generate()[0], sealed)


def test_a_signature_counts_for_one_label_only():
    private, public = signing.generate()
    signature = signing.sign(private, b"x", labels.LOGIN)
    assert [label for label in labels.ALL if signing.verify(public, b"x", signature, label)] == [labels.LOGIN]
    assert len(signing.kid(public)) == 22


@pytest.mark.parametrize(
    "data",
    ["3003020101", "30060201ff020101", "300702020001020101", "30820006020101020101", "3006020101020101ff", "3080"],
)
def test_second_forms_of_der_are_refused(data):
    with pytest.raises(der.NotDer):
        der.raw_signature(bytes.fromhex(data))


def test_any_two_of_three_shares_rebuild_and_false_ones_are_caught():
    secret = curve.random_scalar()
    points, given = shares.split(secret, 2, (1, 2, 3))
    assert points[0] == shares.point_of(secret)
    for absent in (1, 2, 3):
        assert shares.combine({i: share for i, share in given.items() if i != absent}) == secret
    assert shares.combine(given) == secret
    assert all(shares.check(share, index, points) for index, share in given.items())
    assert not shares.check(given[1], 2, points)
    assert not shares.check((given[1] + 1) % shares.N, 1, points)
    assert not shares.check(0, 1, points)
    assert not shares.check(given[1], 0, points)
    assert all(shares.combine({index: share}) != secret for index, share in given.items())


@pytest.mark.parametrize(
    ("secret", "k", "indexes"), [(0, 2, (1, 2)), (5, 2, (1, 1)), (5, 3, (1, 2)), (5, 2, (0, 1)), (shares.N, 1, (1,))]
)
def test_impossible_sharings_are_refused(secret, k, indexes):
    with pytest.raises(ValueError, match=r"secret|indexes"):
        shares.split(secret, k, indexes)
