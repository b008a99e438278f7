"""How good a model is on tenders it never saw (模型评估), and whether it may have seen the answer (泄漏检查)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from gongheng.screening import learning, splits
from gongheng.screening.features import Features
from gongheng.screening.markets import Tender

#: Shares of tenders that a supervisor's office can look at (芜湖's volumes).
BUDGETS = (0.081, 0.0025)
#: Probabilities at which an index is called a key lead and a warning.
LINES = (0.8, 0.6)
SUSPECT = 0.97
#: What a score of shuffled labels may differ from .50, in standard errors of an AUC under chance.
_SHUFFLE_ERRORS = 3.0
_BINS = 10


@dataclass(frozen=True)
class Result:
    """One split at one seed, over the tenders that were judged in it."""

    split: str
    seed: int
    judged: int
    positives: int
    auc: float  # all that was judged in one ranking
    auc_within: float  # mean over folds: scores of models taught different firms need not be comparable
    average_precision: float
    ece: float
    precision_at: tuple[float, ...]  # at each of BUDGETS
    at: tuple[tuple[float, float, float, float], ...]  # per LINES: the line, share above, precision, recall


@dataclass(frozen=True)
class Evaluation:
    """All splits, what shuffled labels score, and what must be looked into."""

    results: tuple[Result, ...]
    shuffled: tuple[float, ...]
    warnings: tuple[str, ...]
    skipped: tuple[str, ...]  # splits that the data do not allow, with the reason

    def mean(self, split: str, name: str = "auc") -> float:
        return float(np.mean([getattr(one, name) for one in self.results if one.split == split]))

    def spread(self, split: str, name: str = "auc") -> float:
        """Return the standard deviation over seeds."""
        return float(np.std([getattr(one, name) for one in self.results if one.split == split]))

    def to_json(self) -> dict:
        return {
            "model": learning.MODEL,
            "results": [
                {"split": one.split, "seed": one.seed, "judged": one.judged, "positives": one.positives,
                 "auc": round(one.auc, 4), "auc_within": round(one.auc_within, 4),
                 "average_precision": round(one.average_precision, 4),
                 "ece": round(one.ece, 4), "precision_at": [round(each, 4) for each in one.precision_at],
                 "at": [[round(each, 4) for each in line] for line in one.at]}
                for one in self.results
            ],
            "shuffled": [round(one, 4) for one in self.shuffled],
            "warnings": list(self.warnings), "skipped": list(self.skipped),
        }


def evaluate(
    tenders: Sequence[Tender], features: Features, *, seeds: Iterable[int] = (0, 1, 2), shuffles: int = 3,
    progress: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Judge the model of `learning` in every honest split of labelled tenders; rows of features are the tenders."""
    labels = np.array([bool(one.label) for one in tenders])
    vectors = np.array(splits.bid_vectors(tenders))
    results: list[Result] = []
    skipped = []
    seeds = tuple(seeds)
    ways: list[tuple[str, int, Iterable[splits.Fold]]] = [
        *(("by_tender", seed, splits.by_tender(tenders, seed=seed)) for seed in seeds),
        *(("forward", number, [fold]) for number, fold in enumerate(splits.forward(tenders))),
        *(("unseen_firms", seed, splits.unseen_firms(tenders, seed=seed)) for seed in seeds[:2]),
    ]
    for name, seed, folds in ways:
        progress(f"{name} {seed}")
        p, judged, fold = judge(features, labels, vectors, folds, seed=seed)
        if len(set(labels[judged].tolist())) == 2:
            results.append(measure(name, seed, labels[judged], p[judged], fold[judged]))
    present = {one.split for one in results}
    if "forward" not in present:
        skipped.append("forward：没有开标时间，或先后两段的标签只有一种")
    if "unseen_firms" not in present:
        skipped.append("unseen_firms：没有投标人代码，或企业群落太少")
    shuffled = tuple(shuffle_score(tenders, features, seed=seed) for seed in range(shuffles))
    return Evaluation(tuple(results), shuffled, _warnings(results, shuffled, labels), tuple(skipped))


