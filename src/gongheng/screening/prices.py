"""Family P, the pattern of the prices of one tender (报价规律性差异), read against comparable tenders."""

import bisect
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import numpy as np

from gongheng.screening import ladders, steering, weights
from gongheng.screening.findings import CLUE_ONLY, Fact, Family, Finding, Indicator, Said, Unknown
from gongheng.screening.markets import AVERAGE, Bid, Tender, is_date
from gongheng.screening.screens import NAMES, Prices, table, unit

_CLAUSE = "招标投标法实施条例第四十条（四）：不同投标人的投标文件异常一致或者投标报价呈规律性差异"
_COSTS = "各家使用同一造价信息、同一定额和同一材料报价，成本本来接近"
_RULES = "评标办法或上限价使理性报价集中在狭窄区间"
#: Comparable tenders below which percentiles are silent, and the percentile from which they speak.
PEERS, SPEAKS = 30, 0.05
_SILENT = f"；可比项目不足 {PEERS} 个时不作判断"

INDICATORS = (
    Indicator(
        "P1", Family.PRICE, "报价过于集中", "报价的变异系数（标准差÷平均数）低于同类项目中的绝大多数" + _SILENT,
        _CLAUSE,
        (_COSTS, _RULES), "请各投标人提交报价编制底稿与询价记录，核对编制人、时间与造价软件锁号", 3,
    ),
    Indicator(
        "P2", Family.PRICE, "最低价突出而其余扎堆",
        "最低价与次低价之差÷其余报价的标准差，高于同类项目中的绝大多数" + _SILENT, _CLAUSE,
        ("中标人确有成本优势", "该指标的方向因市场而异，单独不说明问题"),
        "比对落选各家清单逐项单价是否由同一份底稿加成而来", 4,
    ),
    Indicator(
        "P3", Family.PRICE, "落选报价聚集", "最低价以外各报价的变异系数低于同类项目中的绝大多数" + _SILENT, _CLAUSE,
        (_COSTS, _RULES), "调取落选各家报价文件的创建、修改记录", 4,
    ),
    Indicator(
        "P4", Family.PRICE, "等差或等比报价", "排序后相邻报价之差（或之比）几乎相等；临界值由独立报价的模拟给出",
        _CLAUSE, ("报价按整数取整过粗", "同一定额下按统一费率下浮"), "请各家说明下浮率的确定过程，比对下浮率表", 3,
    ),
    Indicator(
        "P5", Family.PRICE, "贴近上限价", "最低价÷最高投标限价高于同类项目中的绝大多数" + _SILENT, CLUE_ONLY,
        ("上限价偏低，各家利润微薄", "工期紧、风险大"), "复核上限价编制依据，比对同期同类项目的下浮率", 2,
    ),
    Indicator(
        "P6", Family.PRICE, "报价完全相同",
        "两家或多家总报价分毫不差；同价在可比项目中越少见越重，可比项目不多时只是弱提示" + _SILENT, _CLAUSE,
        ("报价单位很粗（例如费率、整万元）", "政府定价或统一标价的产品"), "逐项核对分项报价是否也相同", 2,
    ),
    Indicator(
        "P7", Family.PRICE, "尾数与取整", "多家报价末三位相同，或取整报价的比例异常", CLUE_ONLY,
        ("行业习惯取整或取吉利尾数",), "只供参看，不计入指数", 3,
    ),
    Indicator(
        "P8", Family.PRICE, "子集异常接近", "其中三家或四家的报价彼此接近的程度超过同类项目中的绝大多数" + _SILENT,
        _CLAUSE,
        (_COSTS, "投标人很多时总会有几家偶然接近"), "核查这几家之间的人员、账户与文件特征", 5,
    ),
    Indicator(
        "P9", Family.PRICE, "基准价被抬压", "去掉彼此接近的一组报价后，平均值（基准价）移动，中标人随之改变",
        _CLAUSE, ("投标人众多时各家独立猜测同一基准价",), "对该组逐家核查；按去掉该组后的基准价复算名次", 6,
    ),
    Indicator(
        "P10", Family.PRICE, "分布形态", "偏度、峰度或与均匀分布的距离处于同类项目的两端", CLUE_ONLY,
        ("该指标的方向因市场而异",), "只供参看，不计入指数", 4,
    ),
)
_BY_CODE = {one.code: one for one in INDICATORS}
#: code → (statistic, whether low values are suspicious, most that it may weigh). Only low dispersion and nearness to
#: the ceiling were never strongly wrong in any labelled market measured; the rest may say little or nothing.
_SCREENS = {
    "P1": ("cv", True, 3.0), "P2": ("rd", False, 1.1), "P3": ("losers_cv", True, 2.3),
    "P5": ("low_ceiling", False, 3.0),
}
#: Signs of the cold start: statistic and whether low values are suspicious.
_STANDING = (
    ("cv", True), ("losers_cv", True), ("mad", True), ("rd", False), ("skew", True), ("near1", False),
    ("low_ceiling", False),
)
_SHAPES = (("skew", "偏度"), ("kurt", "峰度"), ("ks", "与均匀分布的距离"))
_BANDS, _WIDE = (2, 3, 4, 5, 7, 10, 15, 30, 60), (2, 5, 15, 60)
#: Mean step ÷ unit below which rounding makes steps even by itself.
_COARSE = 50


