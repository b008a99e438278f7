"""Who bids with whom: a planted ring is found, honest firms are not, and the future is never read."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from gongheng.screening import communities, neighbours, past
from gongheng.screening.history import INDICATORS, History, findings, groups
from gongheng.screening.markets import Tender
from gongheng.screening.tests.planted import DAY, RING, bids, honest, market, rigged


@pytest.fixture(scope="module")
def years() -> list[Tender]:
    return market(11, 300, share=0.15)


@pytest.fixture(scope="module")
def history(years) -> History:
    return History(years)


def found(said, code: str):
    return [one for one in said.findings if one.indicator == code]


def test_a_ring_is_found_with_its_members_and_its_turns(history):
    said = findings(rigged(np.random.default_rng(12), 400), history)
    (together,) = found(said, "G1")
    assert together.parties == RING
    assert together.p < 1e-6
    assert len(together.facts) == 3
    (closed,) = found(said, "G2")
    assert closed.parties == RING


def test_winners_that_take_turns_repeat_less_than_chance():
    turns = [
        Tender(f"T{n:03d}", bids([1.0, 1.1, 1.2, 1.3], [*RING[n % 3:], *RING[:n % 3], f"H{n % 7}"]), opened=n * DAY)
        for n in range(24)
    ]
    others = [honest(np.random.default_rng([13, n]), 100 + n) for n in range(60)]
    said = findings(replace(turns[0], id="N", opened=999 * DAY), History([*turns, *others]))
    (rotation,) = found(said, "G3")
    assert rotation.value == 0
    assert rotation.p <= 0.01


def test_honest_firms_are_seldom_called_a_group(history):
    random = np.random.default_rng(14)
    named = [findings(honest(random, 400 + n), history) for n in range(100)]
    assert sum(bool(found(said, "G1")) for said in named) <= 10


def test_nothing_of_the_same_moment_or_later_is_read(years, history):
    now = years[150]
    known = history.past(now)
    only_before = History(years[:150]).past(now)
    np.testing.assert_array_equal(known.bid.sum(axis=1), only_before.bid.sum(axis=1))
    assert known.total == only_before.total == 150
    first = history.past(years[0])
    assert first.bid.shape[1] == 0


def test_the_pair_table_counts_what_a_loop_counts(years, history):
    now = rigged(np.random.default_rng(15), 400)
    counted: Counter = Counter()
    for tender in years:
        firms = {bid.firm for bid in tender.bids}
        for left in firms:
            for right in firms:
                counted[left, right] += left < right
    known = history.past(now)
    table = past.pairs(known)
    for one, together in enumerate(table.together.tolist()):
        assert together == counted[known.firms[table.left[one]], known.firms[table.right[one]]]
        assert together <= min(table.left_bids[one], table.right_bids[one]) <= table.window[one] <= 300


def test_firms_meet_only_in_their_own_market(history):
    elsewhere = rigged(np.random.default_rng(16), 400, region="别处")
    assert history.past(elsewhere).total == 0
    assert not findings(elsewhere, history).findings


def test_who_bids_often_and_never_wins_is_named():
    cover = [
        Tender(f"T{n:03d}", bids([1.0, 1.1, 1.2], [f"H{n % 9}", f"H{n % 5 + 10}", "陪"]), opened=n * DAY)
        for n in range(40)
    ]
    now = Tender("N", bids([1.0, 1.1, 1.2], ["H1", "H2", "陪"]), opened=99 * DAY)
    (loser,) = found(findings(now, History(cover)), "G4")
    assert loser.parties == ("陪",)
    assert loser.value == 0
    (everywhere,) = communities.losers(cover)
    assert (everywhere.firm, everywhere.bids, everywhere.wins) == ("陪", 40, 0)
    assert everywhere.expected == pytest.approx(40 / 3)
    assert communities.losers(cover[:19]) == ()


def test_who_wins_only_at_one_buyer_is_named():
    random = np.random.default_rng(17)
    made = []
    for n in range(60):
        is_home = n % 2 == 0
        firms = ["亲", *(f"H{one}" for one in random.choice(20, 3, replace=False))]
        made.append(Tender(f"T{n:03d}", bids([1, 2, 3, 4.0], firms, 0 if is_home else 1), opened=n * DAY,
                           buyer="本局" if is_home else "外局"))
    now = Tender("N", bids([1.0, 2.0], ["亲", "H1"]), opened=99 * DAY, buyer="本局")
    (favoured,) = found(findings(now, History(made)), "G5")
    assert favoured.parties == ("亲",)
    unnamed = findings(replace(now, buyer=""), History(made))
    assert any(one.indicator == "G5" and "招标人" in one.reason for one in unnamed.unknown)


def test_the_same_three_alone_again_are_named():
    random = np.random.default_rng(18)
    same = [Tender(f"S{n}", bids([1.0, 1.1, 1.2], RING), opened=n * 9 * DAY) for n in range(6)]
    others = [honest(random, n) for n in range(60)]
    now = Tender("N", bids([1.0, 1.1, 1.2], RING), opened=99 * DAY)
    (three,) = found(findings(now, History([*same, *others])), "G6")
    assert three.value == 6


@pytest.mark.parametrize(("change", "words"), [
    ({"opened": None}, "开标时间"), ({"bids": bids([1.0, 2.0], ["", ""])}, "投标人代码"),
])
def test_what_cannot_be_told_is_unknown_and_not_innocent(history, change, words):
    said = findings(replace(honest(np.random.default_rng(19), 400), **change), history)
    assert {one.indicator for one in said.unknown} == {one.code for one in INDICATORS}
    assert all(words in one.reason for one in said.unknown)


def test_two_hundred_bidders_have_no_pairs(history):
    many = Tender("M", bids(range(1, 201)), opened=999 * DAY)
    reasons = {one.indicator: one.reason for one in findings(many, history).unknown}
    assert "超过" in reasons["G1"]


def test_groups_do_not_depend_on_the_order_of_edges():
    edges = [("a", "b", 3.0), ("b", "c", 2.0), ("x", "y", 5.0), ("a", "c", 1.0)]
    assert groups(edges) == groups(edges[::-1]) == [("a", "b", "c"), ("x", "y")]
    assert groups([]) == []


def test_the_market_has_one_community_and_it_is_the_ring(years):
    (ring, *others) = communities.communities(years)
    assert ring.firms == RING
    assert ring.exclusivity == 1
    assert sum(wins for _, wins in ring.wins) == ring.tenders
    assert all(one.tenders < ring.tenders for one in others)


def test_the_market_of_everybody_counts_pairs_as_the_tender_does(years, history):
    known = history.past(rigged(np.random.default_rng(20), 400))
    table = past.pairs(known)
    by_name = {(known.firms[left], known.firms[right]): place
               for place, (left, right) in enumerate(zip(table.left, table.right, strict=True))}
    for edge in communities.edges(years):
        if (edge.left, edge.right) in by_name:
            place = by_name[edge.left, edge.right]
            assert edge.together == table.together[place]
            assert edge.expected == pytest.approx(float(table.expected[place]))


def test_firms_that_share_a_market_and_never_meet_are_named():
    random = np.random.default_rng(21)
    made = []
    for n in range(200):
        one = honest(random, n, firms=12, size=4)
        firms = [bid.firm for bid in one.bids]
        firms[0] = ("A", "B")[n % 2]
        made.append(replace(one, bids=bids([bid.value for bid in one.bids], firms)))
    divided = communities.divisions(made)
    assert ("A", "B") in {(one.left, one.right) for one in divided}


def test_statistics_of_the_past_know_nothing_of_an_undated_tender(history):
    undated = replace(honest(np.random.default_rng(22), 400), opened=None)
    assert np.isnan(past.table([undated], history)).all()
    timeless = History([undated], timeless=True)
    assert timeless.past(undated).bid.shape[1] == 0  # itself is not its past


def test_a_large_honest_market_has_hardly_any_community():
    random = np.random.default_rng(23)
    tenders = [honest(random, n, firms=150) for n in range(600)]
    assert len(communities.edges(tenders)) <= 2


def test_many_bids_just_below_chance_are_no_professional_loser():
    """Sixty wins in five hundred bids where a hundred were due are significant, and nothing to ask about."""
    won = [Tender(f"T{n:03d}", bids([1.0, 1.1, 1.2, 1.3, 1.4], ["慢", *(f"H{(n + k) % 40}" for k in range(4))],
                                    won=0 if n % 25 < 3 else 1), opened=n * DAY) for n in range(500)]
    now = Tender("N", bids([1.0, 1.1], ["慢", "H1"]), opened=999 * DAY)
    assert not [one for one in found(findings(now, History(won)), "G4") if one.parties == ("慢",)]
    assert not communities.losers(won)


def test_three_of_five_who_cover_each_other_show_in_the_order_of_prices_over_years(years, history):
    said = neighbours.findings(rigged(np.random.default_rng(12), 400), history)
    (beside,) = said.findings
    assert beside.parties == RING
    assert beside.p < 0.05
    assert any("紧挨着" in fact.label for fact in beside.facts)


def test_honest_firms_stand_side_by_side_no_more_than_chance():
    """A dozen firms that always meet: many pairs and threes are tested, and at most a few tenders name anybody."""
    random = np.random.default_rng(18)
    history = History([honest(random, n, firms=12) for n in range(150)])
    named = [neighbours.findings(honest(random, 400 + n, firms=12), history) for n in range(60)]
    assert sum(bool(said.findings) for said in named) <= 4


def test_order_of_prices_is_silent_without_enough_meetings_or_order(history):
    first = neighbours.findings(honest(np.random.default_rng(19), 400, region="别处"), history)
    assert [one.indicator for one in first.unknown] == ["P11"]
    equal = [Tender(f"T{n}", bids([1.0] * 5, [*RING, "H1", "H2"]), opened=n * DAY) for n in range(30)]
    now = Tender("N", bids([1.0, 1.1, 1.2, 1.3, 1.4], [*RING, "H1", "H2"]), opened=99 * DAY)
    assert neighbours.findings(now, History(equal)).findings == ()


def test_chance_of_standing_side_by_side_is_that_of_shuffled_bids():
    random = np.random.default_rng(20)
    places = random.permuted(np.tile(np.arange(6), (20_000, 1)), axis=1)
    for size in neighbours.SIZES:
        own = places[:, :size]
        seen = (own.max(axis=1) - own.min(axis=1) == size - 1).mean()
        assert neighbours.share_of(6, size) == pytest.approx(seen, abs=0.01)
    assert neighbours.at_least(2, np.array([0.5, 0.5, 0.5])) == pytest.approx(0.5)
