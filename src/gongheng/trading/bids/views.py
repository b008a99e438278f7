"""What a bidder's client calls until the deadline; every answer has one shape, whoever asks (投标)."""

import io
import json
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render

from gongheng.crypto import canonical
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trading.bids import actions, queries, receipts
from gongheng.trading.bids.models import Upload
from gongheng.trading.projects.lifecycle import State
from gongheng.ui.pages import page

_SEALED_PHASE = (State.ANNOUNCED, State.CLOSED, State.OPENING)


@page("bids.sealing", Role.BIDDER)
def sealing(request, lot: UUID):
    """The bidder's sealing page (编制与封标): everything readable stays in the browser."""
    lot = get_object_or_404(queries.visible_to(request.actor).exclude(bids_due_at=None), pk=lot)
    now = settings.CLOCK.now()
    is_open = lot.state == State.ANNOUNCED and now < lot.bids_due_at
    is_ready = lot.trustee_keys.count() == len(queries.TRUSTEE_NAMES)
    return render(request, "bids/sealing.html", {
        "lot": lot, "now": now, "is_open": is_open, "is_ready": is_ready, "is_over": lot.state not in _SEALED_PHASE,
    })


@page("bids.mine", Role.BIDDER)
def mine(request):
    """The own bids, known from their opening on; before it not even the platform knows them."""
    bids = Paginator(queries.bids_of(request.actor), 20).get_page(request.GET.get("page"))
    return render(request, "bids/mine.html", {"page_of": bids})


@page("bids.rules", Role.BIDDER, Role.TRUSTEE, is_api=True)
def rules(request, lot: UUID):
    """What a container for this lot must contain."""
    return JsonResponse(queries.sealing_rules(_lot(request, lot), settings.CLOCK))


@page("bids.upload", Role.BIDDER, Role.TRUSTEE, methods=("POST",), is_api=True)
def upload(request, lot: UUID):
    """Begin an upload with the manifest."""
    _lot(request, lot)
    body = read_json(request, "manifest", "signature")
    row = actions.start_upload(
        manifest=canonical.unb64(body["manifest"]), signature=canonical.unb64(body["signature"]), clock=settings.CLOCK
    )
    return JsonResponse({"upload": str(row.pk)}, status=201)


@page("bids.missing", Role.BIDDER, Role.TRUSTEE, is_api=True)
def missing(request, lot: UUID, upload: UUID):
    """Which parts of an upload have not arrived: what a client resumes from."""
    lot = _lot(request, lot)
    return JsonResponse({"missing": actions.missing_parts(get_object_or_404(Upload, pk=upload), lot)})


@page("bids.part", Role.BIDDER, Role.TRUSTEE, methods=("PUT",), is_api=True)
def part(request, lot: UUID, upload: UUID, envelope: str, number: int):
    """Take one part of at most 1 MiB of ciphertext; repeating it is harmless."""
    lot = _lot(request, lot)
    actions.store_part(
        get_object_or_404(Upload, pk=upload), lot, envelope=envelope, number=number,
        stream=io.BytesIO(request.body),
        digest=request.headers.get("X-Part-Digest", ""),
    )
    return HttpResponse(status=204)


@page("bids.seal", Role.BIDDER, Role.TRUSTEE, methods=("POST",), is_api=True)
def seal(request, lot: UUID):
    """Seal: the last and tiny act, which the deadline decides."""
    lot = _lot(request, lot)
    body = read_json(request, "upload", "D", "otk_signature", optional=("supersedes", "supersedes_signature"))
    row, _ = actions.seal_bid(
        get_object_or_404(Upload, pk=_uuid(body["upload"])), lot, digest=canonical.unb64(body["D"]),
        otk_signature=canonical.unb64(body["otk_signature"]),
        supersedes=canonical.unb64(body["supersedes"]) if "supersedes" in body else None,
        supersedes_signature=canonical.unb64(body.get("supersedes_signature", "")) or None,
        clock=settings.CLOCK,
    )
    return JsonResponse(receipts.promise(lot, row), status=201)


@page("bids.withdraw", Role.BIDDER, Role.TRUSTEE, methods=("POST",), is_api=True)
def withdraw(request, lot: UUID):
    """Withdraw a sealed bid by its one-time key."""
    lot = _lot(request, lot)
    body = read_json(request, "D", "otk_signature")
    actions.withdraw_bid(
        lot, digest=canonical.unb64(body["D"]), otk_signature=canonical.unb64(body["otk_signature"]),
        clock=settings.CLOCK,
    )
    return JsonResponse({"withdrawn": body["D"]})


@page("bids.receipt", Role.BIDDER, is_api=True)
def receipt(request, lot: UUID):
    """The receipt of a container whose digest the asker knows; 202 until the log's witness has cosigned.

    Not once the opening has begun: then every digest is public, and the receipt's salt proves whose bid it is.
    """
    lot = _lot(request, lot, State.ANNOUNCED, State.CLOSED)
    try:
        digest = canonical.unb64(request.GET.get("d", ""))
    except ValueError:
        raise Refusal("UNKNOWN", "本标段没有这份投标文件。") from None
    row, _ = actions.find_seal(lot, digest)
    body = receipts.receipt(lot, row)
    return JsonResponse({"state": "pending"}, status=202) if body is None else JsonResponse(body)


def _lot(request, lot: UUID, *states: State):
    return get_object_or_404(queries.visible_to(request.actor).filter(state__in=states or _SEALED_PHASE), pk=lot)


def _uuid(text) -> UUID:
    try:
        return UUID(text)
    except (TypeError, ValueError, AttributeError):
        raise Refusal("FIELDS", "上传编号格式不正确。", "upload") from None


def read_json(request, *names: str, optional: tuple[str, ...] = ()) -> dict[str, str]:
    """Return a body of exactly these text fields, all base64url but ids and words; Refusal otherwise."""
    try:
        body = json.loads(request.body)
    except ValueError:
        raise Refusal("JSON", "请求内容不是有效的 JSON。") from None
    if not isinstance(body, dict) or not set(names) <= set(body) <= {*names, *optional}:
        raise Refusal("FIELDS", f"请求字段应为：{'、'.join(names)}。")
    for name, value in body.items():
        if not isinstance(value, str):
            raise Refusal("FIELDS", f"字段 {name} 应为文本。", name)
        if name not in ("upload", "verdict", "reason"):
            try:
                canonical.unb64(value)
            except ValueError:
                raise Refusal("FIELDS", f"字段 {name} 不是 base64url 编码。", name) from None
    return body
