"""Two implementations of the scores, the platform's in decimals and the verifier's in fractions, never disagree."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from gongheng.crypto import drawing
from gongheng.trading.evaluation import rules
from gongheng.trading.evaluation.method import BUILDING_CONSTRUCTION, Factor, FactorKind
from gongheng.trading.evaluation.pricing import BasePool
from tools.verify.report import Report
from tools.verify.scoring import check_prices, check_ranking, check_technical

SEED = bytes(range(32))
POINTS = st.integers(0, 12).map(lambda halves: Decimal(halves) / 2 + 24)


@st.composite
def evaluations(draw):
    """A committee of 5 to 9, up to seven bids whose prices and scores often coincide."""
    experts = [f"p{number}" for number in range(draw(st.sampled_from([5, 7, 9])))]
    usccs = [f"U{number}" for number in range(draw(st.integers(1, 7)))]
    prices = {uscc: Decimal(draw(st.one_of(st.integers(95, 105), st.integers(1, 10**11)))) / 100 for uscc in usccs}
    passed = set(draw(st.lists(st.sampled_from(usccs), min_size=1, unique=True)))
    sheets = {
        pid: {uscc: {"F1": draw(POINTS), "F2": draw(st.sampled_from([Decimal(0), Decimal(10)]))} for uscc in passed}
        for pid in experts
    }
    pool = draw(st.sampled_from(list(BasePool)))
    return prices, passed, sheets, pool, draw(st.sampled_from(BUILDING_CONSTRUCTION.price.k_choices))


def told(prices, passed, sheets, pool, k) -> dict:
    """Return the result that the platform's rules give, in the form of evaluation.json."""
    method = replace(
        BUILDING_CONSTRUCTION,
        factors=(
            Factor("F1", "方案", Decimal(30), FactorKind.RANGE, ""),
            Factor("F2", "业绩", Decimal(10), FactorKind.FIXED, ""),
        ),
        price=replace(BUILDING_CONSTRUCTION.price, base_pool=pool),
    )
    technical = {
        uscc: rules.technical_score(
            {pid: rules.sheet_total(method, sheet[uscc]) for pid, sheet in sheets.items()}, method.drops_extremes
        )
        for uscc in sorted(passed)
    }
    table = rules.score_prices(method, prices, frozenset(passed), k)
    standings = [rules.Standing(u, one.score, table.row(u).score, prices[u]) for u, one in technical.items()]
    ties = [
        drawing.order_of(SEED, f"ties-{number}", [(name, 1) for name in sorted(group)])
        for number, group in enumerate(rules.ties_needing_lots(standings), 1)
    ]
    ranking = rules.rank(standings, {name: place for order in ties for place, name in enumerate(order, 1)})
    return {
        "method": method.to_json(),
        "coefficient": str(k),
        "ties": ties,
        "price": table.to_json(),
        "bids": {uscc: {"price": str(price), "passed": uscc in passed} for uscc, price in prices.items()},
        "sheets": {
            pid: {uscc: {name: str(value) for name, value in row.items()} for uscc, row in sheet.items()}
            for pid, sheet in sheets.items()
        },
        "technical": {
            uscc: {
                "totals": {pid: str(total) for pid, total in one.totals},
                "dropped": list(one.dropped),
                "score": str(one.score),
            }
            for uscc, one in technical.items()
        },
        "ranking": [
            {
                "rank": row.rank,
                "bidder": row.standing.bidder,
                "technical": f"{row.standing.technical:.2f}",
                "price_score": f"{row.standing.price_score:.2f}",
                "total": f"{row.standing.total:.2f}",
                "price": f"{row.standing.price:.2f}",
                "decided_by": row.decided_by.value,
            }
            for row in ranking
        ],
    }


@settings(max_examples=60, deadline=None)
@given(evaluations())
def test_the_verifier_computes_what_the_platform_computed(case):
    result, report = told(*case), Report()
    check_ranking(result, check_technical(result, report), check_prices(result, report), SEED, report)
    assert report.faults == []