def judge(
    features: Features, labels: np.ndarray, groups: np.ndarray, folds: Iterable[splits.Fold], *, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return probabilities, which rows were judged in any fold, and in which."""
    p, fold = np.full(len(labels), np.nan), np.full(len(labels), -1)
    for number, (learn, rows) in enumerate(folds):
        y = labels[learn]
        if min(y.sum(), len(y) - y.sum()) < learning.LEAST:
            continue
        model = learning.train(features.only(learn), y, groups=groups[learn], seed=seed)
        p[rows], fold[rows] = model.probabilities(features.only(rows)), number
    return p, np.flatnonzero(~np.isnan(p)), fold


def measure(split: str, seed: int, labels: np.ndarray, p: np.ndarray, fold: np.ndarray) -> Result:
    """Return the figures of one split; all but one pool the probabilities of its folds."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    order = np.argsort(-p, kind="stable")
    return Result(
        split, seed, len(labels), int(labels.sum()), float(roc_auc_score(labels, p)), _within(labels, p, fold),
        float(average_precision_score(labels, p)), calibration_error(labels, p),
        tuple(float(labels[order[:max(1, round(len(labels) * budget))]].mean()) for budget in BUDGETS),
        tuple(_above(line, labels, p) for line in LINES),
    )


def _within(labels: np.ndarray, p: np.ndarray, fold: np.ndarray) -> float:
    from sklearn.metrics import roc_auc_score

    each = [fold == one for one in np.unique(fold)]
    scores = [roc_auc_score(labels[rows], p[rows]) for rows in each if len(set(labels[rows].tolist())) == 2]
    return float(np.mean(scores)) if scores else float("nan")


def _above(line: float, labels: np.ndarray, p: np.ndarray) -> tuple[float, float, float, float]:
    above = p >= line
    found = float(labels[above].sum())
    return line, float(above.mean()), found / max(int(above.sum()), 1), found / max(float(labels.sum()), 1.0)


def calibration_error(labels: np.ndarray, p: np.ndarray) -> float:
    """Return the expected calibration error over ten equal bins of probability."""
    place = np.minimum((p * _BINS).astype(int), _BINS - 1)
    return float(sum(
        np.sum(place == one) / len(p) * abs(labels[place == one].mean() - p[place == one].mean())
        for one in range(_BINS) if np.any(place == one)
    ))


def shuffle_score(tenders: Sequence[Tender], features: Features, *, seed: int = 0, folds: int = 5) -> float:
    """Return the AUC within folds when labels are dealt out at random: it must fall to .50, or something leaks."""
    vectors = np.array(splits.bid_vectors(tenders))
    labels = np.array([bool(one.label) for one in tenders])
    # Twins keep one label, as they would if it told nothing about either.
    first = {vector: row for row, vector in reversed(list(enumerate(vectors.tolist())))}
    dealt = np.random.default_rng([learning.SEED, seed]).permutation(labels)
    dealt = dealt[[first[vector] for vector in vectors.tolist()]]
    p, judged, fold = judge(features, dealt, vectors, splits.by_tender(tenders, folds=folds, seed=seed), seed=seed)
    return _within(dealt[judged], p[judged], fold[judged])


def chance_error(positives: int, negatives: int) -> float:
    """Return the standard error of an AUC when scores and labels have nothing to do with each other."""
    return float(np.sqrt((positives + negatives + 1) / (12 * positives * negatives)))


def _warnings(results: Sequence[Result], shuffled: Sequence[float], labels: np.ndarray) -> tuple[str, ...]:
    told = [
        f"{one.split}（种子 {one.seed}）的 AUC 为 {one.auc:.3f}，高于 {SUSPECT}：先查是否泄漏，再相信它。"
        for one in results if one.auc > SUSPECT
    ]
    if shuffled:
        error = chance_error(int(labels.sum()), int(len(labels) - labels.sum())) / np.sqrt(len(shuffled))
        mean = float(np.mean(shuffled))
        if abs(mean - 0.5) > _SHUFFLE_ERRORS * error:
            told.append(f"打乱标签后的 AUC 为 {mean:.3f}，偏离 0.50 过多：特征可能携带标签。")
    return tuple(told)
