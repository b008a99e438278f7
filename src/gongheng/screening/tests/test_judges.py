"""Judges: bias is told apart from severity, and one tender alone accuses nobody."""

import numpy as np
import pytest

from gongheng.screening.judges import Panel, Score, findings, learn, live
from gongheng.screening.judges.encounters import too_many
from gongheng.screening.judges.residuals import residuals
from gongheng.screening.judges.tendencies import between_judges, false_discovery, towards_firms

JUDGES, FIRMS = 20, 15


def market(seed: int, *, bias: float = 0.0, tenders: int = 160, seats: int = 5) -> list[Score]:
    """Judges with severities and spreads of their own; J0 favours F0 by ``bias`` of his own spread."""
    random = np.random.default_rng(seed)
    severity, spread = random.normal(0, 4, JUDGES), 2 * np.exp(random.normal(0, 0.4, JUDGES))
    merit, scores = random.normal(0, 3, FIRMS), []
    for number in range(tenders):
        panel, bidders = random.choice(JUDGES, seats, False), random.choice(FIRMS, 5, False)
        shown = merit[bidders] + random.normal(0, 2, 5)
        for judge in panel.tolist():
            for place, firm in enumerate(bidders.tolist()):
                favour = bias * spread[judge] if (judge, firm) == (0, 0) else 0.0
                value = 75 + severity[judge] + shown[place] + random.normal(0, spread[judge]) + favour
                scores.append(Score(f"T{number:03}", "技术", f"J{judge}", f"F{firm}", float(value), 100.0))
    return scores


def sheet(marks: dict[str, list[float]], factor: str = "技术") -> list[Score]:
    return [
        Score("X", factor, judge, f"F{place}", value, 100.0)
        for judge, row in marks.items() for place, value in enumerate(row)
    ]


def test_a_favoured_firm_is_found_and_nobody_else():
    found = towards_firms(residuals(market(1, bias=2.0)))
    assert (found[0].judge, found[0].other) == ("J0", "F0")
    assert found[0].q < 0.01
    assert [(one.judge, one.other) for one in found if one.q <= 0.1] == [("J0", "F0")]


@pytest.mark.parametrize("seed", range(4))
def test_severity_and_carelessness_are_not_bias(seed):
    left = residuals(market(seed))
    assert sum(one.q <= 0.05 for one in towards_firms(left)) <= 1
    assert sum(one.q <= 0.05 for one in between_judges(left)) <= 1


def test_adding_a_constant_to_one_judge_changes_nothing():
    scores = market(3, tenders=30)
    stern = [
        Score(one.tender, one.factor, one.judge, one.firm, one.value - 20 * (one.judge == "J4"), one.full)
        for one in scores
    ]
    assert np.allclose(residuals(scores).values, residuals(stern).values, atol=1e-9)


def test_missing_marks_do_not_favour_who_was_spared_the_stern_judge():
    scores = [
        one for one in market(5, tenders=200) if not (one.judge == "J1" and one.firm == "F2")
    ]
    found = [one for one in towards_firms(residuals(scores)) if one.other == "F2" and one.q <= 0.05]
    assert found == []


def test_two_judges_who_agree_on_whom_to_lift_are_found():
    random = np.random.default_rng(2)
    scores = []
    for number in range(400):
        lift = random.normal(0, 3, 5)
        for judge in random.choice(12, 5, False).tolist():
            for firm in range(5):
                value = 70 + random.normal(0, 2) + (lift[firm] if judge in (1, 3) else 0)
                scores.append(Score(f"T{number}", "技术", f"J{judge}", f"F{firm}", float(value), 100.0))
    found = [(one.judge, one.other) for one in between_judges(residuals(scores)) if one.q <= 0.01]
    assert found == [("J1", "J3")]


def test_the_rate_of_false_discoveries_is_the_textbook_one():
    assert false_discovery([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.0533333, 0.0533333, 0.5])
    assert len(false_discovery([])) == 0


def test_a_community_is_tested_as_one():
    scores = market(1, bias=1.5)
    found = towards_firms(residuals(scores), communities={"F0": "甲圈", "F1": "甲圈"})
    assert {one.other for one in found} == {"甲圈"}
    assert found[0].judge == "J0"


