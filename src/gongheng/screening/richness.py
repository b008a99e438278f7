"""Richness of a bid against its marks (投标文件丰富度): what was asked and answered, beside what judges gave.

Length earns nothing: letters that the tender wrote, or that the bid repeats, are not counted.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gongheng.screening.findings import Fact, Family, Finding, Indicator, Said, Unknown
from gongheng.screening.texts import spread
from gongheng.screening.texts.letters import grams, letters_of

DUTY = "招标投标法第四十四条：评标委员会成员应当客观、公正地履行职务（线索，非认定依据）"
DISAGREE = Indicator(
    "E9", Family.EVALUATION, "丰富度与评分相背",
    "投标文件对招标要求的响应面、去除招标文件和重复后的有效字数、图表数合成的名次，与评委技术分名次不一致"
    "（Kendall τ 为负），且第一名的丰富度在后一半。只是向评委提出的问题。",
    DUTY, ("短而精的方案", "文件以图纸、扫描件为主，文字提取不到", "评分标准不看文字内容"),
    "请评委对照评分标准说明第一名的得分点。", 4,
)
GAP = Indicator(
    "E10", Family.EVALUATION, "有效投标刚够而分差悬殊",
    "有效投标人数恰为法定最少数时，第一名与第二名的技术分差超过以往项目的第95百分位，其余各家都远落后。",
    "招标投标法实施条例第三十九条（串通投标的线索，非认定依据）",
    ("其余投标人确实经验不足", "评分标准区分度大"),
    "比较落后各家的文件是否完整、是否有意放弃得分项；查其以往投标表现。", 30,
)
INDICATORS = (DISAGREE, GAP)
DISAGREE_LR, GAP_LR = 2, 2
K = 5
LEAST_BIDDERS = 3


@dataclass(frozen=True)
class Richness:
    """What one bid contains: share of asked items answered, informative letters, figures and tables."""

    firm: str
    coverage: float
    letters: int
    figures: int
    tables: int


def measure(firm: str, text: str, *, tender: str, asked: Sequence[str], figures: int, tables: int) -> Richness:
    """``asked``: key words of each required item as the tender's checklist names them."""
    covered = sum(one in text for one in asked) / len(asked) if asked else 0.0
    own, known = np.unique(grams(letters_of(text).codes, K)), np.unique(grams(letters_of(tender).codes, K))
    return Richness(firm, covered, int(np.count_nonzero(~spread.within(own, known))), figures, tables)


def ranks(bids: Sequence[Richness]) -> dict[str, float]:
    """Mean of the ranks in coverage, letters, figures and tables (0 lowest, 1 highest); ties share their place."""
    if len(bids) < 2:
        return {one.firm: 1.0 for one in bids}
    columns = [
        [one.coverage for one in bids], [one.letters for one in bids], [one.figures + one.tables for one in bids]
    ]
    places = np.mean([_places(column) / (len(bids) - 1) for column in columns], axis=0)
    return {one.firm: float(place) for one, place in zip(bids, places, strict=True)}


def kendall(first: Sequence[float], second: Sequence[float]) -> float:
    """Kendall's rank correlation with ties (tau-b); 0 when one side ranks nothing."""
    one, two = (np.sign(np.subtract.outer(np.asarray(side), np.asarray(side))) for side in (first, second))
    scale = math.sqrt(float((one**2).sum() * (two**2).sum()))
    return float((one * two).sum()) / scale if scale else 0.0


def _places(column: Sequence[float]) -> np.ndarray:
    """How many stand below each, those beside it counting half."""
    values = np.asarray(column, dtype=float)
    order = np.sort(values)
    return (np.searchsorted(order, values) + np.searchsorted(order, values, side="right") - 1) / 2


def findings(
    bids: Sequence[Richness], *, marks: Mapping[str, float], past_gaps: Sequence[float] = (), least: int = LEAST_BIDDERS
) -> Said:
    """``marks``: each firm's technical score as a share of the full mark; ``past_gaps``: first minus second before."""
    found, unknown = [], []
    bids = sorted((one for one in bids if one.firm in marks), key=lambda one: one.firm)
    if len(bids) < DISAGREE.minimum:
        unknown.append(Unknown(DISAGREE.code, f"可比的投标文件不足{DISAGREE.minimum}份。"))
    else:
        found += _disagreement(bids, marks)
    if len(marks) != least:
        return Said(tuple(found), tuple(unknown))
    if len(past_gaps) < GAP.minimum:
        unknown.append(Unknown(GAP.code, f"以往项目的技术分差不足{GAP.minimum}个，不能判断是否悬殊。"))
    else:
        found += _gap(marks, past_gaps)
    return Said(tuple(found), tuple(unknown))


def _disagreement(bids: Sequence[Richness], marks: Mapping[str, float]) -> list[Finding]:
    place = ranks(bids)
    firms = [one.firm for one in bids]
    tau = kendall([place[firm] for firm in firms], [marks[firm] for firm in firms])
    winner = max(firms, key=lambda firm: (marks[firm], firm))
    if tau >= 0 or place[winner] >= float(np.median(list(place.values()))):
        return []
    facts = tuple(
        Fact(one.firm, "响应面／有效字数／图表／技术分",
             f"{one.coverage:.0%}／{one.letters}／{one.figures + one.tables}／{marks[one.firm]:.1%}",
             "投标文件与评分表")
        for one in bids
    )
    return [Finding(DISAGREE.code, (winner,), round(tau, 6), round(math.log(DISAGREE_LR), 6), facts)]


def _gap(marks: Mapping[str, float], past: Sequence[float]) -> list[Finding]:
    ordered = sorted(marks.items(), key=lambda mark: (-mark[1], mark[0]))
    gap = ordered[0][1] - ordered[1][1]
    if gap <= float(np.quantile(past, 0.95)):
        return []
    share = float(np.mean(np.asarray(past) >= gap))
    facts = tuple(Fact(firm, "技术分（占满分）", f"{value:.1%}", "评分表") for firm, value in ordered)
    parties = tuple(sorted(marks))
    return [Finding(GAP.code, parties, round(gap, 6), round(math.log(GAP_LR), 6), facts, base_rate=round(share, 6))]
