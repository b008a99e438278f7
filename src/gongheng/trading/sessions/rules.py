"""What holds while a session runs: clocks of incidents, presence, fees; no database (评标场次规则)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role

#: Before the start one waits so long, then the tenderer decides (domain.md 4.1, 4.7).
WAIT_BEFORE_START = timedelta(minutes=120)
#: During the evaluation what is not repaired within this time postpones the session.
WAIT_DURING = timedelta(minutes=240)
#: A seat is suspect after so long without a heartbeat, and counts as lost after a minute.
SUSPECT_AFTER = timedelta(seconds=10)
LOST_AFTER = timedelta(seconds=60)
#: Files go from the sub venue to the main venue within so many working days (domain.md 4.1).
HAND_OVER_DAYS = 5
#: What a sub venue hands over (移交清单).
HAND_OVER_ITEMS = {
    "paper": "纸质原件（签到、承诺等）", "electronic": "电子文件", "recording": "会场音视频资料",
    "log": "会场运行与见证记录",
}


class Presence(StrEnum):
    """What the heartbeat of a seat says (席位连接)."""

    NORMAL = "normal"
    SUSPECT = "suspect"
    LOST = "lost"


PRESENCE_NAMES = {Presence.NORMAL: "在线", Presence.SUSPECT: "疑似中断", Presence.LOST: "已中断"}
PRESENCE_TONES = {Presence.NORMAL: "success", Presence.SUSPECT: "warning", Presence.LOST: "danger"}


def presence(seen_at: datetime | None, now: datetime) -> Presence:
    """Return how a seat's link looks after the silence since its last heartbeat."""
    if seen_at is None or now - seen_at > LOST_AFTER:
        return Presence.LOST
    return Presence.SUSPECT if now - seen_at > SUSPECT_AFTER else Presence.NORMAL


def limit_of(paused_at: datetime, starts_at: datetime, is_before_start: bool) -> datetime:
    """Return until when one waits for an incident to be over.

    Before the start the clock runs from the planned start at the earliest: a fault the evening before costs nothing.
    """
    return max(paused_at, starts_at) + WAIT_BEFORE_START if is_before_start else paused_at + WAIT_DURING


def postponing_refusal(role: Role, is_before_start: bool, limit_at: datetime, now: datetime) -> Refusal | None:
    """Say why this role may not postpone the session now; None when it may.

    Before the start the tenderer's side decides, and only after the waiting time; during the evaluation the
    main venue may decide at any time, and the clock does when the waiting time is over.
    """
    if is_before_start and role not in (Role.TENDERER, Role.AGENCY):
        return Refusal("DECISION", "评标尚未开始，是否延期由招标人决定。")
    if is_before_start and now < limit_at:
        return Refusal("WAIT", "故障未超过2小时的，等待恢复；超过2小时后由招标人决定是否延期。")
    if not is_before_start and role in (Role.TENDERER, Role.AGENCY):
        return Refusal("DECISION", "评标已经开始，由主场交易中心会同招标人、监督部门办理延期。")
    if role == Role.CLOCK and now < limit_at:
        return Refusal("EARLY", "4小时的恢复时限尚未届满。")
    return None


@dataclass(frozen=True)
class FeeTerms:
    """What one centre pays (劳务报酬标准), 元: an hour, the allowance for a remote venue, an hour beyond ``after``."""

    per_hour: Decimal
    remote_allowance: Decimal
    overtime_per_hour: Decimal
    overtime_after: int


@dataclass(frozen=True)
class FeeSheet:
    """What an expert is paid for one session, 元, with all its parts."""

    hours: Decimal
    base: Decimal
    overtime: Decimal
    remote: Decimal

    @property
    def total(self) -> Decimal:
        return self.base + self.overtime + self.remote


def half_hours(since: datetime, until: datetime) -> Decimal:
    """Return the time from check-in to signature in hours, rounded up to half hours; at least half an hour."""
    if until < since:
        raise ValueError("a session cannot end before it began")
    halves = -(-(until - since) // timedelta(minutes=30))
    return Decimal(max(halves, 1)) / 2


def fee(terms: FeeTerms, hours: Decimal, is_remote: bool) -> FeeSheet:
    """Return the fee under one centre's terms: hours up to the limit, overtime beyond it, the allowance when remote."""
    usual = min(hours, Decimal(terms.overtime_after))
    return FeeSheet(
        hours, _cents(usual * terms.per_hour), _cents((hours - usual) * terms.overtime_per_hour),
        terms.remote_allowance if is_remote else Decimal("0.00"),
    )


def higher_fee(terms: list[FeeTerms], hours: Decimal, is_remote: bool) -> tuple[int, FeeSheet]:
    """Return which of several centres' terms pays more, and that fee (就高不就低, 807号); the first on a tie."""
    sheets = [fee(one, hours, is_remote) for one in terms]
    best = max(range(len(sheets)), key=lambda number: (sheets[number].total, -number))
    return best, sheets[best]


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