class Peers:
    """Comparable tenders: percentiles are taken in the narrowest stratum that holds at least PEERS of them."""

    def __init__(self, tenders: Iterable[Tender], *, before: float | None = None):
        kept = [one for one in tenders if before is None or (one.opened is not None and one.opened < before)]
        self._values = table(Prices.of(kept)) if kept else np.zeros((0, len(NAMES)))
        self._row = {one.id: row for row, one in enumerate(kept)}
        self._tenders = kept
        self._members: dict[tuple, list[int]] = {}
        for row, one in enumerate(kept):
            for key, _ in _strata(one):
                self._members.setdefault(key, []).append(row)
        self._sorted: dict[tuple, np.ndarray] = {}

    def __len__(self) -> int:
        return len(self._row)

    def statistics(self, tender: Tender) -> dict[str, float]:
        """Return the statistics of a tender, known already where it is itself among the peers."""
        own = self._row.get(tender.id)
        row = self._values[own] if own is not None and self._tenders[own] is tender else table(Prices.of([tender]))[0]
        return dict(zip(NAMES, row.tolist(), strict=True))

    def share(self, tender: Tender, name: str, value: float, low: bool) -> tuple[float, int, str] | None:
        """Return (share of peers at least as extreme, how many peers, which stratum), or None with too few peers."""
        own = self._row.get(tender.id)
        for key, label in _strata(tender):
            column = self._column(key, name)
            mine = self._values[own, NAMES.index(name)] if own is not None else np.nan
            count = len(column) - int(not np.isnan(mine))
            if count < PEERS:
                continue
            extreme = (
                int(np.searchsorted(column, value, side="right")) if low
                else len(column) - int(np.searchsorted(column, value, side="left"))
            )
            extreme -= int(not np.isnan(mine) and (mine <= value if low else mine >= value))
            return extreme / count, count, label
        return None

    def _column(self, key: tuple, name: str) -> np.ndarray:
        if (key, name) not in self._sorted:
            column = self._values[self._members.get(key, []), NAMES.index(name)]
            self._sorted[key, name] = np.sort(column[~np.isnan(column)])
        return self._sorted[key, name]


def findings(tender: Tender, peers: Peers) -> Said:
    """Return what the prices of one tender say; peers should have been opened before it."""
    values = peers.statistics(tender)
    found: list[Finding] = []
    unknown: list[Unknown] = []
    for code in _SCREENS:
        _screen(tender, peers, values, code, found, unknown)
    _ladder(tender, found, unknown)
    _equal_totals(tender, peers, values, found, unknown)
    _subset(tender, peers, values, found, unknown)
    _steered(tender, peers, values, found, unknown)
    _display(tender, peers, values, found, unknown)
    return Said(tuple(found), tuple(unknown))


def standing(tenders: Sequence[Tender]) -> list[float]:
    """Return for each tender the mean percentile of textbook signs among all of them (冷启动): no labels, no weights.

    It is a place among peers and nothing more; in labelled markets it was worth anything from nothing to a lot.
    """
    from scipy.stats import rankdata

    values = table(Prices.of(tenders))
    places = np.full((len(tenders), len(_STANDING)), np.nan)
    for column, (name, low) in enumerate(_STANDING):
        each = values[:, NAMES.index(name)]
        known = ~np.isnan(each)
        if known.sum() >= PEERS:
            places[known, column] = rankdata(-each[known] if low else each[known]) / known.sum()
    # What cannot be told counts as the middle: neither suspicion nor innocence.
    return np.where(np.isnan(places), 0.5, places).mean(axis=1).tolist()


