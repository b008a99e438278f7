"""Money and people: codes before names, owners through every storey, and nothing from likeness alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.screening.relations import Holding, Payment, Policy, Profile, Transfer, entity, findings
from gongheng.screening.relations.entities import core_name, place, several_codes
from gongheng.screening.relations.indicators import INDICATORS

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
FIRMS = ("A", "B", "C")


def spoke(said) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.indicator, one.parties) for one in said.findings]


def payment(firm: str, account: str, branch: str = "", handler: str = "") -> Payment:
    return Payment(firm, "投标保证金", account, branch, handler, f"{firm}回单")


def test_one_account_for_several_bidders_is_a_fact_of_law():
    said = findings(FIRMS, payments=[payment("A", "6222 0001 1234"), payment("B", "622200011234"), payment("C", "9")])
    assert spoke(said) == [("M1", ("A", "B"))]
    assert next(one for one in INDICATORS if one.code == "M1").is_statutory
    assert "1234" in said.findings[0].facts[0].value


def test_a_guarantors_clearing_account_and_ones_own_two_payments_are_innocent():
    same = [payment("A", "622200011234"), payment("B", "622200011234")]
    assert spoke(findings(FIRMS, payments=same, clearing=["622200011234"])) == []
    assert spoke(findings(FIRMS, payments=[payment("A", "622200011234"), payment("A", "622200011234")])) == []
    assert spoke(findings(FIRMS, payments=[payment("A", "622200011234"), payment("X", "622200011234")])) == []


@pytest.mark.parametrize(("second", "branch", "handler", "speaks"), [
    ("622200011240", "城东支行", "h:1", True), ("622200011250", "城东支行", "h:1", False),
    ("622200011240", "城西支行", "h:1", False), ("622200011240", "城东支行", "h:2", False),
    ("62220001123", "城东支行", "h:1", False),
])
def test_successive_accounts_need_one_branch_and_one_hand(second, branch, handler, speaks):
    rows = [payment("A", "622200011234", "城东支行", "h:1"), payment("B", second, branch, handler)]
    assert spoke(findings(FIRMS, payments=rows)) == ([("M2", ("A", "B"))] if speaks else [])


@pytest.mark.parametrize(("minutes", "address", "speaks"), [
    (9, "1.2.3.4", True), (11, "1.2.3.4", False), (1, "", False),
])
def test_policies_handled_together(minutes, address, speaks):
    rows = [
        Policy("A", "h:agent", address, NINE, "保函1"),
        Policy("B", "h:agent", address, NINE + timedelta(minutes=minutes), "保函2"),
    ]
    assert spoke(findings(FIRMS, policies=rows)) == ([("M3", ("A", "B"))] if speaks else [])


def test_persons_and_places_that_registers_share():
    rows = [
        Profile("A", head="h:p1", address="城东区解放路18号301室", managers=("h:m1",), insured_by=(("h:m1", "B"),)),
        Profile("B", head="h:p1", address="城东区解放路 18号 301室", telephone="0531-88887777"),
        Profile("C", telephone="053188887777", managers=("h:m1",)),
    ]
    said = findings(FIRMS, profiles=rows)
    assert spoke(said) == [
        ("M4", ("A", "B")), ("M6", ("A", "B")), ("M6", ("B", "C")), ("M7", ("A", "C")), ("M8", ("A", "B")),
    ]
    crowd = {place("城东区解放路18号301室"): 300, "053188887777": 40}
    assert "M6" not in dict(spoke(findings(FIRMS, profiles=rows, crowded=crowd)))


def test_a_street_is_no_address():
    assert place("城东区解放路") == ""
    assert place("解放路18号") == ""
    assert place("城东区解放路18号301室") == place("城东区，解放路18号（301室）")


def test_owners_are_followed_upwards_and_the_state_is_no_owner():
    rows = [Holding("H1", "A", 0.6), Holding("TOP", "H1", 0.51), Holding("TOP", "B", 0.8), Holding("SMALL", "C", 0.2)]
    assert spoke(findings(FIRMS, holdings=rows)) == [("M5", ("A", "B"))]
    assert spoke(findings(FIRMS, holdings=rows, public_owners=["TOP"])) == []
    assert spoke(findings(FIRMS, holdings=[Holding("A", "B", 0.5)])) == [("M5", ("A", "B"))]
    assert spoke(findings(FIRMS, holdings=[Holding("A", "B", 0.49)])) == []
    circle = [Holding("A", "H1", 0.9), Holding("H1", "A", 0.9)]
    assert spoke(findings(FIRMS, holdings=circle)) == []


def test_paying_a_loser():
    rows = [Transfer("A", "B", "分包", "合同1"), Transfer("A", "X", "付款", "流水")]
    assert spoke(findings(FIRMS, transfers=rows)) == [("M9", ("A", "B"))]


def test_like_names_never_raise_an_index():
    rows = [Profile("A", name="济南宏远市政工程有限公司"), Profile("B", name="青岛市宏远市政工程有限责任公司")]
    said = findings(FIRMS, profiles=rows)
    assert [(one.indicator, one.log_lr) for one in said.findings if one.indicator == "M10"] in ([("M10", 0.0)], [])
    same = [Profile("A", name="济南市宏远市政工程有限公司"), Profile("B", name="青岛市宏远市政工程有限责任公司")]
    assert [(one.indicator, one.log_lr) for one in findings(FIRMS, profiles=same).findings] == [("M10", 0.0)]
    assert core_name("济南市宏远市政工程有限公司") == "宏远市政工程"


def test_one_organisation_with_several_codes_is_one_bidder():
    old, new = "91370100MA3C0PXX1K", "91370200MA3C0PXX1A"
    assert entity(old) == entity(new) == entity("MA3C0PXX-1") == "MA3C0PXX1"
    assert several_codes({old: "甲", new: "甲", "B": "乙"}) == {"MA3C0PXX1": (old, new)}
    rows = [payment(old, "622200011234"), payment(new, "622200011234")]
    assert spoke(findings([old, new, "B"], payments=rows)) == []


def test_sources_that_were_not_there_are_unknown():
    said = findings(FIRMS)
    assert {one.indicator for one in said.unknown} == {one.code for one in INDICATORS}
    one = findings(FIRMS, payments=[payment("A", "1234567")])
    assert [one.reason for one in one.unknown if one.indicator == "M1"] == ["有付款账户的投标人不足两家。"]


@given(st.lists(st.tuples(st.sampled_from("ABCX"), st.sampled_from(["6222000111", "6222000222", ""])), max_size=8))
def test_accounts_do_not_depend_on_the_order_of_the_slips(rows):
    slips = [payment(firm, account) for firm, account in rows]
    assert spoke(findings(FIRMS, payments=slips)) == spoke(findings(FIRMS, payments=slips[::-1]))
