"""A tender that does not go straight: too few bidders."""

import re
from datetime import timedelta

import pytest

from tests import rehearsing
from tools.bid import client
from tools.rehearse.play.scene import Scene
from tools.rehearse.stages import until
from tools.visitor import Refused

NOTICE = re.compile(r"/notices/[0-9a-f-]{36}/$")

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
        return "招标失败" in scene.cast.anyone.get(page).text()

    until(failed, "招标失败", seconds=240)
    # The newest notice of all is this one; it says why.
    newest = next(link for link in scene.cast.anyone.get("/notices/").links("/notices/") if NOTICE.search(link))
    told = scene.cast.anyone.get(newest).text()
    assert "投标人为2个，少于3个" in told
    with pytest.raises(Refused):
        scene.agency.act(f"/award/lots/{scene.lot}/publicise/")
