"""C8: a seat cut off from the platform while scoring loses no keystroke and diverges nothing (断网不丢分).

A real browser types at a seat; its wire to the platform is cut for 5 s, 30 s, and 5 and 30 minutes of the browser's
own clock (fast-forwarded, so the sockets are cut for the time it takes to run them, not for real minutes). A link lost
while the report is signed is in test_pages.py.
"""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.db import connection
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from gongheng.trading.evaluation.models import Alias, Draft, Member, Score
from gongheng.trading.evaluation.tests.partition import Wire
from gongheng.trading.evaluation.tests.world import opened_world, visitor
from gongheng.trust.certificates.tests.issuing import authority, platform

__all__ = ["authority", "platform"]

pytestmark = [
    pytest.mark.browser, pytest.mark.django_db(transaction=True),
    # They wait for clocks more than they work: as a group they begin early, beside tests that work.
    pytest.mark.xdist_group("partition"),
]

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
#: C8: resume at most so long after the link heals.
RESUME = 15.0
#: What waits encrypted in the browser.
WAITING = "Object.keys(localStorage).filter((key) => key.startsWith('gongheng-draft'))"


@dataclass
class Seat:
    """A seat with its browser behind a wire, and the platform's own view of what was scored there."""

    wire: Wire
    context: BrowserContext
    direct: str
    path: str
    alias: Alias
    pool: ThreadPoolExecutor

    def page(self, *, is_direct: bool = False) -> Page:
        page = self.context.new_page()
        page.goto((self.direct if is_direct else f"http://localhost:{self.wire.port}") + self.path)
        expect(page.locator("draft-keeper p")).to_be_attached()
        return page

    def kept(self) -> dict[str, str]:
        return self._ask(lambda: {row.field: row.text for row in Draft.objects.all()})

    def scored(self) -> dict[str, Decimal]:
        return self._ask(lambda: dict(Score.objects.filter(alias=self.alias).values_list("factor", "points")))

    def until(self, page: Page, wanted: dict[str, str], patience: float = RESUME) -> float:
        """Wait until the platform has what was typed; return after how many seconds it had."""
        began = time.monotonic()
        while (kept := self.kept()) != wanted:
            assert time.monotonic() - began < patience, kept
            page.wait_for_timeout(100)
        return time.monotonic() - began

    def _ask(self, query):
        # Playwright keeps an event loop in this thread, and Django rightly refuses to be asked beside one.
        def ask():
            try:
                return query()
            finally:
                connection.close()

        return self.pool.submit(ask).result()


@pytest.fixture
def world(authority, platform, live_server):
    """A world whose rows the live server sees: committed, so no theatre."""
    return opened_world(platform.CLOCK, authority)


@pytest.fixture
def seat(world, live_server):
    member = Member.objects.get(pk=world.reviewed()[0].pk)
    alias = member.aliases.get(label="甲")
    own = visitor(world.held[str(member.expert_id)], world.clock)
    upstream = urlsplit(live_server.url)
    wire = Wire((upstream.hostname, upstream.port))
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "Chromium is not installed: apt-get install chromium"
    with ThreadPoolExecutor(1) as pool, sync_playwright() as playwright:
        expect.set_options(timeout=20_000)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        context = browser.new_context(locale="zh-CN")
        context.add_cookies([
            {"name": cookie.key, "value": cookie.value, "domain": "localhost", "path": "/"}
            for cookie in own.client.cookies.values()
        ])
        yield Seat(
            wire, context, f"http://localhost:{upstream.port}", f"/evaluation/{member.evaluation_id}/technical/甲/",
            alias, pool,
        )
        context.close()
        browser.close()
    wire.close()


def test_what_is_typed_while_the_link_is_cut_for_5_s_and_30_s_arrives(seat, capsys):
    page = seat.page()
    page.fill("#F1", "2")
    seat.until(page, {"F1": "2"})
    typed = {"F1": "2"}
    for seconds, points, is_silent in ((5, "21.5", False), (30, "28.25", True)):
        seat.wire.cut(is_silent=is_silent)
        page.locator("#F1").press("Control+a")
        page.locator("#F1").press_sequentially(points, delay=60)
        page.fill("#comment", f"断网{seconds}秒时写的意见")
        expect(page.locator("draft-keeper p")).to_contain_text("暂存在本机")
        page.wait_for_timeout(seconds * 1000)
        assert seat.kept() == typed
        seat.wire.heal()
        typed = {"F1": points, "comment": f"断网{seconds}秒时写的意见"}
        took = seat.until(page, typed)
        expect(page.locator("draft-keeper p")).to_contain_text("已自动保存")
        with capsys.disabled():
            print(f"\n断网 {seconds} 秒，恢复后 {took:.1f} 秒提交完毕")
    assert seat.scored() == {"F1": Decimal("28.25")}


def test_five_minutes_and_half_an_hour_lose_nothing(seat, world):
    page = seat.context.new_page()
    page.clock.install()
    page.goto(f"http://localhost:{seat.wire.port}{seat.path}")
    expect(page.locator("#F1")).to_be_visible()
    seat.wire.cut()
    page.fill("#F1", "27")
    page.fill("#F2", "10")
    page.clock.run_for(300_000)
    assert seat.kept() == {}
    seat.wire.heal()
    page.clock.resume()
    seat.until(page, {"F1": "27", "F2": "10"})
    assert seat.scored() == {"F1": Decimal(27), "F2": Decimal(10)}
    # Half an hour for the seat and for the platform: the session of the expert is still good, his sheet still his.
    seat.wire.cut()
    page.fill("#F1", "24.5")
    page.clock.fast_forward(1_800_000)
    world.clock.moment += timedelta(minutes=30)
    page.fill("#F2", "0")
    page.clock.run_for(10_000)
    assert seat.kept() == {"F1": "27", "F2": "10"}
    seat.wire.heal()
    page.clock.resume()
    seat.until(page, {"F1": "24.5", "F2": "0"})
    assert seat.scored() == {"F1": Decimal("24.5"), "F2": Decimal(0)}


def test_two_windows_end_with_the_same_sheet_and_the_later_is_told(seat):
    cut_off, other = seat.page(), seat.page(is_direct=True)
    seat.wire.cut()
    cut_off.fill("#F1", "15")
    cut_off.fill("#F2", "10")
    expect(cut_off.locator("draft-keeper p")).to_contain_text("暂存在本机")
    other.fill("#F1", "29")
    seat.until(other, {"F1": "29"})
    seat.wire.heal()
    seat.until(cut_off, {"F1": "29", "F2": "10"})
    expect(cut_off.locator("draft-keeper p")).to_contain_text("15")
    expect(cut_off.locator("#F1")).to_have_value("29")
    expect(other.locator("#F2")).to_have_value("10")
    assert seat.scored() == {"F1": Decimal(29), "F2": Decimal(10)}


def test_a_page_closed_while_cut_off_finds_its_keystrokes_again(seat):
    page = seat.page()
    seat.wire.cut()
    page.fill("#F1", "26.5")
    expect(page.locator("draft-keeper p")).to_contain_text("暂存在本机")
    waiting = page.evaluate(f"{WAITING}.map((key) => localStorage[key])")
    assert len(waiting) == 1
    assert "26.5" not in waiting[0]
    page.close()
    seat.wire.heal()
    again = seat.page()
    expect(again.locator("#F1")).to_have_value("26.5")
    seat.until(again, {"F1": "26.5"})
    page = again
    expect(page.locator("draft-keeper p")).to_contain_text("已自动保存")
    assert page.evaluate(f"{WAITING}.length") == 0
