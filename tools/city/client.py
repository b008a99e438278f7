"""The client library of the interface (接口客户端): written against docs/interface.md, knows only crypto and HTTP.

    with Exchange("https://platform.example", "370200-V001", Key.of_file(path), receipts=folder) as exchange:
        answer = exchange.call("seat_check", {...})
"""

import json
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from gongheng.crypto import canonical, labels, signing
from gongheng.crypto import exchange as proofs

HEADER = "X-Gongheng-Signature"


class Refused(Exception):
    """The platform said no, and signed it; nothing was changed."""

    def __init__(self, rule: str, message: str, field: str | None, status: int):
        super().__init__(f"[{rule}] {message}")
        self.rule, self.message, self.field, self.status = rule, message, field, status


class Untrustworthy(Exception):
    """An answer or callback that does not prove that it comes from the platform, or is not about our message."""


@dataclass(frozen=True)
class Key:
    """Our own key: an SM2 private key (32 bytes), or the secret shared with the platform (32 bytes)."""

    algorithm: str  # "sm2" | "hmac-sm3"
    secret: bytes

    @classmethod
    def of_file(cls, path: Path) -> "Key":
        """Read {"algorithm", "secret"}; the secret is base64url text."""
        told = json.loads(path.read_text())
        return cls(told["algorithm"], canonical.unb64(told["secret"]))

    def keep(self, path: Path) -> None:
        """Write the file that ``of_file`` reads, readable by its owner only."""
        path.touch(mode=0o600)
        path.write_text(json.dumps({"algorithm": self.algorithm, "secret": canonical.b64(self.secret)}))

    def prove(self, body: bytes, label: str) -> str:
        """Return the text of the signature header."""
        return canonical.b64(proofs.prove(self.algorithm, self.secret, body, label))


@dataclass(frozen=True)
class Answer:
    """What the platform answered, its signature checked."""

    status: int
    said: dict

    @property
    def data(self) -> dict:
        """Return the data of success. Raises Refused."""
        error = self.said["error"]
        if error is not None:
            raise Refused(error["rule"], error["message"], error["field"], self.status)
        return self.said["data"]


class Exchange:
    """The platform as an outside system sees it; every exchange leaves a receipt when a folder is given."""

    def __init__(
        self, origin: str, system: str, key: Key, *, platform_key: bytes | None = None, receipts: Path | None = None,
        now: Callable[[], datetime] | None = None, http: httpx.Client | None = None,
    ):
        self.system, self.key, self.receipts, self.now = system, key, receipts, now or clock(None)
        self.http = http or httpx.Client(base_url=origin, timeout=30, trust_env=False)
        # In earnest the key is handed over at registration; a key asked of the network proves less.
        self.platform_key = platform_key or canonical.unb64(self.http.get("/api/exchange/key").json()["public"])

    def __enter__(self) -> "Exchange":
        return self

    def __exit__(self, *exc) -> None:
        self.http.close()

    def call(self, op: str, data: dict, *, id: str | None = None) -> dict:
        """Call an operation and return the data of its answer. Raises Refused, Untrustworthy, httpx.HTTPError.

        To try again after a broken connection, call again with the same ``id`` and data.
        """
        return self.ask(op, self.message(op, data, id=id)).data

    def message(self, op: str, data: dict, *, id: str | None = None, **changes) -> bytes:
        """Return the canonical bytes of a call."""
        return canonical.encode({
            "v": 1, "system": self.system, "op": op, "id": id or str(uuid.uuid4()),
            "at": canonical.timestamp(self.now()), "nonce": secrets.token_urlsafe(24), "data": data, **changes,
        })

    def ask(self, op: str, body: bytes, *, signature: str | None = None) -> Answer:
        """Send bytes as they are and return the answer once it proves to be the platform's, about these bytes."""
        proof = self.key.prove(body, labels.EXCHANGE_CALL) if signature is None else signature
        response = self.http.post(
            f"/api/exchange/{op}", content=body, headers={HEADER: proof, "Content-Type": "application/json"}
        )
        said = self._checked(body, response)
        self._keep(body, proof, response)
        return Answer(response.status_code, said)

    def _checked(self, body: bytes, response: httpx.Response) -> dict:
        try:
            signature, said = canonical.unb64(response.headers.get(HEADER, "")), canonical.decode(response.content)
        except canonical.NotCanonical as error:
            raise Untrustworthy(f"应答不是接口报文（状态 {response.status_code}）") from error
        if not signing.verify(self.platform_key, response.content, signature, labels.EXCHANGE_REPLY):
            raise Untrustworthy("应答没有平台的签名")
        if said["digest"] != digest(labels.EXCHANGE_CALL, body):
            raise Untrustworthy("应答不是对该报文的")
        return said

    def _keep(self, body: bytes, proof: str, response: httpx.Response) -> None:
        if self.receipts is None:
            return
        self.receipts.mkdir(parents=True, exist_ok=True)
        name = digest(labels.EXCHANGE_CALL, body)
        (self.receipts / f"{name}.json").write_text(json.dumps({
            "request": canonical.b64(body), "proof": proof, "reply": canonical.b64(response.content),
            "signature": response.headers[HEADER],
        }))


def is_receipt(receipt: dict, platform_key: bytes) -> bool:
    """Tell, without any network, whether a kept receipt holds: the platform signed an answer over these bytes."""
    request, reply = canonical.unb64(receipt["request"]), canonical.unb64(receipt["reply"])
    is_signed = signing.verify(platform_key, reply, canonical.unb64(receipt["signature"]), labels.EXCHANGE_REPLY)
    return is_signed and canonical.decode(reply)["digest"] == digest(labels.EXCHANGE_CALL, request)


def clock(demonstration: Path | None) -> Callable[[], datetime]:
    """Return what tells the time: this machine's clock, ahead by what a demonstration has moved its own."""

    def now() -> datetime:
        ahead = 0.0
        if demonstration is not None and demonstration.exists():
            ahead = json.loads(demonstration.read_text())["offset_seconds"]
        return datetime.now(UTC) + timedelta(seconds=ahead)

    return now


def digest(label: str, body: bytes) -> str:
    """Return the base64url SM3 digest by which both sides name a message."""
    return canonical.b64(labels.digest(label, body))
