"""Biased judges among severe and careless ones, on generated marks: ``./gongheng bench screening_judges``."""

import sys
import time
from collections.abc import Iterator

import numpy as np

from gongheng.screening.judges.residuals import Score, residuals
from gongheng.screening.judges.tendencies import FALSE_DISCOVERIES, LEAST_MEETINGS, between_judges, towards_firms

JUDGES, FIRMS, TENDERS, SEATS, BIDDERS, PLANTED, MEETINGS = 150, 120, 1_500, 5, 6, 20, 11
SEEDS = 6
#: Table 4.6 of the design: bias → (recall, precision) of deviation from peers, double-centred, scaled by own spread.
RECORDED = {0.5: ((.20, .02), (.03, .03), (.01, .17)), 1.0: ((.39, .04), (.21, .28), (.13, .74)),
            1.5: ((.54, .05), (.62, .55), (.53, .86))}


def main() -> int:
    print(f"{JUDGES} 名评委、{FIRMS} 家企业、{TENDERS} 个项目、每场 {SEATS} 人评 {BIDDERS} 家；{PLANTED} 对倾向，"
          f"各相遇约 {MEETINGS} 次；{SEEDS} 个种子平均；BH {FALSE_DISCOVERIES:.0%}，相遇不少于 {LEAST_MEETINGS} 次")
    print("偏向（评委自身标准差）：召回/精确率；括号内为设计文件所记")
    for bias in (0.0, 0.5, 1.0, 1.5, 2.0):
        rows = np.array([_run(seed, bias) for seed in range(SEEDS)])
        mean = np.nanmean(rows, axis=0)
        recorded = RECORDED.get(bias)
        note = [f"（{one[0]:.2f}/{one[1]:.2f}）" for one in recorded] if recorded else ["", "", ""]
        print(
            f"{bias:.1f}：与他人之差 {mean[0]:.2f}/{mean[1]:.2f}{note[0]}，"
            f"双重中心化 {mean[2]:.2f}/{mean[3]:.2f}{note[1]}，本引擎 {mean[4]:.2f}/{mean[5]:.2f}{note[2]}，"
            f"AUC {mean[6]:.2f}，每次报出 {mean[7]:.1f} 对，评委对误报 {mean[8]:.1f}"
        )
    _scale()
    return 0


def _run(seed: int, bias: float) -> list[float]:
    planted, scores = market(seed, bias)
    left = residuals(scores)
    ours = towards_firms(left)
    reported = {(one.judge, one.other) for one in ours if one.q <= FALSE_DISCOVERIES}
    truth = {(one.judge, one.other) in planted: [] for one in ours} or {True: []}
    for one in ours:
        truth[(one.judge, one.other) in planted].append(one.z)
    auc = _auc(truth.get(True, []), truth.get(False, []))
    pairs = sum(one.q <= FALSE_DISCOVERIES for one in between_judges(left))
    return [
        *_quality(_naive(scores, False), planted), *_quality(_naive(scores, True), planted),
        *_quality(reported, planted), auc, float(len(reported)), float(pairs),
    ]


def market(seed: int, bias: float, seats: int = SEATS) -> tuple[set[tuple[str, str]], list[Score]]:
    """Marks of judges with severities and spreads of their own; the planted pairs meet about eleven times."""
    random = np.random.default_rng([seed, int(10 * bias)])
    severity, spread = random.normal(0, 3, JUDGES), 2.5 * np.exp(random.normal(0, 0.45, JUDGES))
    merit = random.normal(0, 3, FIRMS)
    panels = [(random.choice(JUDGES, seats, False), random.choice(FIRMS, BIDDERS, False)) for _ in range(TENDERS)]
    planted = set()
    for judge, firm in zip(random.choice(JUDGES, PLANTED, False), random.choice(FIRMS, PLANTED, False), strict=True):
        planted.add((int(judge), int(firm)))
        for number in random.choice(TENDERS, MEETINGS, False):
            panel, bidders = panels[number]
            if judge not in panel:
                panel[int(random.integers(seats))] = judge
            if firm not in bidders:
                bidders[int(random.integers(BIDDERS))] = firm
    scores = list(_marks(random, panels, severity, spread, merit, planted, bias))
    return {(f"J{judge}", f"F{firm}") for judge, firm in planted}, scores


def _marks(random, panels, severity, spread, merit, planted, bias: float) -> Iterator[Score]:
    for number, (panel, bidders) in enumerate(panels):
        shown = merit[bidders] + random.normal(0, 2, len(bidders))
        for judge in panel.tolist():
            noise = random.normal(0, spread[judge], len(bidders))
            for place, firm in enumerate(bidders.tolist()):
                favour = bias * spread[judge] if (judge, firm) in planted else 0.0
                value = 75 + severity[judge] + shown[place] + noise[place] + favour
                yield Score(f"T{number}", "技术", f"J{judge}", f"F{firm}", value, 100.0)


def _naive(scores: list[Score], is_centred: bool) -> set[tuple[str, str]]:
    """The dashboards: mean deviation from colleagues (or double-centred) beyond two standard errors of all judges."""
    tables: dict[str, dict[tuple[str, str], float]] = {}
    for one in scores:
        tables.setdefault(one.tender, {})[one.judge, one.firm] = one.value
    rows: dict[tuple[str, str], list[float]] = {}
    for table in tables.values():
        judges, firms = sorted({judge for judge, _ in table}), sorted({firm for _, firm in table})
        marks = np.array([[table[judge, firm] for firm in firms] for judge in judges])
        left = marks - marks.mean(axis=0)
        if is_centred:
            left = left - marks.mean(axis=1, keepdims=True) + marks.mean()
        for at, judge in enumerate(judges):
            for place, firm in enumerate(firms):
                rows.setdefault((judge, firm), []).append(float(left[at, place]))
    usual = np.std([value for row in rows.values() for value in row])
    means = {pair: np.mean(row) * np.sqrt(len(row)) / usual for pair, row in rows.items() if len(row) >= 3}
    return {pair for pair, z in means.items() if z >= (3.0 if is_centred else 2.0)}


def _quality(reported: set[tuple[str, str]], planted: set[tuple[str, str]]) -> tuple[float, float]:
    right = len(reported & planted)
    return right / len(planted), right / len(reported) if reported else float("nan")


def _auc(positive: list[float], negative: list[float]) -> float:
    if not positive or not negative:
        return float("nan")
    ordered = np.sort(negative)
    return float(np.mean(np.searchsorted(ordered, positive)) / len(ordered))


def _scale() -> None:
    _, scores = market(99, 1.0)
    many = [
        Score(f"{copy}{one.tender}", one.factor, f"{copy % 20}{one.judge}", one.firm, one.value, one.full)
        for copy in range(10) for one in scores
    ]
    start = time.process_time()
    found = towards_firms(residuals(many))
    print(f"{len(many):,} 个分数：{time.process_time() - start:.1f} CPU-s，检验 {len(found):,} 对")


if __name__ == "__main__":
    sys.exit(main())
