"""Which issuers are trusted, and whether a certificate is good at a moment (信任根与证书校验).

Trust roots are DER files in the state folder, put there by the operator; a city that recognises
several certificate authorities (多CA互认) puts several there.
"""

import json
import subprocess
import sys
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from gongheng.crypto import certs
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.refusal import Refusal
from gongheng.trust.certificates.models import Certificate

_CHILD = Path(__file__).with_name("child.py")
_SECONDS = 10
USAGE_NAMES = {"sign": "签名", "enc": "加密"}


def roots() -> tuple[certs.Certificate, ...]:
    """Return the trusted issuers, read again when the folder changed."""
    folder = settings.VAR / "ca"
    if not folder.is_dir():
        return ()
    stamp = tuple(sorted((str(path), path.stat().st_mtime_ns) for path in folder.glob("*.der")))
    return _parsed(stamp)


@lru_cache(maxsize=4)
def _parsed(stamp: tuple[tuple[str, int], ...]) -> tuple[certs.Certificate, ...]:
    return tuple(certs.parse(Path(path).read_bytes()) for path, _ in stamp)


def read_foreign(der: bytes) -> certs.Certificate:
    """Parse a certificate that the platform has never seen, first in a limited process.

    Raises Refusal "CERT-FORM" when it is no SM2 certificate or the process ran into its limits.
    """
    unreadable = Refusal(
        "CERT-FORM", "无法识别该证书：应为 SM2 算法的 DER 数字证书，请更换证书或联系发证机构。", "certificate"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_CHILD)], input=der, capture_output=True, timeout=_SECONDS, check=True
        )
        if json.loads(done.stdout)["code"]:
            raise unreadable
    except (subprocess.SubprocessError, ValueError) as error:
        raise unreadable from error
    return certs.parse(der)


def check(certificate: certs.Certificate, at: datetime, usage: str) -> certs.Certificate:
    """Return the trusted issuer of a certificate that is good for ``usage`` ("sign" or "enc") at ``at``.

    Refuses any other. Rules: CERT-EXPIRED, CERT-EARLY, CERT-ISSUER, CERT-USAGE, CERT-SIGNATURE, CERT-FORM.
    """
    try:
        return certs.verify_chain(certificate, roots(), at, usage)
    except certs.CertificateRefused as refused:
        raise _refusal(refused, certificate, usage) from refused


def verify(row: Certificate, at: datetime, usage: str = "sign") -> None:
    """Check a registered certificate at a moment, revocation included; raise Refusal when it is not good.

    The columns are not believed: the stored certificate is parsed and its chain checked again,
    and its key must be the one that the row is known by.
    """
    if row.revoked_at is not None and row.revoked_at <= at:
        raise Refusal("CERT-REVOKED", f"该证书已于 {_local(row.revoked_at)} 挂失或吊销，不能再使用，请换发新证书。")
    certificate = certs.parse(bytes(row.der))
    check(certificate, at, usage)
    if certificate.kid != row.kid:
        raise Refusal("CERT-FORM", "登记的证书与其公钥不一致，已拒绝使用，请联系交易中心核查。")


def _refusal(refused: certs.CertificateRefused, certificate: certs.Certificate, usage: str) -> Refusal:
    says = {
        "EXPIRED": ("CERT-EXPIRED", f"该证书已于 {_local(certificate.not_after)} 到期，请换发新证书后重试。"),
        "NOT-YET": ("CERT-EARLY", f"该证书自 {_local(certificate.not_before)} 起生效，现在还不能使用。"),
        "ISSUER": ("CERT-ISSUER", "该证书的发证机构不在本平台认可名单内，请使用本省互认的数字证书。"),
        "USAGE": ("CERT-USAGE", f"该证书不是{USAGE_NAMES[usage]}证书，请选择{USAGE_NAMES[usage]}证书。"),
        "SIGNATURE": ("CERT-SIGNATURE", "该证书上发证机构的签名不成立，证书可能被改动，已拒绝使用。"),
    }
    rule, message = says.get(refused.code, ("CERT-FORM", "该证书的内容不符合要求，已拒绝使用。"))
    return Refusal(rule, message, "certificate")


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
