"""``gongheng rehearse --remote``: one day of remote evaluation, twelve sessions at five centres (远程异地评标日).

Every session is a whole tender of its own; the day is played phase by phase, so that the sessions of one hour
run side by side as they would, and the dispatch board shows a day and not twelve days.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tools.rehearse.cast import Cast
from tools.rehearse.play import bidding, disturbing, drawing, evaluating, opening, preparation, venues
from tools.rehearse.play.scene import SHANGHAI, Scene
from tools.rehearse.stages import Stages
from tools.visitor import Visitor

#: What goes wrong in which session (by number from 0); the others run as they should.
TROUBLES: dict[int, Callable[[Scene], str]] = {
    2: disturbing.seat_dies,
    4: disturbing.link_is_lost,
    7: disturbing.member_falls_ill,
}
REROUTED, UNREACHABLE, CONFLICTED, FILMED = 0, 1, 3, 5
#: (region of the main venue, its city, the sub venue asked first) of each session: five centres in all.
SESSIONS = tuple(
    (main, sub)
    for main, subs in ((("370100", "济南"), ("烟台", "潍坊", "临沂", "青岛", "烟台", "潍坊")),
                       (("370200", "青岛"), ("临沂", "济南", "烟台", "潍坊", "临沂", "济南")))
    for sub in subs
)
EXPERTS, BIDDERS = 7, 3
#: Evaluation begins this long after the opening; half of the sessions in the morning, half after noon.
SLOTS = (timedelta(hours=1, minutes=30), timedelta(hours=4, minutes=30))


@dataclass
class Day:
    """The twelve tenders of one day and who watches them."""

    cast: Cast
    stages: Stages
    out: Path
    scenes: list[Scene]

    def each(self, name: str, act: Callable[[Scene], object], scenes: list[Scene] | None = None) -> None:
        """Run one phase of all sessions (or of some) under one bar."""
        chosen = self.scenes if scenes is None else scenes
        with self.stages.stage(name, len(chosen)) as done:
            for scene in chosen:
                act(scene)
                done()

    def number(self, scene: Scene) -> int:
        return self.scenes.index(scene)


def play(origin: str, *, stages: Stages, out: Path, seed: str, fonts: Path) -> None:
    """Play the day from the registration of its tenders to the files handed over and the month's report."""
    cast, answered = Cast(origin), set()  # messages that were answered, whosever they were
    scenes = [
        Scene(
            cast=cast, stages=Stages(), out=out / f"{number + 1:02d}", seed=f"{seed}/{number}", bidders=BIDDERS,
            experts=EXPERTS, size_mb=0.1, documents=out / "01" / "投标文件" / "01" if number else None, fonts=fonts,
            place=region, facts={"sub": sub, "slot": SLOTS[number % 2], "answered": answered},
        )
        for number, ((region, _), sub) in enumerate(SESSIONS)
    ]
    for scene in scenes:
        scene.out.mkdir(parents=True)
    day, hub = Day(cast, stages, out, scenes), cast.one("centre", "山东省公共资源交易中心")
    began = scenes[0].now().astimezone(SHANGHAI)
    before = _figures(hub, f"{began:%Y-%m}")
    day.each("登记与公告", _announce)
    day.each("要约与确认", lambda scene: _offer(day, scene))
    day.each("密封投标", _bid)
    day.each("专家抽取", lambda scene: _draw(day, scene))
    day.each("不见面开标", opening.play)
    for slot, hour in zip(SLOTS, ("上午", "下午"), strict=True):
        _evaluate(day, hour, [scene for scene in scenes if scene.facts["slot"] == slot])
    day.each("移交资料、核付劳务费", disturbing.settle)
    _check_report(day, hub, began, before)


def _announce(scene: Scene) -> None:
    preparation.register(scene)
    preparation.announce(scene)


