"""Three seats and a supervisor in one room: moving pictures, recordings that verify, and out means out."""

import io
import re
import shutil
import time
import zipfile

import pytest
from playwright.sync_api import expect

from tests.browser import meeting_room
from tests.browser.conftest import FLAGS
from tools.rehearse.cast import Cast
from tools.verify.recording import verify_recording

pytestmark = [pytest.mark.browser, pytest.mark.instance]

PATIENCE = 40


@pytest.fixture(scope="module")
def browser():
    with meeting_room.chromium_with_devices(shutil.which("chromium"), FLAGS) as one:
        expect.set_options(timeout=20_000)
        yield one


def until(what, *, seconds: float = PATIENCE):
    """Ask again until the answer is true; what it last said fails the test."""
    end = time.monotonic() + seconds
    while not (answer := what()):
        assert time.monotonic() < end, answer
    return answer


def exported(instance, listed: list[dict], meeting: str) -> bytes:
    cast = Cast(instance.origin)
    try:
        answer = cast.visitor(listed[0]["holder"], "centre").http.get(f"/meetings/{meeting}/recordings/export/")
        assert answer.status_code == 200
        return answer.content
    finally:
        cast.close()


def test_three_seats_meet_are_recorded_and_one_is_put_out(browser, instance, tmp_path):
    listed = meeting_room.people(instance.origin, 2)
    meeting = meeting_room.open_meeting(instance, listed, masks=True)
    pages = {}
    try:
        for one in listed:
            _, pages[one["label"]] = meeting_room.enter(browser, instance.origin, one, meeting)
        for page in pages.values():
            meeting_room.join(page)
        everybody = {"主持席", "评委1", "评委2"}
        for label, page in pages.items():
            until(lambda page=page, label=label: set(meeting_room.moving_tiles(page)) == everybody - {label})

        pages["评委1"].get_by_role("button", name="举手").click()
        expect(pages["主持席"].locator(".mr-tile", has_text="评委1").get_by_text("举手")).to_be_visible()
        pages["评委1"].get_by_label("文字发言").last.fill("请看第三页")
        pages["评委1"].keyboard.press("Enter")
        expect(pages["监督"].get_by_text("请看第三页")).to_be_visible()
        pages["监督"].get_by_role("button", name="静音评委1").click()
        expect(pages["评委1"].get_by_text("您已被静音")).to_be_visible()

        # Ten seconds of each seat are on the platform.
        until(lambda: _shortest(pages["监督"].request.get(f"/meetings/{meeting}/recordings/").text()) >= 2)
        review = pages["监督"].context.new_page()
        review.goto(f"/meetings/{meeting}/recordings/")
        review.locator("rect.is-track").first.click()
        until(lambda: review.evaluate("document.querySelector('video').currentTime > 0.5"))

        # A cut line delays a recording and loses nothing of it.
        pages["评委1"].context.set_offline(True)
        expect(pages["评委1"].get_by_text("连接中断，正在重试")).to_be_visible()
        expect(pages["评委1"].get_by_text("待传录像")).to_be_visible()
        pages["评委1"].context.set_offline(False)
        expect(pages["评委1"].get_by_text("已连接")).to_be_visible()
        expect(pages["评委1"].get_by_text("录像已存证")).to_be_visible()

        # The command has done its work when it returns; the browser is out within two seconds of it.
        meeting_room.revoke(instance, meeting, "评委2")
        expect(pages["评委2"].get_by_text("您已不在会议中")).to_be_visible(timeout=2_000)
        expect(pages["主持席"].locator(".mr-tile", has_text="评委2")).to_have_count(0, timeout=2_000)
        assert pages["评委2"].request.get(f"/meetings/{meeting}/").status == 404

        archive = until(lambda: _with_entries(exported(instance, listed, meeting)))
        zipfile.ZipFile(io.BytesIO(archive)).extractall(tmp_path)
        report = verify_recording(tmp_path)
        assert report.is_clean, report.text()
        spoiled = next(tmp_path.glob("*/000001"))
        spoiled.write_bytes(spoiled.read_bytes()[:-1] + b"!")
        assert not verify_recording(tmp_path).is_clean
    finally:
        for page in pages.values():
            page.context.close()


def _shortest(page: str) -> int:
    """Count the segments of the seat that has the fewest; none while a seat is missing."""
    counts = [int(count) for count in re.findall(r'class="is-track"[^>]* data-count="(\d+)"', page)]
    return min(counts) if len(counts) == 3 else 0


def _with_entries(archive: bytes) -> bytes | None:
    said = zipfile.ZipFile(io.BytesIO(archive)).read("recording.json")
    return archive if b'"entries":[{' in said else None
