"""The receipt that decides a dispute: signed promise at once, inclusion proof after sequencing (投标回执)."""

from django.conf import settings

from gongheng.crypto import canonical, labels, signing
from gongheng.trading.bids.models import Seal, ShareCheck
from gongheng.trading.projects.models import Lot
from gongheng.trust.evidence.models import Checkpoint, Entry
from gongheng.trust.evidence.proofs import proof_of
from gongheng.trust.evidence.publishing import is_witnessed
from gongheng.trust.evidence.recording import phase_key, unblind


def promise(lot: Lot, seal: Seal) -> dict:
    """Return what the platform signs at once: this container was sealed at this moment (20号令 rule 4)."""
    body = {
        "v": 1, "lot": str(lot.pk), "D": canonical.b64(bytes(seal.digest)), "t": canonical.timestamp(seal.sealed_at),
    }
    private, _ = settings.KEYRING.signing_key("platform")
    return {"promise": body, "signature": canonical.b64(signing.sign(private, canonical.encode(body), labels.RECEIPT))}


def receipt(lot: Lot, seal: Seal) -> dict | None:
    """Return the full receipt with the proof that the log holds the seal, or None until it is cosigned."""
    entry = Entry.objects.select_related("leaf").get(pk=seal.entry_id)
    heads = Checkpoint.objects.filter(cosigned_at__isnull=False) if is_witnessed() else Checkpoint.objects.all()
    if not hasattr(entry, "leaf") or not heads.filter(size__gt=entry.leaf.index).exists():
        return None
    proof = proof_of(entry)
    salt, hidden = unblind(entry, phase_key(lot.pk))
    checks = ShareCheck.objects.filter(digest=seal.digest).order_by("trustee")
    return promise(lot, seal) | {
        "v": 1,
        "t": canonical.timestamp(seal.sealed_at),
        "D": canonical.b64(bytes(seal.digest)),
        "lot": str(lot.pk),
        "position": proof["index"],
        "entry": canonical.b64(bytes(entry.body)),
        "salt": canonical.b64(salt),
        "hidden": hidden,
        "proof": proof,
        "share_checks": [
            {"trustee": check.trustee, "ok": check.is_sound, "signature": canonical.b64(bytes(check.signature))}
            for check in checks
        ],
    }
