"""Ports to the gates and to the face comparison of a centre (门禁与人证核验端口).

What the platform needs of them is little: compare a face with a document, and fetch what passed. The
device of the maker stands behind an HTTP address; ``tools.gate`` is a simulator of one and says so.
"""

from dataclasses import dataclass

import httpx
from django.conf import settings


@dataclass(frozen=True)
class Comparison:
    """What the device says: a score from 0 to 10000, and whether a living person stood there."""

    score: int | None
    is_live: bool


NO_COMPARISON = Comparison(None, False)


def compare(subject: str) -> Comparison:
    """Ask the device that reads document and face; no device or no answer means that a person must look."""
    if not settings.GATE_URL:
        return NO_COMPARISON
    try:
        answer = httpx.post(f"{settings.GATE_URL}/compare", json={"subject": subject}, timeout=5, trust_env=False)
        answer.raise_for_status()
        body = answer.json()
        score, is_live = body["score"], body["live"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return NO_COMPARISON
    if not isinstance(score, int) or not 0 <= score <= 10000:
        return NO_COMPARISON
    return Comparison(score, is_live is True)
