"""How a trustee talks to the platform: signed requests, always outward (受托人与平台的通信)."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from gongheng.crypto import canonical, labels, signing


class Platform:
    """One platform as seen by one trustee."""

    def __init__(self, origin: str, name: str, identity_private: bytes, clock, http: httpx.Client | None = None):
        self.http = http or httpx.Client(base_url=origin, timeout=30, trust_env=False)
        self.name = name
        self.identity_private = identity_private
        self.clock = clock

    def get(self, path: str) -> dict:
        return self._send("GET", path, b"").json()

    def post(self, path: str, value: dict) -> dict:
        return self._send("POST", path, json.dumps(value).encode(), {"Content-Type": "application/json"}).json()

    def put(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        self._send("PUT", path, body, headers)

    def _send(self, method: str, path: str, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
        at = canonical.timestamp(self.clock.now())
        message = canonical.encode({
            "v": 1, "method": method, "path": path, "at": at,
            "body": canonical.b64(labels.digest(labels.FILE, body)),
        })
        signature = signing.sign(self.identity_private, message, labels.TRUSTEE_REQUEST)
        response = self.http.request(
            method, path, content=body or None,
            headers={"X-Trustee-At": at, "X-Trustee-Signature": canonical.b64(signature)} | (headers or {}),
        )
        response.raise_for_status()
        return response


class TrusteeClock:
    """The trustee's own clock; a demonstration follows the demonstration's shared offset file."""

    def __init__(self, offset_file: Path | None):
        self.offset_file = offset_file

    def now(self) -> datetime:
        now = datetime.now(UTC)
        if self.offset_file is not None and self.offset_file.exists():
            now += timedelta(seconds=json.loads(self.offset_file.read_text())["offset_seconds"])
        return now.replace(microsecond=now.microsecond // 1000 * 1000)
