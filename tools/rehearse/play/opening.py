"""Stage 7: the unseen opening: own keys, one lost key by fall-back, coefficient, objection, record (不见面开标)."""

import re

from lxml import html

from gongheng.crypto import canonical, signing
from tools.bid import client
from tools.rehearse.play import bidding
from tools.rehearse.play.scene import Scene
from tools.rehearse.stages import until
from tools.visitor import Refused


def play(scene: Scene) -> None:
    bidding.over_the_deadline(scene)
    hall, stages = f"/opening/{scene.lot}/", scene.stages
    with stages.stage("7 不见面开标", scene.bidders + 6) as done:
        # The witness must have cosigned the close, the trustees must have struck their covers.
        until(lambda: _started(scene, hall), "见证联署与掩护件声明后开始开标", seconds=60)
        done()
        stages.must_refuse("用假密钥解密", lambda: _guess(scene, scene.bids[1]), rules=("SECRET",))
        for bidder in scene.bids:
            bidder.visitor.act(hall, form="opening.sign_in")
        for bidder in scene.bids[:-1]:
            client.open_own(bidder.visitor, bidder.kept, bidder.visitor.certificate)
            done()
        lost = scene.bids[-1]
        client.request_fallback(lost.visitor, lost.kept, "device")
        until(lambda: _all_open(scene, hall), "两方受托人释放份额，兜底开启", seconds=60)
        stages.remark("1 份由受托人兜底开启")
        done()
        scene.agency.act(hall, form="opening.end_decryption")
        done()
        scene.bids[0].visitor.act(hall, form="opening.object", text="请确认二号投标文件的工期是否已唱读。")
        scene.agency.act(hall, form="opening.answer", answer="已在唱标时读出，工期为 540 日历天，现当场复读确认。")
        done()
        scene.agency.act(hall, form="opening.record")
        for signer in (scene.agency, scene.main_centre, *(bidder.visitor for bidder in scene.bids[:2])):
            signer.act(hall, form="opening.sign")
        done()
        scene.agency.act(hall, form="opening.finish")
        done()


def _started(scene: Scene, hall: str) -> bool:
    try:
        scene.agency.act(hall, form="opening.start")
    except Refused as refused:
        if "no form" in refused.message or "受托人" in refused.message or "见证" in refused.message:
            return False
        raise
    return True


def _all_open(scene: Scene, hall: str) -> bool:
    """Read from the board whether every bid is open."""
    board = html.fromstring(scene.cast.anyone.http.get(f"{hall}board/").text).text_content()
    count = re.search(r"已解密\s*(\d+)\s*/\s*(\d+)", board)
    return count is not None and count[1] == count[2]


def _guess(scene: Scene, bidder: bidding.Bidder) -> None:
    """Offer secrets that are not the ones committed to."""
    guesses = {envelope: canonical.b64(signing.generate()[0]) for envelope in client.ENVELOPES}
    bidder.visitor.post_json(f"/opening/{scene.lot}/open-own/", {"D": bidder.kept.D, "secrets": guesses})
