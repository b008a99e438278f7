"""How well collusion is found on labelled markets, beside recorded baselines: ``./gongheng bench collusion``.

The folder of the files stands in GONGHENG_COLLUSION_DATA, or ``python -m bench.collusion DIR [--quick]``.

The five files were collected by García Rodríguez, Rodríguez-Montequín, Ballesteros-Pérez, Love and Signor (Automation
in Construction 133 (2022) 104047) and are not part of this project. The baselines are literature figures: what
others measured on the same files before, not figures of this program. ``--quick`` takes one seed.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench import collusion_published
from gongheng.screening import evaluation, features, learning, prices, reading, splits
from gongheng.screening.markets import AVERAGE, Market
from gongheng.screening.past import History
from gongheng.screening.schema import ORDER, UNIX, YEAR, Schema

_COMMON = {"tender": "Tender", "value": "Bid_value", "won": "Winner", "label": "Collusive_competitor"}
_CEILING = "Pre-Tender Estimate (PTE)"


@dataclass(frozen=True)
class Known:
    """A labelled file, how it is read, and what was recorded on it before."""

    title: str
    file: str
    schema: Schema
    et_p7: float  # Extra Trees on the seven published screens, tender-grouped folds
    best_price: float  # best recorded ensemble on prices and, where there is one, the ceiling
    forward: str
    bacc: tuple[float, ...]  # published protocol, bid level: screens+n, common, common+S, all, all+S
    monotone: tuple[float, float] | None  # AUC and ECE of the recorded monotone booster
    cold: float  # textbook percentiles without labels
    is_dated: bool = field(default=True)


MARKETS = (
    Known("Brazil", "DB_Collusion_Brazil_processed.csv",
          Schema({**_COMMON, "firm": "Competitors", "opened": "Date", "ceiling": _CEILING}, opened=UNIX),
          0.908, 0.911, ".886–.923", (0.784, 0.735, 0.802, 0.720, 0.814), (0.886, 0.086), 0.86),
    Known("Ticino", "DB_Collusion_Switzerland_Ticino_processed.csv",
          Schema({**_COMMON, "opened": "Date", "consortium": "Consortium"}, opened=UNIX),
          0.922, 0.914, "–", (0.782, 0.538, 0.757, 0.546, 0.788), (0.925, 0.032), 0.87),
    Known("Italy", "DB_Collusion_Italy_processed.csv",
          Schema({**_COMMON, "firm": "Competitors", "ceiling": _CEILING}, value_scale=0.01, method=AVERAGE),
          0.891, 0.914, "–", (0.866, 0.801, 0.866, 0.833, 0.870), (0.950, 0.034), 0.62, is_dated=False),
    Known("USA", "DB_Collusion_America_processed.csv",
          Schema({**_COMMON, "firm": "Competitors", "opened": "Date"}, opened=YEAR),
          0.678, 0.679, ".57–.67", (0.568, 0.656, 0.614, 0.683, 0.643), None, 0.47),
    Known("Swiss GR", "DB_Collusion_Switzerland_GR_and_See-Gaster_processed.csv",
          Schema({**_COMMON, "opened": "Date", "trade": "Contract_type"}, opened=ORDER),
          0.733, 0.727, ".68", (0.586, 0.593, 0.600, 0.752, 0.751), (0.716, 0.016), 0.50),
)


def main(arguments: Sequence[str] = ()) -> int:
    parser = argparse.ArgumentParser(prog="gongheng bench collusion", description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", default=os.environ.get("GONGHENG_COLLUSION_DATA"))
    parser.add_argument("--quick", action="store_true", help="one seed; large markets only if named")
    parser.add_argument("--only", help="one market by its title")
    chosen = parser.parse_args(arguments)
    if not chosen.folder or not Path(chosen.folder).is_dir():
        print("没有带标签的市场数据：把目录写在命令后，或设 GONGHENG_COLLUSION_DATA。跳过。")
        return 0
    print(f"机器：{platform.machine()}，{os.cpu_count()} 核，Python {platform.python_version()}；模型 {learning.MODEL}")
    print("方法：同一报价向量不跨折；特征只看开标时点以前；标签只在训练折内使用。括号内为历史记录的基准（文献数字）。")
    gained = []
    for known in MARKETS:
        path = Path(chosen.folder) / known.file
        if chosen.only not in (None, known.title):
            continue
        if not path.is_file():
            print(f"\n{known.title}：没有文件 {known.file}，跳过")
            continue
        market = reading.read(path, known.schema, name=known.title)
        if not (chosen.quick and chosen.only is None and len(market.tenders) > 1000):
            gained.append(_market(known, path, market, quick=chosen.quick))
    if gained:
        ours, repeated, recorded = np.mean(gained, axis=0)
        print(f"\n平均 AUC：本引擎 {ours:.3f}；P7 极端随机树 重复测得 {repeated:.3f}（记录 {recorded:.3f}）；"
              f"差 {ours - repeated:+.3f}（对记录 {ours - recorded:+.3f}）")
    return 0


def _market(known: Known, path: Path, market: Market, *, quick: bool) -> tuple[float, float, float]:
    began = time.process_time()
    tenders = [one for one in market.tenders if one.label is not None]
    labels = np.array([bool(one.label) for one in tenders])
    seeds = (0,) if quick else (0, 1, 2) if len(tenders) < 600 else (0, 1)
    print(f"\n== {known.title}：报价 {market.rows}，项目 {len(tenders)}，标签为真 {labels.mean():.1%}")
    for problem in market.problems:
        print(f"   {problem.name} {problem.count}（{problem.done}）")
    plain = features.of(tenders)
    done = evaluation.evaluate(tenders, plain, seeds=seeds, shuffles=1 if quick or len(tenders) > 600 else 2)
    published = collusion_published.screens(path, tenders)
    repeated = [_extra_trees(published, tenders, labels, seed) for seed in seeds]
    reproducible = np.delete(published, collusion_published.SCREENS.index("RD"), axis=1)
    without = _extra_trees(reproducible, tenders, labels, seeds[0])
    print(f"2.4 按项目分折   价格 AUC {done.mean('by_tender'):.3f}±{done.spread('by_tender'):.3f}，"
          f"AP {done.mean('by_tender', 'average_precision'):.3f}；P7 极端随机树 {np.mean(repeated):.3f}"
          f"±{np.std(repeated):.3f}，除去不可重算的 RD {without:.3f}"
          f"（记录 {known.et_p7:.3f}；记录的最佳价格组合 {known.best_price:.3f}）")
    for one in (one for one in done.results if one.split != "by_tender"):
        name = "时间向前" if one.split == "forward" else "未见企业"
        recorded = f"（记录 {known.forward}）" if one.split == "forward" else ""
        print(f"2.4 {name} {one.seed}   AUC {one.auc:.3f}（折内 {one.auc_within:.3f}），ECE {one.ece:.3f}，"
              f"判 {one.judged} 个{recorded}")
    _history(known, tenders, seeds[:1])
    _calibrated(known, done)
    for name, auc, ece in collusion_published.simpler(tenders, plain, labels, seeds=seeds[:2]):
        print(f"2.6 对照         {name} AUC {auc:.3f}，ECE {ece:.3f}")
    for (title, found, spread, times), recorded in zip(
        collusion_published.bid_level(path, quick=quick), known.bacc, strict=True
    ):
        print(f"2.3 发表的办法   报价级平衡准确率 {title} {found:.3f}±{spread:.2f}（{times} 次；记录 {recorded:.3f}）")
    _directions(plain, labels)
    print(f"2.5 无标签时     报价在同类中位次的 AUC {_cold(tenders, labels):.3f}（记录 {known.cold:.2f}）")
    print(f"    打乱标签     AUC {'、'.join(f'{one:.3f}' for one in done.shuffled)}（应为 .50，标准误 "
          f"{evaluation.chance_error(int(labels.sum()), int((~labels).sum())):.3f}）")
    for warning in (*done.warnings, *done.skipped):
        print(f"    注意：{warning}")
    print(f"    用 CPU {time.process_time() - began:.0f} 秒", flush=True)
    return done.mean("by_tender"), float(np.mean(repeated)), known.et_p7


def _extra_trees(values: np.ndarray, tenders, labels: np.ndarray, seed: int) -> float:
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.metrics import roc_auc_score

    p = np.zeros(len(labels))
    for learn, judged in splits.by_tender(tenders, seed=seed):
        trees = ExtraTreesClassifier(400, class_weight="balanced", bootstrap=True, random_state=seed)
        p[judged] = trees.fit(values[learn], labels[learn]).predict_proba(values[judged])[:, 1]
    return float(roc_auc_score(labels, p))


def _history(known: Known, tenders, seeds) -> None:
    """Print what identities add; kept out of the headline, since labels were built from who the firms are."""
    if not any(bid.firm for one in tenders for bid in one.bids):
        print("2.4 加历史关系   文件没有投标人代码")
        return
    history = History(tenders, timeless=not known.is_dated)
    values = features.of(tenders, history)
    labels = np.array([bool(one.label) for one in tenders])
    vectors = np.array(splits.bid_vectors(tenders))
    told = []
    for name, folds in (
        ("按项目分折", splits.by_tender(tenders, seed=seeds[0])),
        ("未见企业", splits.unseen_firms(tenders, seed=seeds[0])),
        *(("时间向前", [fold]) for fold in splits.forward(tenders)),
    ):
        p, judged, fold = evaluation.judge(values, labels, vectors, folds, seed=seeds[0])
        if len(set(labels[judged].tolist())) == 2:
            one = evaluation.measure(name, 0, labels[judged], p[judged], fold[judged])
            told.append(f"{name} {one.auc:.3f}（折内 {one.auc_within:.3f}）")
    note = "" if known.is_dated else "；文件没有日期，历史取其余全部项目，真实系统不可能知道"
    print(f"2.4 加历史关系   AUC {'、'.join(told)}（标签由企业身份而来，高于 {evaluation.SUSPECT} 即不采信{note}）")


def _calibrated(known: Known, done: evaluation.Evaluation) -> None:
    """Print what an index of 60 and of 80 delivers when it is 100 × the calibrated probability."""
    first = next(one for one in done.results if one.split == "by_tender")
    told = [
        f"≥{least * 100:.0f}：占 {share:.2f}、准 {precision:.2f}、全 {recall:.2f}"
        for least, share, precision, recall in first.at
    ]
    recorded = f"（记录单调提升树 AUC {known.monotone[0]:.3f}、ECE {known.monotone[1]:.3f}）" if known.monotone else ""
    print(f"2.6 校准         ECE {done.mean('by_tender', 'ece'):.3f}；{'；'.join(told)}{recorded}")


def _directions(plain, labels: np.ndarray) -> None:
    """Print single statistics: below .5 low values are suspicious. No direction holds in every market."""
    from sklearn.metrics import roc_auc_score

    told = []
    for name in ("cv", "losers_cv", "rd", "skew", "kurt", "near1", "low_ceiling", "n"):
        column = plain.values[:, plain.names.index(name)]
        known = ~np.isnan(column)
        if known.sum() > 30 and len(set(labels[known].tolist())) == 2:
            told.append(f"{name} {roc_auc_score(labels[known], column[known]):.2f}")
    print(f"2.5 单项 AUC     {'，'.join(told)}")


def _cold(tenders, labels: np.ndarray) -> float:
    """Return the AUC of the standing among peers on day one, without any label."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(labels, prices.standing(tenders)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
