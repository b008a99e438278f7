"""How often a judge and a firm met (抽取相遇): against a draw that knows neither."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gongheng.screening.judges.tendencies import FALSE_DISCOVERIES, Tendency, false_discovery

LEAST_ENCOUNTERS = 4


@dataclass(frozen=True)
class Panel:
    """Who judged whom in one tender; ``stratum`` names what was drawn from (specialty and region)."""

    tender: str
    stratum: str
    judges: tuple[str, ...]
    firms: tuple[str, ...]


def too_many(panels: Sequence[Panel]) -> list[Tendency]:
    """Pairs that met more often than random drawing within each stratum explains; ``mean`` is the expected count."""
    from scipy.special import pdtrc

    tenders = Counter(panel.stratum for panel in panels)
    judged = Counter((panel.stratum, judge) for panel in panels for judge in set(panel.judges))
    entered = Counter((panel.stratum, firm) for panel in panels for firm in set(panel.firms))
    met: Counter[tuple[str, str]] = Counter()
    strata: dict[tuple[str, str], set[str]] = {}
    for panel in panels:
        for judge in set(panel.judges):
            for firm in set(panel.firms):
                met[judge, firm] += 1
                strata.setdefault((judge, firm), set()).add(panel.stratum)
    pairs = sorted(pair for pair, count in met.items() if count >= LEAST_ENCOUNTERS)
    # The sum over strata of hypergeometric means; the Poisson tail with this mean is the wider, so the milder one.
    expected = np.array([
        sum(judged[at, judge] * entered[at, firm] / tenders[at] for at in sorted(strata[judge, firm]))
        for judge, firm in pairs
    ])
    counts = np.array([met[pair] for pair in pairs])
    p = pdtrc(counts - 1, expected) if len(pairs) else np.zeros(0)
    q = false_discovery(p)
    rows = [
        Tendency(
            judge, firm, int(count), float(mean), float((count - mean) / np.sqrt(mean)), float(chance), float(rate),
        )
        for (judge, firm), count, mean, chance, rate in zip(pairs, counts, expected, p, q, strict=True)
    ]
    return [row for row in rows if row.q <= FALSE_DISCOVERIES]
