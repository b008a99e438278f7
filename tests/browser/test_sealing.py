"""A bidder seals, takes the receipt and opens in a real browser; Python reads what JavaScript sealed, and back."""

import json
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests import rehearsing
from tests.browser.people import confirm_signature, sign_in
from tools.bid import client
from tools.rehearse.play import opening
from tools.rehearse.stages import until
from tools.verify.receipt import check_receipt
from tools.verify.report import Report

pytestmark = [pytest.mark.browser, pytest.mark.instance]

BROKEN = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nstartxref\n99999\n"


def test_a_bid_is_sealed_receipted_and_opened_in_the_browser(page, instance, tmp_path):
    with rehearsing.announced(instance.origin, tmp_path / "sealing") as scene:
        mine, *others = scene.cast.find("bidder")[5:8]
        qualification, technical = rehearsing.papers(scene, "mine")
        sign_in(page, mine, "投标人")
        page.goto(f"/bids/{scene.lot}/")
        _fill_in(page, qualification[0], technical[0], tmp_path)
        page.get_by_role("button", name="确认无误，封标").click()
        expect(page.get_by_text("投标文件已封标")).to_be_visible(timeout=30_000)
        expect(page.get_by_text("兜底份额校验 3/3")).to_be_visible(timeout=60_000)
        with page.expect_download() as download:
            page.get_by_role("button", name="下载回执（.json）").click()
        receipt = json.loads(download.value.path().read_text())
        report = Report()
        report.run("回执", check_receipt, receipt, instance.policy())
        assert report.is_clean, report.text()
        for holder in others:
            _seal_elsewhere(scene, holder, qualification[0], technical[0])
        scene.advance_to(scene.facts["due"] + timedelta(milliseconds=1))
        hall = f"/opening/{scene.lot}/"
        until(lambda: opening._started(scene, hall), "开始开标", seconds=90)
        page.goto(hall)
        page.get_by_role("button", name="签名并签到").click()
        confirm_signature(page)
        expect(page.get_by_role("button", name="签名并签到")).to_have_count(0)
        page.get_by_role("button", name="解密我的投标文件").click()
        expect(page.get_by_text("解密密钥已提交").or_(page.get_by_text("已经开启")).first).to_be_visible(timeout=30_000)
        page.goto(hall)
        expect(page.get_by_text("贵单位的投标文件已经开启")).to_be_visible()
        assert mine["organisation"] in scene.cast.anyone.get(hall).text()


def _fill_in(page, qualification, technical, folder) -> None:
    broken = folder / "损坏.pdf"
    broken.write_bytes(BROKEN)
    page.get_by_label("联系人").fill("王芳")
    page.get_by_label("联系电话").fill("13812345678")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("资格文件").set_input_files(broken)
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text("以下文件未被接受")
    expect(refusal).to_contain_text("损坏.pdf：")
    page.get_by_label("资格文件").set_input_files(qualification)
    expect(page.get_by_role("cell", name=qualification.name, exact=True)).to_be_visible()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("技术文件").set_input_files(technical)
    expect(page.get_by_role("cell", name=technical.name, exact=True)).to_be_visible()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("投标总价（元）").fill("108,000,000.00")
    expect(page.get_by_text("大写：壹亿零捌佰万元整")).to_be_visible()
    page.get_by_label("工期（日历天）").fill("540")
    page.get_by_label("项目负责人").fill("李建国")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("我已逐项核对").check()


def _seal_elsewhere(scene, holder: dict, qualification, technical) -> None:
    """Let another bidder seal with the command-line client, so that enough bids come together."""
    visitor = scene.cast.visitor(holder, "bidder")
    offer = client.Offer(110_000_000_00, 540, "合格", "赵建造", holder["name"], "13900000000")
    with qualification.open("rb") as e1, technical.open("rb") as e2:
        client.seal_and_submit(
            visitor, client.sealing_rules(visitor, scene.lot), visitor.certificate, offer, [("资格.pdf", e1)],
            [("技术.pdf", e2)],
        )
