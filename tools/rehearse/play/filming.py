"""Real sound and picture between three seats, in browsers without a screen, and recordings that verify (音视频评标室).

The only play that needs a browser: Playwright and Chromium, which the tests bring along.
"""

import io
import json
import shutil
import zipfile

from playwright.sync_api import Browser, Page, sync_playwright

from tools.rehearse.play.scene import Scene
from tools.rehearse.stages import until
from tools.verify.recording import verify_recording
from tools.visitor import Visitor

SEATS = 3
#: A camera and a microphone made by Chromium itself: a moving picture and a beep a second.
FLAGS = ("--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
#: Labels of the tiles whose picture moves: its size is known and its time advances.
_MOVING = """async () => {
  const videos = [...document.querySelectorAll(".mr-tile:not([data-tile=own]) video")];
  const before = videos.map((video) => video.currentTime);
  await new Promise((resolve) => setTimeout(resolve, 700));
  return videos.filter((video, i) => video.videoWidth > 0 && video.currentTime > before[i]).length;
}"""


def play(scene: Scene) -> str:
    """Let three members meet, see each other move, and check what was recorded of them."""
    room = _room(scene)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        pages = [_enter(browser, expert, room) for expert in scene.facts["experts"][:SEATS]]
        for page in pages:
            until(lambda one=page: one.evaluate(_MOVING) >= SEATS - 1, "三个席位互相看到活动画面", seconds=120)
        pages[0].evaluate("window.scrollTo(0, 0)")
        pages[0].screenshot(path=scene.out / "音视频评标室.png")
        until(lambda: _recorded(scene.main_centre, room), "三个席位的录像及其存证", seconds=180)
        for page in pages:
            page.get_by_role("button", name="离会").click()
            page.get_by_text("您已离会").wait_for()
        archive = _recorded(scene.main_centre, room)
        browser.close()
    folder = scene.out / "录像"
    zipfile.ZipFile(io.BytesIO(archive)).extractall(folder)
    report = verify_recording(folder)
    if not report.is_clean:
        raise ValueError(f"录像核验未通过：{report.text()}")
    return f"{SEATS} 个席位音视频互通，录像离线核验通过"


def _room(scene: Scene) -> str:
    """Return the address of the session's room, as the main venue's console links to it."""
    console = scene.main_centre.get(f"/sessions/lots/{scene.lot}/")
    # The navigation links to the list of all rooms.
    return next(link for link in console.links("/meetings/") if not link.endswith("/meetings/"))


def _enter(browser: Browser, expert: Visitor, room: str) -> Page:
    """Open the room with the expert's session, as his seat's browser has it after signing in."""
    context = browser.new_context(
        locale="zh-CN", viewport={"width": 1440, "height": 900}, permissions=["camera", "microphone"]
    )
    context.add_cookies([
        {"name": one.name, "value": one.value, "url": expert.origin} for one in expert.http.cookies.jar
    ])
    page = context.new_page()
    page.goto(room)
    page.get_by_role("button", name="进入会议").click()
    page.locator(".mr-room").wait_for()
    return page


def _recorded(venue: Visitor, room: str) -> bytes | None:
    """Return the export once every seat has ten seconds in it and a minute's heads are in the log."""
    answer = venue.http.get(f"{room}recordings/export/")
    answer.raise_for_status()
    said = json.loads(zipfile.ZipFile(io.BytesIO(answer.content)).read("recording.json"))
    filmed = [track for track in said["tracks"] if len(track["segments"]) >= 2]
    return answer.content if said["entries"] and len(filmed) >= SEATS else None
