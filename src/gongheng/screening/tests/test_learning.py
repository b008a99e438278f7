"""Learning: honest splits, probabilities that mean what they say, and alarms when the answer leaks."""

from dataclasses import replace

import numpy as np
import pytest

from gongheng.screening import evaluation, features, learning, splits
from gongheng.screening.markets import AVERAGE, Tender
from gongheng.screening.past import History
from gongheng.screening.tests.planted import market


@pytest.fixture(autouse=True, scope="module")
def once():
    """One round of three folds serves all tests but the one about rounds; two of five take four times as long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "MANY", 0)
        yield


@pytest.fixture(scope="module")
def tenders() -> list[Tender]:
    made = market(31, 110, share=0.35, label=True)
    return [*made, *(replace(one, id=f"{one.id}-twin") for one in made[:6])]


@pytest.fixture(scope="module")
def labels(tenders) -> np.ndarray:
    return np.array([bool(one.label) for one in tenders])


@pytest.fixture(scope="module")
def plain(tenders) -> features.Features:
    return features.of(tenders)


@pytest.fixture(scope="module")
def model(plain, labels, tenders) -> learning.Model:
    return learning.train(plain, labels, groups=splits.bid_vectors(tenders))


def test_twins_are_never_split(tenders):
    vectors = np.array(splits.bid_vectors(tenders))
    assert vectors[0] == vectors[110]
    judged = []
    for learn, rows in splits.by_tender(tenders):
        assert not set(vectors[learn]) & set(vectors[rows])
        judged += rows.tolist()
    assert sorted(judged) == list(range(len(tenders)))


def test_forward_learns_only_from_the_past(tenders):
    folds = list(splits.forward(tenders))
    assert len(folds) == len(splits.CUTS)
    for learn, rows in folds:
        assert max(tenders[one].opened for one in learn) < min(tenders[one].opened for one in rows)
    assert not list(splits.forward([replace(one, opened=None) for one in tenders]))


def test_unseen_firms_are_judged_by_a_model_that_never_met_their_circle(tenders):
    parted = [
        replace(one, bids=tuple(replace(bid, firm=f"{number % 5}{bid.firm}") for bid in one.bids))
        for number, one in enumerate(tenders[:110])
    ]
    for learn, rows in splits.unseen_firms(parted):
        circles = [{bid.firm[0] for place in side for bid in parted[place].bids} for side in (learn, rows)]
        assert not circles[0] & circles[1]
    nameless = [replace(one, bids=tuple(replace(bid, firm="") for bid in one.bids)) for one in tenders]
    assert not list(splits.unseen_firms(nameless))


def test_a_model_sees_neither_label_nor_date_nor_level_nor_winner(tenders, plain):
    moved = [
        replace(one, label=not one.label, opened=one.opened + 1e6, ceiling=one.ceiling * 4,
                bids=tuple(replace(bid, value=bid.value * 4, won=None) for bid in one.bids))
        for one in tenders
    ]
    np.testing.assert_allclose(features.of(moved).values, plain.values, rtol=1e-6, atol=1e-9)


def test_the_past_is_a_feature_only_as_of_the_opening(tenders):
    known = features.of(tenders[:20], History(tenders[:100]))
    only_before = features.of(tenders[:20], History(tenders[:20]))
    np.testing.assert_allclose(known.values, only_before.values)
    assert "past_jaccard_max" in known.names


def test_planted_covers_are_learned_and_probabilities_are_honest(tenders, plain, labels):
    vectors = np.array(splits.bid_vectors(tenders))
    p, judged, fold = evaluation.judge(plain, labels, vectors, splits.by_tender(tenders, folds=2), seed=0)
    result = evaluation.measure("by_tender", 0, labels[judged], p[judged], fold[judged])
    assert result.judged == len(tenders)
    assert result.auc > 0.85
    assert result.ece < 0.15
    assert result.precision_at[1] == 1


def test_shuffled_labels_score_one_half(tenders, plain, labels):
    score = evaluation.shuffle_score(tenders, plain, seed=1, folds=2)
    assert abs(score - 0.5) < 4 * evaluation.chance_error(int(labels.sum()), int((~labels).sum()))


def test_signs_are_kept_whatever_the_labels_say(model, plain):
    place = model.names.index("cv")
    row = np.repeat(plain.values[:1], 40, axis=0)
    row[:, place] = np.linspace(0, 0.3, 40)
    p = model.probabilities(features.Features(plain.names, row, plain.signs))
    assert (np.diff(p) <= 1e-12).all()


def test_where_the_average_wins_closeness_has_no_direction(tenders):
    assert not any(features.of([replace(one, method=AVERAGE) for one in tenders[:5]]).signs)


def test_a_local_prior_lowers_every_probability(model, plain):
    among_cases, locally = model.probabilities(plain), model.probabilities(plain, prior=0.01)
    assert (locally < among_cases).all()


def test_two_trainings_agree_to_the_byte(model, plain, labels, tenders):
    again = learning.train(plain, labels, groups=splits.bid_vectors(tenders))
    assert again.probabilities(plain).tobytes() == model.probabilities(plain).tobytes()


def test_other_statistics_and_too_few_labels_are_refused(model, plain, labels):
    with pytest.raises(ValueError, match="other statistics"):
        model.probabilities(features.Features(("cv",), plain.values[:, :1], (0,)))
    with pytest.raises(learning.TooFewLabels, match="才能学习"):
        learning.train(plain.only(np.arange(20)), labels[:20])


def test_calibration_error_is_what_it_says():
    p = np.array([0.2] * 10 + [0.9] * 10)
    exact = np.array([1, 1] + [0] * 8 + [1] * 9 + [0], dtype=bool)
    assert evaluation.calibration_error(exact, p) == pytest.approx(0)
    assert evaluation.calibration_error(~exact, p) == pytest.approx((0.6 + 0.8) / 2)


def test_a_score_too_good_is_an_alarm_and_skipped_splits_are_told(tenders, labels, monkeypatch):
    def quick(values, y, signs, seed):
        from sklearn.tree import DecisionTreeClassifier

        return tuple(DecisionTreeClassifier(max_depth=2, random_state=seed).fit(values, y) for _ in range(2))

    monkeypatch.setattr(learning, "_fit", quick)
    undated = [replace(one, opened=None) for one in tenders]
    leaking = features.Features(("cv",), labels[:, None].astype(float), (0,))
    done = evaluation.evaluate(undated, leaking, seeds=(0,), shuffles=1)
    assert done.mean("by_tender") == 1
    assert any("泄漏" in one for one in done.warnings)
    assert any(one.startswith("forward") for one in done.skipped)
    assert done.to_json()["results"][0]["split"] == "by_tender"


def test_few_tenders_are_gone_through_twice_and_the_scale_bends_on_either_side(monkeypatch):
    """Scores that are sure of one kind and vague about the other: two slopes meet both, and order never turns round."""
    monkeypatch.setattr(learning, "MANY", 1000)
    seen = []

    class Flat:
        def __init__(self, share):
            self.share = share

        def predict_proba(self, values):
            p = np.where(values[:, 0] > 0, 0.97, 0.45)
            return np.stack([1 - p, p], axis=1)

    def fit(values, y, signs, seed):
        seen.append((len(y), seed))
        return (Flat(y.mean()),)

    monkeypatch.setattr(learning, "_fit", fit)
    labels = np.array([place % 10 < 9 if place < 100 else place % 10 < 2 for place in range(200)])
    plain = features.Features(("x",), np.repeat([[1.0], [-1.0]], 100, axis=0), (0,))
    model = learning.train(plain, labels, seed=3)
    assert [each for _, each in seen] == [3] * 5 + [4] * 5 + [3]
    assert min(model.slopes) >= 0
    high, low = model.probabilities(plain)[[0, 150]]
    assert high == pytest.approx(0.9, abs=0.03)
    assert low == pytest.approx(0.2, abs=0.05)
    turned = learning.train(plain, ~labels, seed=3)
    assert turned.probabilities(plain) == pytest.approx(np.full(200, (~labels).mean()), abs=1e-6)
