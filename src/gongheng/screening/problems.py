"""What is wrong with bids as they were found (数据问题), each kind counted and told, nothing dropped in silence."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gongheng.screening.markets import Bid, Market, Problem, Tender

#: More bidders than this make pairs meaningless and quadratic; such tenders are read, their pairs are not.
MANY = 60
#: A bid this many times above or below the ceiling is written in another unit.
ANOTHER_UNIT = 20.0
_PLACES = 5
#: code → (name, what is done)
KINDS = {
    "no_column": ("文件没有该列", "依赖它的指标记为未知"),
    "no_tender": ("没有项目编号", "该行不计入"),
    "unreadable_value": ("报价不是数字", "该报价不计入"),
    "zero_or_negative": ("报价为零或负数", "该报价不计入"),
    "mixed_currency": ("同一项目报价币种不同", "整个项目不计入"),
    "other_currency": ("币种与多数项目不同", "整个项目不计入"),
    "exact_duplicate": ("同一投标人同一报价重复出现", "只计一次"),
    "several_bids": ("同一投标人有多个不同报价", "以最后一行为准"),
    "several_codes": ("同一名称的企业有多个代码", "并入其中第一个代码"),
    "alias": ("声明为同一企业的另一代码", "按声明并入"),
    "consortium": ("联合体成员分行列出", "同一联合体并为一份报价"),
    "withdrawn": ("报价已撤回或只受邀请", "该报价不计入"),
    "no_firm": ("报价没有投标人代码", "报价计入价格指标，不计入历史指标"),
    "absurd_date": ("开标时间无法读取或不合常理", "开标时间记为未知"),
    "other_date": ("同一项目开标时间不一致", "以最晚者为准"),
    "bad_ceiling": ("上限价不是正数或同一项目不一致", "正数中以最大者为准，没有则记为未知"),
    "another_unit": ("报价与上限价相差二十倍以上，疑为单位不同", "该项目的上限价记为未知"),
    "many_winners": ("同一项目有多个中标人", "与中标人有关的价格指标未知"),
    "no_winner": ("项目没有中标人", "与中标人有关的指标未知"),
    "mixed_label": ("同一项目标签不一致", "任一为真即为真"),
    "one_bid": ("只有一家报价", "价格指标静默"),
    "many_bidders": (f"投标人超过 {MANY} 家", "价格指标照算，两两关系不计"),
    "no_bids": ("没有可用报价", "整个项目不计入"),
}


@dataclass(slots=True)
class Row:
    """One bid as read, before anything is judged; numbers are None where the text was not one."""

    tender: str
    source: str
    value: float | None
    firm: str = ""
    firm_name: str = ""
    opened: float | None = None
    ceiling: float | None = None
    won: bool | None = None
    currency: str = ""
    method: str = ""
    region: str = ""
    trade: str = ""
    procedure: str = ""
    buyer: str = ""
    agency: str = ""
    consortium: str = ""  # the same inside one tender for rows that are one joint bid
    label: bool | None = None


@dataclass
class Problems:
    """Counts of problems with the first few places of each."""

    counts: Counter = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=dict)

    def add(self, code: str, place: str) -> None:
        self.counts[code] += 1
        if len(self.places.setdefault(code, [])) < _PLACES:
            self.places[code].append(place)

    def listed(self) -> tuple[Problem, ...]:
        return tuple(
            Problem(code, name, self.counts[code], done, tuple(self.places[code]))
            for code, (name, done) in KINDS.items() if self.counts[code]
        )


def settle(
    rows: Iterable[Row], *, name: str, problems: Problems, aliases: Mapping[str, str] | None = None,
    inputs: tuple[tuple[str, str], ...] = (),
) -> Market:
    """Return the market of the rows in order of opening; all that was wrong stands in its problems."""
    aliases = aliases or {}
    tenders: dict[str, list[Row]] = {}
    codes: dict[str, str] = {}
    count = 0
    for row in rows:
        count += 1
        if not row.tender:
            problems.add("no_tender", row.source)
            continue
        row.firm = _firm(row, aliases, codes, problems)
        tenders.setdefault(row.tender, []).append(row)
    currency = Counter(row.currency for each in tenders.values() for row in each).most_common(1)
    kept = (_tender(one, each, currency[0][0] if currency else "", problems) for one, each in tenders.items())
    ordered = sorted((one for one in kept if one), key=lambda one: (one.opened is None, one.opened or 0.0, one.id))
    return Market(name, tuple(ordered), problems.listed(), count, inputs)


def _firm(row: Row, aliases: Mapping[str, str], codes: dict[str, str], problems: Problems) -> str:
    firm = row.firm or row.firm_name
    if not firm:
        problems.add("no_firm", row.source)
        return ""
    if firm in aliases:
        problems.add("alias", row.source)
        firm = aliases[firm]
    if row.firm_name:
        first = codes.setdefault(row.firm_name, firm)
        if first != firm:
            problems.add("several_codes", row.source)
        return first
    return firm


def _tender(tender: str, rows: list[Row], currency: str, problems: Problems) -> Tender | None:
    """Return one tender of its rows, or None where nothing usable is left."""
    currencies = {row.currency for row in rows}
    if len(currencies) > 1:
        problems.add("mixed_currency", tender)
        return None
    if currencies != {currency}:
        problems.add("other_currency", tender)
        return None
    bids = _bids(rows, problems)
    if not bids:
        problems.add("no_bids", tender)
        return None
    _note_shape(tender, bids, problems)
    first = rows[0]
    labels = {row.label for row in rows if row.label is not None}
    if len(labels) > 1:
        problems.add("mixed_label", tender)
    return Tender(
        tender, bids, _opened(tender, rows, problems), _ceiling(tender, rows, bids, problems), first.method,
        first.region, first.trade, first.procedure, first.buyer, first.agency, max(labels) if labels else None,
    )


def _bids(rows: list[Row], problems: Problems) -> tuple[Bid, ...]:
    kept: dict[object, Bid] = {}
    for place, row in enumerate(_joint(rows, problems)):
        if row.value is None or not math.isfinite(row.value):
            problems.add("unreadable_value", row.source)
            continue
        if row.value <= 0:
            problems.add("zero_or_negative", row.source)
            continue
        key = row.firm or place  # bids without a firm cannot be told to be the same
        earlier = kept.pop(key, None)
        if earlier:
            problems.add("exact_duplicate" if earlier.value == row.value else "several_bids", row.source)
        won = row.won if earlier is None or earlier.won is None else earlier.won or bool(row.won)
        kept[key] = Bid(row.firm, row.value, won, row.source)
    return tuple(kept.values())


def _joint(rows: list[Row], problems: Problems) -> list[Row]:
    """Return one row per consortium, whose firm is all its members: they compete with nobody among themselves."""
    kept: dict[object, Row] = {}
    for place, row in enumerate(rows):
        key = row.consortium or place
        if key in kept:
            problems.add("consortium", row.source)
            first = kept[key]
            firms = sorted({*first.firm.split("+"), row.firm} - {""})
            first.firm, first.won = "+".join(firms), first.won or row.won
        else:
            kept[key] = row
    return list(kept.values())


def _note_shape(tender: str, bids: tuple[Bid, ...], problems: Problems) -> None:
    winners = sum(bid.won is True for bid in bids)
    if len(bids) == 1:
        problems.add("one_bid", tender)
    if len(bids) > MANY:
        problems.add("many_bidders", tender)
    if winners > 1:
        problems.add("many_winners", tender)
    if winners == 0 and any(bid.won is not None for bid in bids):
        problems.add("no_winner", tender)


def _opened(tender: str, rows: list[Row], problems: Problems) -> float | None:
    moments = {row.opened for row in rows if row.opened is not None}
    if len(moments) > 1:
        problems.add("other_date", tender)
    return max(moments, default=None)


def _ceiling(tender: str, rows: list[Row], bids: tuple[Bid, ...], problems: Problems) -> float | None:
    found = {row.ceiling for row in rows if row.ceiling is not None}
    positive = {one for one in found if math.isfinite(one) and one > 0}
    if found != positive or len(found) > 1:
        problems.add("bad_ceiling", tender)
    if not positive:
        return None
    ceiling = max(positive)
    middle = sorted(bid.value for bid in bids)[len(bids) // 2]
    if not 1 / ANOTHER_UNIT < middle / ceiling < ANOTHER_UNIT:
        problems.add("another_unit", tender)
        return None
    return ceiling
