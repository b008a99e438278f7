"""Learning from adjudicated tenders (有标签学习): monotone trees, calibrated, judged only on tenders they never saw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gongheng.screening.features import Features

MODEL = "monotone-trees-2"
SEED = 20260
#: Tenders from which on one round of three folds calibrates well; fewer are gone through twice in five.
MANY = 1000
#: Below this many of either kind nothing is learned.
LEAST = 15


class TooFewLabels(ValueError):
    """Raised with a Chinese sentence when there is not enough to learn from."""


@dataclass(frozen=True)
class Model:
    """Two ensembles of trees that keep the signs they are given, and the scaling that makes a probability of both."""

    names: tuple[str, ...]
    signs: tuple[int, ...]
    medians: np.ndarray  # stand in for what is missing
    estimators: tuple
    slopes: tuple[float, float]  # of ln p and -ln(1 - p); never negative: what raises p raises the probability
    intercept: float
    base_rate: float  # share of positives it was taught

    def probabilities(self, features: Features, *, prior: float | None = None) -> np.ndarray:
        """Return the probability of collusion; with `prior` as if that were the share of rigged tenders.

        Labelled tenders are chosen cases, rigged far more often than tenders are: without the local prior the
        probability is that among such cases.
        """
        if features.names != self.names:
            raise ValueError("the model was taught other statistics")
        scores = _scores(self.estimators, _filled(features.values, self.medians))
        log_odds = self.intercept + _sides(scores) @ np.array(self.slopes)
        if prior is not None:
            log_odds += _log_odds(np.array(prior)) - _log_odds(np.array(self.base_rate))
        return 1 / (1 + np.exp(-log_odds))


def train(
    features: Features, labels: Sequence[bool], *, groups: Sequence[int] | None = None, seed: int = SEED
) -> Model:
    """Return a model of the labelled tenders; `groups` keeps twins together while it is being calibrated."""
    y = np.asarray(labels, dtype=int)
    if min(y.sum(), len(y) - y.sum()) < LEAST:
        raise TooFewLabels(f"已查实 {int(y.sum())} 件、已排除 {int(len(y) - y.sum())} 件，各满 {LEAST} 件才能学习。")
    kept = ~np.all(np.isnan(features.values), axis=0)
    medians = np.zeros(len(kept))
    medians[kept] = np.nanmedian(features.values[:, kept], axis=0)
    values = _filled(features.values, medians)
    rounds, folds = (1, 3) if len(y) >= MANY else (2, 5)
    held_out = np.zeros((rounds, len(y)))
    for number in range(rounds):
        for learn, judge in _inner(y, groups, folds, seed + number):
            own = _fit(values[learn], y[learn], features.signs, seed + number)
            held_out[number, judge] = _scores(own, values[judge])
    slopes, intercept = _calibrated(held_out.mean(axis=0), y)
    return Model(
        features.names, features.signs, medians, _fit(values, y, features.signs, seed), slopes, intercept,
        float(y.mean()),
    )


def _fit(values: np.ndarray, y: np.ndarray, signs: tuple[int, ...], seed: int) -> tuple:
    from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    trees = ExtraTreesClassifier(
        200, class_weight="balanced", min_samples_leaf=max(2, len(y) // 150), max_features=0.4,
        monotonic_cst=signs if any(signs) else None, random_state=seed,
    )
    boosted = HistGradientBoostingClassifier(
        max_iter=100, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=10, l2_regularization=1.0,
        max_features=0.4, monotonic_cst=signs, random_state=seed,
    )
    with threadpool_limits(1):  # sums in one order, so that two runs agree to the byte
        return trees.fit(values, y), boosted.fit(values, y)


def _scores(estimators: tuple, values: np.ndarray) -> np.ndarray:
    return np.mean([_log_odds(one.predict_proba(values)[:, 1]) for one in estimators], axis=0)


def _inner(y: np.ndarray, groups: Sequence[int] | None, folds: int, seed: int):
    from sklearn.model_selection import StratifiedGroupKFold

    own = np.arange(len(y)) if groups is None else np.asarray(groups)
    return StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(np.zeros(len(y)), y, own)


def _calibrated(scores: np.ndarray, y: np.ndarray) -> tuple[tuple[float, float], float]:
    """Fit the scores of tenders that the scorer had not seen to what they were; never turned round.

    Trees are surer of one kind than of the other: a slope for each side (beta calibration) bends the scale where one
    slope for both (Platt's) cannot, but has more to learn. What describes left-out tenders better is taken.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    sides = _sides(scores)
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    best = None
    for columns in (((0, 1),), ((0,), (1,))):
        values = np.stack([sides[:, each].sum(axis=1) for each in columns], axis=1)
        fitted = LogisticRegression(C=10.0).fit(values, y)
        if fitted.coef_.min() <= 0:
            continue
        kept = float(cross_val_score(LogisticRegression(C=10.0), values, y, cv=folds, scoring="neg_log_loss").mean())
        if best is None or kept > best[0]:
            slopes = fitted.coef_[0].tolist()
            best = kept, (slopes[0], slopes[-1]), float(fitted.intercept_[0])
    if best is None:  # nothing was learned: the base rate, not its opposite
        return (0.0, 0.0), float(_log_odds(np.array(y.mean())))
    return best[1:]


def _sides(scores: np.ndarray) -> np.ndarray:
    """Return ln p and -ln(1 - p) of log-odds, without losing figures at the ends."""
    return np.stack([-np.logaddexp(0, -scores), np.logaddexp(0, scores)], axis=-1)


def _filled(values: np.ndarray, medians: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), medians, values)


def _log_odds(p: np.ndarray) -> np.ndarray:
    bounded = np.clip(p, 1e-4, 1 - 1e-4)
    return np.log(bounded) - np.log1p(-bounded)
