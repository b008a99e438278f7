"""Stage 8: the committee at two venues: check-in, leader, review, blind scoring, report (远程异地评标)."""

import re
from collections.abc import Callable
from datetime import timedelta
from random import Random

from tools.rehearse.play.drawing import answer_invitations
from tools.rehearse.play.scene import Scene
from tools.rehearse.stages import until
from tools.visitor import Page, Refused, Visitor


def play(scene: Scene) -> None:
    sit(scene)
    review(scene)
    score(scene)
    report(scene)


def sit(scene: Scene, *, steps_down: int = 0) -> None:
    """Start the session, receive and seat the committee, elect its leader; so many experts step down first."""
    control = f"/sessions/lots/{scene.lot}/"
    with scene.stages.stage("8 核验、签到与推选组长", scene.experts + 3) as done:
        scene.stages.must_refuse(
            "副场启动评标", lambda: scene.sub_centre.act(control, form="sessions.start"), rules=("no form", "主场"),
            statuses=(404,),
        )
        scene.advance_to(scene.facts["session"] - timedelta(minutes=25))
        page = scene.main_centre.act(control, form="sessions.start")
        scene.facts["reception"] = next(link for link in page.links("/sessions/") if link.endswith("/reception/"))
        done()
        waiting, scene.facts["experts"] = scene.facts["experts"], []
        scene.facts["room"] = _room(waiting)
        for expert in waiting[:steps_down]:
            _step_down(scene, expert, "近亲属在投标人处任职，今日看到投标人名单后方知")
            waiting += answer_invitations(scene, 1)
        seat(scene, waiting[steps_down:], done)
        scene.advance_to(scene.facts["session"])
        scene.main_centre.act(control, form="sessions.begin")
        done()
        elect(scene)
        done()


def seat(scene: Scene, waiting: list[Visitor], done: Callable[[], object] = lambda: None) -> None:
    """Receive and seat experts at their venues; whoever must step down is replaced by the next of the list."""
    room, waiting = scene.facts["room"], list(waiting)
    while waiting:
        expert = waiting.pop(0)
        venue = _identify(scene, expert)
        if venue is None:
            waiting += answer_invitations(scene, 1)
            scene.stages.remark("1 名专家与投标人有关联，由系统回避，依序补抽")
            continue
        if not _check_in(scene, expert, venue):
            # He worked for a bidder, which nobody could know before the opening: the next in the list comes.
            _step_down(scene, expert, "现任职单位为本标段投标人")
            waiting += answer_invitations(scene, 1)
            continue
        expert.act(f"{room}promise/", form="evaluation.promise", confirmed="on")
        scene.facts["experts"].append(expert)
        done()


def elect(scene: Scene) -> None:
    """Let every member vote for the first, while there is no leader."""
    room, first = scene.facts["room"], ""
    for expert in scene.facts["experts"]:
        try:
            page = expert.get(f"{room}leader/")
        except Refused:
            return
        choices = page.tree.xpath("//signed-form[@verb='evaluation.vote_leader']//input[@name='choice']/@value")
        if not choices:
            continue
        first = first or choices[0]
        expert.act(f"{room}leader/", form="evaluation.vote_leader", choice=first)


def _step_down(scene: Scene, expert: Visitor, reason: str) -> None:
    expert.act(f"{scene.facts['room']}check-in/", form="evaluation.avoid", reason=reason)
    scene.stages.remark("1 名专家回避，依序补抽")


def _room(experts: list[Visitor]) -> str:
    """Return the address of the committee's room, as the desk of an expert shows it."""
    for expert in experts:
        for link in expert.get("/desk/").links("/evaluation/"):
            return f"/evaluation/{link.split('/evaluation/')[1].split('/')[0]}/"
    raise ValueError("专家工作台上没有本次评标")


def _identify(scene: Scene, expert: Visitor) -> Visitor | None:
    """Let the expert show his arrival code; only his own venue may identify him. Return that venue's staff.

    None when the platform took him off: the opening made known that he is tied to a bidder.
    """
    try:
        page = expert.get(f"{scene.facts['room']}check-in/")
    except Refused as refused:
        if refused.status != 404:
            raise
        return None
    code = page.tree.xpath("//*[@data-arrival]")[0].text_content().strip()
    for venue in (scene.main_centre, scene.sub_centre):
        try:
            page = venue.act(scene.facts["reception"], form="sessions.receive", code=code)
        except Refused as refused:
            if "到场码" not in refused.message:
                raise
            continue
        if page.tree.xpath("//signed-form[@verb='sessions.decide']"):
            # No device compared face and document, so a person did.
            venue.act(
                scene.facts["reception"], form="sessions.decide", admits="yes", decision="核对身份证原件，人证一致"
            )
        return venue
    raise ValueError("没有一个会场认得这名专家的到场码")


