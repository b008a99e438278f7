"""Receiving callbacks (接收回调): check, acknowledge with our own proof, hand on each id once."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from gongheng.crypto import canonical, labels, signing
from tools.city.client import HEADER, Key, Untrustworthy, digest

WINDOW = timedelta(minutes=5)
MOST_BYTES = 64 * 1024
_FIELDS = {"v", "system", "event", "id", "at", "nonce", "data"}


class Receiver:
    """Checks callbacks; ``heard(event, data)`` is called once per id, before the acknowledgement goes out.

    What ``heard`` raises is answered with 500, and the platform sends the callback again.
    """

    def __init__(
        self, system: str, key: Key, platform_key: bytes, heard: Callable[[str, dict], None],
        now: Callable[[], datetime],
    ):
        self.system, self.key, self.platform_key, self.heard, self.now = system, key, platform_key, heard, now
        self._done: set[str] = set()
        self._nonces: dict[str, datetime] = {}
        self._one_at_a_time = threading.Lock()

    def receive(self, body: bytes, signature: str) -> tuple[bytes, str]:
        """Return (acknowledgement, its proof). Raises Untrustworthy."""
        said = self._checked(body, signature)
        with self._one_at_a_time:
            self._nonces = {nonce: at for nonce, at in self._nonces.items() if at > self.now() - 2 * WINDOW}
            if said["nonce"] in self._nonces:
                raise Untrustworthy("报文是重放的")
            self._nonces[said["nonce"]] = self.now()
            if said["id"] not in self._done:
                self.heard(said["event"], said["data"])
                self._done.add(said["id"])
        answer = canonical.encode({
            "v": 1, "system": self.system, "id": said["id"], "digest": digest(labels.EXCHANGE_CALLBACK, body),
            "at": canonical.timestamp(self.now()),
        })
        return answer, self.key.prove(answer, labels.EXCHANGE_ACK)

    def _checked(self, body: bytes, signature: str) -> dict:
        try:
            proof = canonical.unb64(signature)
            if not signing.verify(self.platform_key, body, proof, labels.EXCHANGE_CALLBACK):
                raise Untrustworthy("不是平台签名的报文")
            said = canonical.decode(body)
            at = canonical.parse_timestamp(said["at"])
        except (canonical.NotCanonical, KeyError, TypeError) as error:
            raise Untrustworthy("不是接口报文") from error
        if set(said) != _FIELDS or said["system"] != self.system:
            raise Untrustworthy("不是发给本系统的报文")
        if abs(self.now() - at) > WINDOW:
            raise Untrustworthy("报文已过时限")
        return said


def serve(receiver: Receiver, port: int) -> ThreadingHTTPServer:
    """Return a server bound to the loopback port (0 = any), not yet running."""

    class Handler(BaseHTTPRequestHandler):
        """Translates HTTP to the receiver; it decides nothing."""

        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > MOST_BYTES:
                self.close_connection = True
                self._answer(413, b"{}")
                return
            try:
                answer, proof = receiver.receive(self.rfile.read(int(length)), self.headers.get(HEADER, ""))
            except Untrustworthy:
                self._answer(403, b"{}")
            else:
                self._answer(200, answer, proof)

        def _answer(self, status: int, body: bytes, proof: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if proof:
                self.send_header(HEADER, proof)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args) -> None:
            """Keep no access log."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)
