"""What goes wrong at a session, and what follows when it is over (突发情况、资料移交、劳务费)."""

from tools.rehearse.play import evaluating
from tools.rehearse.play.drawing import answer_invitations
from tools.rehearse.play.scene import Scene
from tools.visitor import Visitor


def seat_dies(scene: Scene) -> str:
    """Let a workstation die: while the session is paused nobody enters anything, and it goes on after the repair."""
    incident = _report(scene, "DEVICE", "副场一个席位的工作站黑屏，正在更换备用机。")
    scene.main_centre.act(incident, form="sessions.pause")
    scene.stages.must_refuse(
        "暂停期间录入评审意见",
        lambda: scene.facts["experts"][0].act(
            f"{scene.facts['room']}preliminary/", form="/preliminary/", rest="pass"
        ),
        rules=("HOLD", "暂停", "no form"), statuses=(404,),
    )
    scene.main_centre.act(incident, form="sessions.resume", decision="备用工作站自检合格，已保存的内容完整，恢复评标。")
    return "副场席位工作站故障，暂停后恢复"


def link_is_lost(scene: Scene) -> str:
    """Let the link between the venues fail: everybody goes on alone until it is back."""
    incident = _report(scene, "NETWORK", "主副场之间音视频中断，数据连接正常。")
    scene.main_centre.act(incident, form="sessions.degrade")
    scene.main_centre.act(incident, form="sessions.clear", decision="专线恢复，音视频正常，期间独立评审未讨论。")
    return "主副场链路中断，降级运行后恢复"


def member_falls_ill(scene: Scene) -> str:
    """Replace a member by the next of the list; what he had concluded is void (条例48)."""
    lost = scene.facts["experts"].pop()
    page = scene.main_centre.get(f"/sessions/lots/{scene.lot}/")
    replacing = [link for link in page.links("/replace/")][-1]
    scene.main_centre.act(
        replacing, form="sessions.replace", cause="HEALTH", reason="突发不适，现场医务人员建议就医，不能继续评审。"
    )
    scene.stages.must_refuse(
        "被更换的专家继续评审", lambda: lost.get(f"{scene.facts['room']}preliminary/"), statuses=(404,)
    )
    evaluating.seat(scene, answer_invitations(scene, 1))
    scene.main_centre.act(f"/sessions/lots/{scene.lot}/", form="sessions.begin")
    evaluating.elect(scene)
    return "1 名专家因病更换，评审意见作废封存，依序补抽"


def settle(scene: Scene) -> None:
    """After the session: the sub venue hands its files over, both venues confirm the fees, the bank pays."""
    page = scene.main_centre.get(f"/sessions/lots/{scene.lot}/")
    session = next(link for link in page.links("/sessions/") if link.endswith("/files/")).removesuffix("files/")
    _all(scene.sub_centre, f"{session}files/", "sessions.hand", contents="签到表、承诺书各2份，录像2轨，已核对。")
    _all(scene.main_centre, f"{session}files/", "sessions.receive_files")
    for venue in (scene.main_centre, scene.sub_centre):
        _all(venue, f"{session}fees/", "sessions.attest_fee")
    _all(scene.main_centre, f"{session}fees/", "sessions.confirm_fee")
    page = scene.main_centre.act(f"{session}fees/", form="sessions.pay_fees")
    if page.text().count("已支付") < scene.experts:
        raise ValueError("专家劳务费没有全部支付")


def _report(scene: Scene, cause: str, description: str) -> str:
    """Report an incident as the sub venue and return its address."""
    return scene.sub_centre.act(
        f"/sessions/lots/{scene.lot}/report/", cause=cause, description=description
    ).url


def _all(visitor: Visitor, address: str, verb: str, **fields) -> None:
    """Fill in the form of an act again and again until the page has none left."""
    while visitor.get(address).tree.xpath(f"//signed-form[@verb='{verb}']"):
        visitor.act(address, form=verb, **fields)
