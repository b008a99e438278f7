"""Reading time against pages (评标时间偏差度): too short by the judges' own standard and by what eyes can do."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from gongheng.screening.findings import Fact, Family, Finding, Indicator, Said, Unknown

DUTY = "招标投标法第四十四条：评标委员会成员应当客观、公正地履行职务（线索，非认定依据）"
INNOCENT = ("阅看打印件或在第二屏幕阅看", "会前已集中阅看", "页数多为图纸、证书复印件", "计时中断或网络故障")
HASTE = Indicator(
    "E7", Family.EVALUATION, "阅看时间过短",
    "把阅看秒数的对数对评委、页数对数和部分（商务、技术等）回归，残差低于同行第1百分位，并且每秒超过1页。两条同时成立才提示；低到百个同规模项目不足一个时才计入指数。",
    DUTY, INNOCENT, "查看逐页翻阅、焦点切换记录和现场录像，请评委说明阅看方式。", 20,
)
UNREAD = Indicator(
    "E8", Family.EVALUATION, "未看先评", "给出评分时尚未打开过该投标文件。",
    DUTY, INNOCENT, "核对打开记录与首次评分记录的时间，查看现场录像。", 1,
)
INDICATORS = (HASTE, UNREAD)
HASTE_LR, UNREAD_LR = 3, 4
PERCENTILE = 0.01
PAGES_PER_SECOND = 1.0
#: Weight that draws a judge's own pace towards everyone's, in readings.
SHRINK = 3.0


@dataclass(frozen=True)
class Reading:
    """One judge with one bid (or one part of it): pages, seconds in focus, first opening and first mark."""

    judge: str
    firm: str
    part: str
    pages: int
    seconds: float
    opened_at: datetime | None
    marked_at: datetime | None


@dataclass(frozen=True)
class Pace:
    """How long judges usually take: ln seconds = slope · ln pages + part + judge; the first percentile of the rest."""

    slope: float
    parts: Mapping[str, float]
    judges: Mapping[str, float]
    tail: tuple[float, ...]  # the lowest residuals in order, at least the first percentile of all
    readings: int

    def limit(self, looked: int) -> float:
        """What fewer than one in a hundred tenders with so many readings fall below."""
        return self.tail[min(int(PERCENTILE * self.readings / max(looked, 1)), len(self.tail) - 1)]

    def residual(self, one: Reading) -> float:
        usual = self.parts.get(one.part, float(np.median(list(self.parts.values()))))
        return math.log(one.seconds) - self.slope * math.log(one.pages) - usual - self.judges.get(one.judge, 0.0)


def learn(past: Sequence[Reading]) -> Pace | None:
    """The usual pace from earlier tenders, once for all tenders of one day; None from too few readings."""
    timed = [one for one in past if one.pages > 0 and one.seconds > 0]
    if len(timed) < HASTE.minimum:
        return None
    names, part = np.unique([one.part for one in timed], return_inverse=True)
    seconds, pages = np.log([one.seconds for one in timed]), np.log([one.pages for one in timed])
    design = np.column_stack([pages, np.eye(len(names))[part]])
    weights = np.linalg.lstsq(design, seconds, rcond=None)[0]
    left = seconds - design @ weights
    people, judge = np.unique([one.judge for one in timed], return_inverse=True)
    # The median, drawn to zero for few readings: a judge who rushes once must not look slow elsewhere.
    order = np.argsort(judge, kind="stable")
    counts = np.bincount(judge)
    own = np.split(left[order], np.cumsum(counts)[:-1])
    pace = np.array([float(np.median(one)) * len(one) / (len(one) + SHRINK) for one in own])
    return Pace(
        float(weights[0]), {str(name): float(weight) for name, weight in zip(names, weights[1:], strict=True)},
        {str(name): float(value) for name, value in zip(people, pace, strict=True)},
        tuple(np.sort(left - pace[judge])[: max(1, round(PERCENTILE * len(timed)))].tolist()), len(timed),
    )


def findings(readings: Sequence[Reading], *, pace: Pace | None) -> Said:
    """Readings of one tender against the usual pace and against what eyes can do."""
    found = [_unread(one) for one in readings if _is_unread(one)]
    timed = [one for one in readings if one.pages > 0 and one.seconds > 0]
    unknown = []
    if len(timed) < len(readings):
        unknown.append(Unknown(HASTE.code, f"{len(readings) - len(timed)}条阅看记录没有页数或时长，未参加比较。"))
    if pace is None:
        unknown.append(Unknown(HASTE.code, f"以往阅看记录不足{HASTE.minimum}条，没有可比的同行水平。"))
        return Said(tuple(found), tuple(unknown))
    least = pace.limit(1), pace.limit(len(timed))
    for one in timed:
        value, speed = pace.residual(one), one.pages / one.seconds
        if value <= least[0] and speed > PAGES_PER_SECOND:
            facts = (
                Fact(one.judge, f"阅看{one.firm}{one.part}", f"{one.pages}页，{one.seconds:.0f}秒", "阅看记录"),
                Fact(one.judge, "每秒页数", f"{speed:.1f}", "阅看记录"),
                Fact("", "同行第1百分位", f"残差{least[0]:.2f}（{pace.readings}条记录）", "以往阅看记录"),
            )
            parties = tuple(sorted((one.judge, one.firm)))
            # One reading in a hundred is a question; with dozens of readings in a tender it is no evidence yet.
            ratio = round(math.log(HASTE_LR), 6) if value <= least[1] else 0.0
            found.append(Finding(HASTE.code, parties, round(value, 6), ratio, facts))
    return Said(tuple(found), tuple(unknown))


def _is_unread(one: Reading) -> bool:
    return one.marked_at is not None and (one.opened_at is None or one.marked_at < one.opened_at)


def _unread(one: Reading) -> Finding:
    opened = "从未打开" if one.opened_at is None else f"首次打开 {one.opened_at.isoformat()}"
    facts = (
        Fact(
            one.judge, f"{one.firm}{one.part}首次评分", one.marked_at.isoformat() if one.marked_at else "", "评分记录",
        ),
        Fact(one.judge, f"{one.firm}{one.part}打开", opened, "阅看记录"),
    )
    return Finding(UNREAD.code, tuple(sorted((one.judge, one.firm))), 1.0, round(math.log(UNREAD_LR), 6), facts)
