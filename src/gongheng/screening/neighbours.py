"""Whose prices always stand side by side (报价次序长期相邻): a ring shows in many tenders what one cannot show.

Three rigged bids among honest ones look like any three bids. Over years the members' bids stand side by side far more
often than chance allows. Only the order of the bids is read: no spread, no level and no distribution is assumed.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np

from gongheng.screening import history, weights
from gongheng.screening.findings import Fact, Family, Finding, Indicator, Said, Unknown
from gongheng.screening.markets import Tender
from gongheng.screening.past import History, Past
from gongheng.screening.problems import MANY

#: Sizes of the groups that are looked at, and how many others must have bid for their places to mean anything.
SIZES, OTHERS = (2, 3), 2
#: So many times as often as chance, whatever the significance: who has like costs stands close by sometimes.
EFFECT = 1.5
_LEAST, _MOST = 6, 3.4

INDICATORS = (
    Indicator(
        "P11", Family.PRICE, "报价次序长期相邻",
        f"两家或三家此前同场（另有不少于 {OTHERS} 家）时，报价按高低排列总是紧挨着：次数为随机次序所给机会的 "
        f"{EFFECT} 倍以上，"
        "且经多重检验控制后仍很难偶然出现",
        "招标投标法实施条例第四十条（四）：不同投标人的投标文件异常一致或者投标报价呈规律性差异",
        ("几家规模、成本和定价方法相近", "专业很窄，同场总是这几家"),
        "把几家历次报价与各自成本测算并列，看一家中标时其余是否总是略高", _LEAST,
    ),
)


@dataclass(frozen=True)
class Beside:
    """How often a group's bids stood side by side in the tenders in which all of it met."""

    rows: tuple[int, ...]
    times: int
    together: int
    expected: float
    p: float


def findings(tender: Tender, known: History) -> Said:
    """Return whose prices stood side by side in earlier tenders of the market; this one is not counted."""
    (one,) = INDICATORS
    if reason := history.why_silent(tender, known):
        return Said((), (Unknown(one.code, reason),))
    past = known.past(tender)
    if len(past.firms) > MANY:
        return Said((), (Unknown(one.code, f"投标人超过 {MANY} 家，谁与谁相邻没有意义"),))
    counted = _counted(past)
    if not counted:
        return Said((), (Unknown(one.code, f"没有两家此前同场（另有不少于 {OTHERS} 家）满 {_LEAST} 次"),))
    stands = weights.discoveries([each.p for each in counted], history.FALSE_DISCOVERIES)
    kept = [each for each, good in zip(counted, stands, strict=True) if good and each.times >= EFFECT * each.expected]
    found: list[Finding] = []
    taken: list[set[int]] = []
    for each in sorted(kept, key=lambda each: (each.p, each.rows)):
        if all(len(other & set(each.rows)) < 2 for other in taken):  # a ring's pairs say nothing beyond the ring
            taken.append(set(each.rows))
            found.append(_finding(each, past, len(counted)))
    return Said(tuple(found), ())


def _counted(past: Past) -> list[Beside]:
    """Count for every pair and every three of the bidders that met often enough; equal bids have no order."""
    found = []
    ordered = (past.rank >= 0) & past.bid
    for size in SIZES:
        at = np.flatnonzero(past.sizes >= size + OTHERS)
        here, rank, sizes = ordered[:, at], past.rank[:, at], past.sizes[at]
        busy = np.flatnonzero(here.sum(axis=1) >= _LEAST).tolist()
        for rows in itertools.combinations(busy, size):
            both = here[list(rows)].all(axis=0)
            together = int(both.sum())
            if together >= _LEAST:
                own = rank[list(rows)][:, both]
                times = int((own.max(axis=0) - own.min(axis=0) == size - 1).sum())
                shares = np.array([share_of(n, size) for n in sizes[both].tolist()])
                found.append(Beside(rows, times, together, float(shares.sum()), at_least(times, shares)))
    return found


def share_of(bidders: int, size: int) -> float:
    """Return the chance that a group of the bidders stands side by side when the order is random."""
    return (bidders - size + 1) / math.comb(bidders, size)


def at_least(times: int, shares: np.ndarray) -> float:
    """Return the chance of at least so many successes when each trial has its own chance (Poisson-binomial)."""
    spread = np.ones(1)
    for share in shares.tolist():
        spread = np.convolve(spread, (1 - share, share))
    return float(min(spread[times:].sum(), 1.0))


def _finding(one: Beside, past: Past, tests: int) -> Finding:
    group = tuple(past.firms[row] for row in one.rows)
    p = min(1.0, one.p * tests)
    return Finding(
        "P11", group, one.times / one.expected, weights.of_chance(p, _MOST),
        (Fact("", "报价紧挨着", f"{one.times} 次（同场 {one.together} 次；次序随机时约 {one.expected:.1f} 次，"
              f"偶然达到的概率约 {one.p:.2g}）", "历史开标记录"),
         *(Fact(firm, "同场时中标", f"{int((past.won[row] & past.bid[list(one.rows)].all(axis=0)).sum())} 次",
                "历史中标记录") for firm, row in zip(group, one.rows, strict=True))), p,
    )