def _check_in(scene: Scene, expert: Visitor, venue: Visitor) -> bool:
    """Sit down at the drawn seat with the code on its screen; False when the expert must step down."""
    room = scene.facts["room"]
    seat = expert.get(f"{room}check-in/").tree.xpath("//*[contains(@class,'ev-when')]")[0].text_content()
    rows = venue.get(f"/sessions/lots/{scene.lot}/").tree.xpath("//tr[.//*[contains(@class,'ev-code-shown')]]")
    codes = {
        row.xpath("td")[0].text_content().strip(): row.xpath(".//*[contains(@class,'ev-code-shown')]")[0].text_content()
        for row in rows
    }
    try:
        expert.act(
            f"{room}check-in/", form="evaluation.check_in", seat_code=codes[seat.removesuffix("席位").strip()].strip()
        )
    except Refused as refused:
        if "回避" not in refused.message:
            raise
        return False
    return True


def review(scene: Scene) -> None:
    """Let every member pass every bid and hand his preliminary review in."""
    room = scene.facts["room"]
    with scene.stages.stage("8 初步评审", scene.experts) as done:
        for expert in scene.facts["experts"]:
            for _ in range(scene.bidders):
                expert.act(f"{room}preliminary/", form="/preliminary/", rest="pass")
            expert.act(f"{room}preliminary/lock/", form="evaluation.lock_preliminary")
            done()


def score(scene: Scene) -> None:
    """Let every member score the blind technical bids and hand his sheet in."""
    room, dice = scene.facts["room"], scene.dice("scores")
    names = [bidder.visitor.certificate.organisation for bidder in scene.bids]
    with scene.stages.stage("8 暗标技术评分", scene.experts) as done:
        for expert in scene.facts["experts"]:
            for _ in range(scene.bidders):
                page = expert.get(f"{room}technical/")
                if any(name in page.text() for name in names):
                    raise ValueError("暗标评分页面出现了投标人名称")
                expert.act(f"{room}technical/", form="/technical/", **_points(page, dice))
            expert.act(f"{room}technical/lock/", form="evaluation.lock_sheet")
            done()


def _points(page: Page, dice: Random) -> dict[str, str]:
    """Give each factor between 80 and 100 percent of its maximum; a fixed factor gets all."""
    points = {}
    for label in page.tree.xpath("//form//label[starts-with(@for,'F')]"):
        field = page.tree.get_element_by_id(label.get("for"))
        most = float(re.search(r"满分\s*([\d.]+)", label.text_content())[1])
        share = 1 if field.get("placeholder") else 0.8 + dice.random() * 0.2
        points[field.get("name")] = f"{most * share:.1f}"
    return points


def report(scene: Scene) -> None:
    """Explain what deviates, have the leader make the report, and have everybody sign it or dissent."""
    room, experts = scene.facts["room"], scene.facts["experts"]
    with scene.stages.stage("8 评标报告", scene.experts + 2) as done:
        for expert in experts:
            while expert.get(f"{room}result/").tree.xpath("//signed-form[@verb='evaluation.explain']"):
                expert.act(
                    f"{room}result/", form="evaluation.explain", reason="对施工方案的深度把握不同，已复核，维持评分。"
                )
        done()
        leader = next(
            expert for expert in experts
            if expert.get(f"{room}result/").tree.xpath("//signed-form[@verb='evaluation.report']")
        )
        leader.act(f"{room}result/", form="evaluation.report", opinion="评标过程符合招标文件规定。")
        done()
        for number, expert in enumerate(experts):
            if number == 0:
                expert.act(
                    f"{room}sign/", form="evaluation.sign", agrees="no",
                    dissent="对第二名的施工总平面布置评分持保留意见，认为分区不够合理。",
                )
            else:
                expert.act(f"{room}sign/", form="evaluation.sign", agrees="yes", dissent="")
            done()
        scene.stages.remark("1 名评委书面保留意见")
        until(lambda: "评标结束" in scene.agency.get(f"/lots/{scene.lot}/").text(), "评标报告签署完成")
        scene.main_centre.act(f"/sessions/lots/{scene.lot}/", form="sessions.end")
        scene.stages.remark("主场结束场次，副场资料待移交")
