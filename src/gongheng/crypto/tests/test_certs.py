"""Certificates are issued, read and judged as the table of verdicts says, and OpenSSL agrees (证书测试)."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from gongheng.crypto import certs, signing
from gongheng.crypto.hazmat import curve, der
from gongheng.crypto.refused import CertificateRefused

from .bidder import AUTHORITY, BEGIN, END, USCC

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PERSON = certs.Subject("张三", "某某建设有限公司", USCC, "湖北省")


@pytest.fixture(scope="module")
def authority():
    private, public = signing.generate()
    return private, certs.parse(certs.issue(private, AUTHORITY, AUTHORITY, public, "ca", 1, BEGIN, END))


def issued(authority, usage="sign", *, issuer=AUTHORITY, key=None, begin=BEGIN, end=END):
    public = signing.generate()[1]
    data = certs.issue(key or authority[0], issuer, PERSON, public, usage, 0xAB12, begin, end)
    return certs.parse(data), public


@pytest.mark.parametrize("usage", ["sign", "enc", "ca"])
def test_what_is_issued_is_read_back(authority, usage):
    cert, public = issued(authority, usage)
    assert (cert.subject, cert.public, cert.usage, cert.serial_text) == (PERSON, public, usage, "AB12")
    assert (cert.not_before, cert.not_after, cert.kid) == (BEGIN, END, signing.kid(public))
    assert certs.verify_chain(cert, [authority[1]], NOW, usage) is authority[1]


def test_years_after_2049_are_read_back(authority):
    far = datetime(2061, 5, 4, 3, 2, 1, tzinfo=UTC)
    assert issued(authority, end=far)[0].not_after == far


def verdict(cert, roots, at=NOW, usage="sign"):
    with pytest.raises(CertificateRefused) as caught:
        certs.verify_chain(cert, roots, at, usage)
    assert caught.value.message.endswith("。")
    return caught.value.code


def test_the_table_of_verdicts(authority):
    private, root = authority
    cert, _ = issued(authority)
    second = timedelta(seconds=1)
    certs.verify_chain(cert, [root], BEGIN, "sign")
    certs.verify_chain(cert, [root], END, "sign")
    assert verdict(cert, [root], BEGIN - second) == "NOT-YET"
    assert verdict(cert, [root], END + second) == "EXPIRED"
    assert verdict(issued(authority, end=NOW)[0], [root], NOW + second) == "EXPIRED"
    assert verdict(issued(authority, begin=NOW)[0], [root], NOW - second) == "NOT-YET"
    assert verdict(cert, [root], usage="enc") == "USAGE"
    assert verdict(issued(authority, "enc")[0], [root]) == "USAGE"
    assert verdict(cert, []) == "ISSUER"
    assert verdict(issued(authority, issuer=PERSON)[0], [root]) == "ISSUER"
    assert verdict(issued(authority, key=signing.generate()[0])[0], [root]) == "SIGNATURE"
    # A person's certificate under the authority's name must not count as an authority.
    leaf = certs.parse(certs.issue(private, AUTHORITY, AUTHORITY, root.public, "sign", 9, BEGIN, END))
    assert verdict(cert, [leaf]) == "ISSUER"


def test_every_altered_byte_is_refused(authority):
    data = issued(authority)[0].der
    for place in range(0, len(data), 3):
        altered = bytearray(data)
        altered[place] ^= 1
        with pytest.raises(CertificateRefused):
            certs.verify_chain(certs.parse(bytes(altered)), [authority[1]], NOW, "sign")


def resigned(authority, cert, old: bytes, new: bytes) -> bytes:
    """Return the certificate with one element of equal length replaced and signed anew by the authority."""
    assert len(old) == len(new)
    assert cert.tbs.count(old) == 1
    tbs = cert.tbs.replace(old, new)
    signature = der.der_signature(curve.sign(authority[0], tbs))
    return der.sequence(tbs, der.sequence(der.oid("1.2.156.10197.1.501")), der.tlv(3, b"\x00" + signature))


def test_forms_an_honest_authority_would_not_sign_are_refused(authority):
    cert, _ = issued(authority)
    sign_bits = der.tlv(3, b"\x06\xc0")
    certs.parse(resigned(authority, cert, sign_bits, sign_bits))
    changes = [
        (sign_bits, der.tlv(3, b"\x03\xf8")),
        (sign_bits, der.tlv(3, b"\x01\x06")),
        (sign_bits, der.tlv(3, b"\x00\x00")),
        (der.oid("1.2.156.10197.1.301"), der.oid("1.2.156.10197.1.302")),
        (b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01"),
        (b"260101000000Z", b"261301000000Z"),
        (der.oid("2.5.29.15"), der.oid("2.5.29.99")),
        (cert.public[-4:], bytes(4)),
        (b"\x02\x03\x00\xab\x12", b"\x02\x03\x80\xab\x12"),
    ]
    for old, new in changes:
        with pytest.raises(CertificateRefused, match="FORMAT"):
            certs.parse(resigned(authority, cert, old, new))


def test_hostile_sizes_are_turned_away_before_reading():
    with pytest.raises(CertificateRefused, match="SIZE"):
        certs.parse(bytes(16 * 1024 + 1))
    nested = b""
    for _ in range(40):
        nested = der.sequence(nested)
    for data in (nested, der.sequence(der.tlv(der.OID, b"\x81" * 80)), b"", b"\x30\x80\x00\x00", b"\x1f\x01\x00"):
        with pytest.raises(CertificateRefused, match="FORMAT"):
            certs.parse(data)


def test_impossible_certificates_are_not_issued(authority):
    public = signing.generate()[1]
    for serial, key, end in ((0, public, END), (1, bytes(65), END), (1, public, BEGIN), (1 << 160, public, END)):
        with pytest.raises(ValueError, match="impossible"):
            certs.issue(authority[0], AUTHORITY, PERSON, key, "sign", serial, BEGIN, end)


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on the path")
def test_openssl_accepts_the_chain(authority, tmp_path):
    for name, cert in (("root", authority[1]), ("leaf", issued(authority)[0])):
        (tmp_path / f"{name}.der").write_bytes(cert.der)
        convert = ["openssl", "x509", "-inform", "der", "-in", f"{name}.der", "-out", f"{name}.pem"]
        subprocess.run(convert, cwd=tmp_path, check=True, capture_output=True)
    at = str(int(NOW.timestamp()))
    command = [
        "openssl",
        "verify",
        "-vfyopt",
        "distid:1234567812345678",
        "-attime",
        at,
        "-CAfile",
        "root.pem",
        "leaf.pem",
    ]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert answer.stdout.strip() == "leaf.pem: OK", answer.stderr
