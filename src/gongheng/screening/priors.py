"""What share of tenders is taken to be rigged (先验概率), corrected by what became of the leads that were looked into.

Leads are looked into because their index is high, so that their outcomes say nothing about tenders in general. What
they can say is whether the index promised too much or too little: the log-odds of the prior are shifted until as many
leads were proven as their indices add up to. The shift of a stratum is drawn to that of all, and that to none, so that
a few outcomes move little. Statutory facts stand apart and are no outcomes of an index.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: Outcomes below which the prior stays as it was set.
LEAST = 20
#: How far, in log-odds, a shift may be expected to lie from what it is drawn to: outcomes must outweigh this.
_SPREAD = 1.0
#: Two figures: with more every new outcome would change every index by nothing that matters.
_FIGURES = 2


@dataclass(frozen=True)
class Outcome:
    """A lead that was decided: its stratum, the index it was judged by with that index's prior, and the truth."""

    stratum: str
    index: float  # 0 to 1
    prior: float
    proven: bool


@dataclass(frozen=True)
class Priors:
    """The prior of every stratum that had outcomes, and of all others."""

    everywhere: float
    strata: Mapping[str, float]
    outcomes: int

    def of(self, stratum: str) -> float:
        return self.strata.get(stratum, self.everywhere)


def fitted(outcomes: Iterable[Outcome], base: float) -> Priors:
    """Return the priors that the outcomes support; `base` where there are too few of them."""
    known = sorted(outcomes, key=lambda one: (one.stratum, one.index, one.prior, one.proven))
    if len(known) < LEAST:
        return Priors(base, {}, len(known))
    evidence = [(one.stratum, _log_odds(one.index) - _log_odds(one.prior) + _log_odds(base), one.proven)
                for one in known]
    shift = _shift([(at, proven) for _, at, proven in evidence], 0.0)
    return Priors(_shifted(base, shift), {
        stratum: _shifted(base, _shift([(at, proven) for own, at, proven in evidence if own == stratum], shift))
        for stratum in sorted({one.stratum for one in known})
    }, len(known))


def _shift(judged: list[tuple[float, bool]], centre: float) -> float:
    """Return the shift at which promises and outcomes balance, drawn to the centre.

    What is promised rises with the shift, so that halving finds it.
    """
    def surplus(shift: float) -> float:
        return math.fsum(proven - 1 / (1 + math.exp(-at - shift)) for at, proven in judged) - (
            shift - centre) / _SPREAD**2

    low, high = centre - 12.0, centre + 12.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if surplus(middle) > 0 else (low, middle)
    return (low + high) / 2


def _shifted(base: float, shift: float) -> float:
    return float(f"{1 / (1 + math.exp(-_log_odds(base) - shift)):.{_FIGURES}g}")


def _log_odds(share: float) -> float:
    share = min(max(share, 1e-4), 1 - 1e-4)
    return math.log(share / (1 - share))
