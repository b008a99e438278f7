"""What the simulated bank has paid: kept in a file, each payment once by its id."""

import json
import secrets
import threading
from pathlib import Path


class Ledger:
    """Payments by id; a restart reads the file again."""

    def __init__(self, store: Path):
        store.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = store / "payments.jsonl"
        self._lock = threading.Lock()
        self._file.touch(mode=0o600)
        self._paid = {row["id"]: row for row in map(json.loads, self._file.read_text().splitlines())}
        self._refused: set[str] = set()

    def refuse(self, payee: str) -> None:
        """Let payments to this payee fail from now on, as a closed account does."""
        with self._lock:
            self._refused.add(payee)

    def accept(self, payee: str) -> None:
        """Let payments to this payee succeed again."""
        with self._lock:
            self._refused.discard(payee)

    def pay(self, id: str, payee: str, fen: int) -> dict:
        """Pay once; the same id again gets the same answer, another amount under it is refused."""
        with self._lock:
            row = self._paid.get(id)
            if row is not None and (row["payee"], row["fen"]) != (payee, fen):
                return _answer(id, "failed", problem="同一支付编号的收款人或金额与原支付不符")
            if row is None and payee in self._refused:
                return _answer(id, "failed", problem="收款账户状态异常")
            if row is None:
                row = {"id": id, "payee": payee, "fen": fen, "receipt": secrets.token_hex(10)}
                with self._file.open("a") as file:
                    file.write(json.dumps(row) + "\n")
                self._paid[id] = row
            return _answer(id, "paid", receipt=row["receipt"])

    def total(self) -> int:
        """Return how much was paid in all, in 分."""
        with self._lock:
            return sum(row["fen"] for row in self._paid.values())


def _answer(id: str, state: str, *, receipt: str = "", problem: str = "") -> dict:
    return {"id": id, "state": state, "receipt": receipt, "problem": problem}
