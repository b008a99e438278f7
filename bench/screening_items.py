"""Constant ratios in item prices against correlation, on generated bills: ``./gongheng bench screening_items``."""

import sys
import time

import numpy as np

from gongheng.screening import items

#: Honest worlds: weight of a cost database that all use, spread of own adjustments, whether defaults stay unchanged.
WORLDS = (
    ("各自组价", 0.0, 0.25, False), ("共用造价信息，个别调整大", 0.9, 0.15, False),
    ("共用造价信息，个别调整小", 0.97, 0.06, False), ("共用造价信息，三成分项照抄缺省价", 0.97, 0.06, True),
)
TENDERS, BIDDERS, COPIED = 100, 6, (0.65, 0.30, 0.20)
SIZES = (60, 300, 2000)


def main() -> int:
    least = items.LADDER[0][0]
    print(f"每格 {TENDERS} 个项目 × {BIDDERS} 家，一家抄另一家（部分分项乘同一系数）；误报按诚实对计")
    print(f"份额以指标门限 {least} 报出；相关系数以“各自组价”世界诚实对的 99 分位报出（与设计文件的做法相同）")
    for size in SIZES:
        usual = None
        for number, (title, shared, own, defaults) in enumerate(WORLDS):
            random = np.random.default_rng([size, number])
            made = (bills(random, size, shared, own, defaults) for _ in range(TENDERS))
            honest = np.array([row for prices in made for row in _pairs(prices)])
            usual = np.quantile(honest[:, 1], 0.99) if usual is None else usual
            print(
                f"{size:>5} 项 {title}：诚实 99 分位 {np.quantile(honest[:, 0], 0.99):.3f}，"
                f"误报 {(honest[:, 0] >= least).mean():.2%}；相关系数误报 {(honest[:, 1] > usual).mean():.0%}；抄袭 "
                + "，".join(f"{part:.0%} 查出 {_power(random, size, WORLDS[number], part):.0%}" for part in COPIED)
            )
    _large()
    return 0


def _pairs(prices: np.ndarray) -> list[tuple[float, float]]:
    """(share, correlation) of every pair of one tender, prices rounded to the cent."""
    prices = np.log(np.maximum(np.round(np.exp(prices), 2), 0.01))
    correlation = np.corrcoef(prices)
    return [(one.share, correlation[one.first, one.second]) for one in items.likenesses(prices)]


def _power(random, size: int, world, part: float) -> float:
    _, shared, own, defaults = world
    found = []
    for _ in range(TENDERS):
        prices = bills(random, size, shared, own, defaults)
        hit = random.random(size) < part
        prices[1, hit] = prices[0, hit] + np.log(random.uniform(0.94, 1.06))
        found.append(_pairs(prices)[0][0])
    return float(np.mean(np.array(found) >= items.LADDER[0][0]))


def bills(random, size: int, shared: float, own: float, defaults: bool, firms: int = BIDDERS) -> np.ndarray:
    """Log unit prices: a cost per item known to all to the degree ``shared``, a level per firm, own adjustments."""
    cost = random.normal(4.0, 1.5, size)
    guess = random.normal(0, 0.5, (firms, size)) * (1 - shared)
    adjusted = random.normal(0, own, (firms, size))
    if defaults:
        adjusted[random.random((firms, size)) < 0.3] = 0
    return cost + guess + adjusted + random.normal(0, 0.05, (firms, 1))


def _large() -> None:
    random = np.random.default_rng(9)
    for firms, size in ((8, 40_000), (200, 20_000)):
        prices = bills(random, size, 0.97, 0.06, False, firms)
        prices[1] = prices[0] + 0.03
        start = time.process_time()
        found = sorted(items.likenesses(prices), key=lambda one: -one.share)
        took = time.process_time() - start
        print(f"{firms} 家 × {size} 项：{took:.1f} CPU-s，首位份额 {found[0].share:.2f}，次位 {found[1].share:.3f}")


if __name__ == "__main__":
    sys.exit(main())
