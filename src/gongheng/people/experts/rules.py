"""What the pool knows about specialties, availability, caps, ties and secrecy; no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from gongheng.kernel.numbers import check_citizen_id, check_uscc
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import HOME_PROVINCE, region

#: 12号令12条 and the usual promise: an employer of the last three years is a ground for avoidance.
AVOIDANCE_YEARS = 3
#: 招标投标法37条: eight years in the field.
LEAST_YEARS = 8
LONGEST_LEAVE = timedelta(days=180)
LONGEST_SUSPENSION = timedelta(days=3 * 366)
#: Below this a published count would tell who it is.
SMALLEST_COUNT = 5


@dataclass(frozen=True)
class Cap:
    """How many sessions an expert sits in at most (参评次数上限), in force from a day on; never a weight."""

    code: str
    title: str
    most: int
    since: date


#: Dated rows; the last in force of a code counts (domain.md 5.3: caps instead of weights).
CAPS = (
    Cap("DAY", "当日参评次数已满", 1, date(2025, 1, 1)),
    Cap("WEEK", "本周参评次数已满", 3, date(2025, 1, 1)),
    Cap("MONTH", "本月参评次数已满", 8, date(2025, 1, 1)),
)
#: Why an expert is not free for a session: the code stands in the snapshot of a draw.
BUSY = {"SEAT": "同一时段已有评标任务", "LEAVE": "请假", **{cap.code: cap.title for cap in CAPS}}


@dataclass(frozen=True)
class FeeStandard:
    """What an expert is paid (劳务报酬标准), 元; figures of the demonstration until a pool publishes its own."""

    since: date
    base: Decimal
    base_hours: int
    per_hour: Decimal

    @property
    def text(self) -> str:
        return f"{self.base_hours} 小时以内 {self.base} 元，每超 1 小时加 {self.per_hour} 元；异地评标就高不就低"


FEES = (FeeStandard(date(2025, 1, 1), Decimal(500), 4, Decimal(100)),)


def caps_on(day: date) -> list[Cap]:
    """Return the caps in force on a day, one per code."""
    return list({cap.code: cap for cap in sorted(CAPS, key=lambda cap: cap.since) if cap.since <= day}.values())


def fee_on(day: date) -> FeeStandard:
    """Return the fee standard in force on a day."""
    return max((one for one in FEES if one.since <= day), key=lambda one: one.since)


def full_cap(sat_on: Iterable[date], day: date) -> str | None:
    """Return the code of the first cap that a further session on ``day`` would break, or None."""
    days = list(sat_on)
    counts = {
        "DAY": sum(one == day for one in days),
        "WEEK": sum(one.isocalendar()[:2] == day.isocalendar()[:2] for one in days),
        "MONTH": sum((one.year, one.month) == (day.year, day.month) for one in days),
    }
    return next((cap.code for cap in caps_on(day) if counts[cap.code] >= cap.most), None)


def reach_of_caps(day: date) -> tuple[date, date]:
    """Return the first and last day whose sessions a cap on ``day`` may count."""
    monday = day - timedelta(days=day.weekday())
    next_month = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return min(monday, day.replace(day=1)), max(monday + timedelta(days=6), next_month - timedelta(days=1))


def check_leave(first_day: date, last_day: date, today: date) -> None:
    """Refuse a leave that lies in the past, ends before it begins or lasts half a year."""
    if first_day < today:
        raise Refusal("LEAVE", "请假不能从过去的日期开始。", "first_day")
    if last_day < first_day:
        raise Refusal("LEAVE", "结束日期不能早于开始日期。", "last_day")
    if last_day - first_day > LONGEST_LEAVE:
        raise Refusal("LEAVE", "一次请假最长 180 天；更长时间请联系专家库管理单位办理暂停。", "last_day")


def specialty_levels(code: str) -> list[str]:
    """Return the code and the codes above it, most exact first: A080101 → A0801 → A08 → A."""
    return [code[:size] for size in (7, 5, 3, 1) if size <= len(code)]


def matches(practised: list[str], wanted: str) -> bool:
    """Say whether one of the specialties practised lies in the wanted one."""
    return any(code.startswith(wanted) for code in practised)


def counts_for_avoidance(ended_on: date | None, today: date) -> bool:
    """Say whether a relation stands, or ended recently enough to stand in the way."""
    if ended_on is None:
        return True
    return ended_on.replace(year=ended_on.year + AVOIDANCE_YEARS, day=min(ended_on.day, 28)) >= today


def is_pool_keeper(centre_region: str | None) -> bool:
    """The provincial centre keeps the pool; the cities see figures only."""
    return centre_region == HOME_PROVINCE


def masked(name: str) -> str:
    """Return a name of which only the surname shows: 张**."""
    return name[:1] + "*" * max(len(name) - 1, 1)


def shown_count(count: int) -> str:
    """Return a count as the public catalogue shows it: small groups are not told exactly."""
    return str(count) if count >= SMALLEST_COUNT or count == 0 else f"少于{SMALLEST_COUNT}"


#: Fields of one expert in a batch: what the draw and the check-in need, nothing more (最小化, 807号).
ROW_FIELDS = {
    "id", "state", "name", "phone", "citizen_id", "region", "employer_uscc", "employer_name", "title", "years", "main",
    "specialties",
}


def check_row(row: dict, known_specialties: set[str]) -> dict:
    """Return a batch row that is fit for the pool. Raises Refusal with the field that is wrong."""
    if not isinstance(row, dict) or set(row) != ROW_FIELDS:
        raise Refusal("ROW", f"字段应恰为：{'、'.join(sorted(ROW_FIELDS))}。")
    texts = ROW_FIELDS - {"years", "specialties"}
    if wrong := sorted(name for name in texts if not isinstance(row[name], str) or not row[name].strip()):
        raise Refusal("ROW", f"“{wrong[0]}”应为非空文本。", wrong[0])
    if len(row["id"]) > 64 or len(row["name"]) > 40 or len(row["employer_name"]) > 200 or len(row["title"]) > 30:
        raise Refusal("ROW", "编号、姓名、单位名称或职称过长。", "id")
    if row["state"] not in ("in_pool", "removed"):
        raise Refusal("ROW", "state 只能是 in_pool 或 removed。", "state")
    if not (row["phone"].isdecimal() and row["phone"].isascii() and len(row["phone"]) == 11):
        raise Refusal("PHONE", "手机号码应为 11 位数字。", "phone")
    check_citizen_id(row["citizen_id"], "citizen_id")
    check_uscc(row["employer_uscc"], "employer_uscc")
    if region(row["region"], "region").level == "province":
        raise Refusal("REGION", "常住地应到市或县。", "region")
    if type(row["years"]) is not int or not LEAST_YEARS <= row["years"] <= 70:
        raise Refusal("YEARS", f"从业年限应为不少于 {LEAST_YEARS} 年的整数（招标投标法第三十七条）。", "years")
    codes = row["specialties"]
    if not isinstance(codes, list) or not codes or not all(isinstance(code, str) for code in codes):
        raise Refusal("SPECIALTY", "specialties 应为非空的专业代码列表。", "specialties")
    if unknown := sorted(set(codes) - known_specialties):
        raise Refusal("SPECIALTY", f"专业代码“{unknown[0]}”不在分类标准中。", "specialties")
    if row["main"] not in codes:
        raise Refusal("SPECIALTY", "主专业应在 specialties 之中。", "main")
    return row
