"""From chance to weight (证据权重): how much a small probability may say, and how many tests were made."""

import math
from collections.abc import Sequence


def of_chance(p: float, most: float = math.inf) -> float:
    """Return the log-likelihood ratio that a p-value supports at most: -ln(-e p ln p), never below 0 or above `most`.

    This is the bound of Sellke, Bayarri and Berger; p = .05 is worth 2.5 to 1 and not 20 to 1.
    """
    if not 0 <= p <= 1:
        raise ValueError("a probability lies between 0 and 1")
    if p >= 1 / math.e:
        return 0.0
    if p == 0:
        return most
    return min(-math.log(-math.e * p * math.log(p)), most)


def discoveries(chances: Sequence[float], rate: float, *, tests: int | None = None) -> list[bool]:
    """Return which of the tests stand when at most `rate` of those that stand may be chance (Benjamini-Hochberg).

    `tests` counts those that were possible, where only the striking ones are handed in: choosing what to test by
    what it shows would make every coincidence stand.
    """
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    kept = 0
    for rank, place in enumerate(order, start=1):
        if chances[place] <= rate * rank / (tests or len(chances)):
            kept = rank
    stands = set(order[:kept])
    return [place in stands for place in range(len(chances))]
