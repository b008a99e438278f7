"""What a model may see of a tender (学习特征): its prices and its bidders' past as of the opening, never a label.

Left out on purpose: the level of prices, the date and the place, which tell when and where a cartel was and not how
bids look when there is one; the winner, whom nobody knows at the opening; digits; and statistics that repeat others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gongheng.screening import past, screens
from gongheng.screening.markets import AVERAGE, Tender

_LEFT_OUT = {
    "level", "winner_rank", "winner_gap", "winner_z", "round", "tails", "ties", "min_gap", "top_gap", "third_cv",
    "tight3", "clusters", "near5", "rdnor", "high_ceiling",
}
#: Direction that suspicion takes by theory where the lowest price wins or counts; a model may not turn it around.
#: The other statistics point different ways in different markets and stay free.
TEXTBOOK: Mapping[str, int] = {
    **dict.fromkeys(("cv", "spd", "losers_cv", "mad", "tight4", "tight_half"), -1),
    **dict.fromkeys(("near1", "low_ceiling", "mean_ceiling", "hugging"), 1),
}


@dataclass(frozen=True)
class Features:
    """One row per tender; NaN where a statistic cannot be."""

    names: tuple[str, ...]
    values: np.ndarray
    signs: tuple[int, ...]  # direction that each statistic must keep; 0 where it is free

    def only(self, rows: np.ndarray) -> "Features":
        return Features(self.names, self.values[rows], self.signs)


def of(tenders: Sequence[Tender], history: past.History | None = None) -> Features:
    """Return the features of tenders; without a history only those of their prices."""
    kept = [place for place, name in enumerate(screens.NAMES) if name not in _LEFT_OUT]
    names = tuple(screens.NAMES[place] for place in kept)
    values = screens.table(screens.Prices.of(tenders))[:, kept]
    if history is not None:
        names += tuple(f"past_{name}" for name in past.NAMES)
        values = np.hstack([values, past.table(tenders, history)])
    return Features(names, values, _signs(tenders, names))


def _signs(tenders: Sequence[Tender], names: Sequence[str]) -> tuple[int, ...]:
    """Where the average wins everybody bids close to where it is expected: closeness then has no direction."""
    if any(one.method == AVERAGE for one in tenders):
        return (0,) * len(names)
    return tuple(TEXTBOOK.get(name, 0) for name in names)
