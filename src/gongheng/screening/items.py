"""Item prices (工程量清单单价): constant ratios, shared mistakes of arithmetic, shared edits of quantities.

Honest firms may price from one cost database, so their item prices correlate; what they do not have is exactly the
same ratio on item after item. The share of items with |d - median(d)| < .002, d = ln(pA/pB), tells the two apart.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from gongheng.screening.findings import Fact, Family, Finding, Indicator, Said, Unknown

ALIKE = "招标投标法实施条例第四十条第（四）项：投标报价呈规律性差异"
RATIO = Indicator(
    "P31", Family.PRICE, "清单单价同比例",
    "逐项计算两家单价之比的对数，与中位数相差不到0.002的项目占可比项目的份额；半数以上投标人同价的项目（暂列金额、"
    "规费等）不计；份额须明显高于本项目其他各对。",
    ALIKE,
    (
        "两家整套采用同一造价信息价或同一定额软件的缺省价", "同一预算编制单位公开的参考价",
        "可比项目集中于单一供应商的产品",
    ),
    "调取双方计价软件工程文件（含锁号和修改记录），请双方逐项说明组价依据。", 30,
)
ARITHMETIC = Indicator(
    "P32", Family.PRICE, "相同的算术错误",
    "两家在同一清单项上“数量×单价”与合价不符，且差额或错误合价相同，又无第三家如此。", ALIKE,
    ("招标文件所附表格公式本身有误", "同一软件的舍入方式（差额不足1元的不计）"),
    "核对电子表格公式，查错误最早出现在谁的文件。", 1,
)
EDITS = Indicator(
    "P33", Family.PRICE, "相同的工程量改动",
    "两家把招标清单的同一项目改成相同的数量或单位，又无第三家如此。", ALIKE,
    ("澄清或补遗曾修改清单而未录入", "清单单位写法的习惯差异（如m2与㎡）"), "核对补遗文件；调取改动记录。", 1,
)
INDICATORS = (RATIO, ARITHMETIC, EDITS)

SAME = 0.002
#: Share of exactly constant ratios above which a pair speaks, and the starting likelihood ratio (caps of P apply).
LADDER = ((0.15, 5), (0.30, 20), (0.50, 60))
#: Honest pairs reach .03 to .07 (99th percentile, with a shared cost database); no tender's own level counts below.
HONEST = 0.07
#: A pair must exceed the median pair of its tender so many times: a database that all use explains a common level.
ABOVE_PEERS = 3.0
#: More bidders than this are first compared on so many items only.
MANY_BIDDERS, SAMPLE = 40, 2000
COUNT_LADDER = ((1, 10), (2, 30), (4, 60))
ROUNDING = 1.0  # 元: smaller differences come from rounding
SHOWN = 8


@dataclass(frozen=True)
class Item:
    """One line of the tender's bill: number, and the quantity and unit that were asked (None where unknown)."""

    number: str
    quantity: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a bid: unit price, and what the bidder wrote as quantity, unit and amount (None where absent)."""

    price: float
    quantity: float | None = None
    unit: str = ""
    amount: float | None = None


@dataclass(frozen=True)
class Bill:
    """One bidder's priced bill: item number → line; ``source`` names the file."""

    firm: str
    lines: dict[str, Line]
    source: str = ""


@dataclass(frozen=True)
class Likeness:
    """Two bidders: share of comparable items with the constant ratio, how many items, and that ratio."""

    first: int
    second: int
    share: float
    items: int
    ratio: float


