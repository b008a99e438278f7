"""How long members had pages before them (逐页阅看用时); for the supervisor's questions, never for the committee."""

import json
from dataclasses import dataclass
from datetime import datetime

from gongheng.trading.evaluation.models import Member


@dataclass(frozen=True)
class Attention:
    """What one member's window counted beside one form: seconds over all pages, and how many pages lay open."""

    seconds: int
    pages: int
    first_at: datetime


def attention_of(member: Member) -> dict[str, Attention]:
    """Return {form: attention}; a form that is absent was never reported, which proves nothing by itself."""
    found = {}
    for log in member.page_logs.all():
        counted = [seconds for seconds in json.loads(log.seconds).values() if seconds]
        found[log.form] = Attention(sum(counted), len(counted), log.first_at)
    return found
