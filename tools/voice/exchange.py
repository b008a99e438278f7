"""The simulated exchange: calls, how each telephone behaves, and what a carrier would report (话务)."""

import json
import secrets
import threading
import time
from pathlib import Path

#: How a telephone may behave: keys pressed after the text, or why nobody talks.
BEHAVIOURS = ("accept", "refuse", "repeat_accept", "silent", "no_answer", "busy", "off")
_KEYS = {"accept": "1", "refuse": "2", "repeat_accept": "31", "silent": ""}


class Exchange:
    """Calls by id, oldest first; a restart reads calls and behaviours again.

    ``behaviours`` maps a number to one behaviour or to a list of them, one per call, the last for all
    further calls; a number that it lacks behaves as ``"default"`` says, "off" when that is missing too.
    """

    def __init__(self, store: Path, behaviours: dict | None = None, *, ring_seconds: float = 0):
        store.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file, self._told = store / "calls.jsonl", store / "behaviours.json"
        self._lock = threading.Lock()
        self._ring = ring_seconds
        self._file.touch(mode=0o600)
        self._calls = [json.loads(line) for line in self._file.read_text().splitlines()]
        kept = json.loads(self._told.read_text()) if self._told.exists() else {}
        self._behaviours: dict = kept | (behaviours or {})

    def behave(self, number: str, behaviour: str | list[str]) -> None:
        """Set how a telephone behaves from its next call on."""
        with self._lock:
            self._behaviours[number] = behaviour
            self._told.write_text(json.dumps(self._behaviours, ensure_ascii=False))

    def place(self, key: str, to: str, text: str) -> str:
        """Place a call and return its id; the same key returns the same call, for a caller that asks twice."""
        with self._lock, self._file.open("a") as file:
            known = next((one for one in self._calls if one["key"] == key), None)
            if known is not None:
                return known["id"]
            earlier = sum(one["to"] == to for one in self._calls)
            call = {
                "id": secrets.token_hex(8), "key": key, "to": to, "text": text, "at": time.time(),
                "behaviour": self._behaviour(to, earlier),
            }
            file.write(json.dumps(call, ensure_ascii=False) + "\n")
            self._calls.append(call)
        return call["id"]

    def _behaviour(self, to: str, earlier: int) -> str:
        told = self._behaviours.get(to, self._behaviours.get("default", "off"))
        return told if isinstance(told, str) else told[min(earlier, len(told) - 1)]

    def report(self, call_id: str) -> dict | None:
        """Return what a carrier tells of a call: state, moments in seconds, outcome, keys pressed."""
        with self._lock:
            call = next((one for one in self._calls if one["id"] == call_id), None)
        if call is None:
            return None
        told = {"id": call["id"], "state": "ringing", "started_at": int(call["at"])}
        if time.time() < call["at"] + self._ring:
            return told
        behaviour = call["behaviour"]
        ended = {"state": "ended", "ended_at": int(call["at"] + self._ring) + 1}
        if behaviour not in _KEYS:
            return told | ended | {"outcome": behaviour}
        keys = _KEYS[behaviour]
        return told | ended | {
            "outcome": "answered", "answered_at": int(call["at"] + self._ring), "digits": keys,
            "played": 1 + keys.count("3"),
        }

    def to(self, number: str) -> list[dict]:
        """Return the calls to a number; all of them for an empty number."""
        with self._lock:
            return [one for one in self._calls if not number or one["to"] == number]