def findings(bills: Sequence[Bill], *, items: Sequence[Item] = ()) -> Said:
    """What the priced bills of one tender say; ``items``: the tender's own bill, where it is known."""
    bills = sorted(bills, key=lambda bill: bill.firm)
    if len(bills) < 2:
        return Said((), tuple(Unknown(one.code, "有分项报价的投标人不足两家。") for one in INDICATORS))
    found, unknown = _ratios(bills)
    if any(line.amount is not None for bill in bills for line in bill.lines.values()):
        found += _shared(ARITHMETIC, bills, [_mistakes(bill, items) for bill in bills])
    else:
        unknown.append(Unknown(ARITHMETIC.code, "分项报价没有合价，不能核算算术错误。"))
    if items and any(line.quantity is not None for bill in bills for line in bill.lines.values()):
        found += _shared(EDITS, bills, [_edits(bill, items) for bill in bills])
    else:
        unknown.append(Unknown(EDITS.code, "没有招标清单的数量或投标清单的数量，不能核对改动。"))
    return Said(tuple(found), tuple(unknown))


def matrix(bills: Sequence[Bill]) -> tuple[list[str], np.ndarray]:
    """Item numbers and log unit prices (bidder × item); NaN where a bidder gave no positive price."""
    numbers = sorted({number for bill in bills for number in bill.lines})
    place = {number: at for at, number in enumerate(numbers)}
    prices = np.full((len(bills), len(numbers)), np.nan)
    for row, bill in enumerate(bills):
        for number, line in bill.lines.items():
            if line.price > 0 and math.isfinite(line.price):
                prices[row, place[number]] = math.log(line.price)
    return numbers, prices


def likenesses(prices: np.ndarray) -> list[Likeness]:
    """Every pair with at least the minimum of comparable items; many bidders are sifted on a sample of items first."""
    prices = prices[:, _is_priced_freely(prices)]
    pairs = list(combinations(range(len(prices)), 2))
    if len(prices) > MANY_BIDDERS and prices.shape[1] > SAMPLE:
        sample = prices[:, np.linspace(0, prices.shape[1] - 1, SAMPLE).astype(int)]
        sifted = [_likeness(sample, *pair) for pair in pairs]
        return [
            _likeness(prices, one.first, one.second) if one.share >= HONEST else one
            for one in sifted if one.items >= RATIO.minimum
        ]
    return [one for one in (_likeness(prices, *pair) for pair in pairs) if one.items >= RATIO.minimum]


def _is_priced_freely(prices: np.ndarray) -> np.ndarray:
    """Columns in which no price is held by more than half of the bidders (fixed sums, statutory fees)."""
    if len(prices) < 3:
        return np.ones(prices.shape[1], dtype=bool)
    if len(prices) == 3:  # two of three are a majority, but also the very pair looked for: only all three count
        return ~np.all(np.abs(prices - prices[0]) < 1e-12, axis=0)
    ordered = np.sort(prices, axis=0)
    reach = len(prices) // 2
    return ~np.any(np.abs(ordered[reach:] - ordered[: len(prices) - reach]) < 1e-12, axis=0)


def _likeness(prices: np.ndarray, first: int, second: int) -> Likeness:
    d = prices[first] - prices[second]
    d = d[~np.isnan(d)]
    if not len(d):
        return Likeness(first, second, 0.0, 0, 1.0)
    # The commonest ratio, not the median alone: with two price levels the median can fall between them.
    ordered = np.sort(d)
    within = np.searchsorted(ordered, ordered + 2 * SAME) - np.arange(len(ordered))
    best = int(np.argmax(within))
    share = within[best] / len(d)
    return Likeness(first, second, float(share), len(d), float(np.exp(np.median(ordered[best : best + within[best]]))))


