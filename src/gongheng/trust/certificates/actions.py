"""The only writer of certificates."""

from datetime import datetime

from gongheng.crypto import certs
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.trust.certificates import trusted
from gongheng.trust.certificates.models import Certificate
from gongheng.trust.evidence.moving import note


def row_of(certificate: certs.Certificate, issuer: certs.Certificate) -> Certificate:
    """Return the unsaved row of a parsed certificate under the trusted issuer that signed it."""
    return Certificate(
        kid=certificate.kid,
        serial=certificate.serial_text,
        issuer=issuer.subject.common_name,
        usage=certificate.usage,
        der=certificate.der,
        public_key=certificate.public,
        subject_name=certificate.subject.common_name,
        organisation_name=certificate.subject.organisation,
        uscc=certificate.subject.uscc or "",
        not_before=certificate.not_before,
        not_after=certificate.not_after,
    )


def examine_certificate(der: bytes, *, usage: str, now: datetime) -> Certificate:
    """Return the unsaved row of a foreign certificate that is good at ``now``.

    Raises Refusal CERT-FORM, CERT-EXPIRED, CERT-EARLY, CERT-ISSUER, CERT-USAGE or CERT-SIGNATURE.
    """
    certificate = trusted.read_foreign(der)
    return row_of(certificate, trusted.check(certificate, now, usage))


def register_certificate(certificate: Certificate) -> Certificate:
    """Save an examined certificate; one that is registered already is refused (rule CERT-TAKEN).

    Called inside the transaction of the act that needs it, whose entry names its kid.
    """
    taken = Certificate.objects.filter(kid=certificate.kid) | Certificate.objects.filter(
        issuer=certificate.issuer, serial=certificate.serial
    )
    if taken.exists():
        raise Refusal("CERT-TAKEN", "该证书已经登记过，一张证书只能登记一次，请直接登录或换用其他证书。", "certificate")
    certificate.save(force_insert=True)
    return certificate


def revoke_certificate(certificate: Certificate, *, actor: Actor, clock: Clock) -> None:
    """Revoke a certificate (挂失) for good: from this moment nothing signed with it counts."""
    with note("certificates.revoke", f"certificate:{certificate.kid}", actor=actor, clock=clock) as step:
        row = Certificate.objects.select_for_update().get(pk=certificate.pk)
        if row.revoked_at is not None:
            raise Refusal("CERT-REVOKED", "该证书已经挂失，无需重复办理。")
        row.revoked_at = step.now
        row.save(update_fields=["revoked_at"])
        certificate.revoked_at = step.now
