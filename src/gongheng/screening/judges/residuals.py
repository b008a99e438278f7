"""Residuals of judges (评委评分残差): what is left of a score without the bidder's merit and the judge's severity.

A severe judge deviates from his colleagues on every bidder and favours nobody. Within one tender and factor the
bidder's and the judge's effects are removed together; colleagues count by their own precision; what is left is
measured in the judge's own robust spread, so that a generous marker and a careful one are judged alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

#: Sweeps of alternating means: complete tables are exact after one, tables with gaps converge within these.
SWEEPS = 8
#: A judge with few scores is believed to have the usual spread, as if so many usual residuals had been seen.
USUAL_WEIGHT = 10
#: One tender may not decide: a single standardised residual counts at most so much.
CAP = 3.0


@dataclass(frozen=True)
class Score:
    """One mark that one judge gave one bidder for one factor; ``full`` is the factor's full mark."""

    tender: str
    factor: str
    judge: str
    firm: str
    value: float
    full: float


@dataclass(frozen=True)
class Residuals:
    """One row per (tender, judge, firm), factors averaged: standardised residuals and the names of the codes."""

    tenders: np.ndarray
    judges: np.ndarray
    firms: np.ndarray
    values: np.ndarray
    spreads: np.ndarray  # of each judge's marks, as a share of the full mark
    tender_names: np.ndarray
    judge_names: np.ndarray
    firm_names: np.ndarray


def residuals(scores: Sequence[Score], known: Mapping[str, float] | None = None) -> Residuals:
    """Standardised residuals; bidders that only one judge marked, and judges that marked one bidder, drop out.

    ``known``: spreads that earlier tenders taught; without them each judge's spread is taken from these scores.
    """
    tender_names, tenders = _codes([one.tender for one in scores])
    judge_names, judges = _codes([one.judge for one in scores])
    firm_names, firms = _codes([one.firm for one in scores])
    _, factors = _codes([one.factor for one in scores])
    marks = np.array([one.value / one.full for one in scores], dtype=float)
    cells = tenders * (factors.max(initial=0) + 1) + factors
    usual = float(np.median(list(known.values()))) if known else 0.0
    given = np.array([known.get(str(name), usual) for name in judge_names]) if known else None
    left, scale, spread = _centred(cells, judges, firms, marks, given)
    with np.errstate(divide="ignore", invalid="ignore"):
        standard = np.where(scale > 1e-9, left / (spread[judges] * scale), np.nan)
    # Factors of one sheet are not independent: their mean is one observation, scaled again to the judge's own spread.
    sheet = (tenders * len(judge_names) + judges) * len(firm_names) + firms
    known = np.isfinite(standard)
    found, where = np.unique(sheet[known], return_inverse=True)
    mean = np.bincount(where, weights=standard[known]) / np.maximum(np.bincount(where), 1)
    judge = found // len(firm_names) % max(len(judge_names), 1)
    if known is None:
        mean = mean / _spreads(judge, mean, len(judge_names))[judge]
    return Residuals(
        found // max(len(firm_names) * len(judge_names), 1), judge, found % max(len(firm_names), 1),
        np.clip(mean, -CAP, CAP), spread, tender_names, judge_names, firm_names,
    )


def _codes(names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    found, codes = np.unique(np.array(names, dtype=str), return_inverse=True)
    return found, codes.astype(np.int64)


def _centred(cells, judges, firms, marks, given: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Residuals and the share of its judge's spread that each one keeps, per mark; and the spreads, per judge."""
    by_firm = np.unique(cells * (firms.max(initial=0) + 1) + firms, return_inverse=True)[1]
    by_judge = np.unique(cells * (judges.max(initial=0) + 1) + judges, return_inverse=True)[1]
    own = np.ones(int(judges.max(initial=0)) + 1) if given is None else given
    for _ in range(2 if given is None else 1):  # first with equal weights, then with the precision found
        weight = 1 / own[judges] ** 2
        left = marks.copy()
        for _ in range(SWEEPS):
            left -= _means(by_firm, left, weight)[by_firm]
            left -= _means(by_judge, left, np.ones(len(marks)))[by_judge]
        total = np.bincount(by_firm, weights=weight)[by_firm] if len(marks) else weight
        seen = np.bincount(by_judge)[by_judge] if len(marks) else weight
        scale = np.sqrt(np.maximum(1 - weight / np.maximum(total, 1e-12), 0) * (1 - 1 / np.maximum(seen, 1)))
        if given is None:
            known = scale > 1e-9
            own = _spreads(judges[known], left[known] / scale[known], len(own))
    return left, scale, own


def _means(groups: np.ndarray, values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.bincount(groups, weights=values * weight) / np.bincount(groups, weights=weight)


def _spreads(judges: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Robust spread of each judge, drawn towards the usual one where little was seen; never zero."""
    usual = _robust(values) or 1.0
    order = np.argsort(judges, kind="stable")
    parts = np.split(values[order], np.cumsum(np.bincount(judges, minlength=count))[:-1])
    own = np.array([_robust(part) for part in parts])
    seen = np.array([len(part) for part in parts])
    spreads = np.sqrt((seen * own**2 + USUAL_WEIGHT * usual**2) / (seen + USUAL_WEIGHT))
    return np.maximum(spreads, usual / 10)


def _robust(values: np.ndarray) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values)))) if len(values) else 0.0
