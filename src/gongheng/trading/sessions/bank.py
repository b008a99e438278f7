"""The port to the bank that pays experts (银行支付端口): a batch of payments, each idempotent by the fee's id.

``tools.bank`` is a simulator of such a bank and says so; ``settings.BANK_URL`` empty = no bank is connected.
"""

from dataclasses import dataclass

import httpx
from django.conf import settings

from gongheng.kernel.refusal import Refusal


@dataclass(frozen=True)
class Payment:
    """One payment of a batch: the fee's id, the payee as the bank knows him, the amount in 分."""

    id: str
    payee: str
    fen: int


@dataclass(frozen=True)
class Answer:
    """What became of one payment."""

    id: str
    is_paid: bool
    receipt: str
    problem: str


class Unanswered(Exception):
    """The bank did not answer, or not about this batch: nobody knows yet what was paid."""


def check_connected() -> None:
    """Raise Refusal BANK when no bank is connected."""
    if not settings.BANK_URL:
        raise Refusal("BANK", "本平台尚未接通银行支付接口，请线下支付。")


def pay(payments: list[Payment]) -> list[Answer]:
    """Hand in a batch and return what became of each. Raises Unanswered.

    The bank knows each payment by its id: the same one handed in again is answered again, not paid again.
    """
    body = {"payments": [{"id": one.id, "payee": one.payee, "fen": one.fen} for one in payments]}
    try:
        answer = httpx.post(f"{settings.BANK_URL}/batches", json=body, timeout=20, trust_env=False)
        answer.raise_for_status()
        rows = {
            row["id"]: Answer(row["id"], row["state"] == "paid", row["receipt"], row["problem"])
            for row in answer.json()["payments"]
        }
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise Unanswered from error
    if set(rows) != {one.id for one in payments}:
        raise Unanswered
    return list(rows.values())