def test_findings_name_the_pair_of_this_tender_from_history_only():
    past = learn(market(1, bias=2.0))
    now = sheet({"J0": [90, 70, 60], "J1": [80, 80, 70], "J2": [80, 81, 70]})
    said = findings(now, past=past, base={"F0": 0, "F1": 0, "F2": 0})
    tendency = next(one for one in said.findings if one.indicator == "E1")
    assert tendency.parties == ("F0", "J0")
    assert tendency.p is not None
    assert tendency.p < 1e-4
    without = findings(now, past=[], base={"F0": 0, "F1": 0, "F2": 0})
    assert not any(one.indicator == "E1" for one in without.findings)
    assert {"E1", "E4", "E5"} <= {one.indicator for one in without.unknown}


def test_one_judge_who_decides_and_one_who_suppresses():
    now = sheet({"J0": [95, 60, 70], "J1": [78, 82, 70], "J2": [78, 81, 71], "J3": [77, 82, 69], "J4": [78, 83, 70]})
    past = learn(market(7, tenders=60))
    said = findings(now, past=past, base={})
    assert ("E2", ("F0", "J0")) in [(one.indicator, one.parties) for one in said.findings]
    assert ("E3", ("F0", "J0")) in [(one.indicator, one.parties) for one in said.findings]
    unanimous = sheet({judge: [90 + shift, 80 + shift, 70 + shift] for shift, judge in enumerate(("J0", "J1", "J2"))})
    assert findings(unanimous, past=past, base={}).findings == ()
    # The same marks decide nothing where the price has already decided.
    ahead = findings(now, past=past, base={"F0": 0.0, "F1": 60.0, "F2": 0.0})
    assert "E2" not in {one.indicator for one in ahead.findings}
    assert "E2" in {one.indicator for one in findings(now, past=past, base=None).unknown}


def test_live_only_asks_for_a_reason():
    now = sheet({"J0": [95, 70], "J1": [70, 70], "J2": [71, 69], "J3": [69, 72]})
    said = live(now)
    assert [(one.indicator, one.parties, one.log_lr) for one in said.findings] == [("E6", ("F0", "J0"), 0.0)]
    assert live(sheet({"J0": [95], "J1": [60]})).unknown[0].indicator == "E6"
    # A judge known to vary widely is asked later.
    random = np.random.default_rng(1)
    past = learn([
        Score(f"T{number}", "技术", judge, firm, float(70 + random.normal(0, 15 if judge == "J0" else 3)), 100.0)
        for number in range(40) for judge in ("J0", "J1", "J2", "J3") for firm in ("F7", "F8", "F9")
    ])
    assert past.spreads["J0"] > 3 * past.spreads["J1"]
    assert live(sheet({"J0": [95], "J1": [70], "J2": [70]}), past=past).findings == ()
    assert live(sheet({"J0": [95], "J1": [70], "J2": [70]})).findings != ()


def test_an_empty_history_teaches_nothing():
    empty = learn([])
    assert (empty.favours, empty.concerts, empty.encounters, empty.spreads) == ({}, {}, None, {})
    now = sheet({"J0": [90, 70, 60], "J1": [80, 80, 70], "J2": [80, 81, 70]})
    assert {"E1", "E3", "E4", "E5"} <= {one.indicator for one in findings(now, past=empty, base={}).unknown}


def test_too_few_judges_are_unknown():
    said = findings(sheet({"J0": [1, 2], "J1": [2, 1]}), past=[], base=None)
    assert said.findings == ()
    assert [one.indicator for one in said.unknown] == ["E1", "E2", "E3", "E4", "E5", "E6"]


def test_meeting_too_often_for_a_random_draw():
    random = np.random.default_rng(4)
    panels = []
    for number in range(200):
        judges = {f"J{one}" for one in random.choice(60, 5, False)}
        firms = {f"F{one}" for one in random.choice(40, 5, False)}
        if number % 10 == 0:
            judges, firms = judges | {"J1"}, firms | {"F1"}
        panels.append(Panel(f"T{number}", "房建", tuple(sorted(judges)), tuple(sorted(firms))))
    found = too_many(panels)
    assert [(one.judge, one.other) for one in found] == [("J1", "F1")]
    # The same meetings are expected where the stratum holds few judges.
    small = [Panel(f"S{number}", "稀有专业", ("J1", "J2", "J3"), ("F1", "F2")) for number in range(30)]
    assert too_many(small) == []
