"""Everybody signs in through the page with a certificate and finds a desk; the console stays silent."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.people import sign_in
from tools.rehearse.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.instance]

ROLES = {
    "tenderer": "招标人", "agency": "招标代理机构", "bidder": "投标人", "expert": "评标专家", "centre": "交易中心",
    "supervisor": "行政监督部门", "notary": "公证机构",
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_signs_in_and_sees_its_desk(page, instance, role):
    cast = Cast(instance.origin)
    holder = cast.find(role)[0]
    cast.close()
    sign_in(page, holder, ROLES[role])
    expect(page).to_have_url(re.compile(r"/desk/"))
    expect(page.locator("h1")).to_be_visible()
    expect(page.get_by_text(holder["name"]).first).to_be_attached()
    # A phone shows the same page without a bar to scroll sideways.
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_wrong_pin_opens_no_certificate(page, instance):
    cast = Cast(instance.origin)
    holder = cast.find("bidder")[0]
    cast.close()
    page.goto(f"/sign-in/?who={holder['id']}")
    page.locator(".gh-cabinet button", has_text=holder["name"]).first.click()
    expect(page.get_by_text(f"已选择：{holder['name']}")).to_be_visible()
    page.get_by_label("证书口令（PIN）").fill("000000")
    page.get_by_role("button", name="使用证书登录").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    assert "/sign-in/" in page.url
