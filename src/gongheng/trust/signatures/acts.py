"""Signed acts (签名行为): what a person did on a page, signed before it left the browser.

The act is canonical JSON {v, verb, subject, fields, files, nonce, origin, at}. The server believes
the posted form only as far as it equals what was signed.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from gongheng.crypto import canonical, hashing, labels, signing
from gongheng.kernel.refusal import Refusal
from gongheng.trust.certificates import trusted
from gongheng.trust.certificates.models import Certificate
from gongheng.trust.signatures.models import Signature
from gongheng.trust.signatures.nonces import use_nonce

KEYS = {"v", "verb", "subject", "fields", "files", "nonce", "origin", "at"}
UNSIGNED = {"csrfmiddlewaretoken", "act", "act_signature"}
#: A form may stay open while a person thinks; how far the signer's clock may be off is another matter.
PAGE_LASTS = timedelta(hours=4)
CLOCK_SPREAD = timedelta(minutes=10)


@dataclass(frozen=True)
class SignedAct:
    """A verified act; ``keep`` stores its signature in the transaction of what it brought about."""

    body: bytes
    value: bytes
    certificate: Certificate
    signer: str  # pseudonymous person id

    @property
    def digest(self) -> str:
        return canonical.b64(labels.digest(labels.ACT, self.body))

    @property
    def content(self) -> dict:
        return canonical.decode(self.body)

    def keep(self, verb: str, subject: str, at: datetime) -> str:
        """Store the signature under the entry's verb and subject; return the digest of the act."""
        Signature.objects.create(
            verb=verb, subject=subject, act=self.body, value=self.value, certificate=self.certificate,
            signer=self.signer, signed_at=at,
        )
        return self.digest


def verify_act(request: HttpRequest) -> SignedAct:
    """Return the signed act of a POST, or raise Refusal naming the first thing that does not hold.

    Rules: ACT-FORM, ORIGIN, ACT-VERB, ACT-SUBJECT, ACT-TIME, ACT-FIELDS, ACT-FILES, CERT-…,
    ACT-SIGNATURE, NONCE. The challenge is used up last, so a refused act can be sent again.
    """
    now = settings.CLOCK.now()
    certificate = getattr(request, "certificate", None)
    if certificate is None:
        raise Refusal("CERT-UNKNOWN", "办理本事项须先用数字证书登录，请登录后重试。")
    body, value = _posted(request)
    act = _decoded(body)
    if act["origin"] not in allowed_origins():
        raise Refusal("ORIGIN", "签名中的网站地址不是本平台，可能误入仿冒网站，请核对网址后重新办理。")
    _check_target(request, act)
    if abs(now - canonical.parse_timestamp(act["at"])) > CLOCK_SPREAD:
        raise Refusal("ACT-TIME", "签名时间与平台法定时间相差超过10分钟，请刷新页面后重新签名。")
    _check_fields(request, act["fields"])
    _check_files(request, act["files"])
    trusted.verify(certificate, now, "sign")
    if not signing.verify(bytes(certificate.public_key), body, value, labels.ACT):
        raise Refusal("ACT-SIGNATURE", "签名与登录证书不符：请使用登录时的同一张证书签名。")
    use_nonce(act["nonce"], now=now, purpose="act", lasts=PAGE_LASTS)
    return SignedAct(body, value, certificate, request.actor.id)


def allowed_origins() -> set[str]:
    """Return the web addresses under which the platform is served."""
    return {settings.ORIGIN, *settings.CSRF_TRUSTED_ORIGINS}


def _posted(request: HttpRequest) -> tuple[bytes, bytes]:
    try:
        body, value = (canonical.unb64(request.POST.get(name, "")) for name in ("act", "act_signature"))
    except canonical.NotCanonical as error:
        raise Refusal("ACT-FORM", "签名数据格式不符，请刷新页面后重新签名。") from error
    if not body or len(value) != 64:
        raise Refusal("ACT-FORM", "提交内容没有数字证书签名，请插入证书并签名后提交。")
    return body, value


def _decoded(body: bytes) -> dict:
    try:
        act = canonical.decode(body)
        if not isinstance(act, dict) or set(act) != KEYS or act["v"] != 1 or type(act["v"]) is not int:
            raise canonical.NotCanonical("not an act of version 1")
        if not all(isinstance(act[key], str) for key in ("verb", "subject", "nonce", "origin", "at")):
            raise canonical.NotCanonical("text expected")
        canonical.parse_timestamp(act["at"])
    except canonical.NotCanonical as error:
        raise Refusal("ACT-FORM", "签名数据格式不符，请刷新页面后重新签名。") from error
    return act


def _check_target(request: HttpRequest, act: dict) -> None:
    """An act signed for one matter must not be sent to the address of another."""
    match = request.resolver_match
    if act["verb"] != match.func.access.name:
        raise Refusal("ACT-VERB", "签名的事项与提交的事项不是同一项，请刷新页面后重新签名。")
    named = set(re.split(r"[:/\s]", act["subject"]))
    if act["subject"] != request.path and not {str(value) for value in match.kwargs.values()} <= named:
        raise Refusal("ACT-SUBJECT", "签名的对象与提交的对象不一致，请刷新页面后重新签名。")


def _check_fields(request: HttpRequest, signed) -> None:
    posted = {name: values for name, values in request.POST.lists() if name not in UNSIGNED}
    if not isinstance(signed, dict) or not all(
        isinstance(values, list) and all(isinstance(value, str) for value in values) for values in signed.values()
    ):
        raise Refusal("ACT-FORM", "签名数据格式不符，请刷新页面后重新签名。")
    if _plain(posted) != _plain(signed):
        raise Refusal("ACT-FIELDS", "提交的内容与签名的内容不一致，签名后内容被改动，已拒绝；请刷新页面后重新办理。")


def _plain(fields: dict) -> dict:
    """Browsers sign what the page holds but send line ends as CRLF; nothing else may differ."""
    return {_text(name): [_text(value) for value in values] for name, values in fields.items()}


def _text(value: str) -> str:
    return unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n")


def _check_files(request: HttpRequest, signed) -> None:
    posted = {
        name: [
            {"name": _text(one.name), "size": one.size, "sm3": file_digest(one)}
            for one in request.FILES.getlist(name)
        ]
        for name in request.FILES
    }
    if posted != signed:
        raise Refusal("ACT-FILES", "上传的文件与签名的文件不一致，已拒绝；请重新选择文件并签名。")


def file_digest(upload: UploadedFile) -> str:
    """Return the SM3 of an uploaded file, as the file store and the browser compute it."""
    state = hashing.new()
    for chunk in upload.chunks():
        state.update(chunk)
    upload.seek(0)
    return canonical.b64(state.digest())
