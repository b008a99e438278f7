"""What a message must be before anything is looked up; no database."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from gongheng.crypto import canonical, labels
from gongheng.followers.exchange import schema
from gongheng.followers.exchange.fields import ENVELOPE, thing
from gongheng.followers.exchange.operations import OPERATIONS, Operation
from gongheng.kernel.refusal import Refusal

MOST_BYTES = 64 * 1024
#: How far the time of a message may be from the platform's, either way.
WINDOW = timedelta(minutes=5)
#: Refused messages of one system that enter the log in a minute: a flood of forgeries must not fill it.
MOST_REFUSED_A_MINUTE = 60
#: After this long nobody is told any more; whoever was away asks with ``query``.
LONGEST_WAIT = timedelta(days=3)

#: HTTP status of a refusal; every rule of the trade itself is 422.
STATUS = {
    "SIZE": 413, "JSON": 400, "ENVELOPE": 400, "SYSTEM": 401, "SIGNATURE": 401, "WINDOW": 401, "REVOKED": 403,
    "KIND": 403, "OP": 404, "NONCE": 409, "ID": 409,
}


@dataclass(frozen=True)
class Envelope:
    """A call as it was read; nothing in it is believed before its signature holds."""

    system: str
    op: str
    id: uuid.UUID
    at: datetime
    nonce: str
    data: dict

    @property
    def content(self) -> str:
        """Digest of what is asked; a retry is a new message with the same content."""
        return digest(labels.EXCHANGE_CALL, canonical.encode({"op": self.op, "data": self.data}))


def read_call(body: bytes, op: str) -> Envelope:
    """Return the envelope of a call to the address of ``op``. Raises Refusal SIZE, JSON, ENVELOPE."""
    if len(body) > MOST_BYTES:
        raise too_big()
    try:
        sent = canonical.decode(body)
    except canonical.NotCanonical:
        raise Refusal("JSON", "报文不是规范 JSON（键按序、无空白、无浮点数），请按接口文档第二节编码。") from None
    known = thing(**ENVELOPE, op={"type": "string"}, data={"type": "object"})
    if not isinstance(sent, dict) or set(sent) != set(known["required"]) or not isinstance(sent["data"], dict):
        raise Refusal("ENVELOPE", f"报文应恰有字段 {'、'.join(sorted(known['required']))}，其中 data 为对象。")
    try:
        schema.check({name: sent[name] for name in ENVELOPE}, thing(**ENVELOPE), "报文")
        at = canonical.parse_timestamp(sent["at"])
    except Refusal as refusal:
        raise Refusal("ENVELOPE", refusal.message, refusal.field) from None
    except canonical.NotCanonical:
        raise Refusal("ENVELOPE", "字段 at 不是存在的时刻，请填写 UTC 时间。", "at") from None
    if sent["op"] != op:
        raise Refusal("ENVELOPE", "字段 op 应与网址中的操作一致。", "op")
    return Envelope(sent["system"], op, uuid.UUID(sent["id"]), at, sent["nonce"], sent["data"])


def check_operation(envelope: Envelope, kind: str) -> Operation:
    """Return the operation asked for, its data checked. Raises Refusal OP, KIND, FIELD."""
    operation = OPERATIONS.get(envelope.op)
    if operation is None:
        raise Refusal("OP", f"没有该操作；可用的操作：{'、'.join(OPERATIONS)}。", "op")
    if kind not in operation.kinds:
        raise Refusal("KIND", f"“{operation.title}”不对该类系统开放，请核对系统登记的类别。", "op")
    schema.check(envelope.data, operation.data)
    return operation


def check_time(at: datetime, now: datetime) -> None:
    """Raise Refusal WINDOW for a message that was sent too long ago, or in the future."""
    if abs(now - at) > WINDOW:
        raise Refusal(
            "WINDOW",
            f"发送时间与平台时间（{canonical.timestamp(now)}）相差超过5分钟；请校时后以新的 at、nonce 重发。", "at",
        )


def clean_origin(text: str, *, is_demonstration: bool) -> str:
    """Return scheme://host[:port] of where callbacks may go. Raises Refusal URL."""
    parts = _split(text)
    if parts.path.strip("/") or parts.query:
        raise Refusal("URL", "回调来源只写到主机和端口，不带路径。", "notify_origin")
    # The bytes of a callback are proved but not encrypted; a demonstration runs on one machine.
    if parts.scheme != "https" and not (is_demonstration and parts.scheme == "http"):
        raise Refusal("URL", "回调来源应以 https:// 开头。", "notify_origin")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def check_url(url: str, origin: str) -> None:
    """Raise Refusal URL when callbacks would go elsewhere than the registrar checked."""
    if not origin:
        raise Refusal("URL", "该系统登记时没有填写回调来源，请联系省级交易中心补登。", "data.url")
    parts = _split(url, "data.url")
    if f"{parts.scheme}://{parts.netloc.lower()}" != origin:
        raise Refusal("URL", f"回调网址应在登记的来源 {origin} 之下。", "data.url")


def _split(text: str, field: str = "notify_origin"):
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    is_plain = parts.hostname and port != 0 and not parts.fragment and "@" not in parts.netloc and text.isascii()
    if not is_plain or any(one.isspace() or one == "\\" for one in text.strip()):
        raise Refusal("URL", "网址格式不符，应形如 https://主机:端口/路径，不带账号和片段。", field)
    return parts


def too_big() -> Refusal:
    return Refusal("SIZE", f"报文超过 {MOST_BYTES // 1024} KiB，请分次发送。")


def digest(label: str, body: bytes) -> str:
    """Return the base64url SM3 digest by which both sides name a message."""
    return canonical.b64(labels.digest(label, body))
