"""SM2 certificates (X.509, GM/T 0015): issuing, parsing and checking the few forms the platform accepts (数字证书).

Issued by hand-laid DER, because a template engine would cost more than the signature itself.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from . import signing
from .hazmat import curve, der
from .refused import CertificateRefused

MAX_SIZE = 16 * 1024
MAX_OID = 64
MAX_DEPTH = 16
_CURVE, _EC_KEY = der.oid("1.2.156.10197.1.301"), der.oid("1.2.840.10045.2.1")
_ALGORITHM = der.sequence(der.oid("1.2.156.10197.1.501"))
_KEY_USAGE, _BASIC = der.oid("2.5.29.15"), der.oid("2.5.29.19")
_USCC = der.oid("1.2.156.10260.4.1.3")
_COUNTRY = (der.oid("2.5.4.6"), der.PRINTABLE)
_NAMES = {"region": der.oid("2.5.4.8"), "organisation": der.oid("2.5.4.10"), "common_name": der.oid("2.5.4.3")}
_TRUE = der.tlv(der.BOOLEAN, b"\xff")
# Bits of KeyUsage: signature + non-repudiation; key + data encipherment + agreement; certificate + CRL signing.
_USAGE = {"sign": b"\x06\xc0", "enc": b"\x03\x38", "ca": b"\x01\x06"}
_USAGE_NAMES = {"sign": "签名", "enc": "加密", "ca": "签发"}
_VERSION = der.tlv(0xA0, der.integer(2))
_UTC = re.compile(rb"\d{12}Z")
_GENERAL = re.compile(rb"\d{14}Z")


@dataclass(frozen=True)
class Subject:
    """Whom a certificate names: a person or office, its organisation, USCC (统一社会信用代码) and region."""

    common_name: str
    organisation: str
    uscc: str | None = None
    region: str | None = None


@dataclass(frozen=True)
class Certificate:
    """A parsed certificate; parsing says nothing about trust."""

    der: bytes
    tbs: bytes
    serial: int
    issuer: bytes
    subject: Subject
    subject_name: bytes
    public: bytes
    usage: str
    not_before: datetime
    not_after: datetime
    signature: bytes

    @property
    def kid(self) -> str:
        """The name of the public key."""
        return signing.kid(self.public)

    @property
    def serial_text(self) -> str:
        """The serial number in upper-case hexadecimal, as certificate authorities print it."""
        return f"{self.serial:X}"


def issue(
    issuer_key: bytes,
    issuer_name: Subject,
    subject: Subject,
    public: bytes,
    usage: str,
    serial: int,
    not_before: datetime,
    not_after: datetime,
) -> bytes:
    """Return the DER of a certificate; `usage` is "sign", "enc" or "ca". Raises ValueError for bad arguments."""
    if serial <= 0 or serial.bit_length() > 159 or not signing.is_point(public) or not_after <= not_before:
        raise ValueError("serial, public key or validity is impossible")
    key = der.sequence(der.sequence(_EC_KEY, _CURVE), der.tlv(der.BIT_STRING, b"\x00" + public))
    extensions = [_extension(_KEY_USAGE, der.tlv(der.BIT_STRING, _USAGE[usage]), critical=True)]
    if usage == "ca":
        extensions.insert(0, _extension(_BASIC, der.sequence(_TRUE), critical=True))
    if subject.uscc:
        extensions.append(_extension(_USCC, der.tlv(der.PRINTABLE, subject.uscc.encode("ascii"))))
    tbs = der.sequence(
        _VERSION, der.integer(serial), _ALGORITHM, _name(issuer_name),
        der.sequence(_time(not_before), _time(not_after)), _name(subject), key,
        der.tlv(0xA3, der.sequence(*extensions)),
    )  # fmt: skip
    signature = der.der_signature(curve.sign(issuer_key, tbs))
    return der.sequence(tbs, _ALGORITHM, der.tlv(der.BIT_STRING, b"\x00" + signature))


def parse(data: bytes) -> Certificate:
    """Return the certificate in DER bytes. Raises CertificateRefused for anything but an SM2-with-SM3 certificate."""
    if len(data) > MAX_SIZE:
        raise CertificateRefused("SIZE", "证书超过 16 KiB，拒绝解析。")
    try:
        _scan(data, 0)
        return _parse(data)
    except (der.NotDer, ValueError) as error:
        raise CertificateRefused("FORMAT", "证书格式不正确，或不是 SM2/SM3 国密证书。") from error


def verify_chain(cert: Certificate, roots: Iterable[Certificate], at: datetime, usage: str) -> Certificate:
    """Return the trusted issuer of `cert`; raises CertificateRefused unless it holds at that moment for that usage.

    `roots` are the issuing authorities trusted directly; each must itself be in force and be an issuer.
    """
    if cert.usage != usage:
        raise CertificateRefused("USAGE", f"证书用途不符：需要{_USAGE_NAMES[usage]}证书。")
    named = [root for root in roots if root.subject_name == cert.issuer and root.usage == "ca"]
    if not named:
        raise CertificateRefused("ISSUER", "证书的颁发机构不在本平台互认范围内。")
    for root in named:
        if curve.verify(root.public, cert.tbs, cert.signature):
            _check_time(root, at, "颁发机构证书")
            _check_time(cert, at, "证书")
            return root
    raise CertificateRefused("SIGNATURE", "证书签名无效，证书可能被伪造或改动。")


def _check_time(cert: Certificate, at: datetime, what: str) -> None:
    if at < cert.not_before:
        raise CertificateRefused("NOT-YET", f"{what}尚未生效（{cert.not_before:%Y-%m-%d} 起有效）。")
    if at > cert.not_after:
        raise CertificateRefused("EXPIRED", f"{what}已于 {cert.not_after:%Y-%m-%d} 过期，请到颁发机构更新。")


def _extension(oid: bytes, value: bytes, *, critical: bool = False) -> bytes:
    return der.sequence(oid, _TRUE if critical else b"", der.tlv(der.OCTET_STRING, value))


def _name(subject: Subject) -> bytes:
    oid, tag = _COUNTRY
    parts = [(oid, der.tlv(tag, b"CN"))]
    for field, oid in _NAMES.items():
        if text := getattr(subject, field):
            parts.append((oid, der.tlv(der.UTF8, text.encode("utf-8"))))
    return der.sequence(*(der.tlv(der.SET, der.sequence(oid, value)) for oid, value in parts))


def _time(moment: datetime) -> bytes:
    text = moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode("ascii")
    # RFC 5280: two-digit years until 2049, four digits after.
    return der.tlv(der.UTC_TIME, text[2:]) if text < b"2050" else der.tlv(der.GENERAL_TIME, text)


def _scan(data: bytes, depth: int) -> None:
    # Over-long identifiers and deep nesting have hung other parsers; they are turned away before any meaning is read.
    if depth > MAX_DEPTH:
        raise der.NotDer("nested too deeply")
    reader = der.Reader(data)
    while reader.peek() is not None:
        tag, content, whole = reader.next()
        if tag == der.OID and len(whole) > MAX_OID:
            raise der.NotDer("object identifier too long")
        if tag & 0x20:
            _scan(content, depth + 1)


def _parse(data: bytes) -> Certificate:
    outer = der.one(data)
    tbs = outer.next(der.SEQUENCE)[2]
    algorithm = outer.next(der.SEQUENCE)[2]
    bits = outer.next(der.BIT_STRING)[1]
    outer.end()
    reader = der.one(tbs)
    if reader.next()[2] != _VERSION:
        raise der.NotDer("not version 3")
    serial = reader.integer()
    if serial <= 0 or not reader.next(der.SEQUENCE)[2] == algorithm == _ALGORITHM or bits[:1] != b"\x00":
        raise der.NotDer("serial or algorithm")
    issuer = reader.next(der.SEQUENCE)[2]
    validity = reader.sub()
    not_before, not_after = _read_time(validity), _read_time(validity)
    validity.end()
    subject_name = reader.next(der.SEQUENCE)[2]
    key = reader.sub()
    if key.next()[2] != der.sequence(_EC_KEY, _CURVE):
        raise der.NotDer("not an SM2 key")
    point = key.next(der.BIT_STRING)[1]
    key.end()
    if point[:1] != b"\x00" or not signing.is_point(point[1:]):
        raise der.NotDer("public key is not on the curve")
    usage, uscc = _read_extensions(reader.sub(0xA3))
    reader.end()
    return Certificate(
        der=data, tbs=tbs, serial=serial, issuer=issuer, subject=_read_subject(subject_name, uscc),
        subject_name=subject_name, public=point[1:], usage=usage, not_before=not_before, not_after=not_after,
        signature=der.raw_signature(bits[1:]),
    )  # fmt: skip


def _read_time(reader: der.Reader) -> datetime:
    tag, content, _ = reader.next()
    if tag == der.UTC_TIME and _UTC.fullmatch(content):
        content = (b"19" if content >= b"50" else b"20") + content
    elif tag != der.GENERAL_TIME or not _GENERAL.fullmatch(content):
        raise der.NotDer("time form")
    return datetime.strptime(content.decode("ascii"), "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _read_subject(name: bytes, uscc: str | None) -> Subject:
    found = {}
    reader = der.one(name)
    while reader.peek() is not None:
        attribute = der.one(reader.next(der.SET)[1])
        oid, (tag, value, _) = attribute.next(der.OID)[2], attribute.next()
        attribute.end()
        for field, known in _NAMES.items():
            if oid == known:
                if field in found or tag not in (der.UTF8, der.PRINTABLE):
                    raise der.NotDer("name attribute")
                found[field] = value.decode("utf-8")
    return Subject(found.get("common_name", ""), found.get("organisation", ""), uscc, found.get("region"))


def _read_extensions(explicit: der.Reader) -> tuple[str, str | None]:
    found: dict[bytes, bytes] = {}
    reader = explicit.sub()
    explicit.end()
    while reader.peek() is not None:
        extension = reader.sub()
        oid, critical = extension.next(der.OID)[2], extension.peek() == der.BOOLEAN
        if critical and extension.next()[2] != _TRUE:
            raise der.NotDer("criticality form")
        value = extension.next(der.OCTET_STRING)[1]
        extension.end()
        if oid in found or (critical and oid not in (_KEY_USAGE, _BASIC)):
            raise der.NotDer("repeated or unknown critical extension")
        found[oid] = value
    usage = _read_usage(found.get(_KEY_USAGE, b""), found.get(_BASIC))
    if _USCC not in found:
        return usage, None
    holder = der.Reader(found[_USCC])
    text = holder.next(der.PRINTABLE)[1].decode("ascii")
    holder.end()
    return usage, text


def _read_usage(value: bytes, basic: bytes | None) -> str:
    is_ca = basic is not None and der.one(basic).peek() == der.BOOLEAN
    holder = der.Reader(value)
    bits = holder.next(der.BIT_STRING)[1]
    holder.end()
    octet = bits[1] if len(bits) > 1 else 0
    kinds = {"sign": bool(octet & 0xC0), "enc": bool(octet & 0x38), "ca": bool(octet & 0x06)}
    found = [name for name, present in kinds.items() if present]
    # China's double-certificate rule: one key never both signs and decrypts; issuers do neither.
    if len(found) != 1 or (found[0] == "ca") != is_ca:
        raise der.NotDer("key usage must be exactly one of signing, encryption, issuing")
    return found[0]