def _strata(tender: Tender) -> list[tuple[tuple, str]]:
    """Keys from the narrowest stratum to the widest, each with its name."""
    band, wide = bisect.bisect_left(_BANDS, len(tender.bids)), bisect.bisect_left(_WIDE, len(tender.bids))
    year = datetime.fromtimestamp(tender.opened, UTC).year if is_date(tender.opened) else None
    size = f"投标人 {_label(_BANDS, band)} 家"
    same_year = "" if year is None else "同年、"
    return [
        ((tender.trade, tender.procedure, tender.method, band, year), f"同专业、同方式、同办法、{same_year}{size}"),
        ((tender.trade, tender.method, band), f"同专业、同办法、{size}"),
        ((tender.method, band), f"同办法、{size}"),
        ((tender.method, "wide", wide), f"同办法、投标人 {_label(_WIDE, wide)} 家"),
    ]


def _label(bands: tuple[int, ...], band: int) -> str:
    low = bands[band - 1] + 1 if band else 1
    return f"{low}–{bands[band]}" if band < len(bands) else f"多于 {bands[-1]}"


def _too_few(code: str, tender: Tender) -> Unknown | None:
    least = _BY_CODE[code].minimum
    if len(tender.bids) >= least:
        return None
    return Unknown(code, f"有效报价 {len(tender.bids)} 家，少于 {least} 家")


def _screen(tender, peers, values, code, found, unknown) -> None:
    name, low, most = _SCREENS[code]
    if few := _too_few(code, tender):
        unknown.append(few)
    elif code == "P5" and tender.ceiling is None:
        unknown.append(Unknown(code, "没有最高投标限价"))
    elif np.isnan(values[name]):
        unknown.append(Unknown(code, "报价全部相同，无法计算"))
    elif (share := peers.share(tender, name, values[name], low)) is None:
        unknown.append(Unknown(code, f"可比项目不足 {PEERS} 个"))
    elif share[0] <= SPEAKS:
        p = _chance(share)
        found.append(Finding(
            code, (), values[name], weights.of_chance(p, most),
            (_compared(_BY_CODE[code].name, values[name], share), *_bids(tender.bids)), p, share[0],
        ))


def _ladder(tender, found, unknown) -> None:
    if few := _too_few("P4", tender):
        unknown.append(few)
        return
    ordered = sorted(bid.value for bid in tender.bids)
    step = (ordered[-1] - ordered[0]) / (len(ordered) - 1)
    if step < _COARSE * unit(ordered):
        unknown.append(Unknown("P4", "报价取整过粗或彼此相同，步长没有意义"))
        return
    evenness = {
        "相邻报价之差": float(ladders.gap_cv(np.array(ordered))),
        "相邻报价之比": float(ladders.gap_cv(np.log(ordered))),
    }
    kind = min(evenness, key=evenness.__getitem__)
    p = min(1.0, 2 * ladders.chance(evenness[kind], len(ordered)))  # two looks
    if p <= SPEAKS:
        found.append(Finding(
            "P4", _firms(tender.bids), evenness[kind], weights.of_chance(p, 3.4),
            (Fact("", kind, f"变异 {evenness[kind]:.4f}；独立报价达到此程度的概率约 {p:.2%}", "由报价计算"),
             *_bids(tender.bids)), p,
        ))


def _equal_totals(tender, peers, values, found, unknown) -> None:
    if few := _too_few("P6", tender):
        unknown.append(few)
        return
    groups: dict[float, list[Bid]] = {}
    for bid in tender.bids:
        groups.setdefault(bid.value, []).append(bid)
    same = [group for _, group in sorted(groups.items()) if len(group) > 1]
    if not same:
        return
    share = peers.share(tender, "ties", values["ties"], False)
    if share is None:
        unknown.append(Unknown("P6", f"可比项目不足 {PEERS} 个，不知同价是否常见"))
        return
    p = _chance(share)
    for group in same:
        found.append(Finding(
            "P6", _firms(group), float(len(group)), weights.of_chance(p, 1.6),
            (_compared("相邻报价相同的比例", values["ties"], share), *_bids(group)), p, share[0],
        ))


