"""Made markets with and without planted schemes, for the tests of the engine; no real data anywhere."""

from dataclasses import replace

import numpy as np

from gongheng.screening.markets import Bid, Tender

DAY = 86_400.0
RING = ("R1", "R2", "R3")


def bids(values, firms=None, won=0) -> tuple[Bid, ...]:
    """Return bids of the values; the one at `won` wins."""
    firms = firms or [f"H{place}" for place in range(len(values))]
    return tuple(
        Bid(firm, float(value), place == won, f"开标记录 {place + 1}")
        for place, (firm, value) in enumerate(zip(firms, values, strict=True))
    )


def honest(random: np.random.Generator, number: int, *, firms: int = 30, size: int = 5, **more) -> Tender:
    """Return a tender of independent bids by firms that choose at random."""
    cost = float(np.exp(random.uniform(12, 15)))
    chosen = [f"H{one}" for one in sorted(random.choice(firms, size, replace=False).tolist())]
    values = np.round(cost * random.lognormal(0, 0.06, size), 2)
    return Tender(
        f"T{number:05d}", bids(values, chosen, int(values.argmin())), opened=number * DAY,
        **{"ceiling": round(cost * 1.2, 2), **more},
    )


def rigged(random: np.random.Generator, number: int, *, firms: int = 30, size: int = 5, **more) -> Tender:
    """Return a tender in which three firms cover one of them in turn, one to three per cent above its bid."""
    tender = honest(random, number, firms=firms, size=size, **more)
    turn = number % len(RING)
    order = (*RING[turn:], *RING[:turn])
    low = min(bid.value for bid in tender.bids) * 0.99
    cover = [round(low * (1 + step), 2) for step in (0, random.uniform(0.01, 0.02), random.uniform(0.02, 0.03))]
    outsiders = tender.bids[: size - len(RING)]
    values = [*cover, *(bid.value for bid in outsiders)]
    return replace(tender, bids=bids(values, [*order, *(bid.firm for bid in outsiders)]))


def market(seed: int, count: int, *, share: float = 0.0, label: bool = False) -> list[Tender]:
    """Return tenders in order of opening, of which `share` are rigged by one ring."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        is_rigged = bool(random.random() < share)
        tender = (rigged if is_rigged else honest)(random, number)
        made.append(replace(tender, label=is_rigged) if label else tender)
    return made
