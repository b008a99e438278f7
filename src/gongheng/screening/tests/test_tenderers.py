"""The tenderer and agency: what suits one firm, and what suits nobody in particular."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gongheng.screening.tenderers import INDICATORS, Condition, Entry, Offer, Tender, findings

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
USUAL = Tender(
    "某局", "某代理", "A", (Offer("A", 100.0, True), Offer("B", 104.0, True), Offer("C", 99.0, True)),
    NINE, NINE + timedelta(days=21), 20, (NINE + timedelta(days=3),), NINE + timedelta(days=1),
    (Condition("具有二级以上资质", ("A", "B", "C")),), (),
)


def spoke(tender: Tender, past=()) -> list[str]:
    return [one.indicator for one in findings(tender, past=past).findings]


def test_an_ordinary_tender_says_nothing():
    assert spoke(USUAL) == []


def test_each_sign_alone():
    assert spoke(replace(USUAL, closed_at=NINE + timedelta(days=19, hours=23))) == ["A1"]
    assert spoke(replace(USUAL, closed_at=NINE + timedelta(days=9), least_days=None)) == []
    assert spoke(replace(USUAL, conditions=(Condition("某专利", ("A",)),))) == ["A2"]
    assert spoke(replace(USUAL, conditions=(Condition("某专利", ("B",)),))) == []
    lowest = (Offer("A", 100.0, True), Offer("B", 104.0, True), Offer("C", 90.0, False, "未签章"))
    assert spoke(replace(USUAL, offers=lowest)) == ["A3"]
    others = (Offer("A", 100.0, True), Offer("B", 104.0, False, "业绩"), Offer("C", 109.0, False, "业绩"))
    assert spoke(replace(USUAL, offers=others)) == ["A4"]
    assert spoke(replace(USUAL, earlier=(("A", "B"), ("A", "C")))) == ["A5"]
    assert spoke(replace(USUAL, earlier=(("A", "B"), ("B", "C")))) == []
    tuned = (NINE + timedelta(days=2), NINE + timedelta(days=4))
    assert spoke(replace(USUAL, clarified_at=tuned, winner_downloaded_at=NINE + timedelta(days=5))) == ["A7"]
    assert spoke(replace(USUAL, clarified_at=tuned, winner_downloaded_at=NINE + timedelta(days=3))) == []


def test_winning_here_and_nowhere_else():
    here = [Entry("A", "某局", "甲代理", number < 9) for number in range(12)]
    elsewhere = [Entry("A", "他局", "乙代理", number < 3) for number in range(20)]
    said = findings(USUAL, past=[*here, *elsewhere])
    assert [(one.indicator, one.parties) for one in said.findings] == [("A6", ("A", "某局"))]
    assert said.findings[0].p < 0.01
    strong = [Entry("A", "他局", "乙代理", number < 14) for number in range(20)]
    assert spoke(USUAL, [*here, *strong]) == []
    # A single national supplier that wins everywhere is no favourite of this tenderer.
    assert spoke(USUAL, [Entry("A", "某局" if n % 2 else "他局", "某代理", True) for n in range(40)]) == []


def test_what_the_file_does_not_say_is_unknown():
    said = findings(Tender("某局"), past=None)
    assert said.findings == ()
    assert {one.indicator for one in said.unknown} == {one.code for one in INDICATORS}
    backwards = findings(replace(USUAL, closed_at=NINE - timedelta(days=1)), past=[])
    assert "时间有误" in next(one.reason for one in backwards.unknown if one.indicator == "A1")
    assert "A6" in {one.indicator for one in backwards.unknown}
