"""Price scores by deviation from a base price, with every step shown (评标基准价与报价得分)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from gongheng.kernel.money import cents, formatted
from gongheng.kernel.refusal import Refusal

HUNDREDTH = Decimal("0.01")
# Up to this many prices nothing is trimmed; above it one highest and one lowest leave the mean.
UNTRIMMED_POOL = 3


class BasePool(StrEnum):
    """Whose prices make the base price (参与基准价计算的投标人)."""

    OPENED = "OPENED"
    PASSED_PRELIMINARY = "PASSED_PRELIM"


@dataclass(frozen=True)
class PriceParameters:
    """The price part of an evaluation method as the tender document states it (报价评分参数).

    ``full_score`` F in points; ``above`` E1 and ``below`` E2 in points per 1 % of deviation;
    ``k_choices`` the reductions K in percent, one of which is drawn at the opening (下浮系数).
    """

    full_score: Decimal
    above: Decimal
    below: Decimal
    k_choices: tuple[Decimal, ...]
    base_pool: BasePool = BasePool.PASSED_PRELIMINARY

    def validate(self) -> None:
        """Raise Refusal METHOD naming the first parameter that cannot be used."""
        if not 0 < self.full_score <= 100:
            raise Refusal("METHOD", "报价满分 F 应大于 0 且不超过 100 分", "full_score")
        slopes = (("above", "E1（高于基准价）", self.above), ("below", "E2（低于基准价）", self.below))
        for field, title, value in slopes:
            if value <= 0:
                raise Refusal("METHOD", f"每偏差 1% 的扣分 {title} 应大于 0", field)
        if self.above < self.below:
            raise Refusal("METHOD", "高于基准价的扣分 E1 不应小于低于基准价的扣分 E2，请核对是否填反", "above")
        if not self.k_choices or len(set(self.k_choices)) != len(self.k_choices):
            raise Refusal("METHOD", "下浮系数 K 至少填写一个备选值，且不得重复", "k_choices")
        if any(not 0 <= k < 100 for k in self.k_choices):
            raise Refusal("METHOD", "下浮系数 K 应不小于 0 且小于 100（单位：%）", "k_choices")

    def to_json(self) -> dict:
        """Return the parameters as strings and lists."""
        return {
            "full_score": str(self.full_score), "above": str(self.above), "below": str(self.below),
            "k_choices": [str(k) for k in self.k_choices], "base_pool": self.base_pool.value,
        }

    @classmethod
    def from_json(cls, record: dict) -> PriceParameters:
        """Return the parameters that ``to_json`` wrote."""
        return cls(
            Decimal(record["full_score"]), Decimal(record["above"]), Decimal(record["below"]),
            tuple(Decimal(k) for k in record["k_choices"]), BasePool(record["base_pool"]),
        )


@dataclass(frozen=True)
class Step:
    """One line of the calculation as pages and reports show it (计算步骤)."""

    title: str
    formula: str
    result: str


@dataclass(frozen=True)
class PriceRow:
    """One bidder's way from price to score (报价得分行).

    ``delta`` is percent with sign; ``slope`` the points per 1 % that applied; ``in_pool`` whether
    the price made the base, ``is_trimmed`` whether it was dropped from the mean.
    """

    bidder: str
    price: Decimal
    in_pool: bool
    is_trimmed: bool
    delta: Decimal
    slope: Decimal
    score: Decimal

    def formula(self, full_score: Decimal) -> str:
        """Return the score's calculation in figures."""
        return f"{full_score} - |{self.delta}| × {self.slope} = {self.score}"


