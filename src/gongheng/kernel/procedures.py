"""The rulebook of construction tenders as dated rows, and the checks that read it (招标投标规则表)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil

from gongheng.kernel.calendar import (
    CALENDAR,
    STATE_COUNCIL,
    UNIT_NAMES,
    WORKING,
    Calendar,
    Unit,
    add_days,
    day_of,
    end_of,
    in_words,
    latest_before,
    period_end,
)
from gongheng.kernel.money import formatted
from gongheng.kernel.refusal import Refusal

LAW, REGULATION = "招标投标法", "招标投标法实施条例"
_ORDER_12, _ORDER_30 = "评标委员会和评标方法暂行规定", "工程建设项目施工招标投标办法"
_SINCE = {LAW: date(2000, 1, 1), REGULATION: date(2012, 2, 1), _ORDER_12: date(2001, 7, 5), _ORDER_30: date(2003, 5, 1)}


class Kind(StrEnum):
    """How a rule's value binds: a minimum, a maximum, or no number at all."""

    AT_LEAST = "AT_LEAST"
    AT_MOST = "AT_MOST"
    REQUIRED = "REQUIRED"


@dataclass(frozen=True)
class Rule:
    """One dated row of the rulebook (规则); "T10.start" is the part ``start`` of rule T10.

    ``unit`` is a day unit, PERCENT, YUAN, PERSON or SHARE; it and ``value`` are None for REQUIRED.
    ``valid_to`` is the last day in force, None while the rule stands.
    """

    id: str
    kind: Kind
    value: Fraction | None
    unit: str | None
    source: str
    valid_from: date
    valid_to: date | None
    title: str

    @property
    def code(self) -> str:
        """Return the id that refusals name."""
        return self.id.split(".")[0]

    def is_valid_on(self, day: date) -> bool:
        """Return whether the row is in force on the day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def to_json(self) -> dict[str, str | None]:
        """Return the row as plain strings."""
        return {
            "id": self.id, "kind": self.kind.value, "value": None if self.value is None else str(self.value),
            "unit": self.unit, "source": self.source, "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to and self.valid_to.isoformat(), "title": self.title,
        }

    @classmethod
    def from_json(cls, row: dict[str, str | None]) -> Rule:
        """Return the row that ``to_json`` wrote."""
        return cls(
            row["id"], Kind(row["kind"]), None if row["value"] is None else Fraction(row["value"]), row["unit"],
            row["source"], date.fromisoformat(row["valid_from"]),
            None if row["valid_to"] is None else date.fromisoformat(row["valid_to"]), row["title"],
        )


def _row(
    id: str, kind: Kind, value: str | None, unit: str | None, law: str, article: str, title: str,
    since: date | None = None, until: date | None = None,
) -> Rule:
    number = None if value is None else Fraction(value)
    unit = unit.value if isinstance(unit, Unit) else unit
    return Rule(id, kind, number, unit, f"{law}第{article}条", since or _SINCE[law], until, title)


_MIN, _MAX, _MUST = Kind.AT_LEAST, Kind.AT_MOST, Kind.REQUIRED
RULES = (
    _row("T1", _MIN, "5", CALENDAR, REGULATION, "十六", "招标文件或资格预审文件的发售期"),
    _row("T2", _MIN, "5", CALENDAR, REGULATION, "十七", "停止发售后提交资格预审申请文件的时间"),
    _row("T3", _MIN, "20", CALENDAR, LAW, "二十四", "招标文件开始发出至投标截止的时间"),
    _row("T4", _MIN, "15", CALENDAR, LAW, "二十三", "影响投标文件编制的澄清或修改距投标截止的时间"),
    _row("T4.prequalification", _MIN, "3", CALENDAR, REGULATION, "二十一", "澄清或修改距资格预审申请截止的时间"),
    _row("T5", _MIN, "10", CALENDAR, REGULATION, "二十二", "对招标文件提出异议距投标截止的时间"),
    _row("T5.prequalification", _MIN, "2", CALENDAR, REGULATION, "二十二", "对资格预审文件提出异议距申请截止的时间"),
    _row("T6", _MAX, "3", CALENDAR, REGULATION, "二十二", "答复异议的期限，答复前暂停招标投标活动"),
    _row("T7", _MUST, None, None, REGULATION, "四十四", "对开标的异议当场提出、当场答复并记录"),
    _row("T8", _MUST, None, None, LAW, "三十四", "开标时间与投标截止时间为同一时间"),
    _row("T9", _MAX, "5", CALENDAR, REGULATION, "三十五", "撤回投标后退还投标保证金的期限"),
    _row("T10", _MIN, "3", CALENDAR, REGULATION, "五十四", "中标候选人的公示期"),
    _row("T10.start", _MAX, "3", CALENDAR, REGULATION, "五十四", "收到评标报告至开始公示的期限"),
    _row("T11", _MAX, "30", CALENDAR, LAW, "四十六", "中标通知书发出后订立合同的期限"),
    _row("T12", _MAX, "5", CALENDAR, REGULATION, "五十七", "合同签订后退还投标保证金及利息的期限"),
    _row("T13", _MAX, "15", CALENDAR, LAW, "四十七", "确定中标人后提交招标投标情况书面报告的期限"),
    _row("T14", _MAX, "10", CALENDAR, REGULATION, "六十", "知道或应当知道之日起投诉的期限"),
    _row("T15.accept", _MAX, "3", WORKING, REGULATION, "六十一", "决定是否受理投诉的期限"),
    _row("T15.decide", _MAX, "30", WORKING, REGULATION, "六十一", "受理后作出投诉处理决定的期限"),
    # Order 23 of 2013 replaced "thirty working days before the validity ends" by "within the validity".
    _row("T16", _MIN, "30", WORKING, _ORDER_12, "四十", "评标定标完成距投标有效期届满的时间", until=date(2013, 4, 30)),
    _row("T16", _MIN, "0", WORKING, _ORDER_12, "四十", "评标定标在投标有效期内完成", since=date(2013, 5, 1)),
    _row("T17", _MUST, None, None, REGULATION, "十五", "公告在指定媒介发布，各媒介内容一致"),
    _row("DEPOSIT", _MAX, "2", "PERCENT", REGULATION, "二十六", "投标保证金占招标项目估算价的比例"),
    _row("DEPOSIT.cap", _MAX, "800000", "YUAN", _ORDER_30, "三十七", "施工招标投标保证金的最高额"),
    _row("PERFORMANCE", _MAX, "10", "PERCENT", REGULATION, "五十八", "履约保证金占中标合同金额的比例"),
    _row("CEILING", _MUST, None, None, REGULATION, "二十七", "最高投标限价在招标文件中明确，不得规定最低投标限价"),
    _row("COMMITTEE", _MIN, "5", "PERSON", LAW, "三十七", "评标委员会人数，为单数"),
    _row("COMMITTEE.experts", _MIN, "2/3", "SHARE", LAW, "三十七", "技术、经济等方面专家所占比例"),
    _row("CANDIDATES", _MAX, "3", "PERSON", REGULATION, "五十三", "中标候选人人数，并标明排序"),
    _row("MIN_BIDDERS", _MIN, "3", "PERSON", LAW, "二十八", "投标人人数，不足的不得开标并重新招标"),
)


@dataclass(frozen=True)
class Rulebook:
    """The rows in force on one day, kept by a project for its whole life (项目适用的规则表)."""

    on: date
    rules: tuple[Rule, ...]

    def rule(self, id: str) -> Rule:
        """Return one row; ValueError if none was in force."""
        for row in self.rules:
            if row.id == id:
                return row
        raise ValueError(f"no rule {id} in force on {self.on}")

    def days(self, id: str) -> int:
        """Return the number of days of a period rule."""
        return int(self.rule(id).value)

    def to_json(self) -> dict:
        """Return the snapshot as strings and lists, fit for canonical JSON."""
        return {"on": self.on.isoformat(), "rules": [row.to_json() for row in self.rules]}

    @classmethod
    def from_json(cls, snapshot: dict) -> Rulebook:
        """Return the rulebook that ``to_json`` wrote."""
        rows = tuple(Rule.from_json(row) for row in snapshot["rules"])
        return cls(date.fromisoformat(snapshot["on"]), rows)

    def due(self, id: str, start: datetime, calendar: Calendar = STATE_COUNCIL) -> datetime:
        """Return when the period of rule ``id`` that begins on the start's day is over (24:00 Shanghai)."""
        return period_end(start, self.days(id), Unit(self.rule(id).unit), calendar)

    def latest(self, id: str, deadline: datetime, calendar: Calendar = STATE_COUNCIL) -> datetime:
        """Return the last moment that keeps rule ``id``'s distance before a deadline."""
        return latest_before(deadline, self.days(id), Unit(self.rule(id).unit), calendar)

    def refusal(self, id: str, problem: str, field: str | None = None) -> Refusal:
        """Return the refusal of rule ``id``, its message closed by the article it rests on."""
        row = self.rule(id)
        return Refusal(row.code, f"{problem}（依据：{row.source}）", field)

    def length(self, id: str) -> str:
        """Return a period rule in words, e.g. 20 日."""
        return f"{self.days(id)} {UNIT_NAMES[Unit(self.rule(id).unit)]}"