def _offer(day: Day, scene: Scene) -> None:
    number = day.number(scene)
    scene.facts["session"] = scene.facts["due"] + scene.facts["slot"]
    scene.main_centre = scene.cast.one("centre", SESSIONS[number][0][1])
    if number == REROUTED:
        city = venues.pass_on(scene, scene.facts["sub"], venues.LAST_RESORT)
        venues.confirm_sub_venue(scene)
        day.stages.remark(f"第{number + 1}场：{scene.facts['sub']}拒绝，按副场选择规则改派{city}")
    else:
        venues.settle(scene, scene.facts["sub"])


def _bid(scene: Scene) -> None:
    bidding.prepare(scene)
    bidding.seal(scene)


def _draw(day: Day, scene: Scene) -> None:
    # All sessions are of one day: the clock moves once.
    scene.advance_to(day.scenes[0].facts["due"] - timedelta(hours=15))
    silent = day.number(scene) == UNREACHABLE
    drawing.hold(scene, unreachable=int(silent))
    if silent:
        day.stages.remark(f"第{UNREACHABLE + 1}场：1 名专家未接听，依序递补")


def _evaluate(day: Day, hour: str, scenes: list[Scene]) -> None:
    def sit(scene: Scene) -> None:
        is_conflicted = day.number(scene) == CONFLICTED
        evaluating.sit(scene, steps_down=int(is_conflicted))
        if is_conflicted:
            day.stages.remark(f"第{CONFLICTED + 1}场：1 名专家到场后发现利害关系，回避，依序补抽")

    def film(scene: Scene) -> None:
        from tools.rehearse.play import filming

        day.stages.remark(filming.play(scene))

    day.each(f"{hour}：核验、签到、推选组长", sit, scenes)
    for scene in scenes:
        if day.number(scene) == FILMED:
            day.each(f"{hour}：音视频会议与录像", film, [scene])
    for scene in scenes:
        if trouble := TROUBLES.get(day.number(scene)):
            day.each(f"{hour}：突发情况", lambda one, act=trouble: day.stages.remark(act(one)), [scene])
    day.each(f"{hour}：初步评审", evaluating.review, scenes)
    day.each(f"{hour}：暗标技术评分", evaluating.score, scenes)
    day.each(f"{hour}：评标报告", evaluating.report, scenes)


def _check_report(day: Day, hub: Visitor, began: datetime, before: Counter) -> None:
    """Have the hub make the month's report; its figures must be what this day did, no more and no less."""
    month = f"{began:%Y-%m}"
    with day.stages.stage("协调月报", 2) as done:
        # A report is made of a month that is over.
        day.scenes[0].advance_to((began.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=1))
        did = sum((scene.answers for scene in day.scenes), Counter())
        told = _figures(hub, month) - before
        expected = Counter({"收到": did.total(), "确认": did["confirmed"], "拒绝": did["refused"]})
        if told != expected:
            raise ValueError(f"协调统计与当日实际不符：统计为{dict(told)}，实际为{dict(expected)}")
        done()
        page = hub.act("/coordination/reports/", form="/reports/make/", month=month)
        report = next(iter(page.links("/coordination/reports/")[::-1]))
        (day.out / "协调月报.pdf").write_bytes(hub.http.get(report).content)
        day.stages.remark("，".join(f"{name}{count}" for name, count in told.items()))
        done()


def _figures(hub: Visitor, month: str) -> Counter:
    """Read the month's offers from the hub's statistics, all centres together."""
    page = hub.get(f"/coordination/statistics/?month={month}")
    figures: Counter = Counter()
    for table in page.tree.xpath("//table[.//caption[contains(., '要约数量')]]"):
        titles = [cell.text_content().strip() for cell in table.xpath(".//thead//th")]
        for row in table.xpath(".//tbody/tr[count(td) > 1]"):
            for title, cell in zip(titles, row.xpath("td"), strict=True):
                if title in ("收到", "确认", "拒绝"):
                    figures[title] += int(cell.text_content())
    return figures
