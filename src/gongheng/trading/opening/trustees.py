"""The door through which trustees release their shares (份额释放接口), mounted at /api/releases/.

The platform hands over everything a trustee needs to judge for itself; it cannot make one release.
"""

import json
from uuid import UUID

from django.conf import settings
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from gongheng.crypto import canonical, labels, signing
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trading.bids import queries as bids
from gongheng.trading.bids.models import Bid
from gongheng.trading.bids.trustees import authenticate, identity_key
from gongheng.trading.notices.printing import canonical_data
from gongheng.trading.opening import actions
from gongheng.trading.opening.lifecycle import State
from gongheng.trading.opening.models import FallbackRequest, Opening
from gongheng.trading.opening.printing import published_document
from gongheng.trust.evidence.models import Entry
from gongheng.trust.evidence.proofs import proof_of
from gongheng.trust.evidence.recording import phase_key, unblind
from gongheng.ui.pages import page


@page("trustees.releases", Role.PUBLIC, is_api=True)
def work(request, name: str):
    """Which bids wait for this trustee's shares, each with the proofs of why it may release them."""
    authenticate(request, name)
    waiting = FallbackRequest.objects.filter(
        bid__state=Bid.State.SEALED, bid__lot__opening__state=State.DECRYPTING
    ).exclude(bid__released_shares__trustee=name).select_related("bid__lot__opening")
    return JsonResponse({"releases": [_case(one) for one in waiting]})


@csrf_exempt
@page("trustees.release", Role.PUBLIC, methods=("POST",), is_api=True)
def release(request, name: str, lot: UUID):
    """Take a trustee's shares of one bid, encrypted to the session key and signed by its identity key."""
    actor = authenticate(request, name)
    opening = get_object_or_404(Opening.objects.select_related("lot"), lot=lot, state=State.DECRYPTING)
    digest, given, signature = _release(request.body)
    message = canonical.encode({"v": 1, "lot": str(lot), "D": canonical.b64(digest), "shares": given})
    if not signing.verify(identity_key(name), message, signature, labels.SHARE_RELEASE):
        raise Refusal("SIGNATURE", "份额释放未经受托人身份密钥签名。")
    actions.release_share(
        opening, digest=digest, trustee=name, given=given, signature=signature, actor=actor, clock=settings.CLOCK
    )
    return JsonResponse({}, status=201)


def _case(request: FallbackRequest) -> dict:
    """Put together what a trustee checks before it releases (security.md 4.a, Open, step 3)."""
    bid, lot = request.bid, request.bid.lot
    seal, container = bids.find_seal(lot, bytes(bid.digest))
    digest = canonical.b64(bytes(bid.digest))
    entry = Entry.objects.get(pk=seal.entry_id)
    _, hidden = unblind(entry, phase_key(lot.pk))
    asked = [
        one for one in Entry.objects.filter(lot=lot.pk, verb="opening.request_fallback")
        if canonical.decode(bytes(one.body))["facts"]["D"] == digest
    ]
    return {
        "lot": str(lot.pk),
        "D": digest,
        "manifest": canonical.b64(container.manifest_bytes),
        "live": sorted(canonical.b64(bytes(one.digest)) for one in bids.live_seals([lot])),
        "document": canonical.b64(canonical.encode(canonical_data(published_document(lot)))),
        "seal": proof_of(entry),
        "hidden": canonical.b64(canonical.encode(hidden)),
        "close": _proof(lot, "lot.close"),
        "open_start": _proof(lot, "lot.open_start"),
        "start": _proof(lot, "opening.start"),
        "request": proof_of(asked[0]),
    }


def _proof(lot, verb: str) -> dict | None:
    return proof_of(Entry.objects.filter(lot=lot.pk, verb=verb).latest("id"))


def _release(body: bytes) -> tuple[bytes, dict[str, str], bytes]:
    try:
        value = json.loads(body)
        given = {envelope: value["shares"][envelope] for envelope in actions.ENVELOPES}
        for text in given.values():
            canonical.unb64(text)
        return canonical.unb64(value["D"]), given, canonical.unb64(value["signature"])
    except (ValueError, KeyError, TypeError):
        raise Refusal("JSON", "份额释放的内容格式不正确。") from None


urlpatterns = [
    path("<str:name>/work", work, name="release-work"),
    path("<str:name>/<uuid:lot>", release, name="release"),
]
