"""How much of a planted scheme the price and history families find: ``./gongheng bench screening_injection``.

Honest tenders are made, known schemes are planted into some at several sizes of effect, and the share in which any
indicator of the family speaks is printed beside the share of honest tenders in which it does. All data are made.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from gongheng.screening import combination, neighbours
from gongheng.screening.findings import Family, Said
from gongheng.screening.history import History
from gongheng.screening.history import findings as history_findings
from gongheng.screening.markets import AVERAGE, Bid, Tender
from gongheng.screening.prices import Peers
from gongheng.screening.prices import findings as price_findings

_SEED, _TRIES, _DAY = 20260, 300, 86_400.0
_RING = ("R1", "R2", "R3")
Plant = Callable[[np.random.Generator, Tender], Tender]


def main() -> int:
    random = np.random.default_rng(_SEED)
    peers = Peers([honest(random, n) for n in range(1500)])
    average = Peers([honest(random, n, size=12, method=AVERAGE) for n in range(600)])
    print(f"报价族：{_TRIES} 个项目，五家独立报价（对数标准差 .06）；任一计分指标发声即算发现")
    _prices("诚实（误报）", lambda _, tender: tender, peers)
    for members in (3, 5):
        for step in (0.01, 0.02, 0.04, 0.08):
            _prices(f"五家中 {members} 家串通，陪标加价至多 {step:.0%}", _cover(members, step), peers)
    for noise in (0.0, 0.01, 0.05, 0.2):
        _prices(f"五家等差，步长误差 {noise:.0%}", _ladder(noise), peers)
    _prices("最低价贴上限价 1% 以内", _hugging, peers)
    print("均值法：十二家")
    _prices("诚实（误报）", lambda _, tender: tender, average, size=12, method=AVERAGE)
    for members in (3, 4, 6):
        _prices(f"{members} 家抬压基准价", _steering(members), average, size=12, method=AVERAGE)
    print("历史族：同场 40 家、300 个项目的历史；三家轮流中标")
    for share in (0.0, 0.02, 0.05, 0.1, 0.2):
        _history(share, peers)
    return 0


def honest(random: np.random.Generator, number: int, *, size: int = 5, method: str = "") -> Tender:
    """Return a tender of independent bids by firms that choose at random among forty."""
    cost = float(np.exp(random.uniform(12, 15)))
    values = np.round(cost * random.lognormal(0, 0.06, size), 2)
    firms = sorted(random.choice(40, size, replace=False).tolist())
    winner = int(np.abs(values - values.mean()).argmin() if method == AVERAGE else values.argmin())
    return _tender(f"T{number}", [f"H{one}" for one in firms], values, winner, number * _DAY, cost * 1.25, method)


def _tender(name: str, firms: Sequence[str], values, winner: int, opened: float, ceiling: float, method: str) -> Tender:
    bids = tuple(
        Bid(firm, round(float(value), 2), place == winner)
        for place, (firm, value) in enumerate(zip(firms, values, strict=True))
    )
    return Tender(name, bids, opened, ceiling, method)


def _cover(members: int, step: float) -> Plant:
    """The lowest wins as before; the other members bid a little above it instead of on their own."""
    def plant(random: np.random.Generator, tender: Tender) -> Tender:
        ordered = sorted(tender.bids, key=lambda bid: bid.value)
        low = ordered[0].value
        covers = [replace(bid, value=round(low * (1 + step * random.uniform(0.4, 1)), 2)) for bid in ordered[1:members]]
        return replace(tender, bids=(ordered[0], *covers, *ordered[members:]))
    return plant


def _ladder(noise: float) -> Plant:
    def plant(random: np.random.Generator, tender: Tender) -> Tender:
        low = min(bid.value for bid in tender.bids)
        steps = np.arange(len(tender.bids)) + noise * random.standard_normal(len(tender.bids))
        values = low * (1 + 0.03 * steps)
        return replace(tender, bids=tuple(
            replace(bid, value=round(float(value), 2)) for bid, value in zip(tender.bids, values, strict=True)
        ))
    return plant


def _hugging(random: np.random.Generator, tender: Tender) -> Tender:
    low = min(bid.value for bid in tender.bids)
    return replace(tender, ceiling=round(low * random.uniform(1.0, 1.01), 2))


def _steering(members: int) -> Plant:
    """A group bids within half a per cent of each other, well below the rest; one of it is nearest to the average."""
    def plant(random: np.random.Generator, tender: Tender) -> Tender:
        values = np.array([bid.value for bid in tender.bids])
        level = values.mean() * 0.99
        values[:members] = level * random.uniform(1, 1.005, members)
        winner = int(np.abs(values - values.mean()).argmin())
        return replace(tender, bids=tuple(
            replace(bid, value=round(float(value), 2), won=place == winner)
            for place, (bid, value) in enumerate(zip(tender.bids, values, strict=True))
        ))
    return plant


def _prices(title: str, plant: Plant, peers: Peers, **shape) -> None:
    random = np.random.default_rng([_SEED, 1])
    said = [price_findings(plant(random, honest(random, 10_000 + n, **shape)), peers) for n in range(_TRIES)]
    print(f"  {title}：{np.mean([_speaks(one) for one in said]):.0%}；其中 {_which(said)}", flush=True)


def _history(share: float, peers: Peers) -> None:
    """Print how often a ring that takes part in `share` of the market's tenders is named when it bids again."""
    named, beside, warned, tries = 0, 0, 0, 40
    for trial in range(tries):
        random = np.random.default_rng([_SEED, 2, trial])
        past = [honest(random, n) for n in range(300)]
        for n in np.flatnonzero(random.random(300) < share).tolist():
            past[n] = _ring(random, past[n])
        now = _ring(random, honest(random, 400)) if share else honest(random, 400)
        known = History(past)
        prices, places = price_findings(now, peers), neighbours.findings(now, known)
        said = {
            Family.HISTORY: history_findings(now, known),
            Family.PRICE: Said((*prices.findings, *places.findings), (*prices.unknown, *places.unknown)),
        }
        groups = {one.parties for one in said[Family.HISTORY].findings if one.indicator == "G1"}
        named += bool(groups) if share == 0 else any(set(_RING) <= set(one) for one in groups)
        sides = {one.parties for one in places.findings}
        beside += bool(sides) if share == 0 else any(set(one) <= set(_RING) for one in sides)
        warned += combination.index(said, prior=0.01).value >= combination.WARNING
    title = "无串通（误报）" if share == 0 else f"占项目 {share:.0%}"
    print(f"  {title}：三家被指认 {named / tries:.0%}，报价次序相邻被指认 {beside / tries:.0%}，"
          f"两族合成指数达 60（先验 1%）{warned / tries:.0%}", flush=True)


def _ring(random: np.random.Generator, tender: Tender) -> Tender:
    order = random.permutation(_RING).tolist()
    low = min(bid.value for bid in tender.bids) * 0.99
    values = [low, low * random.uniform(1.01, 1.02), low * random.uniform(1.02, 1.03)]
    others = tender.bids[:2]
    return _tender(tender.id, [*order, *(bid.firm for bid in others)], [*values, *(bid.value for bid in others)], 0,
                   tender.opened or 0.0, tender.ceiling or 0.0, tender.method)


def _speaks(said: Said) -> bool:
    return any(one.log_lr > 0 for one in said.findings)


def _which(said: Sequence[Said]) -> str:
    counts: dict[str, int] = {}
    for each in said:
        for code in {one.indicator for one in each.findings if one.log_lr > 0}:
            counts[code] = counts.get(code, 0) + 1
    told = sorted(counts.items(), key=lambda one: -one[1])[:4]
    return "、".join(f"{code} {count / len(said):.0%}" for code, count in told) or "无"


if __name__ == "__main__":
    sys.exit(main())
