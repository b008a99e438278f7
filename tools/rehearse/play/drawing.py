"""Stage 6: one draw for both venues, seeded by three parties; the drawn experts answer by telephone (专家抽取)."""

from datetime import timedelta

from gongheng.crypto import canonical, drawing, labels, signing
from gongheng.crypto.canonical import unb64
from tools.rehearse.play.scene import Scene
from tools.rehearse.stages import until
from tools.visitor import Visitor

#: Longer than an invited expert may think (draws: half an hour).
ANSWER_TIME = timedelta(minutes=31)


class Party:
    """The demonstration agent of one party: its contribution and what it checked (抽取方代理)."""

    def __init__(self, draw: str, visitor: Visitor, index: int):
        self.draw, self.visitor, self.index = draw, visitor, index
        self.contribution: drawing.Contribution | None = None

    def step(self) -> str:
        """Send what the present phase asks of this party; returns the phase."""
        state = self.visitor.get_json(f"/draws/{self.draw}/state/")
        context = drawing.DrawContext(state["draw_id"], state["pool_root"], state["order_digest"], state["attempt"])
        mine = str(self.index)
        others = [one["index"] for one in state["parties"] if one["index"] != self.index]
        if state["phase"] == "commit" and mine not in state["commits"]:
            self.contribution = drawing.Contribution.make(self.index, len(state["parties"]))
            self._send(state, "commit", "commit", {"commit": self.contribution.commit(context)})
        elif state["phase"] == "points" and mine not in state["points"]:
            publics = {one["index"]: unb64(one["enc_public"]) for one in state["parties"] if one["index"] in others}
            self._send(state, "points", "points", {
                "points": [canonical.b64(point) for point in self.contribution.points],
                "shares": {str(to): blob for to, blob in self.contribution.wrapped(context, publics).items()},
            })
        elif (
            state["phase"] == "points"
            and mine not in state["acknowledged"]
            and len(state["points"]) == len(state["parties"])
        ):
            for sender in others:
                told = state["points"][str(sender)]
                points = [unb64(point) for point in told["points"]]
                drawing.check_points(context, sender, points, state["commits"][str(sender)])
                drawing.receive_share(
                    context, sender, self.index, points, told["shares"][mine], self.visitor.certificate.private_enc
                )
            self._send(state, "points", "acknowledge", {"accepted": others, "refused": []})
        elif state["phase"] == "reveal" and mine not in state["reveals"]:
            self._send(state, "reveal", "reveal", {"r": canonical.b64(self.contribution.r.to_bytes(32, "big"))})
        return state["phase"]

    def _send(self, state: dict, address: str, phase: str, body: dict) -> None:
        message = canonical.encode(
            {
                "v": 1,
                "draw_id": state["draw_id"],
                "attempt": state["attempt"],
                "party": self.index,
                "phase": phase,
                **body,
            }
        )
        signature = signing.sign(self.visitor.certificate.private_sign, message, labels.DRAW_PARTY)
        self.visitor.post_json(
            f"/draws/{self.draw}/{address}/",
            {"message": canonical.b64(message), "signature": canonical.b64(signature)},
        )


def play(scene: Scene) -> None:
    stages = scene.stages
    with stages.stage("6 专家抽取", 5) as done:
        stages.must_refuse(
            "过早抽取专家", lambda: _approve(scene, _order(scene)), rules=("WINDOW", "48小时")
        )
        scene.advance_to(scene.facts["session"] - timedelta(hours=20))
        _approve(scene, scene.facts["draw"])
        done()
        _contribute(scene)
        done()
        stages.must_refuse(
            "代理机构查看抽中专家姓名", lambda: scene.agency.get("/draws/invitations/"), statuses=(404,)
        )
        done()
        scene.facts["experts"] = answer_invitations(scene, scene.experts, declines=1)
        done()
        _must_be_complete(scene)
        stages.remark(f"{len(scene.facts['experts'])} 名专家确认，1 名谢绝后依序递补")
        done()


def hold(scene: Scene, *, unreachable: int = 0) -> None:
    """Draw the committee from order to the last answer; so many experts answer neither call nor message."""
    _order(scene)
    _approve(scene, scene.facts["draw"])
    _contribute(scene)
    scene.facts["experts"] = answer_invitations(scene, scene.experts - unreachable, ignores=unreachable)
    if unreachable:
        scene.advance_to(scene.now() + ANSWER_TIME)
        scene.facts["experts"] += answer_invitations(scene, unreachable)
    _must_be_complete(scene)


def _contribute(scene: Scene) -> None:
    parties = [
        Party(scene.facts["draw"], visitor, index)
        for index, visitor in enumerate((scene.main_centre, scene.supervisor, scene.agency), start=1)
    ]
    phases = ("commit", "points", "reveal")
    until(lambda: all([party.step() not in phases for party in parties]), "三方完成承诺、交换与揭示", seconds=90)


def _must_be_complete(scene: Scene) -> None:
    until(lambda: "抽取完成" in scene.agency.get(f"/draws/{scene.facts['draw']}/").text(), "席位落实", seconds=60)


def _order(scene: Scene) -> str:
    page = scene.agency.act(f"/draws/lots/{scene.lot}/order/")
    scene.facts["draw"] = page.url.rstrip("/").rsplit("/", 1)[-1]
    return scene.facts["draw"]


def _approve(scene: Scene, draw: str) -> None:
    scene.supervisor.act(f"/draws/{draw}/", form="draws.approve")


def answer_invitations(scene: Scene, wanted: int, *, declines: int = 0, ignores: int = 0) -> list[Visitor]:
    """Let invited experts' telephones ring until ``wanted`` accepted; first some say no, then some say nothing."""
    answered: set[str] = scene.facts.setdefault("answered", set())
    accepted: list[Visitor] = []
    declined = ignored = 0

    def round_() -> bool:
        nonlocal declined, ignored
        for message in _messages(scene):
            if message["id"] in answered:
                continue
            answered.add(message["id"])
            if "学校" in message["text"] or "标段" in message["text"]:
                raise ValueError("通知短信泄露了项目信息")
            expert = scene.cast.by_phone(message["to"])
            if not expert.get("/draws/invitations/").tree.xpath("//form[contains(@action,'/invitations/')]"):
                continue  # an invitation of an earlier rehearsal, long answered or expired
            if declined < declines:
                declined += 1
                expert.act("/draws/invitations/", form="/refuse/")
            elif ignored < ignores:
                ignored += 1
            else:
                expert.act("/draws/invitations/", form="/accept/")
                accepted.append(expert)
        return len(accepted) >= wanted

    until(round_, "专家答复通知", seconds=90)
    return accepted


def _messages(scene: Scene) -> list[dict]:
    messages = scene.cast.anyone.get_json("/demonstration/phones/?format=json")["messages"]
    # The duty phones of centres ring too, for offers; these are not invitations of experts.
    return [one for one in messages if "要约" not in one["text"]]
