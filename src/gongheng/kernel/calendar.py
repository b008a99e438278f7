"""Working days and legal periods by the State Council's holiday arrangements (节假日安排)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from gongheng.kernel.clock import SHANGHAI


class Unit(StrEnum):
    """What a legal period counts: 日 or 工作日."""

    CALENDAR = "CALENDAR_DAY"
    WORKING = "WORKING_DAY"


CALENDAR, WORKING = Unit.CALENDAR, Unit.WORKING
UNIT_NAMES = {CALENDAR: "日", WORKING: "个工作日"}


@dataclass(frozen=True)
class Holiday:
    """A run of rest days; ``swaps`` are the weekend days worked in exchange (调休上班)."""

    name: str
    first: date
    last: date
    swaps: tuple[date, ...]
    source: str
    is_provisional: bool = False

    def days(self) -> Iterator[date]:
        """Yield each rest day."""
        return (self.first + timedelta(n) for n in range((self.last - self.first).days + 1))


def _rows(year: int, source: str, is_provisional: bool, *rows: str) -> tuple[Holiday, ...]:
    def day(text: str) -> date:
        return date(year, int(text[:2]), int(text[2:]))

    split = [row.split(" ") for row in rows]
    return tuple(
        Holiday(name, day(first), day(last), tuple(map(day, swaps)), source, is_provisional)
        for name, first, last, *swaps in split
    )


# name, first day, last day, then the days worked in exchange; all MMDD.
HOLIDAYS = (
    *_rows(2025, "国务院办公厅关于2025年部分节假日安排的通知", False,
           "元旦 0101 0101", "春节 0128 0204 0126 0208", "清明节 0404 0406", "劳动节 0501 0505 0427",
           "端午节 0531 0602", "国庆节、中秋节 1001 1008 0928 1011"),
    *_rows(2026, "国务院办公厅关于2026年部分节假日安排的通知", False,
           "元旦 0101 0103 0104", "春节 0215 0223 0214 0228", "清明节 0404 0406", "劳动节 0501 0505 0509",
           "端午节 0619 0621", "中秋节 0925 0927", "国庆节 1001 1007 0920 1010"),
    # Only the days that the regulation itself names; replaced by the yearly notice when it is entered.
    *_rows(2027, "全国年节及纪念日放假办法(年度安排未录入)", True,
           "元旦 0101 0101", "春节 0205 0208", "清明节 0405 0405", "劳动节 0501 0502", "端午节 0609 0609",
           "中秋节 0915 0915", "国庆节 1001 1003"),
)
# The days fixed by the solar calendar hold in every year, also in one that has no row yet.
_FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: weekdays less ``rest`` plus ``work``.

    ``settled`` are the years whose arrangement is published; outside them dates are provisional.
    """

    rest: frozenset[date]
    work: frozenset[date]
    settled: frozenset[int]

    @classmethod
    def of(cls, holidays: tuple[Holiday, ...]) -> Calendar:
        """Return the calendar that a table of holidays describes."""
        return cls(
            frozenset(day for row in holidays for day in row.days()),
            frozenset(day for row in holidays for day in row.swaps),
            frozenset(row.first.year for row in holidays if not row.is_provisional),
        )

    def is_provisional(self, day: date) -> bool:
        """Return whether the arrangement of the day's year is not known yet."""
        return day.year not in self.settled

    def is_working_day(self, day: date) -> bool:
        """Return whether offices work on this day."""
        if day in self.work:
            return True
        if day in self.rest or (self.is_provisional(day) and (day.month, day.day) in _FIXED):
            return False
        return day.weekday() < 5

    def next_working_day(self, day: date) -> date:
        """Return the day itself if it is worked, else the first worked day after it."""
        while not self.is_working_day(day):
            day += timedelta(1)
        return day

    def shift(self, day: date, n: int, unit: Unit) -> date:
        """Return the n-th day after ``day`` (before it for negative n), counting days of the unit only."""
        if unit is CALENDAR:
            return day + timedelta(n)
        step = timedelta(1 if n > 0 else -1)
        for _ in range(abs(n)):
            day += step
            while not self.is_working_day(day):
                day += step
        return day

    def last_day(self, start: date, n: int, unit: Unit) -> date:
        """Return the last day of a period: day 1 is the day after ``start`` (民法典 201、203)."""
        return self.next_working_day(self.shift(start, n, unit))

    def latest_day(self, deadline: date, n: int, unit: Unit) -> date:
        """Return the last day from which n days of the unit still fit, the deadline's day being the n-th."""
        # Counting back from the day after keeps a deadline on a rest day from borrowing a working day.
        return self.shift(deadline + timedelta(1), -n, unit) - timedelta(1)


STATE_COUNCIL = Calendar.of(HOLIDAYS)


def day_of(moment: datetime) -> date:
    """Return the Shanghai day of a moment; ValueError if the moment carries no time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(SHANGHAI).date()


def end_of(day: date) -> datetime:
    """Return 24:00 Shanghai of the day, as UTC; an act at this very instant is still in time."""
    return datetime.combine(day + timedelta(1), time(), SHANGHAI).astimezone(UTC)


def is_working_day(day: date, calendar: Calendar = STATE_COUNCIL) -> bool:
    """Return whether offices work on this day."""
    return calendar.is_working_day(day)


def add_days(start: datetime, n: int, unit: Unit, calendar: Calendar = STATE_COUNCIL) -> datetime:
    """Return the same Shanghai time of day, n days of the unit later (earlier for negative n)."""
    local = start.astimezone(SHANGHAI)
    moved = calendar.shift(day_of(start), n, unit)
    return datetime.combine(moved, local.time(), SHANGHAI).astimezone(UTC)


def period_end(start: datetime, n: int, unit: Unit, calendar: Calendar = STATE_COUNCIL) -> datetime:
    """Return when a period of n days that begins on the start's day is over: 24:00 of its last day.

    The start day is not counted; a last day of rest moves to the next working day (民法典 201-203).
    """
    return end_of(calendar.last_day(day_of(start), n, unit))


def prolonged(due: datetime, by: timedelta, calendar: Calendar = STATE_COUNCIL) -> datetime:
    """Return until when a period runs that was due at ``due`` and stood still for a time: 24:00 of a working day.

    What is left of it is counted from the release; like any period it ends with a day (民法典 203).
    """
    if not by:
        return due
    # 24:00 of a day is the next day's 00:00: a moment that ends a day must not borrow the one after it.
    return end_of(calendar.next_working_day(day_of(due + by - timedelta(milliseconds=1))))


def latest_before(
    deadline: datetime, n: int, unit: Unit = CALENDAR, calendar: Calendar = STATE_COUNCIL,
) -> datetime:
    """Return the last moment that is "n days before" a deadline: 24:00 of the n-th day before its day."""
    return end_of(calendar.latest_day(day_of(deadline), n, unit))


def in_words(moment: datetime) -> str:
    """Return the moment to the minute as Chinese official text writes it, midnight as 24:00 of the day that it ends."""
    local = moment.astimezone(SHANGHAI)
    if (local.hour, local.minute) == (0, 0):
        local -= timedelta(1)
        return f"{local:%Y}年{local.month}月{local.day}日 24:00"
    return f"{local:%Y}年{local.month}月{local.day}日 {local:%H:%M}"
