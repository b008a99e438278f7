"""Scoring every tender of a market (逐项目筛查): what each family says, the index, and the place among the others.

Without a prior the number is a place among the tenders of this run, named 相对风险（未校准）, and never a probability.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gongheng.screening import combination, history, neighbours, prices, tenderers
from gongheng.screening.catalogue import indicators
from gongheng.screening.findings import Family, Finding, Indicator, Said, Unknown
from gongheng.screening.markets import Tender
from gongheng.screening.past import History

#: Stands in where nobody gave a prior; it moves the scale of the sum, not the order, and is then never shown.
_ANY_PRIOR = 0.01
#: What the second sign of a family may add: the interval is the range of the place over these.
_RHOS = (0.0, combination.RHO, 0.6)
#: Which inputs would let an indicator of the family speak.
MISSING = {
    Family.FINGERPRINT: "没有提供电子指纹（锁号、网卡、文件元数据等）资料",
    Family.MONEY_AND_PEOPLE: "没有提供保证金账户与人员资料",
    Family.PRICE: "没有提供分项报价（--prices）",
    Family.HISTORY: "没有提供历史数据",
    Family.TEXT: "没有提供投标文件（--documents）",
    Family.EVALUATION: "没有提供评分表（--scores）或阅看记录（--logs）",
    Family.TENDERER: "没有提供招标过程资料（公告、澄清、否决理由）",
}
#: The indicators that were asked about one tender, and what they said.
Asked = tuple[Sequence[Indicator], Said]
#: What other inputs than the bids say about one tender.
Evidence = Callable[[Tender], Sequence[Asked]]


@dataclass(frozen=True)
class Screened:
    """One tender with its number: ``value`` between ``low`` and ``high``, on the scale that the run says."""

    tender: Tender
    index: combination.Index
    weight: float  # sum of the families' log-likelihood ratios for the worst coalition
    value: float
    low: float
    high: float
    below: float  # share of the other tenders of this run whose evidence is weaker
    standing: float  # mean percentile of price shape among all: orders tenders of equal evidence, no more
    without: Mapping[Family, float]
    apart: tuple[Finding, ...]  # said of other parties than the worst coalition, and not counted


def screen(
    tenders: Sequence[Tender], pool: Sequence[Tender], *, prior: float | None, evidence: Evidence | None = None,
    progress: Callable[[], None] = lambda: None,
) -> list[Screened]:
    """Return the tenders, most suspicious first; ``pool`` is all that is known at the as-of time."""
    peers, known, entries = prices.Peers(pool), History(pool), _Entries(pool)
    counted, apart = [], []
    for one in tenders:
        asked = [
            (prices.INDICATORS, prices.findings(one, peers)), (history.INDICATORS, history.findings(one, known)),
            (neighbours.INDICATORS, neighbours.findings(one, known)),
            *entries.asked(one), *(evidence(one) if evidence else ()),
        ]
        said = _by_family(asked)
        counted.append(combination.index(said, prior=prior or _ANY_PRIOR))
        kept = {finding for part in counted[-1].families for finding in part.findings}
        apart.append(tuple(finding for each in said.values() for finding in each.findings if finding not in kept))
        progress()
    return _ranked(tenders, counted, apart, prices.standing(tenders), prior)


class _Entries:
    """Earlier bids of every firm at every agency; what a firm wins at one tenderer the history family counts (G5)."""

    def __init__(self, pool: Sequence[Tender]):
        self._of: dict[str, list[tuple[float, tenderers.Entry]]] = {}
        for one in pool:
            if one.opened is not None:
                for bid in one.bids:
                    if bid.firm and bid.won is not None:
                        entry = tenderers.Entry(bid.firm, "", one.agency, bid.won)
                        self._of.setdefault(bid.firm, []).append((one.opened, entry))

    def asked(self, tender: Tender) -> list[Asked]:
        winners = [bid.firm for bid in tender.bids if bid.won and bid.firm]
        if len(winners) != 1 or not tender.agency or tender.opened is None:
            return []
        past = [entry for opened, entry in self._of.get(winners[0], ()) if opened < tender.opened]
        seen = tenderers.Tender("", tender.agency, winners[0])
        return [(tenderers.INDICATORS, tenderers.findings(seen, past=past))]


def _by_family(asked: Sequence[Asked]) -> dict[Family, Said]:
    """Join what was said by family; an indicator whose inputs nobody gave is unknown, not innocent."""
    known = indicators()
    looked = {one.code for table, _ in asked for one in table}
    found = [one for _, said in asked for one in said.findings]
    unknown = [one for _, said in asked for one in said.unknown]
    unknown += [Unknown(code, MISSING[one.family]) for code, one in known.items() if code not in looked]
    return {
        family: Said(
            tuple(one for one in found if known[one.indicator].family is family),
            tuple(one for one in unknown if known[one.indicator].family is family),
        ) for family in Family
    }


def _ranked(
    tenders: Sequence[Tender], counted: Sequence[combination.Index], apart: Sequence[tuple[Finding, ...]],
    standing: Sequence[float], prior: float | None,
) -> list[Screened]:
    weights = [math.fsum(part.log_lr for part in one.families) for one in counted]
    ordered = sorted(weights)
    ranges = _places(counted) if prior is None else [(one.low, one.value, one.high) for one in counted]
    found = []
    for row, (tender, one) in enumerate(zip(tenders, counted, strict=True)):
        floor = combination.STATUTORY_FLOOR if one.statutory else 0.0
        low, value, high = (max(each, floor) for each in ranges[row])
        without = one.without if prior is not None else _places_without(one, weights, row)
        below = bisect_left(ordered, weights[row]) / max(len(ordered) - 1, 1)
        found.append(Screened(tender, one, weights[row], value, low, high, below, standing[row], without, apart[row]))
    return sorted(found, key=lambda one: (
        not one.index.statutory, -one.value, -one.weight, -one.standing, one.tender.id,
    ))


def _places(counted: Sequence[combination.Index]) -> list[tuple[float, float, float]]:
    """Return each tender's place among all, and the range of it while the weight of second signs moves."""
    scales = [
        combination.relative([
            math.fsum(
                combination.combined((one.log_lr for one in part.findings), part.family, rho)
                for part in index.families
            ) for index in counted
        ]) for rho in _RHOS
    ]
    middle = scales[_RHOS.index(combination.RHO)]
    return [(min(each), value, max(each)) for each, value in zip(zip(*scales, strict=True), middle, strict=True)]


def _places_without(index: combination.Index, weights: Sequence[float], row: int) -> dict[Family, float]:
    """Return the place that the tender would have if one family had said nothing and all others stood as they are."""
    places = {}
    for part in index.families:
        others = [*weights[:row], *weights[row + 1:]]
        floor = combination.STATUTORY_FLOOR if any(
            one.indicator not in {each.indicator for each in part.findings} for one in index.statutory
        ) else 0.0
        places[part.family] = max(combination.relative([*others, weights[row] - part.log_lr])[-1], floor)
    return places