def rulebook(on: date) -> Rulebook:
    """Return the rows in force on the day a project begins."""
    return Rulebook(on, tuple(row for row in RULES if row.is_valid_on(on)))


# ------------------------------------------------------------------ time

def check_sale_period(
    book: Rulebook, starts_at: datetime, ends_at: datetime, calendar: Calendar = STATE_COUNCIL,
) -> None:
    """Raise Refusal T1 unless the documents are on sale long enough (发售期)."""
    first = calendar.last_day(day_of(starts_at), book.days("T1"), CALENDAR)
    if day_of(ends_at) < first:
        raise book.refusal("T1", f"招标文件发售期不得少于 {book.length('T1')}，"
                           f"请将发售截止日期改为 {first} 或以后", "sale_ends_at")


def check_bid_period(
    book: Rulebook, issued_at: datetime, deadline: datetime, calendar: Calendar = STATE_COUNCIL,
) -> None:
    """Raise Refusal T3 unless bidders have long enough between the first issue and the deadline (投标截止)."""
    first = calendar.last_day(day_of(issued_at), book.days("T3"), CALENDAR)
    if day_of(deadline) < first:
        raise book.refusal("T3", f"自招标文件开始发出至投标截止不得少于 {book.length('T3')}，"
                           f"请将投标截止日期改为 {first} 或以后", "bids_due_at")


