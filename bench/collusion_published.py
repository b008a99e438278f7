"""The published protocol at bid level and the simpler scorers, repeated beside this engine (对照办法).

Part of ``./gongheng bench collusion``. The published columns are read here and nowhere else: the engine recomputes
what it needs and never sees them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from gongheng.screening import evaluation, splits
from gongheng.screening.features import Features
from gongheng.screening.markets import Tender

SCREENS = ("CV", "SPD", "DIFFP", "RD", "KURT", "SKEW", "KSTEST")
SIZE, LABEL = "Number_bids", "Collusive_competitor"
_COMMON = ("Tender", "Bid_value", "Winner", SIZE)
#: Columns that are the label in other words. The date is one: with it "common" reaches .997 in Ticino, where the
#: label is a cartel's period, and the recorded .538 shows that it was not among the inputs.
_ANSWERS = (LABEL, "Collusive_competitor_original", "Cartel_name", "only_cartels_bidding_on_contract", "Date")
#: Bids from which on one repetition takes minutes.
_LARGE, _FEW, _MANY = 5_000, 1, 10


def screens(path: Path, tenders: Sequence[Tender]) -> np.ndarray:
    """Return the published screens and the number of bids of each tender, as the file states them."""
    names = ", ".join(f'any_value("{one}")' for one in (*SCREENS, SIZE))
    told = {row[0].strip(): row[1:] for row in _asked(path, f'SELECT CAST("Tender" AS VARCHAR), {names} '
                                                            "FROM read_csv(?, header=true) GROUP BY 1")[1]}
    return _finite(np.array([told[one.id] for one in tenders], dtype=float))


def bid_level(path: Path, *, quick: bool) -> Iterator[tuple[str, float, float, int]]:
    """Yield (inputs, balanced accuracy, its spread, repetitions) as the published code splits, fits and cuts at .5.

    "common": tender number, bid, winner, bidders; "all": every field but the label in other words; +S: screens.
    The tender number is dealt out anew: as the files stand it follows the calendar and tells when a tender was.
    """
    names, rows = _asked(path, "SELECT * FROM read_csv(?, header=true)")
    columns = {name: _numbers([row[place] for row in rows]) for place, name in enumerate(names)}
    labels = columns[LABEL] > 0
    common = [name for name in _COMMON if name in columns]
    every = [name for name in columns if name not in (*_ANSWERS, *SCREENS)]
    times = 1 if quick else _FEW if len(rows) > _LARGE else _MANY
    for title, chosen in (
        ("screens+n", [*SCREENS, SIZE]), ("common", common), ("common+S", [*common, *SCREENS]), ("all", every),
        ("all+S", [*every, *SCREENS]),
    ):
        values = _finite(np.column_stack([columns[name] for name in chosen]))
        number = chosen.index("Tender") if "Tender" in chosen else None
        found = [_repetition(values, labels, columns["Tender"], number, seed) for seed in range(times)]
        yield title, float(np.mean(found)), float(np.std(found)), times


def simpler(
    tenders: Sequence[Tender], features: Features, labels: np.ndarray, *, seeds: Sequence[int]
) -> Iterator[tuple[str, float, float]]:
    """Yield (scorer, AUC, calibration error) of binned logistic regression and of the engine's trees without signs."""
    vectors = np.array(splits.bid_vectors(tenders))
    free = replace(features, signs=(0,) * len(features.signs))
    found: dict[str, list[tuple[float, float]]] = {}
    for seed in seeds:
        folds = list(splits.by_tender(tenders, seed=seed))
        judged = {"分箱逻辑回归": _binned(features.values, labels, folds)}
        if any(features.signs):
            judged["不设方向的树"] = evaluation.judge(free, labels, vectors, folds, seed=seed)[0]
        for name, p in judged.items():
            one = evaluation.measure(name, seed, labels, p, np.zeros(len(p)))
            found.setdefault(name, []).append((one.auc, one.ece))
    for name, each in found.items():
        auc, ece = np.mean(each, axis=0)
        yield name, float(auc), float(ece)


def _binned(values: np.ndarray, labels: np.ndarray, folds) -> np.ndarray:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import KBinsDiscretizer

    p = np.zeros(len(labels))
    for learn, judged in folds:
        bins = KBinsDiscretizer(5, encode="onehot-dense", quantile_method="averaged_inverted_cdf")
        filled = SimpleImputer(strategy="median", keep_empty_features=True)
        model = make_pipeline(filled, bins, LogisticRegression(C=0.1, max_iter=1000))
        p[judged] = model.fit(values[learn], labels[learn]).predict_proba(values[judged])[:, 1]
    return p


def _repetition(
    values: np.ndarray, labels: np.ndarray, tenders: np.ndarray, number: int | None, seed: int
) -> float:
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import GroupShuffleSplit

    random = np.random.RandomState(seed)
    if number is not None:
        known, place = np.unique(tenders, return_inverse=True)
        values = values.copy()
        values[:, number] = random.permutation(len(known))[place]
    order = random.permutation(len(labels))  # the published code shuffles the rows first
    values, labels, tenders = values[order], labels[order], tenders[order]
    learn, judged = next(GroupShuffleSplit(1, test_size=0.2, random_state=seed).split(values, groups=tenders))
    trees = ExtraTreesClassifier(300, class_weight="balanced", bootstrap=True, random_state=seed)
    trees.fit(values[learn], labels[learn])
    return float(balanced_accuracy_score(labels[judged], trees.predict(values[judged])))


def _asked(path: Path, query: str) -> tuple[list[str], list[tuple]]:
    import duckdb

    found = duckdb.connect().execute(query, [str(path)])
    return [one[0] for one in found.description], found.fetchall()


def _numbers(column: list) -> np.ndarray:
    """Numbers as they are, other values by their place among the different ones."""
    if all(one is None or isinstance(one, int | float) for one in column):
        return np.array([np.nan if one is None else float(one) for one in column])
    places = {one: place for place, one in enumerate(sorted({str(one) for one in column}))}
    return np.array([float(places[str(one)]) for one in column])


def _finite(values: np.ndarray) -> np.ndarray:
    return np.nan_to_num(values, nan=-1.0, posinf=99.0, neginf=-99.0)
