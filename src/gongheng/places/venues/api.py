"""The door for the programs of seats (席位自检接口): a one-time code lets a device key in, the key signs reports."""

import uuid

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from gongheng.crypto import canonical, labels, signing
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.places.venues import actions, queries
from gongheng.places.venues.models import SeatAgent
from gongheng.ui.pages import page

#: How often a program reports; after fifteen minutes without a report its seat is kept back.
EVERY_SECONDS = 60
MOST_BYTES = 4096


@page("seats.now", Role.PUBLIC, is_api=True)
def now(request: HttpRequest) -> JsonResponse:
    """Tell the platform's time, by which a program measures its round trip and the skew of its clock."""
    return JsonResponse({"now": canonical.timestamp(settings.CLOCK.now())})


@csrf_exempt
@page("seats.enrol", Role.PUBLIC, methods=("POST",), is_api=True)
def enrol(request: HttpRequest) -> JsonResponse:
    """Take a device key for the seat whose one-time code comes with it; the key proves itself by signing."""
    body = _body(request, {"v", "code", "public"})
    public = _bytes(body["public"], "public")
    if not signing.is_point(public):
        raise Refusal("KEY", "设备公钥不是有效的SM2公钥。", "public")
    _check(request, public, labels.SEAT_ENROL)
    agent = queries.invited(actions.digest_of(str(body["code"])))
    if agent is None:
        raise Refusal("CODE", "登记码不正确或已失效，请在席位页面重新生成。", "code")
    actions.enrol_agent(agent, public_key=public, clock=settings.CLOCK)
    room = agent.seat.room
    return JsonResponse({
        "agent": str(agent.pk), "centre": room.centre.short_name, "room": room.name, "number": agent.seat.number,
        "every": EVERY_SECONDS,
    }, status=201)


@csrf_exempt
@page("seats.report", Role.PUBLIC, methods=("POST",), is_api=True)
def report(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    """Take a signed self-test of one seat."""
    agent = get_object_or_404(SeatAgent.objects.exclude(public_key=None), pk=pk)
    _check(request, bytes(agent.public_key), labels.SEAT_REPORT)
    body = _body(request, {"v", "agent", "at", "parts", "is_simulated"})
    # The agent stands in what is signed: a report for one seat never counts for another.
    if body["agent"] != str(agent.pk):
        raise Refusal("FIELDS", "自检报告不是为该席位签名的。", "agent")
    parts = body["parts"]
    if not isinstance(parts, dict) or not all(isinstance(state, str) for state in parts.values()):
        raise Refusal("PARTS", "自检报告的部件状态格式不符。", "parts")
    try:
        sent_at = canonical.parse_timestamp(body["at"])
    except canonical.NotCanonical:
        raise Refusal("TIME", "自检报告缺少规范的时间。", "at") from None
    taken = actions.take_report(
        agent, sent_at=sent_at, parts=parts, is_simulated=body["is_simulated"] is True, clock=settings.CLOCK
    )
    return JsonResponse({"state": taken.state, "now": canonical.timestamp(settings.CLOCK.now())}, status=201)


def _body(request: HttpRequest, names: set[str]) -> dict:
    """Return the canonical JSON that was signed, of exactly these fields."""
    try:
        body = canonical.decode(request.body[: MOST_BYTES + 1])
    except canonical.NotCanonical:
        raise Refusal("JSON", "请求内容不是规范化的 JSON。") from None
    if not isinstance(body, dict) or set(body) != names or body["v"] != 1:
        raise Refusal("FIELDS", f"请求字段应为：{'、'.join(sorted(names))}。")
    return body


def _check(request: HttpRequest, public: bytes, label: str) -> None:
    signature = _bytes(request.headers.get("X-Seat-Signature", ""), "signature")
    if not signing.verify(public, request.body, signature, label):
        raise Refusal("SIGNATURE", "请求未经该席位的设备密钥签名。")


def _bytes(text, field: str) -> bytes:
    try:
        return canonical.unb64(text)
    except canonical.NotCanonical:
        raise Refusal("FIELDS", f"字段 {field} 不是 base64url 编码。", field) from None


urlpatterns = [
    path("now", now, name="seat-now"),
    path("enrol", enrol, name="seat-enrol"),
    path("<uuid:pk>/report", report, name="seat-report"),
]
