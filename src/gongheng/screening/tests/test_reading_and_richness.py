"""Reading time against pages, richness against marks, and the gap when just enough bidders remain."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from gongheng.screening import reading_time, richness
from gongheng.screening.reading_time import Reading
from gongheng.screening.richness import Richness

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)


def readings(seed: int, count: int = 200) -> list[Reading]:
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        judge, pages = number % 10, int(random.integers(50, 600))
        seconds = float(np.exp(np.log(pages) + 0.5 + 0.3 * (judge % 3) + random.normal(0, 0.4)))
        made.append(Reading(f"J{judge}", f"F{number % 7}", "技术标", pages, seconds, NINE, NINE + timedelta(hours=1)))
    return made


def test_flicking_through_is_found_and_a_quick_reader_of_few_pages_is_not():
    pace = reading_time.learn(readings(1))
    hasty = Reading("J3", "F1", "技术标", 400, 40.0, NINE, NINE + timedelta(hours=1))
    brief = Reading("J4", "F1", "技术标", 10, 12.0, NINE, NINE + timedelta(hours=1))
    usual = Reading("J5", "F1", "技术标", 300, 500.0, NINE, NINE + timedelta(hours=1))
    said = reading_time.findings([hasty, brief, usual], pace=pace)
    assert [(one.indicator, one.parties) for one in said.findings] == [("E7", ("F1", "J3"))]
    assert said.unknown == ()
    assert said.findings[0].log_lr > 1
    # Among hundreds of readings the one-in-a-hundred is a question without weight.
    slower = Reading("J3", "F1", "技术标", 400, 190.0, NINE, NINE + timedelta(hours=1))
    many = reading_time.findings([slower, *readings(5, 150)], pace=reading_time.learn(readings(1, 2_000)))
    assert [one.log_lr for one in many.findings if one.parties == ("F1", "J3")] == [0.0]


def test_everybody_reading_slowly_means_that_nobody_is_flagged():
    assert reading_time.findings(readings(2, 20), pace=reading_time.learn(readings(3))).findings == ()


def test_marking_before_opening_needs_no_statistics():
    unread = Reading("J1", "F1", "技术标", 100, 0.0, None, NINE)
    early = Reading("J2", "F1", "技术标", 100, 90.0, NINE, NINE - timedelta(minutes=1))
    said = reading_time.findings([unread, early], pace=reading_time.learn(readings(1, 10)))
    assert [(one.indicator, one.parties) for one in said.findings] == [("E8", ("F1", "J1")), ("E8", ("F1", "J2"))]
    assert {one.indicator for one in said.unknown} == {"E7"}
    assert "1条" in said.unknown[0].reason


def test_richness_counts_what_the_tender_did_not_write():
    tender = "投标人应当说明质量保证措施和安全文明施工措施。" * 3
    text = tender + "我方针对软土地基拟采用真空联合堆载预压，质量保证措施由专职工程师逐日记录。"
    bid = richness.measure("A", text, tender=tender, asked=("质量保证", "安全文明", "应急预案"), figures=2, tables=1)
    assert bid.coverage == pytest.approx(2 / 3)
    assert 20 < bid.letters < 45
    padded = richness.measure("A", text * 5, tender=tender, asked=(), figures=2, tables=1)
    # Repeating oneself adds only the seams.
    assert padded.letters <= bid.letters + 4


def test_a_thin_bid_at_the_top_is_a_question():
    bids = [Richness(f"F{n}", 0.5 + n / 10, 1000 * (n + 1), n, n) for n in range(5)]
    said = richness.findings(bids, marks={f"F{n}": 0.9 - n / 10 for n in range(5)})
    assert [(one.indicator, one.parties) for one in said.findings] == [("E9", ("F0",))]
    assert said.findings[0].value == -1
    assert richness.findings(bids, marks={f"F{n}": 0.5 + n / 10 for n in range(5)}).findings == ()
    assert richness.findings(bids[:3], marks={"F0": 0.1, "F1": 0.2, "F2": 0.3}).unknown[0].indicator == "E9"


def test_one_far_ahead_of_just_enough_bidders():
    past = [n / 1000 for n in range(100)]
    marks = {"A": 0.92, "B": 0.60, "C": 0.58}
    said = richness.findings([], marks=marks, past_gaps=past)
    assert [(one.indicator, one.parties) for one in said.findings] == [("E10", ("A", "B", "C"))]
    assert said.findings[0].base_rate == 0
    assert not richness.findings([], marks={**marks, "D": 0.5}, past_gaps=past).findings
    assert not richness.findings([], marks={"A": 0.62, "B": 0.60, "C": 0.58}, past_gaps=past).findings
    assert "E10" in {one.indicator for one in richness.findings([], marks=marks).unknown}
