"""What the simulated gateway took in: kept in memory, appended to a file."""

import json
import secrets
import threading
import time
from pathlib import Path


class Outbox:
    """Messages by number, oldest first; a restart reads the file again."""

    def __init__(self, store: Path):
        store.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = store / "messages.jsonl"
        self._lock = threading.Lock()
        self._file.touch(mode=0o600)
        self._messages = [json.loads(line) for line in self._file.read_text().splitlines()]

    def take(self, to: str, text: str) -> str:
        """Keep a message and return its id."""
        message = {"id": secrets.token_hex(8), "to": to, "text": text, "at": int(time.time())}
        with self._lock, self._file.open("a") as file:
            file.write(json.dumps(message, ensure_ascii=False) + "\n")
            self._messages.append(message)
        return message["id"]

    def to(self, number: str) -> list[dict]:
        """Return the messages to a number; all of them for an empty number."""
        with self._lock:
            return [one for one in self._messages if not number or one["to"] == number]
