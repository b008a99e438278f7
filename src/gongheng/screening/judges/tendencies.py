"""Tendencies over history (打分倾向): judge and firm, judge and judge, with the false discovery rate under control."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from gongheng.screening.judges.residuals import Residuals

#: Fewer meetings than this say nothing: they would only dilute the correction for many questions.
LEAST_MEETINGS = 6
LEAST_JOINT = 40
FALSE_DISCOVERIES = 0.10


@dataclass(frozen=True)
class Tendency:
    """A judge towards a firm (or community), or two judges towards each other's marks."""

    judge: str
    other: str
    meetings: int
    mean: float  # in the judge's own spread; for two judges the correlation beyond what centring imposes
    z: float
    p: float
    q: float  # the smallest false discovery rate at which it would be reported


def towards_firms(left: Residuals, communities: Mapping[str, str] | None = None) -> list[Tendency]:
    """Every (judge, firm) or (judge, community) with enough meetings, the most favourable first."""
    names, other = left.firm_names, left.firms
    if communities is not None:
        names, codes = np.unique(np.array([communities.get(str(firm), "") for firm in names]), return_inverse=True)
        other = codes[other]
    key = left.judges * max(len(names), 1) + other
    if communities is not None and len(names) and names[0] == "":
        key = key[other != 0]  # firms of no community
        values = left.values[other != 0]
    else:
        values = left.values
    found, where = np.unique(key, return_inverse=True)
    meetings = np.bincount(where, minlength=len(found))
    sums = np.bincount(where, weights=values, minlength=len(found))
    enough = meetings >= LEAST_MEETINGS
    found, meetings, sums = found[enough], meetings[enough], sums[enough]
    z = sums / np.sqrt(np.maximum(meetings, 1))
    return _tendencies(
        left.judge_names[found // max(len(names), 1)], names[found % max(len(names), 1)], meetings, sums / meetings, z
    )


def between_judges(left: Residuals) -> list[Tendency]:
    """Two judges whose residuals agree more than two random members of one committee would."""
    key = left.tenders * max(len(left.firm_names), 1) + left.firms
    order = np.lexsort((left.judges, key))
    key, judge, value = key[order], left.judges[order], left.values[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, dtype=np.int64)
    sizes = np.diff(np.r_[starts, len(key)])
    pairs, products = [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
    for size in np.unique(sizes[sizes >= 3]).tolist():
        heads = starts[sizes == size]
        for one, other in combinations(range(size), 2):
            pairs.append(judge[heads + one] * len(left.judge_names) + judge[heads + other])
            # Residuals of one bidder sum to about nothing: unconnected colleagues correlate by -1/(size-1).
            products.append(value[heads + one] * value[heads + other] + 1 / (size - 1))
    found, where = np.unique(np.concatenate(pairs), return_inverse=True)
    product = np.concatenate(products)
    joint = np.bincount(where, minlength=len(found))
    mean = np.bincount(where, weights=product, minlength=len(found)) / np.maximum(joint, 1)
    usual = float(product.std()) if len(product) else 1.0
    enough = joint >= LEAST_JOINT
    found, joint, mean = found[enough], joint[enough], mean[enough]
    names = left.judge_names
    return _tendencies(
        names[found // len(names)], names[found % len(names)], joint, mean, mean * np.sqrt(joint) / usual,
    )


def false_discovery(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """Benjamini-Hochberg: for each question the smallest rate at which it would be reported."""
    p = np.asarray(p, dtype=float)
    order = np.argsort(p, kind="stable")
    stepped = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0) if len(p) else []
    return q


def _tendencies(judges, others, meetings, means, z) -> list[Tendency]:
    from scipy.special import ndtr  # scipy.stats would load ten times as much

    p = ndtr(-np.asarray(z))
    q = false_discovery(p)
    rows = [
        Tendency(str(judge), str(other), int(m), float(mean), float(zed), float(chance), float(rate))
        for judge, other, m, mean, zed, chance, rate in zip(judges, others, meetings, means, z, p, q, strict=True)
    ]
    return sorted(rows, key=lambda row: (-row.z, row.judge, row.other))
