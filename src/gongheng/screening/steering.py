"""Whether a group of close bids decides an average-bid tender (基准价操纵)."""

from collections.abc import Sequence
from dataclasses import dataclass

from gongheng.screening.markets import Bid

#: A group is what stands within this share of its lowest member, holds at least _LEAST and at most half of the bids.
WIDTH, _LEAST = 0.02, 3


@dataclass(frozen=True)
class Steered:
    """A group without which another firm would have won."""

    group: tuple[Bid, ...]
    shift: float  # how far the average moves without the group, relative
    otherwise: Bid


def nearest(bids: Sequence[Bid]) -> Bid:
    """Return the bid that stands closest to the average of all, the lower one of two."""
    average = sum(bid.value for bid in bids) / len(bids)
    return min(bids, key=lambda bid: (abs(bid.value - average), bid.value, bid.firm))


def steered(bids: Sequence[Bid]) -> Steered | None:
    """Return the group that moves the average most and holds the winner, whom an outsider replaces without it."""
    ordered = sorted(bids, key=lambda bid: (bid.value, bid.firm))
    told = [bid for bid in bids if bid.won]
    winner = told[0] if len(told) == 1 else nearest(bids)
    average = sum(bid.value for bid in ordered) / len(ordered)
    best = None
    for first in range(len(ordered)):
        last = first
        while last < len(ordered) and ordered[last].value <= ordered[first].value * (1 + WIDTH):
            last += 1
        group = tuple(ordered[first:last])
        rest = ordered[:first] + ordered[last:]
        if not _LEAST <= len(group) <= len(ordered) / 2 or winner not in group:
            continue
        shift = sum(bid.value for bid in rest) / len(rest) / average - 1
        if best is None or abs(shift) > abs(best.shift):
            best = Steered(group, shift, nearest(rest))
    return best
