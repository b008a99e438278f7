"""The door for trustees' programs (密钥受托人接口): requests signed with their identity keys, pulled by them.

A trustee never listens: it asks what there is to do, checks everything itself, and answers.
"""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from gongheng.crypto import canonical, labels, signing
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.trading.bids import actions, queries, views
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Lot
from gongheng.ui.pages import page

#: Name and index of the three trustees: the order of the shares.
TRUSTEES = {"centre": 1, "supervisor": 2, "notary": 3}
_SKEW = timedelta(minutes=2)


def identity_key(name: str) -> bytes:
    """Return the public identity key of a trustee, from the folder the operator enrolled it in."""
    file = settings.TRUSTEE_KEYS / name / "public.json"
    if name not in TRUSTEES or not file.exists():
        raise Refusal("TRUSTEE", "未登记的受托人。")
    return canonical.unb64(json.loads(file.read_text())["public"])


def authenticate(request: HttpRequest, name: str) -> Actor:
    """Return the trustee as an actor when the request is signed by its identity key; Refusal TRUSTEE otherwise."""
    try:
        at = canonical.parse_timestamp(request.headers.get("X-Trustee-At", ""))
        signature = canonical.unb64(request.headers.get("X-Trustee-Signature", ""))
    except ValueError:
        raise Refusal("TRUSTEE", "受托人请求缺少签名或时间。") from None
    message = canonical.encode({
        "v": 1, "method": request.method, "path": request.get_full_path(),
        "body": canonical.b64(labels.digest(labels.FILE, request.body)), "at": canonical.timestamp(at),
    })
    if abs(settings.CLOCK.now() - at) > _SKEW or not signing.verify(
        identity_key(name), message, signature, labels.TRUSTEE_REQUEST
    ):
        raise Refusal("TRUSTEE", "受托人请求的签名无效或已过期。")
    return Actor(f"trustee-{name}", Role.TRUSTEE)


@page("trustees.work", Role.PUBLIC, is_api=True)
def work(request, name: str):
    """What waits for this trustee in the sealed phase: keys to make, shares to check, covers to strike."""
    authenticate(request, name)
    clock = settings.CLOCK
    announced = (
        Lot.objects.filter(state=State.ANNOUNCED).select_related("tender_project").prefetch_related("trustee_keys")
    )
    closed = list(Lot.objects.filter(state__in=[State.CLOSED, State.OPENING]))
    enrolled = {lot: {key.trustee for key in lot.trustee_keys.all()} for lot in announced}
    ready = [lot for lot, names in enrolled.items() if len(names) == len(TRUSTEES)]
    return JsonResponse({
        "now": canonical.timestamp(clock.now()),
        "keys_wanted": [str(lot.pk) for lot, names in enrolled.items() if name not in names],
        "lots": queries.sealing_rules_of(ready, clock),
        "share_checks": [
            {
                "lot": str(lot.pk), "D": canonical.b64(bytes(seal.digest)),
                "core": queries.open_manifest(seal.upload, lot).core,
            }
            for lot, seal in queries.unchecked_seals([*ready, *closed], name)
        ],
        "closed": [str(lot.pk) for lot in closed],
    })


@csrf_exempt
@page("trustees.enrol", Role.PUBLIC, methods=("POST",), is_api=True)
def enrol(request, name: str, lot: UUID):
    """Take a fresh public key for a lot, signed by the trustee's identity key."""
    actor = authenticate(request, name)
    lot = get_object_or_404(Lot, pk=lot, state=State.ANNOUNCED)
    body = views.read_json(request, "public", "signature")
    public, signature = canonical.unb64(body["public"]), canonical.unb64(body["signature"])
    message = canonical.encode({"v": 1, "lot": str(lot.pk), "trustee": name, "public": body["public"]})
    if not signing.is_point(public) or not signing.verify(identity_key(name), message, signature, labels.TRUSTEE_KEY):
        raise Refusal("SIGNATURE", "受托人密钥未经其身份密钥签名。")
    key = actions.enrol_trustee_key(
        lot, index=TRUSTEES[name], trustee=name, public_key=public, signature=signature, actor=actor,
        clock=settings.CLOCK,
    )
    return JsonResponse({"kid": key.kid}, status=201)


