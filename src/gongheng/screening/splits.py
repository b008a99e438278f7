"""Honest splits of labelled tenders (数据划分): by tender, forward in time, and by firms never seen."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from gongheng.screening.markets import Tender
from gongheng.screening.past import History

#: Tenders before each of these shares of the dates are learned from, the rest is judged.
CUTS = (0.5, 0.6, 0.7)
Fold = tuple[np.ndarray, np.ndarray]  # rows to learn from, rows to judge


def by_tender(tenders: Sequence[Tender], *, folds: int = 5, seed: int = 0) -> Iterator[Fold]:
    """Stratified folds in which tenders with the same bids stay together: a copy must not be judged by its twin."""
    yield from _grouped(tenders, bid_vectors(tenders), folds, seed)


def forward(tenders: Sequence[Tender], cuts: Sequence[float] = CUTS) -> Iterator[Fold]:
    """Learn from what was opened before a moment, judge what was opened at or after it; twins are not judged."""
    opened = np.array([np.nan if one.opened is None else one.opened for one in tenders])
    known = np.unique(opened[~np.isnan(opened)])
    if len(known) < 3:
        return
    vectors = np.array(bid_vectors(tenders))
    for cut in cuts:
        moment = known[min(int(len(known) * cut), len(known) - 1)]
        learn = np.flatnonzero(opened < moment)
        judge = np.flatnonzero((opened >= moment) & ~np.isin(vectors, vectors[learn]))
        if len(learn) and len(judge):
            yield learn, judge


def unseen_firms(tenders: Sequence[Tender], *, folds: int = 4, seed: int = 0) -> Iterator[Fold]:
    """Folds in which firms that meet often stay together: the model is judged on circles it never saw."""
    homes = communities(tenders)
    if len(set(homes.values())) < folds:
        return
    groups = []
    for number, tender in enumerate(tenders):
        met = Counter(homes[bid.firm] for bid in tender.bids if bid.firm in homes)
        groups.append(min(met, key=lambda one: (-met[one], one)) if met else f"alone {number}")
    vectors = bid_vectors(tenders)
    first: dict[int, object] = {}
    yield from _grouped(
        tenders, [first.setdefault(vector, group) for vector, group in zip(vectors, groups, strict=True)], folds, seed
    )


def communities(tenders: Sequence[Tender], seed: int = 7) -> dict[str, int]:
    """Return the community of every firm in the graph of joint bids (Louvain), for splitting only."""
    import networkx

    history = History(tenders, timeless=True)
    graph = networkx.Graph()
    graph.add_nodes_from(sorted(history.firms))
    weights: Counter = Counter()
    for tender in tenders:
        firms = sorted({bid.firm for bid in tender.bids if bid.firm})
        weights.update((left, right) for place, left in enumerate(firms) for right in firms[place + 1:])
    graph.add_weighted_edges_from((left, right, weight) for (left, right), weight in sorted(weights.items()))
    found = networkx.community.louvain_communities(graph, weight="weight", seed=seed)
    return {firm: number for number, one in enumerate(sorted(map(sorted, found))) for firm in one}


def bid_vectors(tenders: Sequence[Tender]) -> list[int]:
    """Return a number per tender, the same for tenders with identical bids."""
    codes: dict[tuple[float, ...], int] = {}
    return [codes.setdefault(tuple(sorted(bid.value for bid in one.bids)), len(codes)) for one in tenders]


def _grouped(tenders: Sequence[Tender], groups: Sequence[object], folds: int, seed: int) -> Iterator[Fold]:
    from sklearn.model_selection import StratifiedGroupKFold

    labels = np.array([bool(one.label) for one in tenders])
    codes: dict[object, int] = {}
    numbers = np.array([codes.setdefault(group, len(codes)) for group in groups])
    split = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    yield from split.split(np.zeros(len(labels)), labels, numbers)