def _ratios(bills: Sequence[Bill]) -> tuple[list[Finding], list[Unknown]]:
    numbers, prices = matrix(bills)
    alike = likenesses(prices)
    if not alike:
        return [], [Unknown(RATIO.code, f"没有两家的可比分项达到{RATIO.minimum}项。")]
    shares = np.array([one.share for one in alike])
    found = []
    for one in sorted(alike, key=lambda one: (-one.share, one.first, one.second)):
        # Among three or fewer pairs a whole ring would be its own yardstick: the honest level stands in.
        level = max(HONEST, float(np.median(shares))) if len(alike) > 3 else HONEST
        ratio = _ratio(LADDER, one.share)
        if ratio is None or one.share < min(ABOVE_PEERS * level, 0.5 + level / 2):
            continue
        rows = _examples(bills, numbers, prices, one)
        summary = Fact(
            "", "比值相同的分项", f"{one.share:.1%}（可比{one.items}项，比值{one.ratio:.4f}）", "分项报价比对",
        )
        pair = (bills[one.first].firm, bills[one.second].firm)
        found.append(_finding(RATIO, pair, round(one.share, 6), ratio, [summary, *rows]))
    return found, []


def _examples(bills: Sequence[Bill], numbers: Sequence[str], prices: np.ndarray, one: Likeness) -> list[Fact]:
    d = prices[one.first] - prices[one.second]
    places = np.flatnonzero(np.abs(d - math.log(one.ratio)) < SAME)[:SHOWN].tolist()
    return [
        Fact(
            bills[row].firm, f"分项{numbers[place]}单价", f"{bills[row].lines[numbers[place]].price:.2f}",
            bills[row].source,
        )
        for place in places for row in (one.first, one.second)
    ]


def _mistakes(bill: Bill, items: Sequence[Item]) -> dict[str, str]:
    asked = {item.number: item.quantity for item in items}
    wrong = {}
    for number, line in bill.lines.items():
        quantity = line.quantity if line.quantity is not None else asked.get(number)
        if quantity is None or line.amount is None:
            continue
        off = line.amount - quantity * line.price
        if abs(off) >= max(ROUNDING, 0.005 * quantity):  # a unit price rounded to the cent is no mistake
            wrong[f"{number} 差额 {off:.2f}"] = number
            wrong[f"{number} 合价 {line.amount:.2f}"] = number
    return wrong


def _edits(bill: Bill, items: Sequence[Item]) -> dict[str, str]:
    changed = {}
    for item in items:
        line = bill.lines.get(item.number)
        if line is None:
            continue
        if item.quantity is not None and line.quantity is not None and not math.isclose(item.quantity, line.quantity):
            changed[f"{item.number} 数量 {item.quantity:g} 改为 {line.quantity:g}"] = item.number
        if item.unit and line.unit and item.unit != line.unit:
            changed[f"{item.number} 单位 {item.unit} 改为 {line.unit}"] = item.number
    return changed


def _shared(indicator: Indicator, bills: Sequence[Bill], rows: Sequence[dict[str, str]]) -> list[Finding]:
    """Two firms, or a group of at most half the bidders, with the same oddity; one item counts once."""
    holders: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        for words in row:
            holders.setdefault(words, []).append(number)
    met: dict[tuple[int, ...], dict[str, str]] = {}
    for words, held in sorted(holders.items()):
        if len(held) >= 2 and (len(held) == 2 or 2 * len(held) <= len(bills)):
            met.setdefault(tuple(held), {}).setdefault(rows[held[0]][words], words)
    found = []
    for group, oddities in sorted(met.items()):
        ratio = _ratio(COUNT_LADDER, len(oddities))
        label = "同样的差错" if indicator is ARITHMETIC else "同样的改动"
        facts = [
            Fact(bills[number].firm, label, words, bills[number].source)
            for words in list(oddities.values())[:SHOWN] for number in group
        ]
        firms = tuple(bills[number].firm for number in group)
        found.append(_finding(indicator, firms, float(len(oddities)), ratio, facts))
    return found


def _ratio(ladder: Sequence[tuple[float, int]], value: float) -> int | None:
    reached = [ratio for least, ratio in ladder if value >= least]
    return reached[-1] if reached else None


def _finding(
    indicator: Indicator, pair: tuple[str, ...], value: float, ratio: int | None, facts: list[Fact],
) -> Finding:
    return Finding(indicator.code, tuple(sorted(pair)), value, round(math.log(ratio or 1), 6), tuple(facts))
