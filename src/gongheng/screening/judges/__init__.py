"""Judges (评审行为): ``live`` asks for reasons during an evaluation; ``findings`` judges a tender by history."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from gongheng.screening.findings import Fact, Finding, Indicator, Said, Unknown
from gongheng.screening.judges.encounters import Panel, too_many
from gongheng.screening.judges.indicators import (
    CONCERT,
    DECISIVE,
    ENCOUNTERS,
    INDICATORS,
    QUESTION,
    SUPPRESSION,
    TENDENCY,
)
from gongheng.screening.judges.residuals import Score, residuals
from gongheng.screening.judges.tendencies import FALSE_DISCOVERIES, Tendency, between_judges, towards_firms

__all__ = ["INDICATORS", "History", "Panel", "Score", "findings", "learn", "live"]

#: Starting likelihood ratios; the family's cap (20) stands above them.
TENDENCY_LR = ((0.10, 5), (0.01, 15))
DECISIVE_LR, SUPPRESSION_LR, CONCERT_LR, ENCOUNTERS_LR = 2, 3, 5, 4
#: Own standard deviations: for lifting a winner, and on each side for suppressing his rival.
LIFTS, STRONG = 1.5, 2.0
DEVIATES = 2.5  # own standard deviations from the middle mark at which a reason is asked
FEWEST_JUDGES = 3
#: From this many sheets on a judge's own spread is known.
KNOWN_FROM = 4
#: Without marks from earlier tenders a judge's usual fluctuation is taken as this share of the full mark.
USUAL_SHARE = 0.08


@dataclass(frozen=True)
class History:
    """What earlier tenders taught, once for all tenders of one day: made by ``learn``, never from the tender itself."""

    favours: Mapping[tuple[str, str], Tendency]
    concerts: Mapping[tuple[str, str], Tendency]
    encounters: Mapping[tuple[str, str], Tendency] | None  # None where no panels were given
    spreads: Mapping[str, float]  # of a judge's marks around the common one, as a share of the full mark


def learn(past: Sequence[Score], panels: Sequence[Panel] = ()) -> History:
    """Tendencies and usual spreads of all judges; ``past`` and ``panels`` end before the tenders that are judged."""
    left = residuals(past)
    met = {(one.judge, one.other): one for one in too_many(panels)} if panels else None
    counts = np.bincount(left.judges, minlength=len(left.judge_names))
    return History(
        {(one.judge, one.other): one for one in towards_firms(left)},
        {(one.judge, one.other): one for one in between_judges(left)}, met,
        {
            str(name): float(spread)
            for name, spread, count in zip(left.judge_names, left.spreads, counts, strict=False) if count >= KNOWN_FROM
        },
    )


def _history(past: Sequence[Score] | History) -> History:
    return past if isinstance(past, History) else learn(past)


def findings(
    scores: Sequence[Score], *, past: Sequence[Score] | History, base: Mapping[str, float] | None = None,
) -> Said:
    """What the marks of one finished tender say.

    ``past``: marks of tenders before it, or, for many tenders of one day, what ``learn`` made of them once.
    ``base``: points that judges do not give (price, objective items), by firm; None where they are not known.
    """
    judges, firms = sorted({one.judge for one in scores}), sorted({one.firm for one in scores})
    if len(judges) < FEWEST_JUDGES or len(firms) < 2:
        reason = f"评委不足{FEWEST_JUDGES}人或只有一家投标人，不能比较评分。"
        return Said((), tuple(Unknown(one.code, reason) for one in INDICATORS))
    history = _history(past)
    found, unknown = _from_history(judges, firms, history)
    if base is None:
        unknown += [
            Unknown(one.code, "没有评委以外的得分（价格分、客观分），不能重算名次。") for one in (DECISIVE, SUPPRESSION)
        ]
    else:
        winner, second = _ranking(scores, judges, firms, base)
        if history.spreads:
            left = _of_sheet(scores, history.spreads)
            found += _decisive(scores, judges, firms, base, left)
            found += _suppression(left, judges, firms[winner], firms[second])
        else:
            reason = "没有以往评分记录，不知道各评委平常的波动。"
            unknown += [Unknown(one.code, reason) for one in (DECISIVE, SUPPRESSION)]
    return Said(tuple(found), tuple(unknown))


def live(scores: Sequence[Score], *, past: Sequence[Score] | History = ()) -> Said:
    """Marks that need a reason while the evaluation runs: no likelihood, no accusation (评分偏差提示)."""
    spreads = _history(past).spreads
    cells: dict[tuple[str, str], list[Score]] = {}
    for one in scores:
        cells.setdefault((one.factor, one.firm), []).append(one)
    found = []
    for (factor, firm), marks in sorted(cells.items()):
        if len(marks) < FEWEST_JUDGES:
            continue
        # The middle mark, not the mean: one who deviates must not make the others deviate from him.
        middle = float(np.median([mark.value / mark.full for mark in marks]))
        for one in sorted(marks, key=lambda mark: mark.judge):
            off = (one.value / one.full - middle) / spreads.get(one.judge, USUAL_SHARE)
            if abs(off) >= DEVIATES:
                facts = tuple(
                    Fact(mark.judge, factor, f"{mark.value:g}/{mark.full:g}", "评分表")
                    for mark in sorted(marks, key=lambda mark: mark.judge)
                )
                found.append(Finding(QUESTION.code, tuple(sorted((one.judge, firm))), round(off, 6), 0.0, facts))
    silent = not found and all(len(marks) < FEWEST_JUDGES for marks in cells.values())
    unknown = (Unknown(QUESTION.code, f"每项评分不足{FEWEST_JUDGES}人，尚不能比较。"),) if silent else ()
    return Said(tuple(found), unknown)


def _from_history(
    judges: Sequence[str], firms: Sequence[str], history: History,
) -> tuple[list[Finding], list[Unknown]]:
    pairs = [(judge, firm) for judge in judges for firm in firms]
    favours = [history.favours[pair] for pair in pairs if pair in history.favours]
    concerts = [history.concerts[pair] for pair in combinations(judges, 2) if pair in history.concerts]
    unknown = []
    if not favours:
        unknown.append(Unknown(TENDENCY.code, f"本场评委与投标人以往相遇都不足{TENDENCY.minimum}次。"))
    if not concerts:
        unknown.append(Unknown(CONCERT.code, f"本场评委两两共同打分都不足{CONCERT.minimum}次。"))
    if history.encounters is None:
        unknown.append(Unknown(ENCOUNTERS.code, "没有历次抽取与投标名单。"))
    found = []
    for one in favours:
        reached = [ratio for rate, ratio in TENDENCY_LR if one.q <= rate]
        if reached:
            words = f"相遇{one.meetings}次，平均高出自身标准差的{one.mean:.2f}倍"
            found.append(_of_pair(TENDENCY, one, reached[-1], words))
    for one in concerts:
        if one.q <= FALSE_DISCOVERIES:
            words = f"共同打分{one.meetings}次，超出的相关{one.mean:.2f}"
            found.append(_of_pair(CONCERT, one, CONCERT_LR, words))
    for one in (history.encounters[pair] for pair in pairs if pair in (history.encounters or {})):
        words = f"相遇{one.meetings}次，随机应有{one.mean:.1f}次"
        found.append(_of_pair(ENCOUNTERS, one, ENCOUNTERS_LR, words))
    return found, unknown


def _of_pair(indicator: Indicator, one: Tendency, ratio: int, words: str) -> Finding:
    facts = (Fact(one.judge, indicator.name, words, f"历史评分与抽取记录；对象 {one.other}"),)
    parties = tuple(sorted((one.judge, one.other)))
    return Finding(indicator.code, parties, round(one.z, 6), round(math.log(ratio), 6), facts, p=float(f"{one.p:.6g}"))


def _table(scores: Sequence[Score], judges: Sequence[str], firms: Sequence[str]) -> np.ndarray:
    """Points that each judge gave each firm over all factors."""
    marks = np.zeros((len(judges), len(firms)))
    for one in scores:
        marks[judges.index(one.judge), firms.index(one.firm)] += one.value
    return marks


def _ranking(
    scores: Sequence[Score], judges: Sequence[str], firms: Sequence[str], base: Mapping[str, float],
) -> tuple[int, int]:
    total = _table(scores, judges, firms).mean(axis=0) + np.array([base.get(firm, 0.0) for firm in firms])
    winner, second = np.argsort(-total, kind="stable")[:2].tolist()
    return winner, second


def _of_sheet(scores: Sequence[Score], spreads: Mapping[str, float]) -> dict[tuple[str, str], float]:
    """Residuals of this tender by judge and firm, in spreads that earlier tenders taught."""
    left = residuals(scores, spreads)
    return {
        (str(left.judge_names[judge]), str(left.firm_names[firm])): float(value)
        for judge, firm, value in zip(left.judges, left.firms, left.values, strict=True)
    }


def _decisive(
    scores: Sequence[Score], judges: Sequence[str], firms: Sequence[str], base: Mapping[str, float],
    left: Mapping[tuple[str, str], float],
) -> list[Finding]:
    """A judge whose generosity alone made the winner: without him, and with the median in his place, another wins."""
    marks = _table(scores, judges, firms)
    fixed = np.array([base.get(firm, 0.0) for firm in firms])
    winner = int(np.argmax(marks.mean(axis=0) + fixed))
    found = []
    for row, judge in enumerate(judges):
        rest = marks[np.arange(len(judges)) != row]
        replaced = np.vstack([rest, np.median(rest, axis=0)])
        # Somebody decides every close race: only who lifts the winner beyond his usual fluctuation is asked.
        is_generous = left.get((judge, firms[winner]), 0.0) >= LIFTS
        others = {int(np.argmax(one.mean(axis=0) + fixed)) for one in (rest, replaced)}
        if is_generous and winner not in others:
            facts = [
                Fact(judge, "给第一名的总分", f"{marks[row, winner]:g}", "评分表"),
                Fact("", "去掉该评委后的第一名", firms[min(others)], "按评分表重算"),
            ]
            found.append(_finding(DECISIVE, (judge, firms[winner]), 1.0, DECISIVE_LR, facts))
    return found


def _suppression(
    left: Mapping[tuple[str, str], float], judges: Sequence[str], winner: str, second: str,
) -> list[Finding]:
    found = []
    for judge in judges:
        up, down = left.get((judge, winner), 0.0), left.get((judge, second), 0.0)
        if up >= STRONG and down <= -STRONG:
            facts = [
                Fact(judge, f"对{firm}的残差（自身标准差倍数）", f"{value:+.2f}", "评分表")
                for firm, value in ((winner, up), (second, down))
            ]
            found.append(_finding(SUPPRESSION, (judge, winner), round(up - down, 6), SUPPRESSION_LR, facts))
    return found


def _finding(indicator: Indicator, parties: tuple[str, ...], value: float, ratio: int, facts: list[Fact]) -> Finding:
    return Finding(indicator.code, tuple(sorted(parties)), value, round(math.log(ratio), 6), tuple(facts))
