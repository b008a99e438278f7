"""What the kit tries: each check is one message and what must come back."""

import secrets
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import httpx

from gongheng.crypto import canonical, labels, signing
from gongheng.crypto import exchange as proofs
from tools.city.client import HEADER, Answer, Exchange, Key, Untrustworthy, digest

_LATE = timedelta(minutes=6)
_MOST_BYTES = 64 * 1024


@dataclass(frozen=True)
class Check:
    """One thing tried."""

    name: str
    expected: str
    got: str

    @property
    def is_passed(self) -> bool:
        return self.expected == self.got


def of_platform(exchange: Exchange) -> Iterator[Check]:
    """Try a platform, as one of its registered systems; nothing of the trade is changed."""
    id, right = str(uuid.uuid4()), exchange.message("hall", {})
    stranger = Key("sm2", signing.generate()[0])
    yield _asked("正确的调用", "ok", exchange, "hall", right)
    yield _asked("原样重放", "NONCE", exchange, "hall", right)
    yield _asked(
        "他人的签名", "SIGNATURE", exchange, "hall", (one := exchange.message("hall", {})),
        stranger.prove(one, labels.EXCHANGE_CALL),
    )
    signed = exchange.message("hall", {})
    altered = signed.replace(b'"nonce":"', b'"nonce":"x', 1)
    proof = exchange.key.prove(signed, labels.EXCHANGE_CALL)
    yield _asked("签名后改动", "SIGNATURE", exchange, "hall", altered, proof)
    yield _asked("没有签名", "SIGNATURE", exchange, "hall", exchange.message("hall", {}), "")
    yield _asked("签名用错标签", "SIGNATURE", exchange, "hall", (one := exchange.message("hall", {})),
                 exchange.key.prove(one, labels.EXCHANGE_ACK))
    yield _asked("未登记的系统", "SYSTEM", exchange, "hall", exchange.message("hall", {}, system="000000-X999"))
    for name, shift in (("过时的报文", -_LATE), ("来自将来的报文", _LATE)):
        at = canonical.timestamp(exchange.now() + shift)
        yield _asked(name, "WINDOW", exchange, "hall", exchange.message("hall", {}, at=at))
    yield _asked("不存在的操作", "OP", exchange, "no_such_op", exchange.message("no_such_op", {}))
    yield _asked("操作与网址不一致", "ENVELOPE", exchange, "hall", exchange.message("query", {}))
    yield _asked("封套多出字段", "ENVELOPE", exchange, "hall", exchange.message("hall", {}, extra=1))
    yield _asked("不是规范 JSON", "JSON", exchange, "hall", b'{"v": 1}')
    yield _asked("报文过长", "SIZE", exchange, "hall", exchange.message("hall", {"x": "a" * _MOST_BYTES}))
    yield _asked("不认识的字段", "FIELD", exchange, "hall", exchange.message("hall", {"x": 1}))
    yield _asked("缺少字段", "FIELD", exchange, "seat_check", exchange.message("seat_check", {"region": "370200"}))
    yield _asked("无关的单号", "ORDER", exchange, "query", exchange.message("query", {"number": "SQ" + "0" * 14}))
    yield _asked("首次调用", "ok", exchange, "hall", exchange.message("hall", {}, id=id))
    yield _asked("同一 id 重试", "ok 重试", exchange, "hall", exchange.message("hall", {}, id=id))
    yield _asked("同一 id 换内容", "ID", exchange, "query", exchange.message("query", {}, id=id))


def _asked(
    name: str, expected: str, exchange: Exchange, op: str, body: bytes, signature: str | None = None
) -> Check:
    try:
        return Check(name, expected, _words(exchange.ask(op, body, signature=signature)))
    except (Untrustworthy, httpx.HTTPError) as error:
        return Check(name, expected, f"{type(error).__name__}: {error}")


def _words(answer: Answer) -> str:
    error = answer.said["error"]
    if error is not None:
        # A refusal without an explanation for people, or one that answers 200, is none.
        return error["rule"] if error["message"] and answer.status >= 400 else f"{error['rule']}（应答不完整）"
    return "ok 重试" if answer.said["is_repeated"] else "ok"


@dataclass(frozen=True)
class Receiving:
    """A receiver of callbacks as the kit sees it, while the kit plays the platform."""

    url: str
    system: str
    algorithm: str
    proof_key: bytes  # the receiver's SM2 public key, or the shared secret
    platform_key: bytes  # the private key whose public half the receiver takes for the platform's
    http: httpx.Client
    now: Callable


def of_receiver(to: Receiving) -> Iterator[Check]:
    """Try a receiver of callbacks; it should be one that is not in service, for it will hear of made-up orders."""
    offer = {
        "number": "SQ" + "0" * 14, "what": "remind", "is_main": False, "seats_wanted": 2,
        "starts_at": canonical.timestamp(to.now()), "ends_at": canonical.timestamp(to.now() + timedelta(hours=4)),
        "confirm_by": canonical.timestamp(to.now() + timedelta(hours=1)),
    }

    def message(**changes) -> bytes:
        return canonical.encode({
            "v": 1, "system": to.system, "event": "offer", "id": str(uuid.uuid4()),
            "at": canonical.timestamp(to.now()), "nonce": secrets.token_urlsafe(24), "data": offer, **changes,
        })

    right, id = message(), str(uuid.uuid4())
    yield _told("正确的回调", "有回执", to, right)
    yield _told("原样重放", "拒绝", to, right)
    yield _told("他人的签名", "拒绝", to, message(), key=signing.generate()[0])
    yield _told("没有签名", "拒绝", to, message(), key=None)
    signed = message()
    yield _told("签名后改动", "拒绝", to, signed.replace(b'"seats_wanted":2', b'"seats_wanted":3'), over=signed)
    yield _told("发给别的系统", "拒绝", to, message(system="000000-X999"))
    yield _told("过时的报文", "拒绝", to, message(at=canonical.timestamp(to.now() - _LATE)))
    yield _told("来自将来的报文", "拒绝", to, message(at=canonical.timestamp(to.now() + _LATE)))
    yield _told("不是规范 JSON", "拒绝", to, b'{"v": 1}')
    yield _told("首次回调", "有回执", to, message(id=id))
    yield _told("同一 id 再次送达", "有回执", to, message(id=id))


def _told(
    name: str, expected: str, to: Receiving, body: bytes, *, key: bytes | None = b"", over: bytes | None = None
) -> Check:
    private = to.platform_key if key == b"" else key
    headers = {"Content-Type": "application/json"}
    if private is not None:
        headers[HEADER] = canonical.b64(signing.sign(private, over or body, labels.EXCHANGE_CALLBACK))
    try:
        response = to.http.post(to.url, content=body, headers=headers)
    except httpx.HTTPError as error:
        return Check(name, expected, f"{type(error).__name__}: {error}")
    if not response.is_success:
        return Check(name, expected, "拒绝")
    return Check(name, expected, "有回执" if _is_acknowledged(to, body, response) else "2xx 但无有效回执")


def _is_acknowledged(to: Receiving, body: bytes, response: httpx.Response) -> bool:
    try:
        said, proof = canonical.decode(response.content), canonical.unb64(response.headers.get(HEADER, ""))
    except canonical.NotCanonical:
        return False
    is_about_this = (
        isinstance(said, dict) and said.get("digest") == digest(labels.EXCHANGE_CALLBACK, body)
        and said.get("id") == canonical.decode(body)["id"] and said.get("system") == to.system
    )
    return is_about_this and proofs.is_proved(
        to.algorithm, to.proof_key, response.content, proof, labels.EXCHANGE_ACK
    )
