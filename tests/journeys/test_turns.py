"""Tenders that do not go straight: too few bidders, and a supervisor who halts the award."""

import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import docx
import openpyxl
import pytest

from tests import rehearsing
from tools.bid import client
from tools.rehearse.papers import make
from tools.rehearse.play import archiving, awarding, bidding, drawing, evaluating, opening, venues
from tools.rehearse.play.scene import Scene
from tools.rehearse.stages import until
from tools.verify.__main__ import verify
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


def test_a_complaint_that_the_supervisor_takes_up_halts_the_award(instance, tmp_path):
    """The bidders bring what lies on their disks: PDF, Word and Excel."""
    folder = _office_documents(tmp_path / "资料")
    with rehearsing.announced(instance.origin, tmp_path / "halted", documents=folder) as scene:
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
    archiving.play(scene)
    bundle = scene.main_centre.http.get(scene.facts["bundle_url"]).content
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        archive.extractall(scene.out / "存证包")
    report = verify(scene.out / "存证包")
    assert report.is_clean, report.text()


def _office_documents(folder: Path) -> Path:
    make(folder, fonts=rehearsing.FONTS, seed="documents", size_mb=0.5)
    letter = docx.Document()
    letter.add_heading("类似项目业绩一览")
    letter.add_paragraph("近五年完成类似房屋建筑工程三项，均验收合格。")
    letter.save(folder / "业绩.docx")
    workbook = openpyxl.Workbook()
    workbook.active.append(["设备", "数量"])
    workbook.active.append(["塔式起重机", 3])
    workbook.save(folder / "施工机械.xlsx")
    (folder / "说明.md").write_text("不在可用于投标的类型之内")
    return folder
