"""How a seat's PC talks to the platform: always outward, enrolled once, then signed (席位与平台的通信)."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from gongheng.crypto import canonical, labels, signing


class Store:
    """The device key and what the platform said at enrolment, in files that only this user reads."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def key(self) -> bytes:
        """Return the private device key, made once."""
        file = self.folder / "device.key"
        if not file.exists():
            self._write(file, signing.generate()[0])
        return file.read_bytes()

    def enrolment(self) -> dict | None:
        file = self.folder / "seat.json"
        return json.loads(file.read_text()) if file.exists() else None

    def keep_enrolment(self, answer: dict) -> None:
        self._write(self.folder / "seat.json", json.dumps(answer, ensure_ascii=False).encode())

    def _write(self, file: Path, data: bytes) -> None:
        # Written beside and renamed: a PC switched off at the wrong moment never leaves half a key.
        draft = file.with_suffix(f".{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)
        draft.replace(file)


class Platform:
    """The platform as seen from one seat."""

    def __init__(self, http: httpx.Client, private: bytes):
        self.http, self.private = http, private

    def measure(self) -> tuple[timedelta, timedelta]:
        """Return (how far the platform's clock is ahead of ours, how long it took to answer)."""
        start, before = time.monotonic(), datetime.now(UTC)
        answer = self._checked(self.http.get("/api/seats/now"))
        round_trip = timedelta(seconds=time.monotonic() - start)
        return canonical.parse_timestamp(answer["now"]) - (before + round_trip / 2), round_trip

    def enrol(self, code: str) -> dict:
        """Hand in the public device key with the one-time code of the seat."""
        public = canonical.b64(signing.public_of(self.private))
        return self._post("/api/seats/enrol", {"v": 1, "code": code, "public": public}, labels.SEAT_ENROL)

    def report(self, agent: str, parts: dict[str, str], skew: timedelta, *, is_simulated: bool) -> dict:
        """Send one self-test. It carries the platform's time: the skew itself is a finding, not an obstacle."""
        return self._post(f"/api/seats/{agent}/report", {
            "v": 1, "agent": agent, "at": canonical.timestamp(datetime.now(UTC) + skew), "parts": parts,
            "is_simulated": is_simulated,
        }, labels.SEAT_REPORT)

    def _post(self, path: str, value: dict, label: str) -> dict:
        body = canonical.encode(value)
        signature = canonical.b64(signing.sign(self.private, body, label))
        headers = {"X-Seat-Signature": signature, "Content-Type": "application/json"}
        return self._checked(self.http.post(path, content=body, headers=headers))

    @staticmethod
    def _checked(response: httpx.Response) -> dict:
        response.raise_for_status()
        return response.json()


def refusal_of(error: httpx.HTTPStatusError) -> str:
    """Return the platform's own words for a refused request."""
    try:
        return error.response.json()["message"]
    except (ValueError, KeyError):
        return f"状态 {error.response.status_code}"