def check_clarification(
    book: Rulebook, issued_at: datetime, deadline: datetime, affects_bids: bool,
    calendar: Calendar = STATE_COUNCIL,
) -> datetime | None:
    """Return the deadline that a clarification forces (T4, 顺延), or None when the present one may stay.

    The earliest lawful deadline keeps the time of day and falls on a working day. Raises
    Refusal T4 when the deadline has passed: nothing can be clarified any more.
    """
    if issued_at >= deadline:
        raise book.refusal("T4", "投标截止时间已到，不能再澄清或修改招标文件", "issued_at")
    if not affects_bids or issued_at <= book.latest("T4", deadline, calendar):
        return None
    last = calendar.last_day(day_of(issued_at), book.days("T4"), CALENDAR)
    return add_days(deadline, (last - day_of(deadline)).days, CALENDAR, calendar)


def check_question_time(
    book: Rulebook, now: datetime, deadline: datetime, calendar: Calendar = STATE_COUNCIL,
) -> None:
    """Raise Refusal T5 when an objection to the tender document comes too late (对招标文件的异议)."""
    latest = book.latest("T5", deadline, calendar)
    if now > latest:
        raise book.refusal("T5", f"对招标文件的异议应在投标截止 {book.length('T5')}前提出，"
                           f"最迟为 {in_words(latest)}；其他情形可向行政监督部门投诉")


def check_opening_time(book: Rulebook, deadline: datetime, opening_at: datetime) -> None:
    """Raise Refusal T8 unless the opening is at the very instant of the deadline (开标时间)."""
    if opening_at != deadline:
        raise book.refusal("T8", f"开标时间应与投标截止时间相同，请改为 {in_words(deadline)}", "opening_at")


def check_publicity(
    book: Rulebook, starts_at: datetime, ends_at: datetime, calendar: Calendar = STATE_COUNCIL,
) -> None:
    """Raise Refusal T10 unless the candidates are shown long enough (中标候选人公示).

    A late begin (T10.start) is not refused: it breaks the law, but only a publicity can mend it.
    """
    earliest = book.due("T10", starts_at, calendar)
    if ends_at < earliest:
        raise book.refusal("T10", f"公示期不得少于 {book.length('T10')}，"
                           f"公示截止时间应不早于 {in_words(earliest)}", "publicity_ends_at")


