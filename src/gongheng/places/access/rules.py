"""What an identity check means, and which passages through gates alarm; no database (核验与门禁规则)."""

from datetime import datetime
from enum import StrEnum

#: Face scores run from 0 to 10000; from here on the comparison alone suffices (domain.md 4.6, T1).
PASS_FROM = 8500
#: Below this the comparison is suspicious (T2): a person looks at the documents, no machine turns anybody away.
DOUBT_BELOW = 6000


class Result(StrEnum):
    """What an identity check found (核验结果)."""

    PASS = "PASS"
    DEGRADED = "DEGRADED"
    MANUAL = "MANUAL"
    FAIL = "FAIL"


RESULT_NAMES = {
    Result.PASS: "人证一致", Result.DEGRADED: "需核对照片", Result.MANUAL: "需人工核验证件", Result.FAIL: "核验未通过",
}


def judge(score: int | None, is_live: bool) -> Result:
    """Return what the machine's comparison means; it never says FAIL, which only a person may decide.

    ``score`` is None when no comparison was possible: no device, no answer, or no consent to a face check.
    """
    if score is None or score < DOUBT_BELOW:
        return Result.MANUAL
    return Result.PASS if is_live and score >= PASS_FROM else Result.DEGRADED


class Alarm(StrEnum):
    """Why a passage alarms (门禁告警)."""

    STRANGER = "STRANGER"
    WRONG_ZONE = "WRONG_ZONE"
    OUTSIDE_WINDOW = "OUTSIDE_WINDOW"
    NOT_IN = "NOT_IN"
    ALREADY_IN = "ALREADY_IN"


ALARM_NAMES = {
    Alarm.STRANGER: "无准入许可", Alarm.WRONG_ZONE: "进入未许可区域", Alarm.OUTSIDE_WINDOW: "不在许可时段",
    Alarm.NOT_IN: "只有离开没有进入（可能尾随）", Alarm.ALREADY_IN: "重复进入（可能尾随或借卡）",
}


def alarm_of(
    *, zones: list[str] | None, zone: str, is_inward: bool, inside: str | None,
    window: tuple[datetime, datetime] | None, at: datetime,
) -> Alarm | None:
    """Return why a passage alarms, or None.

    ``zones`` and ``window`` are what the permit allows (None = no permit), ``inside`` the zone in which
    the person is by the passages so far. Leaving is allowed at any time.
    """
    if zones is None or window is None:
        return Alarm.STRANGER
    if not is_inward:
        return None if inside == zone else Alarm.NOT_IN
    if zone not in zones:
        return Alarm.WRONG_ZONE
    if not window[0] <= at <= window[1]:
        return Alarm.OUTSIDE_WINDOW
    return Alarm.ALREADY_IN if inside == zone else None
