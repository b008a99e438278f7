"""Within-tender price statistics (价格筛查指标), computed for many tenders at once; a value that cannot be is NaN.

Recomputed from the bids alone: published columns of other people's screens are never read, because some do not
reproduce and one depends on the order of rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from gongheng.screening.markets import Tender

#: All statistics in the order of the columns of `table`.
NAMES = (
    "n", "level", "cv", "spd", "diffp", "rd", "rdnor", "altrd", "kurt", "skew", "ks", "losers_cv", "mad", "near1",
    "near5", "step", "log_step", "top_gap", "min_gap", "ties", "round", "tails", "winner_rank", "winner_gap",
    "winner_z", "low_ceiling", "mean_ceiling", "high_ceiling", "hugging", "tight3", "tight4", "tight_half", "third_cv",
    "clusters",
)


@dataclass(frozen=True)
class Prices:
    """The bids of many tenders as columns: tender i holds values[starts[i]:starts[i + 1]]."""

    values: np.ndarray
    starts: np.ndarray
    ceilings: np.ndarray  # NaN where there is none
    winners: np.ndarray  # position of the only winner inside its tender, or -1

    @classmethod
    def of(cls, tenders: Sequence[Tender]) -> "Prices":
        """Return the columns of tenders that stand as objects."""
        starts = np.cumsum([0, *(len(one.bids) for one in tenders)])
        return cls(
            values=np.array([bid.value for one in tenders for bid in one.bids], dtype=float), starts=starts,
            ceilings=np.array([np.nan if one.ceiling is None else one.ceiling for one in tenders], dtype=float),
            winners=np.array([_winner(one) for one in tenders], dtype=int),
        )


def table(prices: Prices) -> np.ndarray:
    """Return one row per tender with the statistics of NAMES; tenders of one size are computed together."""
    sizes = np.diff(prices.starts)
    out = np.full((len(sizes), len(NAMES)), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        for n in np.unique(sizes):
            rows = np.flatnonzero(sizes == n)
            block = prices.values[prices.starts[rows][:, None] + np.arange(n)]
            found = {**_order(np.sort(block, axis=1)), **_winners(block, prices.winners[rows]),
                     **_ceilings(block, prices.ceilings[rows])}
            for name, column in found.items():
                out[rows, NAMES.index(name)] = column
    out[~np.isfinite(out)] = np.nan
    return out


def gap_cv(ordered: np.ndarray) -> np.ndarray:
    """Return sd ÷ mean of the gaps between bids sorted along the last axis: 0 is a perfect ladder."""
    gaps = np.diff(ordered, axis=-1)
    return gaps.std(axis=-1, ddof=1) / gaps.mean(axis=-1)


def unit(values: Iterable[float]) -> float:
    """Return the largest power of ten (at least 0.0001) that divides all values: how coarsely bids are rounded."""
    whole = [round(one * 10_000) for one in values]
    power = 1
    while power < 10**15 and all(one % (power * 10) == 0 for one in whole):
        power *= 10
    return power / 10_000


def _winner(tender: Tender) -> int:
    won = [place for place, bid in enumerate(tender.bids) if bid.won]
    return won[0] if len(won) == 1 else -1


def _order(b: np.ndarray) -> dict[str, np.ndarray]:
    """Statistics of bids sorted along each row."""
    m, n = b.shape
    mean, median = b.mean(axis=1), np.median(b, axis=1)
    found = {"n": np.full(m, n, dtype=float), "level": np.log(median)}
    if n < 2:
        return found
    gaps = np.diff(b, axis=1)
    found |= {
        "cv": b.std(axis=1, ddof=1) / mean, "spd": (b[:, -1] - b[:, 0]) / b[:, 0], "diffp": gaps[:, 0] / b[:, 0],
        "mad": np.median(np.abs(b - median[:, None]), axis=1) / median, "min_gap": gaps.min(axis=1) / mean,
        "near1": _near(b, median, 0.01), "near5": _near(b, median, 0.05),
        "ties": (gaps <= 1e-9 * b[:, 1:]).mean(axis=1), **_digits(b), "ks": _uniform_distance(b),
        "clusters": (gaps > 0.02 * b[:, :-1]).sum(axis=1) + 1.0,
    }
    if n < 3:
        return found
    losers = b[:, 1:]
    found |= {
        "rd": gaps[:, 0] / losers.std(axis=1, ddof=1), "losers_cv": losers.std(axis=1, ddof=1) / losers.mean(axis=1),
        "rdnor": gaps[:, 0] / gaps.mean(axis=1), "altrd": gaps[:, 0] / gaps[:, 1:].mean(axis=1),
        "top_gap": gaps[:, -1] / gaps.mean(axis=1), "step": gap_cv(b), "log_step": gap_cv(np.log(b)),
        "skew": _skew(b), "tight3": _tightest(b, 3), "tight_half": _tightest(b, max(2, -(-n // 2))),
        "third_cv": _third(b),
    }
    if n >= 4:
        found |= {"kurt": _kurt(b), "tight4": _tightest(b, 4)}
    return found


def _winners(block: np.ndarray, winners: np.ndarray) -> dict[str, np.ndarray]:
    """Statistics around the winner, which need not be the lowest; NaN where the winner is not known."""
    m, n = block.shape
    if n < 2:
        return {}
    known = winners >= 0
    won = np.where(known, block[np.arange(m), np.maximum(winners, 0)], np.nan)
    others = np.where(np.arange(n) == winners[:, None], np.nan, block)
    nearest = np.where(known, np.nanmin(np.abs(others - won[:, None]), axis=1, initial=np.inf), np.nan)
    found = {
        "winner_rank": np.where(known, (block < won[:, None]).mean(axis=1), np.nan), "winner_gap": nearest / won,
    }
    if n >= 3:
        found["winner_z"] = (won - block.mean(axis=1)) / block.std(axis=1, ddof=1)
    return found


def _ceilings(block: np.ndarray, ceilings: np.ndarray) -> dict[str, np.ndarray]:
    shares = block / ceilings[:, None]
    return {
        "low_ceiling": shares.min(axis=1), "mean_ceiling": shares.mean(axis=1), "high_ceiling": shares.max(axis=1),
        "hugging": np.where(np.isnan(ceilings), np.nan, (shares > 0.98).mean(axis=1)),
    }


def _near(b: np.ndarray, median: np.ndarray, width: float) -> np.ndarray:
    return (np.abs(b / median[:, None] - 1) <= width).mean(axis=1)


def _digits(b: np.ndarray) -> dict[str, np.ndarray]:
    """Share of bids rounded to three significant digits, and of neighbours in value that end in the same three."""
    power = 10.0 ** (np.floor(np.log10(b)) - 2)
    # Two neighbours that differ by whole thousands of their last unit end alike.
    cents = np.round(b * 100)
    tails = np.sort(cents % 1000, axis=1)
    return {
        "round": (np.abs(b / power - np.round(b / power)) < 1e-9).mean(axis=1),
        "tails": (np.diff(tails, axis=1) == 0).mean(axis=1),
    }


def _uniform_distance(b: np.ndarray) -> np.ndarray:
    """Kolmogorov-Smirnov distance to the uniform distribution between the lowest and the highest bid."""
    n = b.shape[1]
    place = (b - b[:, :1]) / (b[:, -1:] - b[:, :1])
    steps = np.arange(1, n + 1) / n
    return np.maximum(np.abs(steps - place), np.abs(place - steps + 1 / n)).max(axis=1)


def _skew(b: np.ndarray) -> np.ndarray:
    n = b.shape[1]
    deviation = b - b.mean(axis=1, keepdims=True)
    m2, m3 = (deviation**2).mean(axis=1), (deviation**3).mean(axis=1)
    return np.sqrt(n * (n - 1)) / (n - 2) * m3 / m2**1.5


def _kurt(b: np.ndarray) -> np.ndarray:
    n = b.shape[1]
    deviation = b - b.mean(axis=1, keepdims=True)
    m2, m4 = (deviation**2).mean(axis=1), (deviation**4).mean(axis=1)
    return ((n + 1) * (m4 / m2**2 - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))


def _tightest(b: np.ndarray, size: int) -> np.ndarray:
    """Spread of the `size` bids that stand closest together; in sorted bids they are always neighbours."""
    width = b[:, size - 1:] / b[:, :b.shape[1] - size + 1] - 1
    return width.min(axis=1)


def _third(b: np.ndarray) -> np.ndarray:
    """CV of the lower half of the bids: an incomplete ring below honest outsiders."""
    lower = b[:, :max(3, -(-b.shape[1] // 2))]
    return lower.std(axis=1, ddof=1) / lower.mean(axis=1)