def contract_due(book: Rulebook, notice_issued_at: datetime, calendar: Calendar = STATE_COUNCIL) -> datetime:
    """Return the last moment to conclude the contract (T11, 订立合同期限)."""
    return book.due("T11", notice_issued_at, calendar)


def report_due(book: Rulebook, winner_determined_at: datetime, calendar: Calendar = STATE_COUNCIL) -> datetime:
    """Return the last moment to report to the supervisor (T13, 书面报告期限)."""
    return book.due("T13", winner_determined_at, calendar)


def award_due(book: Rulebook, validity_ends: date, calendar: Calendar = STATE_COUNCIL) -> datetime:
    """Return the last moment to determine the winner within the validity of the bids (T16, 投标有效期)."""
    return end_of(calendar.latest_day(validity_ends, book.days("T16"), Unit(book.rule("T16").unit)))


# ------------------------------------------------------------------ money

def check_deposit(book: Rulebook, deposit: Decimal, estimate: Decimal) -> None:
    """Raise Refusal DEPOSIT when the bid deposit is above its share of the estimate or its cap (投标保证金)."""
    cap = Decimal(int(book.rule("DEPOSIT.cap").value))
    limit = min(_share(book, "DEPOSIT", estimate), cap)
    if not 0 <= deposit <= limit:
        raise book.refusal("DEPOSIT", f"投标保证金不得超过估算价的 {book.rule('DEPOSIT').value}% 且不得超过"
                           f" {formatted(cap)} 元，本标段上限为 {formatted(limit)} 元", "deposit")


def check_performance_bond(book: Rulebook, bond: Decimal, contract_amount: Decimal) -> None:
    """Raise Refusal PERFORMANCE when the bond is above its share of the contract (履约保证金)."""
    limit = _share(book, "PERFORMANCE", contract_amount)
    if not 0 <= bond <= limit:
        raise book.refusal("PERFORMANCE", f"履约保证金不得超过中标合同金额的 {book.rule('PERFORMANCE').value}%，"
                           f"上限为 {formatted(limit)} 元", "performance_bond")


def check_ceiling(book: Rulebook, ceiling: Decimal | None, floor: Decimal | None = None) -> None:
    """Raise Refusal CEILING unless a ceiling price is stated and no floor price is (最高投标限价)."""
    if ceiling is None or ceiling <= 0:
        raise book.refusal("CEILING", "请在招标文件中填写大于零的最高投标限价", "ceiling")
    if floor is not None:
        raise book.refusal("CEILING", "不得规定最低投标限价，请删除该项", "floor")


def check_bid_price(book: Rulebook, price: Decimal, ceiling: Decimal) -> None:
    """Raise Refusal CEILING when a bid's price is not positive or is above the ceiling (投标报价)."""
    if not 0 < price <= ceiling:
        raise book.refusal("CEILING", f"投标报价应大于零且不超过最高投标限价 {formatted(ceiling)} 元", "price")


def _share(book: Rulebook, id: str, amount: Decimal) -> Decimal:
    percent = book.rule(id).value
    return amount * percent.numerator / (percent.denominator * 100)


# ------------------------------------------------------------------ people

def check_committee(book: Rulebook, size: int, experts: int) -> None:
    """Raise Refusal COMMITTEE unless the size is odd and large enough and experts hold their share (评标委员会)."""
    least, share = int(book.rule("COMMITTEE").value), book.rule("COMMITTEE.experts").value
    if size < least or size % 2 == 0:
        raise book.refusal("COMMITTEE", f"评标委员会应为 {least} 人以上单数，现为 {size} 人", "committee_size")
    if not size * share <= experts <= size:
        needed = ceil(size * share)
        raise book.refusal("COMMITTEE.experts", f"评标委员会中技术、经济专家不得少于成员总数的 {share}，"
                           f"{size} 人中至少 {needed} 人，现为 {experts} 人", "expert_count")


def check_candidates(book: Rulebook, count: int) -> None:
    """Raise Refusal CANDIDATES unless one to three candidates are recommended (中标候选人)."""
    most = int(book.rule("CANDIDATES").value)
    if not 1 <= count <= most:
        raise book.refusal("CANDIDATES", f"中标候选人应为 1 至 {most} 名，现为 {count} 名", "candidates")


def has_enough_bidders(book: Rulebook, count: int) -> bool:
    """Return whether the opening may go on with this many bidders (投标人不少于三个)."""
    return count >= int(book.rule("MIN_BIDDERS").value)
