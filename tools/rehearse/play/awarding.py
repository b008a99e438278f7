"""Stage 9: candidates in public, an objection that holds the lot, the award, the contract (公示、定标、合同)."""

from datetime import datetime, timedelta

from tools.rehearse.play.scene import Scene
from tools.visitor import Visitor


def play(scene: Scene) -> None:
    lot, stages = scene.lot, scene.stages
    award, contract = f"/award/lots/{lot}/", f"/contracts/lots/{lot}/"
    with stages.stage("9 公示、定标、合同", 10) as done:
        _halt_and_go_on(scene, award)
        done()
        scene.agency.act(f"{award}publicise/")
        done()
        stages.must_refuse(
            "公示期内定标",
            lambda: scene.tenderer.act(f"{award}decide/"),
            rules=("T10", "公示期", "no form"),
            statuses=(404,),
        )
        scene.bids[1].visitor.act(f"{award}object/", text="对第一中标候选人类似业绩的认定有异议，请复核。")
        done()
        scene.advance_to(scene.now() + timedelta(days=1))
        stages.must_refuse(
            "异议未答复时定标",
            lambda: scene.tenderer.act(f"{award}decide/"),
            rules=("HOLD", "no form", "暂停"),
            statuses=(404,),
        )
        answer = scene.agency.get(award).links("/award/objections/")[0]
        scene.agency.act(answer, answer="经评标委员会提供的评审资料核对，业绩证明材料齐全，异议不成立。")
        done()
        scene.advance_to(_publicity_end(scene, award) + timedelta(minutes=1))
        scene.tenderer.act(f"{award}decide/", form="award.decide")
        done()
        scene.agency.act(f"{award}notify/")
        done()
        stages.must_refuse(
            "背离投标报价的合同",
            lambda: scene.agency.act(f"{contract}draft/", price="1,000,000"),
            rules=("法46", "一致"),
        )
        scene.agency.act(f"{contract}draft/")
        done()
        scene.tenderer.act(contract, form="contracts.sign")
        done()
        _winner(scene, contract).act(contract, form="contracts.sign")
        done()
        scene.agency.act(f"{contract}report/", summary="招标过程正常，公示期间异议一件，已答复。")
        done()


def _halt_and_go_on(scene: Scene, award: str) -> None:
    """Let the supervisor take up a complaint: nothing moves until the supervisor, and nobody else, lets it go on."""
    lot = f"/projects/lots/{scene.lot}/"
    reason = "收到投诉，责令暂停定标，核查评标情况。"
    scene.supervisor.act(lot, form="projects.hold", kind="complaint", reason=reason, clocks=["T10"])
    if reason not in scene.agency.get(lot).text():
        raise ValueError("暂停的理由没有告知招标代理")
    scene.stages.must_refuse(
        "暂停期间公示", lambda: scene.agency.act(f"{award}publicise/"), rules=("HOLD", "no form", "暂停"),
        statuses=(404,),
    )
    scene.stages.must_refuse(
        "代理自行解除暂停", lambda: scene.agency.act(lot, form="projects.release", release_note="自行解除"),
        rules=("no form",), statuses=(403, 404),
    )
    scene.supervisor.act(lot, form="projects.release", release_note="投诉不成立，恢复定标。")


def _publicity_end(scene: Scene, award: str):
    """Read the end of the publicity from the page, machine-readable; the page shows later deadlines too."""
    times = scene.cast.anyone.get(award).tree.xpath("//p[starts-with(normalize-space(), '公示期：')]//time/@datetime")
    return max(datetime.fromisoformat(text) for text in times)


def _winner(scene: Scene, contract: str) -> Visitor:
    """Return the session of the bidder to whom the contract page offers the signature."""
    for bidder in scene.bids:
        page = bidder.visitor.http.get(contract)
        if page.status_code == 200 and "contracts.sign" in page.text:
            return bidder.visitor
    raise ValueError("没有投标人可以签署合同")
