"""The index of one tender (围串标指数) from what the families said: capped log-likelihood ratios added to a prior.

A finding counts once for what it is, and little more for being said twice: inside a family the strongest sign
counts in full and each further one at RHO; a family that statistics alone can fill is capped, so that ten price
screens which all see the same thing cannot convict anybody. What is missing counts nothing.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gongheng.screening.catalogue import indicators
from gongheng.screening.findings import Family, Finding, Said, Unknown

MODEL = "additive-1"
#: What a second sign of the same family adds, until it is fitted on verdicts.
RHO = 0.3
CAPS = {
    Family.PRICE: math.log(60), Family.TEXT: math.log(100), Family.HISTORY: math.log(20),
    Family.EVALUATION: math.log(20), Family.TENDERER: math.log(10),
    Family.FINGERPRINT: math.inf, Family.MONEY_AND_PEOPLE: math.inf,
}
FLOOR = -1.0
STATUTORY_FLOOR = 80.0
WARNING, KEY_LEAD = 60.0, 80.0
#: Whoever a judge or a tenderer favours is named together with that person, not with the other bidders.
_TIES = {Family.EVALUATION, Family.TENDERER}
#: The interval is the range of the index while these two assumptions move; it is not a sampling error.
_PRIOR_RANGE, _RHO_RANGE = (0.5, 2.0), (0.0, 0.6)
#: Share of tenders below the index of 60 and of 80 where nothing was adjudicated yet (芜湖's own volumes).
RELATIVE = "相对风险（未校准）"
_RELATIVE = ((0.0, 0.0), (0.92, 60.0), (0.9975, 80.0), (1.0, 100.0))


@dataclass(frozen=True)
class FamilyPart:
    """What one family adds, in log-odds, and the findings it comes from, strongest first."""

    family: Family
    log_lr: float
    is_capped: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Completeness:
    """Which families could look at all; an indicator that is in no list looked and saw nothing."""

    looked: tuple[Family, ...]
    unknown: Mapping[Family, tuple[Unknown, ...]]  # families with at least one indicator that could not speak
    absent: tuple[Family, ...]  # families of which nothing at all could be computed
    share: float  # indicators that could look, of all in the catalogue


@dataclass(frozen=True)
class Index:
    """100 × the probability of collusion given the evidence and the prior, for the worst coalition of the tender."""

    value: float
    low: float
    high: float
    families: tuple[FamilyPart, ...]  # largest first; families that said nothing are not listed
    coalition: tuple[str, ...]  # () where only the tender as a whole was spoken about
    statutory: tuple[Finding, ...]
    without: Mapping[Family, float]  # the index had this family said nothing
    completeness: Completeness
    prior: float
    model: str = MODEL

    @property
    def sentence(self) -> str:
        """Say the number in one sentence for a reader without statistics."""
        if self.statutory:
            return (
                f"指数 {_whole(self.value)}：存在法定视为串通的事实 {len(self.statutory)} 项，须逐项核对原件；"
                "指数是线索，不是认定。"
            )
        low, high = _whole(self.low), _whole(self.high)
        return (
            f"指数 {_whole(self.value)}" + (f"（{low}–{high}）" if low < high else "") + "："
            f"若同类项目每 {_one_in(self.prior)} 个中有 1 个串通，则有同样迹象的项目每 100 个中约有 "
            f"{_whole(self.value)} 个；指数是线索，不是认定。"
        )

    def to_json(self) -> dict:
        """Return plain JSON values in a fixed order, numbers at six decimals, so that two runs agree to the byte."""
        return {
            "model": self.model, "prior": _number(self.prior), "value": _number(self.value),
            "low": _number(self.low), "high": _number(self.high), "sentence": self.sentence,
            "coalition": list(self.coalition),
            "families": [
                {"family": part.family.value, "log_lr": _number(part.log_lr), "is_capped": part.is_capped,
                 "findings": [finding_json(one) for one in part.findings]}
                for part in self.families
            ],
            "statutory": [finding_json(one) for one in self.statutory],
            "without": {family.value: _number(value) for family, value in sorted(self.without.items())},
            "completeness": {
                "share": _number(self.completeness.share),
                "looked": [one.value for one in self.completeness.looked],
                "absent": [one.value for one in self.completeness.absent],
                "unknown": {
                    family.value: [{"indicator": one.indicator, "reason": one.reason} for one in unknown]
                    for family, unknown in sorted(self.completeness.unknown.items())
                },
            },
        }


def index(said: Mapping[Family, Said], *, prior: float) -> Index:
    """Return the index of the worst coalition at `prior`, the share of comparable tenders that are rigged."""
    if not 0 < prior < 1:
        raise ValueError("a prior lies between 0 and 1")
    findings = {family: said[family].findings for family in sorted(said)}
    coalition = _worst(findings)
    parts = _parts(findings, coalition)
    statutory = _statutory(findings)
    value = _value(parts, statutory, prior)
    corners = [value, *(
        _value(_parts(findings, coalition, rho), statutory, _scaled(prior, factor))
        for rho in _RHO_RANGE for factor in _PRIOR_RANGE
    )]
    return Index(
        value=value, low=min(corners), high=max(corners),
        families=parts, coalition=coalition, statutory=statutory,
        without={part.family: _without(findings, part.family, prior) for part in parts},
        completeness=_completeness(said), prior=prior,
    )


def combined(log_lrs: Iterable[float], family: Family, rho: float = RHO) -> float:
    """Return what a family adds: strongest + rho × others, suspicion and exoneration apart, between floor and cap."""
    values = list(log_lrs)
    up = [one for one in values if one > 0]
    down = [one for one in values if one < 0]
    total = (1 - rho) * max(up, default=0.0) + rho * math.fsum(up)
    total += (1 - rho) * min(down, default=0.0) + rho * math.fsum(down)
    return min(max(total, FLOOR), CAPS[family])


def posterior(log_lr: float, prior: float) -> float:
    """Return the probability after evidence of `log_lr` on odds of `prior`."""
    log_odds = math.log(prior) - math.log1p(-prior) + log_lr
    return 1 / (1 + math.exp(-log_odds)) if log_odds > -700 else 0.0


def relative(scores: Sequence[float]) -> list[float]:
    """Return RELATIVE values of scores among themselves: 60 is the 92nd, 80 the 99.75th percentile; ties share."""
    ordered = sorted(scores)
    place: dict[float, float] = {}
    for number, score in enumerate(ordered):
        first = place.setdefault(score, number)
        place[score] = first  # a tie takes the lowest rank: a crowd at one value is no alarm
    return [_on_scale(place[score] / max(len(ordered) - 1, 1)) for score in scores]


def finding_json(one: Finding) -> dict:
    """Return one finding as plain JSON values."""
    return {
        "indicator": one.indicator, "parties": list(one.parties), "value": _number(one.value),
        "log_lr": _number(one.log_lr), "p": _number(one.p), "base_rate": _number(one.base_rate),
        "facts": [
            {"party": fact.party, "label": fact.label, "value": fact.value, "source": fact.source}
            for fact in one.facts
        ],
    }


def _worst(findings: Mapping[Family, tuple[Finding, ...]]) -> tuple[str, ...]:
    """Return the coalition, among those any family named, that the evidence speaks most against."""
    candidates = sorted({one.parties for each in findings.values() for one in each if one.parties})
    groups = [one for one in candidates if len(one) > 1] or candidates
    return min(groups, key=lambda one: (-_total(_parts(findings, one)), len(one), one), default=())


def _supports(one: Finding, family: Family, coalition: tuple[str, ...]) -> bool:
    """Two coalitions that share one firm are two; a finding about part of a coalition, or about more, is about it."""
    if not one.parties:
        return True
    parties, members = set(one.parties), set(coalition)
    shared = parties & members
    return len(shared) >= 2 or parties <= members or members <= parties or (family in _TIES and bool(shared))


def _parts(findings, coalition: tuple[str, ...], rho: float = RHO) -> tuple[FamilyPart, ...]:
    parts = []
    for family, each in findings.items():
        kept = sorted(
            (one for one in each if _supports(one, family, coalition)),
            key=lambda one: (-one.log_lr, one.indicator, one.parties),
        )
        if kept:
            total = combined((one.log_lr for one in kept), family, rho)
            parts.append(FamilyPart(family, total, total >= CAPS[family], tuple(kept)))
    return tuple(sorted(parts, key=lambda part: (-part.log_lr, part.family)))


def _total(parts: Iterable[FamilyPart]) -> float:
    return math.fsum(part.log_lr for part in parts)


def _value(parts: Iterable[FamilyPart], statutory: Sequence[Finding], prior: float) -> float:
    value = 100 * posterior(_total(parts), prior)
    return max(value, STATUTORY_FLOOR) if statutory else value


def _without(findings: Mapping[Family, tuple[Finding, ...]], left_out: Family, prior: float) -> float:
    """Return the index of the worst coalition that remains; it may be another one."""
    rest = {family: each for family, each in findings.items() if family is not left_out}
    return _value(_parts(rest, _worst(rest)), _statutory(rest), prior)


def _statutory(findings: Mapping[Family, tuple[Finding, ...]]) -> tuple[Finding, ...]:
    known = indicators()
    return tuple(
        one for each in findings.values() for one in each
        if one.log_lr > 0 and one.indicator in known and known[one.indicator].is_statutory
    )


def _completeness(said: Mapping[Family, Said]) -> Completeness:
    every = {family: {one.code for one in indicators().values() if one.family is family} for family in Family}
    unknown = {family: {one.indicator for one in said[family].unknown} for family in said}
    found = {family: {one.indicator for one in said[family].findings} for family in said}
    looked = {family: (every[family] - unknown[family]) | found[family] for family in said}
    total = sum(len(codes) for codes in every.values())
    return Completeness(
        looked=tuple(family for family in Family if looked.get(family)),
        unknown={family: said[family].unknown for family in sorted(said) if said[family].unknown},
        absent=tuple(family for family in Family if not looked.get(family)),
        share=sum(len(codes) for codes in looked.values()) / total if total else 0.0,
    )


def _scaled(prior: float, factor: float) -> float:
    odds = prior / (1 - prior) * factor
    return odds / (1 + odds)


def _on_scale(rank: float) -> float:
    for (low, at_low), (high, at_high) in itertools.pairwise(_RELATIVE):
        if rank <= high:
            return at_low + (at_high - at_low) * (rank - low) / (high - low)
    return 100.0


def _one_in(prior: float) -> str:
    return f"{1 / prior:.0f}" if prior <= 0.5 else f"{1 / prior:.1f}"


def _whole(value: float) -> int:
    """Return a number to be read, cut and not rounded: no evidence makes every one of a hundred, or reaches a line."""
    return math.floor(value)


def _number(value: float | None) -> float | None:
    return None if value is None else round(float(value), 6)
