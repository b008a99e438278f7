"""Certificate sign-in (证书登录): a signature over nonce, origin and time; there is no password."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gongheng.crypto import canonical, labels, signing
from gongheng.kernel.refusal import Refusal
from gongheng.people.identity.models import Binding
from gongheng.trust.certificates import trusted
from gongheng.trust.certificates.actions import examine_certificate
from gongheng.trust.certificates.models import Certificate
from gongheng.trust.signatures.acts import CLOCK_SPREAD, allowed_origins
from gongheng.trust.signatures.nonces import use_nonce

NONCE_LASTS = timedelta(minutes=10)
KEYS = {"v", "nonce", "origin", "at", "certificate"}


@dataclass(frozen=True)
class SignIn:
    """A sign-in that holds; ``binding`` is None when the good certificate is not registered yet."""

    certificate: Certificate
    binding: Binding | None


def verify_sign_in(message: bytes, signature: bytes, der: bytes, *, now: datetime) -> SignIn:
    """Check a signed challenge and the certificate under which it was signed.

    Raises Refusal LOGIN-FORM, ORIGIN, LOGIN-TIME, CERT-…, LOGIN-SIGNATURE, LOGIN-DISABLED, NONCE.
    """
    login = _decoded(message)
    if login["origin"] not in allowed_origins():
        raise Refusal("ORIGIN", "签名中的网站地址不是本平台，可能误入仿冒网站，请核对网址后重新登录。")
    if abs(now - canonical.parse_timestamp(login["at"])) > CLOCK_SPREAD:
        raise Refusal("LOGIN-TIME", "签名时间与平台法定时间相差超过10分钟，请刷新页面后重新登录。")
    certificate = _registered(login["certificate"], der)
    if certificate is not None:
        trusted.verify(certificate, now, "sign")
    else:
        certificate = examine_certificate(der, usage="sign", now=now)
    if certificate.kid != login["certificate"] or not signing.verify(
        bytes(certificate.public_key), message, signature, labels.LOGIN
    ):
        raise Refusal("LOGIN-SIGNATURE", "登录签名与所选证书不符，请核对证书与口令后重新登录。")
    binding = _binding(certificate)
    use_nonce(login["nonce"], now=now, purpose="login", lasts=NONCE_LASTS)
    return SignIn(certificate, binding)


def _decoded(message: bytes) -> dict:
    try:
        login = canonical.decode(message)
        if not isinstance(login, dict) or set(login) != KEYS or login["v"] != 1:
            raise canonical.NotCanonical("not a sign-in of version 1")
        if not all(isinstance(login[key], str) for key in KEYS - {"v"}):
            raise canonical.NotCanonical("text expected")
        canonical.parse_timestamp(login["at"])
    except canonical.NotCanonical as error:
        raise Refusal("LOGIN-FORM", "登录数据格式不符，请刷新页面后重新登录。") from error
    return login


def _registered(kid: str, der: bytes) -> Certificate | None:
    """A certificate that we know byte for byte needs no parser; any other one is foreign."""
    row = Certificate.objects.filter(kid=kid, usage=Certificate.Usage.SIGN).first()
    return row if row is not None and bytes(row.der) == der else None


def _binding(certificate: Certificate) -> Binding | None:
    if certificate._state.adding:
        return None
    binding = Binding.objects.filter(certificate=certificate).select_related("person").first()
    if binding is None or binding.ended_at is not None or binding.person.disabled_at is not None:
        raise Refusal("LOGIN-DISABLED", "该证书与人员的绑定已停用，请联系本单位管理员或交易中心。")
    return binding
