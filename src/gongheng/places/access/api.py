"""/api/gates/<centre>/ : events of a centre's gates, each under the gate's own key (门禁上报接口)."""

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from gongheng.crypto import canonical
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.places.access import actions
from gongheng.places.access.keys import secret_of
from gongheng.places.access.models import GateKey
from gongheng.places.access.rules import ALARM_NAMES, Alarm
from gongheng.places.venues.models import Centre
from gongheng.ui.pages import page, refusal_json

MOST_BYTES = 4096
#: Events may come late after a lost link, but not from the future and not from another week.
LATEST, EARLIEST = timedelta(minutes=5), timedelta(days=7)
_FIELDS = {"v", "gate", "number", "permit", "zone", "inward", "at"}


@csrf_exempt
@page("access.take_event", Role.PUBLIC, methods=("POST",), is_api=True)
def take_event(request: HttpRequest, centre) -> HttpResponse:
    """Take in one signed event; sent again it is answered again and counts once."""
    place = get_object_or_404(Centre, pk=centre)
    body = request.read(MOST_BYTES + 1)
    key = _key(place, request.headers.get("X-Gate-Key", ""))
    if key is None:
        return refusal_json(Refusal("GATE-KEY", "门禁密钥未登记或已吊销，请在门禁密钥页面重新登记。"), 403)
    mac = canonical.b64(hmac.digest(secret_of(key), body, "sm3"))
    if not hmac.compare_digest(mac, request.headers.get("X-Gate-Mac", "")):
        return refusal_json(Refusal("MAC", "门禁上报的校验码不正确。"), 403)
    event = _event(body)
    if event["gate"] != key.gate:
        raise Refusal("GATE", "通行记录不是持有该密钥的门禁上报的。", "gate")
    now = settings.CLOCK.now()
    if not now - EARLIEST <= event["at"] <= now + LATEST:
        raise Refusal("WINDOW", "通行时间不在可接受的范围内，请校准门禁时钟。")
    row = actions.record_passage(
        place, gate=event["gate"], number=event["number"], permit=event["permit"], zone=event["zone"],
        is_inward=event["inward"], at=event["at"], clock=settings.CLOCK,
    )
    return JsonResponse({"alarm": row.alarm, "message": ALARM_NAMES[Alarm(row.alarm)] if row.alarm else ""})


def _key(centre: Centre, text: str) -> GateKey | None:
    try:
        return GateKey.objects.filter(pk=UUID(text), centre=centre, revoked_at=None).first()
    except ValueError:
        return None


def _event(body: bytes) -> dict:
    try:
        event = canonical.decode(body)
        at: datetime = canonical.parse_timestamp(event["at"])
        texts = [event[name] for name in ("gate", "number", "permit", "zone")]
        lengths = (20, 40, 43, 20)
        is_good = set(event) == _FIELDS and event["v"] == 1 and type(event["inward"]) is bool and all(
            isinstance(text, str) and 0 < len(text) <= most for text, most in zip(texts, lengths, strict=True)
        )
    except (ValueError, KeyError, TypeError):
        is_good = False
    if not is_good:
        raise Refusal("EVENT", "门禁上报的内容格式不正确。")
    return event | {"at": at}


urlpatterns = [path("<uuid:centre>/", take_event, name="gates")]
