"""Tenders that do not go straight: too few bidders, and a supervisor who halts the award."""

from datetime import timedelta

import pytest

from tests import rehearsing
from tools.bid import client
from tools.rehearse.play import awarding, bidding, drawing, evaluating, opening, venues
from tools.rehearse.play.scene import Scene
from tools.rehearse.stages import until
from tools.visitor import Refused

pytestmark = pytest.mark.instance


def test_with_two_bids_the_lot_fails_and_everybody_may_read_why(instance, tmp_path):
    with rehearsing.announced(instance.origin, tmp_path / "two") as scene:
        _fail_for_want_of_bids(scene)


def _fail_for_want_of_bids(scene: Scene) -> None:
    qualification, technical = rehearsing.papers(scene, "one-for-all")
    for number, holder in enumerate(scene.cast.find("bidder")[:2]):
        visitor = scene.cast.visitor(holder, "bidder")
        offer = client.Offer(100_000_000_00 + number, 540, "合格", "建造师", holder["name"], "13900000000")
        with qualification[0].open("rb") as e1, technical[0].open("rb") as e2:
            client.seal_and_submit(
                visitor, client.sealing_rules(visitor, scene.lot), visitor.certificate, offer, [("资格.pdf", e1)],
                [("技术.pdf", e2)],
            )
    scene.advance_to(scene.facts["due"] + timedelta(milliseconds=1))
    page = f"/lots/{scene.lot}/"

    def failed() -> bool:
        try:
            scene.agency.act(f"/opening/{scene.lot}/", form="opening.start")
        except Refused as refused:
            # Waiting for the close, the witness or the covers; anything else is a fault of the platform.
            if not any(word in str(refused) for word in ("no form", "见证", "受托人", "404")):
                raise
        return "少于3个" in scene.cast.anyone.get(page).text() or "流标" in scene.cast.anyone.get(page).text()

    until(failed, "流标", seconds=90)
    notices = scene.cast.anyone.get(page).links("/notices/")
    assert any("少于3个" in scene.cast.anyone.get(link).text() for link in notices), notices
    with pytest.raises(Refused):
        scene.agency.act(f"/award/lots/{scene.lot}/publicise/")


def test_a_complaint_that_the_supervisor_takes_up_halts_the_award(instance, tmp_path):
    with rehearsing.announced(instance.origin, tmp_path / "halted") as scene:
        _halt_and_go_on(scene)


def _halt_and_go_on(scene: Scene) -> None:
    for play in (venues, drawing, bidding, opening, evaluating):
        play.play(scene)
    lot, award = f"/projects/lots/{scene.lot}/", f"/award/lots/{scene.lot}/"
    scene.supervisor.act(
        lot, form="projects.hold", kind="complaint", reason="收到投诉，责令暂停定标，核查评标情况。", clocks=["T10"]
    )
    assert "核查评标情况" in scene.agency.get(lot).text()
    with pytest.raises(Refused, match="暂停"):
        scene.agency.act(f"{award}publicise/")
    assert "评标结束" in scene.agency.get(f"/lots/{scene.lot}/").text()
    with pytest.raises(Refused):
        scene.agency.act(lot, form="projects.release", release_note="自行解除")
    scene.supervisor.act(lot, form="projects.release", release_note="投诉不成立，恢复定标。")
    awarding.play(scene)
    assert "合同" in scene.cast.anyone.get(f"/lots/{scene.lot}/").text()
