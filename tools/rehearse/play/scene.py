"""What the stages of one rehearsal share (演练现场)."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from gongheng.crypto import canonical
from tools.rehearse.cast import Cast
from tools.rehearse.stages import Stages
from tools.visitor import Visitor

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class Scene:
    """The options of the rehearsal, its people, and what came out so far."""

    cast: Cast
    stages: Stages
    out: Path
    seed: str
    bidders: int
    experts: int
    size_mb: float
    documents: Path | None
    fonts: Path
    place: str = "370100"  # region of the main venue
    lot: str = ""
    facts: dict = field(default_factory=dict)
    answers: Counter = field(default_factory=Counter)  # how often venues confirmed, how often they refused
    bids: list = field(default_factory=list)  # what each bidder's client keeps, in order
    agency: Visitor | None = None
    tenderer: Visitor | None = None
    supervisor: Visitor | None = None
    main_centre: Visitor | None = None
    sub_centre: Visitor | None = None

    def dice(self, purpose: str) -> random.Random:
        """Return a repeatable source of chance for one purpose."""
        return random.Random(f"{self.seed}/{purpose}")

    def now(self) -> datetime:
        return canonical.parse_timestamp(self.cast.now())

    def advance_to(self, moment: datetime) -> None:
        """Move the demonstration's legal clock forward to a moment."""
        if moment > self.now():
            self.cast.advance_clock(canonical.timestamp(moment))


def local(moment: datetime) -> str:
    """Return a moment as a datetime-local field takes it, Beijing time."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")


def workday_at(after: datetime, days: int, hour: int, minute: int = 0) -> datetime:
    """Return the first Monday–Friday at least ``days`` days after a moment, at a Beijing time of day."""
    day = (after.astimezone(SHANGHAI) + timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day
