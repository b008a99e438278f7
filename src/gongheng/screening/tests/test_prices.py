"""The pattern of prices: planted schemes are found, honest tenders are not, and what cannot be told is named."""

from dataclasses import replace

import numpy as np
import pytest

from gongheng.screening import ladders, prices, screens, steering, weights
from gongheng.screening.markets import AVERAGE, Tender
from gongheng.screening.tests.planted import bids, honest, market


@pytest.fixture(scope="module")
def peers() -> prices.Peers:
    return prices.Peers(market(1, 400))


@pytest.fixture
def tender() -> Tender:
    return honest(np.random.default_rng(2), 1000)


def codes(said) -> set[str]:
    return {one.indicator for one in said.findings if one.log_lr > 0}


def test_bids_that_stand_close_together_are_rare_among_peers(tender, peers):
    said = prices.findings(replace(tender, bids=bids([1e6, 1.001e6, 1.0035e6, 1.004e6, 1.0062e6])), peers)
    assert {"P1", "P3", "P8"} <= codes(said)
    close = next(one for one in said.findings if one.indicator == "P1")
    assert close.base_rate == 0
    assert "1,001,000.00 元" in {fact.value for fact in close.facts}


def test_a_ladder_is_found_without_any_peers(tender):
    said = prices.findings(replace(tender, bids=bids([1e6, 1.05e6, 1.1e6, 1.15001e6, 1.2e6])), prices.Peers([]))
    ladder = next(one for one in said.findings if one.indicator == "P4")
    assert ladder.p <= 0.001
    assert ladder.parties == ("H0", "H1", "H2", "H3", "H4")
    assert {one.indicator for one in said.unknown} >= {"P1", "P3", "P5"}


def test_coarsely_rounded_bids_make_no_ladder(tender, peers):
    said = prices.findings(replace(tender, bids=bids([10, 11, 12, 13, 14])), peers)
    assert "P4" not in codes(said)
    assert any(one.indicator == "P4" and "取整" in one.reason for one in said.unknown)


def test_the_lowest_bid_at_the_ceiling_speaks_only_where_there_is_a_ceiling(tender, peers):
    values = [bid.value for bid in tender.bids]
    close = replace(tender, ceiling=min(values) * 1.001)
    assert "P5" in codes(prices.findings(close, peers))
    said = prices.findings(replace(tender, ceiling=None), peers)
    assert any(one.indicator == "P5" and "限价" in one.reason for one in said.unknown)


def test_equal_totals_name_those_who_bid_them(tender, peers):
    values = [1e6, 1.1e6, 1.1e6, 1.21e6, 1.3e6]
    said = prices.findings(replace(tender, bids=bids(values)), peers)
    assert next(one for one in said.findings if one.indicator == "P6").parties == ("H1", "H2")


def test_one_bid_is_silent_and_says_why(tender, peers):
    said = prices.findings(replace(tender, bids=tender.bids[:1]), peers)
    assert not said.findings
    assert {one.indicator for one in said.unknown} == {one.code for one in prices.INDICATORS}


def test_honest_tenders_are_flagged_as_often_as_chance_says(peers):
    random = np.random.default_rng(3)
    found = [codes(prices.findings(honest(random, 2000 + n), peers)) for n in range(200)]
    for code in ("P1", "P3", "P4", "P5"):
        assert sum(code in one for one in found) / len(found) <= 0.12  # 5 per cent, and four errors of 200 draws


def test_peers_are_those_opened_before():
    tenders = market(4, 100)
    assert len(prices.Peers(tenders, before=tenders[50].opened)) == 50


def test_a_group_that_decides_the_average_is_named():
    values = [80, 84, 100, 100.5, 101, 90, 95]
    moved = steering.steered(bids(values, won=values.index(95)))
    assert moved is None  # the winner stands outside the group
    moved = steering.steered(bids([70, 74, 79, 92, 92.5, 93, 99.0], won=3))
    assert [bid.value for bid in moved.group] == [92, 92.5, 93]
    assert moved.shift < 0
    assert moved.otherwise.firm == "H2"


def test_average_games_are_unknown_where_the_lowest_wins(tender, peers):
    assert any(one.indicator == "P9" for one in prices.findings(tender, peers).unknown)
    asked = prices.findings(replace(tender, method=AVERAGE), prices.Peers([]))
    assert any(one.indicator == "P9" and "家" in one.reason for one in asked.unknown)


def test_the_ladder_table_is_what_its_generator_makes():
    for n in (4, 7):
        made = ladders.simulate(n, draws=40_000)
        for level, critical in list(zip(ladders.LEVELS, made, strict=True))[1:5]:  # above the first it says 1
            assert ladders.chance(critical, n) == pytest.approx(level, rel=0.25)


def test_the_chance_of_a_ladder_grows_with_its_unevenness():
    chances = [ladders.chance(one, 5) for one in np.linspace(0, 1, 200)]
    assert chances == sorted(chances)
    assert chances[-1] == 1


def test_the_order_of_bids_changes_no_statistic(tender):
    turned = replace(tender, bids=tuple(reversed(tender.bids)))
    first, second = (screens.table(screens.Prices.of([one]))[0] for one in (tender, turned))
    np.testing.assert_allclose(first, second)


def test_statistics_match_their_definitions():
    row = dict(zip(screens.NAMES, screens.table(screens.Prices.of([Tender("T", bids([100, 110, 130, 160]))]))[0],
                   strict=True))
    values = np.array([100, 110, 130, 160.0])
    assert row["cv"] == pytest.approx(values.std(ddof=1) / values.mean())
    assert row["rd"] == pytest.approx(10 / values[1:].std(ddof=1))
    assert row["tight3"] == pytest.approx(0.3)
    assert np.isnan(row["low_ceiling"])


def test_two_hundred_bidders_and_one_bidder_have_rows_too():
    random = np.random.default_rng(5)
    many = Tender("M", bids(random.lognormal(13, 0.1, 200)))
    table = screens.table(screens.Prices.of([many, Tender("O", bids([5.0]))]))
    assert table.shape == (2, len(screens.NAMES))
    assert np.isnan(table[1, screens.NAMES.index("cv")])


def test_chance_becomes_weight_within_the_bound():
    assert weights.of_chance(0.05) == pytest.approx(0.899, abs=0.001)
    assert weights.of_chance(0.9) == 0
    assert weights.of_chance(1e-12, 2.0) == 2.0
    assert weights.discoveries([0.001, 0.2, 0.9, 0.012], 0.05) == [True, False, False, True]
