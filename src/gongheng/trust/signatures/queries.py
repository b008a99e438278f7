"""Signatures as documents and court bundles need them."""

from gongheng.crypto import canonical
from gongheng.trust.signatures.models import Signature


def signatures_on(subject: str):
    """Return the signatures kept for a subject, oldest first, with their certificates."""
    return Signature.objects.filter(subject=subject).select_related("certificate").order_by("signed_at", "id")


def exported(signature: Signature) -> dict:
    """Return all that an outsider needs to check the signature again, as canonical-JSON values."""
    return {
        "verb": signature.verb,
        "subject": signature.subject,
        "act": canonical.b64(bytes(signature.act)),
        "signature": canonical.b64(bytes(signature.value)),
        "certificate": canonical.b64(bytes(signature.certificate.der)),
        "signer": signature.signer,
        "signed_at": canonical.timestamp(signature.signed_at),
    }
