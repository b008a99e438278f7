"""What the simulated device answers, and how an event of a gate is signed for the platform."""

import hmac
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from gongheng.crypto import canonical

CLEAR = (9500, True)


@dataclass(frozen=True)
class Event:
    """One passage: ``number`` is the gate's own and never repeats, so that resending does not count twice."""

    gate: str
    number: str
    permit: str
    zone: str
    inward: bool


class Device:
    """Compares faces as its scenario says: a clear match, a doubtful one, a stranger, or a photograph."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answer = CLEAR

    def set_scenario(self, score: int | None, is_live: bool) -> None:
        """Set what the following comparisons will answer; a score of None is a device that saw nothing."""
        if score is not None and not (type(score) is int and 0 <= score <= 10000):
            raise ValueError("a score runs from 0 to 10000")
        with self._lock:
            self._answer = (score, bool(is_live))

    def compare(self, subject: str) -> dict:
        """Return what the device sees; it keeps neither the subject nor a picture."""
        with self._lock:
            score, is_live = self._answer
        return {"score": score, "live": is_live}


def signed(event: Event, key: bytes, at: datetime | None = None) -> tuple[bytes, str]:
    """Return the event as canonical JSON with its moment, and the MAC over it under the gate's key."""
    body = canonical.encode(asdict(event) | {"v": 1, "at": canonical.timestamp(at or datetime.now(UTC))})
    return body, canonical.b64(hmac.digest(key, body, "sm3"))