def _subset(tender, peers, values, found, unknown) -> None:
    if few := _too_few("P8", tender):
        unknown.append(few)
        return
    best = None
    for size, name in ((3, "tight3"), (4, "tight4")):
        share = peers.share(tender, name, values[name], True)
        if share and (best is None or share[0] < best[2][0]):
            best = size, name, share
    if best is None:
        unknown.append(Unknown("P8", f"可比项目不足 {PEERS} 个"))
        return
    size, name, share = best
    p = min(1.0, 2 * _chance(share))  # two sizes
    if p <= SPEAKS:
        ordered = sorted(tender.bids, key=lambda bid: (bid.value, bid.firm))
        first = min(range(len(ordered) - size + 1), key=lambda i: ordered[i + size - 1].value / ordered[i].value)
        group = ordered[first:first + size]
        found.append(Finding(
            "P8", _firms(group), values[name], weights.of_chance(p, 2.3),
            (_compared(f"最接近的 {size} 家相差", values[name], share), *_bids(group)), p, share[0],
        ))


def _steered(tender, peers, values, found, unknown) -> None:
    if tender.method != AVERAGE:
        unknown.append(Unknown("P9", "评标办法不是平均值（基准价）法或未知"))
    elif few := _too_few("P9", tender):
        unknown.append(few)
    elif (share := peers.share(tender, "tight_half", values["tight_half"], True)) is None:
        unknown.append(Unknown("P9", f"可比项目不足 {PEERS} 个"))
    elif share[0] <= SPEAKS and (moved := steering.steered(tender.bids)):
        p = _chance(share)
        found.append(Finding(
            "P9", _firms(moved.group), moved.shift, weights.of_chance(p, 2.3),
            (Fact("", "基准价移动", f"{moved.shift:+.2%}", "由报价计算"),
             Fact("", "去掉该组后的中标人", moved.otherwise.firm or moved.otherwise.source, "由报价计算"),
             _compared("最接近的半数报价相差", values["tight_half"], share), *_bids(moved.group)), p, share[0],
        ))


def _display(tender, peers, values, found, unknown) -> None:
    """Add what is worth seeing and weighs nothing."""
    if few := _too_few("P7", tender):
        unknown.append(few)
    else:
        for name, label in (("tails", "末三位相同的比例"), ("round", "取整报价的比例")):
            share = peers.share(tender, name, values[name], False)
            if share and values[name] > 0 and share[0] <= SPEAKS:
                found.append(Finding("P7", (), values[name], 0.0, (_compared(label, values[name], share),),
                                     _chance(share), share[0]))
    if few := _too_few("P10", tender):
        unknown.append(few)
        return
    for name, label in _SHAPES:
        for low in (True, False):
            share = None if np.isnan(values[name]) else peers.share(tender, name, values[name], low)
            if share and share[0] <= SPEAKS / 2:
                found.append(Finding("P10", (), values[name], 0.0, (_compared(label, values[name], share),),
                                     min(1.0, 2 * _chance(share)), share[0]))


def _chance(share: tuple[float, int, str]) -> float:
    """Count the tender among its peers: with 30 of them nothing is rarer than 1 in 31."""
    return (share[0] * share[1] + 1) / (share[1] + 1)


def _compared(label: str, value: float, share: tuple[float, int, str]) -> Fact:
    return Fact("", label, f"{value:.4f}；{share[1]} 个可比项目（{share[2]}）中 {share[0]:.1%} 同样极端", "由报价计算")


def _bids(bids: Iterable[Bid]) -> tuple[Fact, ...]:
    ordered = sorted(bids, key=lambda bid: (bid.value, bid.firm))
    return tuple(Fact(bid.firm, "报价", f"{bid.value:,.2f} 元", bid.source) for bid in ordered)


def _firms(bids: Sequence[Bid]) -> tuple[str, ...]:
    """Name the parties; where the source names no firms the finding is about the tender as a whole."""
    return tuple(sorted({bid.firm for bid in bids})) if all(bid.firm for bid in bids) else ()
