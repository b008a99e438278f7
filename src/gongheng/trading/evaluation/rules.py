"""How a committee's sheets become conclusions, scores and a ranking (评标汇总规则)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from gongheng.kernel.refusal import Refusal
from gongheng.trading.evaluation.method import EvaluationMethod
from gongheng.trading.evaluation.pricing import HUNDREDTH, BasePool, PriceTable, price_table

# From this many experts on, one highest and one lowest total may be dropped.
TRIMMING_COMMITTEE = 7


# ------------------------------------------------------------------ preliminary review

@dataclass(frozen=True)
class ItemConclusion:
    """What the committee concludes about one item of one bid (初步评审结论); both sides are named."""

    item: str
    has_passed: bool
    in_favour: tuple[str, ...]
    against: tuple[str, ...]

    @property
    def dissenters(self) -> tuple[str, ...]:
        """Return the members outvoted, whose opinion the report must carry."""
        return self.against if self.has_passed else self.in_favour


def conclude_item(item: str, votes: Mapping[str, bool], committee: Iterable[str]) -> ItemConclusion:
    """Return the majority's conclusion on one item; ``votes`` maps member to "passes".

    Raises Refusal PRELIM while a member of the committee has not voted, when somebody else has,
    or when the votes are equal (a committee is odd, so that means it is not complete).
    """
    members = sorted(committee)
    missing = [member for member in members if member not in votes]
    if missing:
        raise Refusal("PRELIM", f"尚有 {len(missing)} 名评标委员会成员未对评审项 {item} 表决，请全部表决后再汇总", item)
    if len(votes) != len(members):
        raise Refusal("PRELIM", f"评审项 {item} 的表决中有非评标委员会成员的意见，不得计入", item)
    in_favour = tuple(member for member in members if votes[member])
    against = tuple(member for member in members if not votes[member])
    if len(in_favour) == len(against):
        raise Refusal("PRELIM", f"评审项 {item} 的赞成与反对票数相同，评标委员会应为单数，请核对成员", item)
    return ItemConclusion(item, len(in_favour) > len(against), in_favour, against)


def conclude_preliminary(
    method: EvaluationMethod, votes: Mapping[str, Mapping[str, bool]], committee: Iterable[str],
) -> tuple[ItemConclusion, ...]:
    """Return one bid's conclusions on every item, in the order of the document; votes are item → member → passes."""
    members = tuple(committee)
    return tuple(conclude_item(item.id, votes.get(item.id, {}), members) for item in method.items)


def has_passed(conclusions: Iterable[ItemConclusion]) -> bool:
    """Return whether a bid goes on to detailed evaluation: one failed item rejects it (否决)."""
    return all(conclusion.has_passed for conclusion in conclusions)


class Competition(StrEnum):
    """What the number of valid bids allows (有效投标家数的后果)."""

    CONTINUES = "CONTINUES"
    COMMITTEE_DECIDES = "COMMITTEE_DECIDES"
    ALL_REJECTED = "ALL_REJECTED"


def competition(valid: int, least: int = 3, lacks_competition: bool | None = None) -> Competition:
    """Return what follows from the bids left after review (法 42, 12 号令 27).

    Fewer than ``least`` valid bids do not end the evaluation by themselves: the committee must
    conclude whether competition is obviously lacking; None means that it has not yet.
    """
    if valid == 0:
        return Competition.ALL_REJECTED
    if valid >= least:
        return Competition.CONTINUES
    if lacks_competition is None:
        return Competition.COMMITTEE_DECIDES
    return Competition.ALL_REJECTED if lacks_competition else Competition.CONTINUES


# ------------------------------------------------------------------ technical scores

@dataclass(frozen=True)
class TechnicalScore:
    """One bid's technical score (技术得分): the mean of the experts' totals after dropping extremes."""

    totals: tuple[tuple[str, Decimal], ...]
    dropped: tuple[str, ...]
    score: Decimal


def sheet_total(method: EvaluationMethod, sheet: Mapping[str, Decimal]) -> Decimal:
    """Return one expert's total for one bid; ``sheet`` maps factor to points.

    Raises Refusal SCORE when a factor is missing, unknown or out of its range.
    """
    unknown = set(sheet) - {factor.id for factor in method.factors}
    if unknown:
        names = sorted(unknown)
        raise Refusal("SCORE", f"评分表中有招标文件未列出的评分因素：{'、'.join(names)}，请删除", names[0])
    for factor in method.factors:
        if factor.id not in sheet:
            raise Refusal("SCORE", f"“{factor.name}”尚未打分，请打分后提交", factor.id)
        factor.check(sheet[factor.id])
    return sum(sheet.values(), Decimal(0))


def technical_score(totals: Mapping[str, Decimal], drops_extremes: bool) -> TechnicalScore:
    """Return the mean of the experts' totals (member → points), two decimals, halves up.

    With seven experts or more and ``drops_extremes``, one highest and one lowest leave the mean.
    """
    if not totals:
        raise Refusal("SCORE", "尚无专家提交技术评分，不能汇总")
    ordered = sorted(totals.items(), key=lambda pair: (pair[1], pair[0]))
    dropped: tuple[str, ...] = ()
    kept = ordered
    if drops_extremes and len(ordered) >= TRIMMING_COMMITTEE:
        dropped, kept = (ordered[-1][0], ordered[0][0]), ordered[1:-1]
    return TechnicalScore(tuple(sorted(totals.items())), dropped, _mean([total for _, total in kept]))