@dataclass(frozen=True)
class PriceTable:
    """The whole calculation of a lot's price scores (报价得分表), in order of price, then bidder."""

    parameters: PriceParameters
    k: Decimal
    pool: tuple[tuple[str, Decimal], ...]
    trimmed: tuple[str, ...]
    mean: Decimal
    base: Decimal
    rows: tuple[PriceRow, ...]

    def row(self, bidder: str) -> PriceRow:
        """Return one bidder's row; KeyError if the bidder has no price here."""
        for row in self.rows:
            if row.bidder == bidder:
                return row
        raise KeyError(bidder)

    def steps(self) -> tuple[Step, ...]:
        """Return the calculation up to the base price, in words and figures."""
        kept = [price for bidder, price in self.pool if bidder not in self.trimmed]
        dropped = dict(self.pool)
        trim = "、".join(f"{bidder} {formatted(dropped[bidder])} 元" for bidder in self.trimmed)
        return (
            Step("参与计算的报价", "、".join(formatted(price) for _, price in self.pool), f"{len(self.pool)} 家"),
            Step("去掉最高、最低报价", trim or f"不超过 {UNTRIMMED_POOL} 家，不去除", f"余 {len(kept)} 家"),
            Step("算术平均值 A", f"({' + '.join(formatted(price) for price in kept)}) ÷ {len(kept)}",
                 f"{formatted(self.mean)} 元"),
            Step("评标基准价 B = A × (1 - K)", f"{formatted(self.mean)} × (1 - {self.k}%)",
                 f"{formatted(self.base)} 元"),
        )

    def to_json(self) -> dict:
        """Return the calculation as strings and lists, the same bytes for the same inputs."""
        return {
            "parameters": self.parameters.to_json(), "k": str(self.k), "mean": str(self.mean), "base": str(self.base),
            "trimmed": list(self.trimmed), "pool": [[bidder, str(price)] for bidder, price in self.pool],
            "rows": [
                {"bidder": row.bidder, "price": str(row.price), "delta": str(row.delta), "slope": str(row.slope),
                 "score": str(row.score)} for row in self.rows
            ],
        }


def trimmed_mean(pool: tuple[tuple[str, Decimal], ...]) -> tuple[Decimal, tuple[str, ...]]:
    """Return the mean price to 0.01 元 and the bidders dropped from it.

    Up to three prices count all; above that one highest and one lowest leave, one bidder each.
    """
    ordered = sorted(pool, key=lambda pair: (pair[1], pair[0]))
    trimmed = ()
    if len(ordered) > UNTRIMMED_POOL:
        trimmed = (ordered[-1][0], ordered[0][0])
        ordered = ordered[1:-1]
    return cents(sum(price for _, price in ordered) / len(ordered)), trimmed


def base_price(mean: Decimal, k: Decimal) -> Decimal:
    """Return A × (1 - K %), to 0.01 元."""
    return cents(mean * (100 - k) / 100)


def deviation(price: Decimal, base: Decimal) -> Decimal:
    """Return how far a price lies from the base, in percent with two decimals, halves away from zero."""
    return ((price - base) / base * 100).quantize(HUNDREDTH, ROUND_HALF_UP)


def price_score(delta: Decimal, parameters: PriceParameters) -> Decimal:
    """Return F - |delta| × E within [0, F], two decimals; E is E1 above the base and E2 below."""
    slope = parameters.above if delta > 0 else parameters.below
    score = (parameters.full_score - abs(delta) * slope).quantize(HUNDREDTH, ROUND_HALF_UP)
    return min(max(score, Decimal("0.00")), parameters.full_score)


def price_table(
    prices: Mapping[str, Decimal], parameters: PriceParameters, k: Decimal, pool: frozenset[str] | None = None,
) -> PriceTable:
    """Return the price scores of all bidders in ``prices`` (元) from the base price of the ``pool``.

    ``pool`` names the bidders whose prices make the base, all of them when None; a bidder of the
    pool must have a price. Raises Refusal METHOD when the pool is empty or K is not a stated choice.
    """
    if k not in parameters.k_choices:
        raise Refusal("METHOD", f"下浮系数 K={k}% 不在招标文件列出的备选值之内", "k")
    members = frozenset(prices) if pool is None else pool
    if not members:
        raise Refusal("METHOD", "没有可用于计算评标基准价的报价")
    if any(price <= 0 for price in prices.values()):
        raise Refusal("METHOD", "投标报价应大于零，否则无法计算评标基准价", "price")
    in_pool = tuple(sorted(((name, prices[name]) for name in members), key=lambda pair: (pair[1], pair[0])))
    mean, trimmed = trimmed_mean(in_pool)
    base = base_price(mean, k)
    rows = []
    for bidder, price in sorted(prices.items(), key=lambda pair: (pair[1], pair[0])):
        delta = deviation(price, base)
        slope = parameters.above if delta > 0 else parameters.below
        rows.append(PriceRow(bidder, price, bidder in members, bidder in trimmed, delta, slope,
                             price_score(delta, parameters)))
    return PriceTable(parameters, k, in_pool, trimmed, mean, base, tuple(rows))