@csrf_exempt
@page("trustees.share_check", Role.PUBLIC, methods=("POST",), is_api=True)
def share_check(request, name: str, lot: UUID):
    """Take the trustee's signed word on its share of one container."""
    authenticate(request, name)
    lot = get_object_or_404(Lot, pk=lot)
    body = views.read_json(request, "D", "verdict", "signature")
    is_sound = body["verdict"] == "sound"
    message = canonical.encode({"v": 1, "lot": str(lot.pk), "D": body["D"], "ok": is_sound})
    signature = canonical.unb64(body["signature"])
    if not signing.verify(identity_key(name), message, signature, labels.SHARE_CHECK):
        raise Refusal("SIGNATURE", "份额校验结果的签名无效。")
    digest = canonical.unb64(body["D"])
    actions.find_seal(lot, digest)
    actions.keep_share_check(
        lot, digest=digest, trustee=name, is_sound=is_sound, signature=signature, clock=settings.CLOCK
    )
    return JsonResponse({}, status=201)


@csrf_exempt
@page("trustees.strike", Role.PUBLIC, methods=("POST",), is_api=True)
def strike(request, name: str, lot: UUID):
    """Strike a cover after the close."""
    actor = authenticate(request, name)
    lot = get_object_or_404(Lot, pk=lot, state__in=[State.CLOSED, State.OPENING])
    body = views.read_json(request, "D", "signature")
    actions.strike_cover(
        lot, digest=canonical.unb64(body["D"]), trustee=name, signature=canonical.unb64(body["signature"]),
        actor=actor, clock=settings.CLOCK,
    )
    return JsonResponse({}, status=201)


@csrf_exempt
@page("trustees.done", Role.PUBLIC, methods=("POST",), is_api=True)
def done(request, name: str, lot: UUID):
    """Take the trustee's word that all its covers of a lot are struck."""
    actor = authenticate(request, name)
    lot = get_object_or_404(Lot, pk=lot, state__in=[State.CLOSED, State.OPENING])
    actions.finish_strikes(lot, trustee=name, actor=actor, clock=settings.CLOCK)
    return JsonResponse({}, status=201)


def _as_trustee(view):
    """Serve a bidder's endpoint to a trustee: covers come in through the very same doors."""

    @csrf_exempt
    def served(request, name: str, **kwargs) -> HttpResponse:
        try:
            request.actor = authenticate(request, name)
        except Refusal as refusal:
            return JsonResponse({"rule": refusal.rule, "message": refusal.message, "field": None}, status=403)
        return view(request, **kwargs)

    # Open to the public by its role, for the signature of the request is the gate.
    served.access = replace(view.access, name=f"trustees.{view.access.name}", roles=frozenset({Role.PUBLIC}))
    return served


urlpatterns = [
    path("<str:name>/work", work, name="trustee-work"),
    path("<str:name>/<uuid:lot>/key", enrol, name="trustee-enrol"),
    path("<str:name>/<uuid:lot>/check", share_check, name="trustee-check"),
    path("<str:name>/<uuid:lot>/strike", strike, name="trustee-strike"),
    path("<str:name>/<uuid:lot>/done", done, name="trustee-done"),
    path("<str:name>/<uuid:lot>/uploads", _as_trustee(views.upload)),
    path("<str:name>/<uuid:lot>/uploads/<uuid:upload>/missing", _as_trustee(views.missing)),
    path("<str:name>/<uuid:lot>/uploads/<uuid:upload>/<str:envelope>/<int:number>", _as_trustee(views.part)),
    path("<str:name>/<uuid:lot>/seal", _as_trustee(views.seal)),
    path("<str:name>/<uuid:lot>/withdraw", _as_trustee(views.withdraw)),
]
