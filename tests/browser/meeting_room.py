"""A meeting of the demonstration province with people in browsers of their own (浏览器会议)."""

import dataclasses
import json
import uuid
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.people import sign_in
from tests.deployment import Instance
from tools.rehearse.cast import Cast

#: A camera and a microphone made by Chromium itself: a slowly moving picture and a beep a second.
DEVICES = ["--use-fake-device-for-media-stream=fps=5", "--use-fake-ui-for-media-stream"]

_OPEN = """
import json, sys, uuid
from django.conf import settings
from gongheng.kernel.roles import Actor, Role
from gongheng.places.meetings import actions
from gongheng.places.meetings.rules import Invitee, Part
said = json.loads({said!r})
meeting = actions.open_meeting(
    uuid.UUID(said["reference"]), "某标段评标会议", retention="construction", masks_voices=said["masks"],
    participants=[Invitee(one["person"], one["label"], Part(one["part"]), one["seat"]) for one in said["list"]],
    actor=Actor(said["list"][0]["person"], Role.CENTRE), clock=settings.CLOCK,
)
print(meeting.pk)
"""

_REVOKE = """
from django.conf import settings
from gongheng.kernel.roles import Actor, Role
from gongheng.places.meetings import actions
from gongheng.places.meetings.models import Participant
one = Participant.objects.select_related("meeting").get(meeting={meeting!r}, label={label!r})
actions.revoke(one, reason="发现应当回避的情形", actor=Actor("session", Role.CENTRE), clock=settings.CLOCK)
"""


def people(origin: str, experts: int) -> list[dict]:
    """Return a host, so many experts and a supervisor of the cabinet, as a closed list."""
    cast = Cast(origin)
    try:
        listed = [(cast.find("centre")[0], "host", "主持席", "济南 主控席")]
        found = cast.find("expert")
        listed += [
            (found[n], "expert", f"评委{n + 1}", f"{('青岛 一室', '济南 二室')[n % 2]} {n + 1:02d}")
            for n in range(experts)
        ]
        listed.append((cast.find("supervisor")[0], "supervisor", "监督", ""))
    finally:
        cast.close()
    return [
        {"person": holder["id"], "holder": holder, "part": part, "label": label, "seat": seat}
        for holder, part, label, seat in listed
    ]


def shell(instance: Instance, code: str) -> str:
    """Run code inside the instance's platform; its last line."""
    asked = instance.command("manage", "shell", "-v", "0", "-c", code)
    assert asked.returncode == 0, asked.stderr
    return asked.stdout.strip().splitlines()[-1] if asked.stdout.strip() else ""


def knows_media_server(instance: Instance) -> Instance:
    """Return the instance with commands that know of its media server: the meetings they open go through it."""
    port = json.loads((instance.var / "ports.json").read_text())["media"]
    address = {"GONGHENG_JANUS_URL": f"http://127.0.0.1:{port}/janus"}
    return dataclasses.replace(instance, environment=instance.environment | address)


def facts(instance: Instance, code: str) -> dict:
    """Return what code inside the platform prints as JSON."""
    return json.loads(shell(instance, code))


def open_meeting(instance: Instance, listed: list[dict], *, masks: bool = False) -> str:
    """Open a meeting as a session would; its id."""
    bare = [{key: one[key] for key in ("person", "part", "label", "seat")} for one in listed]
    said = json.dumps({"reference": str(uuid.uuid4()), "masks": masks, "list": bare}, ensure_ascii=False)
    return shell(instance, _OPEN.format(said=said))


def revoke(instance: Instance, meeting: str, label: str) -> None:
    shell(instance, _REVOKE.format(meeting=meeting, label=label))


ROLES = {"host": "交易中心", "expert": "评标专家", "supervisor": "行政监督部门"}


def enter(browser: Browser, origin: str, one: dict, meeting: str, **options) -> tuple[BrowserContext, Page]:
    """Sign in in a browser context of one's own and open the meeting's page."""
    context = browser.new_context(base_url=origin, locale="zh-CN", permissions=["camera", "microphone"], **options)
    context.set_default_timeout(60_000)
    page = context.new_page()
    sign_in(page, one["holder"], ROLES[one["part"]])
    page.goto(f"/meetings/{meeting}/")
    return context, page


def join(page: Page) -> None:
    page.get_by_role("button", name="进入会议").click()
    expect(page.locator(".mr-room")).to_be_visible()


def moving_tiles(page: Page) -> list[str]:
    """Return the labels of tiles whose picture moves: its size is known and its time advances."""
    return page.evaluate(
        """async () => {
          const videos = [...document.querySelectorAll(".mr-tile:not([data-tile=own]) video")];
          const before = videos.map((video) => video.currentTime);
          await new Promise((resolve) => setTimeout(resolve, 700));
          return videos.filter((video, i) => video.videoWidth > 0 && video.currentTime > before[i])
            .map((video) => video.closest(".mr-tile").querySelector("b").textContent);
        }"""
    )


@contextmanager
def chromium_with_devices(path: str, flags: list[str]):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*flags, *DEVICES])
        try:
            yield browser
        finally:
            browser.close()
