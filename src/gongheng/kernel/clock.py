"""Legal time (法定时间): every deadline is decided by a clock object that is asked after the lock is held."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    is_demonstration: bool

    def now(self) -> datetime:
        """Return the present legal moment, timezone-aware UTC, milliseconds."""


class SystemClock:
    """The clock of a real deployment: the server's own, kept true by the operator (NTP, GNSS)."""

    is_demonstration = False

    def now(self) -> datetime:
        return _milliseconds(datetime.now(UTC))


class DemonstrationClock:
    """System time plus an offset that only ever grows, shared by all processes through one file.

    Only the demonstration deployment is configured with it; a rehearsal moves it forward
    instead of waiting twenty days. It never goes back: that would be backdating.
    """

    is_demonstration = True

    def __init__(self, path: Path):
        self.path = path

    def now(self) -> datetime:
        return _milliseconds(datetime.now(UTC) + self._offset())

    def advance_to(self, moment: datetime) -> datetime:
        """Move legal time forward to ``moment``; an earlier moment changes nothing."""
        ahead = moment - datetime.now(UTC)
        if ahead > self._offset():
            draft = self.path.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps({"offset_seconds": ahead.total_seconds()}))
            draft.replace(self.path)
        return self.now()

    def _offset(self) -> timedelta:
        try:
            return timedelta(seconds=json.loads(self.path.read_text())["offset_seconds"])
        except FileNotFoundError:
            return timedelta(0)


class SettableClock:
    """A clock that tests move by hand."""

    is_demonstration = True

    def __init__(self, moment: datetime):
        self.moment = moment

    def now(self) -> datetime:
        return _milliseconds(self.moment)

    def advance_to(self, moment: datetime) -> datetime:
        self.moment = max(self.moment, moment)
        return self.now()


def _milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
