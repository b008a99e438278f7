"""Three parties in three browsers draw the experts together."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests import rehearsing
from tests.browser.people import sign_in
from tools.rehearse.play import drawing, venues

pytestmark = [pytest.mark.browser, pytest.mark.instance]


def test_three_browsers_complete_a_draw(chromium, instance, tmp_path):
    with rehearsing.announced(instance.origin, tmp_path / "drawing") as scene:
        venues.play(scene)
        draw = drawing._order(scene)
        scene.advance_to(scene.facts["session"] - timedelta(hours=20))
        drawing._approve(scene, draw)
        contexts = []
        try:
            for visitor, role in (
                (scene.main_centre, "交易中心"), (scene.supervisor, "行政监督部门"), (scene.agency, "招标代理机构"),
            ):
                context = chromium.new_context(base_url=instance.origin, locale="zh-CN")
                contexts.append(context)
                page = context.new_page()
                holder = {"id": visitor.certificate.person, "name": visitor.certificate.name}
                sign_in(page, holder, role)
                page.goto(f"/draws/{draw}/")
            for context in contexts:
                expect(context.pages[0].get_by_text("随机数已由各方共同产生")).to_be_visible(timeout=60_000)
                expect(context.pages[0].get_by_text("本机已核对 3 方揭示的随机数")).to_be_visible()
        finally:
            for context in contexts:
                context.close()