@dataclass(frozen=True)
class DeviationPrompt:
    """A total so far from the committee's mean that its expert is asked to confirm it (评分偏差提示).

    ``deviation`` is percent of the mean, two decimals, with sign.
    """

    expert: str
    total: Decimal
    mean: Decimal
    deviation: Decimal


def deviation_prompts(totals: Mapping[str, Decimal], percent: Decimal) -> tuple[DeviationPrompt, ...]:
    """Return the experts whose total lies more than ±``percent`` % from the mean of all, by name."""
    if not totals:
        return ()
    mean = _mean(list(totals.values()))
    if mean == 0:
        return ()
    prompts = []
    for expert, total in sorted(totals.items()):
        away = ((total - mean) / mean * 100).quantize(HUNDREDTH, ROUND_HALF_UP)
        if abs(away) > percent:
            prompts.append(DeviationPrompt(expert, total, mean, away))
    return tuple(prompts)


def _mean(values: list[Decimal]) -> Decimal:
    return (sum(values, Decimal(0)) / len(values)).quantize(HUNDREDTH, ROUND_HALF_UP)


# ------------------------------------------------------------------ price scores

def score_prices(
    method: EvaluationMethod, prices: Mapping[str, Decimal], passed: frozenset[str], k: Decimal,
) -> PriceTable:
    """Return the price table of a lot: all opened ``prices``, the base from the pool the method names.

    Only bidders in ``passed`` get a row; under OPENED the prices of the others still make the base.
    """
    pool = frozenset(prices) if method.price.base_pool is BasePool.OPENED else passed
    table = price_table(prices, method.price, k, pool)
    rows = tuple(row for row in table.rows if row.bidder in passed)
    return PriceTable(table.parameters, table.k, table.pool, table.trimmed, table.mean, table.base, rows)


# ------------------------------------------------------------------ ranking

class DecidedBy(StrEnum):
    """What put a bid behind the one above it (名次依据)."""

    FIRST = "FIRST"
    TOTAL = "TOTAL"
    PRICE = "PRICE"
    TECHNICAL = "TECHNICAL"
    LOTS = "LOTS"


@dataclass(frozen=True)
class Standing:
    """What a valid bid is ranked by (参与排名的投标); scores in points, price in 元."""

    bidder: str
    technical: Decimal
    price_score: Decimal
    price: Decimal

    @property
    def total(self) -> Decimal:
        """Return the total score."""
        return self.technical + self.price_score

    @property
    def merits(self) -> tuple[Decimal, Decimal, Decimal]:
        """Return the sort key: total high, then price low, then technical high."""
        return (-self.total, self.price, -self.technical)


@dataclass(frozen=True)
class Ranked:
    """One line of the ranking (排名); ``decided_by`` compares it with the line above."""

    rank: int
    standing: Standing
    decided_by: DecidedBy


def ties_needing_lots(standings: Iterable[Standing]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of bidders that only drawing lots can put in order (抽签)."""
    groups: dict[tuple[Decimal, Decimal, Decimal], list[str]] = {}
    for standing in standings:
        groups.setdefault(standing.merits, []).append(standing.bidder)
    return tuple(tuple(sorted(names)) for _, names in sorted(groups.items()) if len(names) > 1)


def rank(standings: Iterable[Standing], lots: Mapping[str, int] | None = None) -> tuple[Ranked, ...]:
    """Return the bids in order: total, then lower price, then higher technical score, then drawn lots.

    ``lots`` maps a bidder to the number drawn (1 first). Raises Refusal TIE when bids are equal in
    all three merits and no distinct numbers were drawn for them: no order of input may decide.
    """
    drawn, bids = lots or {}, list(standings)
    for group in ties_needing_lots(bids):
        if len({drawn[name] for name in group if name in drawn}) != len(group):
            raise Refusal("TIE", f"{'、'.join(group)} 的总分、报价和技术分均相同，请先抽签确定先后", "lots")
    ordered = sorted(bids, key=lambda bid: (*bid.merits, drawn.get(bid.bidder, 0)))
    ranking = []
    for position, standing in enumerate(ordered, 1):
        decided = DecidedBy.FIRST if position == 1 else _difference(ordered[position - 2], standing)
        ranking.append(Ranked(position, standing, decided))
    return tuple(ranking)


def _difference(above: Standing, below: Standing) -> DecidedBy:
    reasons = (DecidedBy.TOTAL, DecidedBy.PRICE, DecidedBy.TECHNICAL)
    for reason, left, right in zip(reasons, above.merits, below.merits, strict=True):
        if left != right:
            return reason
    return DecidedBy.LOTS


def candidates(ranking: Iterable[Ranked], most: int = 3) -> tuple[Ranked, ...]:
    """Return the candidates to recommend (中标候选人): the first ``most`` of the ranking."""
    return tuple(ranking)[:most]
