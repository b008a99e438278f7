"""What a person does in the browser that several tests need: taking a certificate and signing in (浏览器登录)."""

import re

from playwright.sync_api import Page, expect

from tools.rehearse.cast import PIN


def sign_in(page: Page, holder: dict, role: str) -> None:
    """Sign in through the page with one's soft certificate from the demonstration's cabinet; ends on the desk."""
    page.goto(f"/sign-in/?who={holder['id']}")
    page.locator(".gh-cabinet button", has_text=holder["name"]).first.click()
    expect(page.get_by_text(f"已选择：{holder['name']}")).to_be_visible()
    page.get_by_label("证书口令（PIN）").fill(PIN)
    page.get_by_role("button", name="使用证书登录").click()
    page.wait_for_url(re.compile(r"/(desk|sign-in/role|parties/\w+)/"))
    if "/sign-in/role/" in page.url:
        page.locator("section.card", has_text=role).get_by_role("button", name="以此身份办理").first.click()
        page.wait_for_url("**/desk/**")


def confirm_signature(page: Page) -> None:
    """Confirm what the dialog of a signed form shows."""
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("摘要前 8 位")).to_be_visible()
    dialog.get_by_role("button", name=re.compile("签名")).click()
