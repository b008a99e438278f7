"""How even the steps between bids must be before chance stops explaining them (等差等比临界值).

The table beside this module is made by ``simulate``: the gap-CV of n independent bids, uniform or normal, whichever
of the two is lower at each level. It needs no training data, and none is used.
"""

import json
import math
from functools import cache
from pathlib import Path

import numpy as np

from gongheng.screening.screens import gap_cv

LEVELS = (0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005)
SIZES = range(3, 21)  # more bids are read in the last line, which then flags less than it might
DRAWS, SEED = 400_000, 20260
_TABLE = Path(__file__).with_name("ladders.json")


def simulate(n: int, draws: int = DRAWS, seed: int = SEED) -> list[float]:
    """Return the critical gap-CV of n independent bids at each of LEVELS."""
    random = np.random.default_rng([seed, n])
    quantiles = [
        np.quantile(np.concatenate([gap_cv(np.sort(draw((part, n)), axis=1)) for part in _parts(draws)]), LEVELS)
        for draw in (random.random, random.standard_normal)
    ]
    return [round(float(one), 5) for one in np.minimum(*quantiles)]


def chance(gap_variation: float, n: int) -> float:
    """Return the chance that n independent bids stand at least as evenly; above the first level it is 1."""
    row = _table()[min(n, SIZES[-1])]
    if gap_variation > row[0]:
        return 1.0
    if gap_variation <= row[-1]:
        return LEVELS[-1]
    place = next(index for index, critical in enumerate(row) if critical < gap_variation)
    above, below = row[place - 1], row[place]
    share = (above - gap_variation) / (above - below)
    return math.exp(math.log(LEVELS[place - 1]) * (1 - share) + math.log(LEVELS[place]) * share)


def write() -> None:
    """Make the table anew; two runs agree to the byte."""
    rows = {str(n): simulate(n) for n in SIZES}
    told = {"draws": DRAWS, "seed": SEED, "levels": LEVELS, "critical": rows}
    _TABLE.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="ascii")


@cache
def _table() -> dict[int, list[float]]:
    return {int(n): row for n, row in json.loads(_TABLE.read_text(encoding="ascii"))["critical"].items()}


def _parts(draws: int) -> list[int]:
    """Sizes of the batches, so that memory stays small."""
    return [min(50_000, draws - done) for done in range(0, draws, 50_000)]


if __name__ == "__main__":
    write()
