"""What a meeting of 3 and of 5 seats costs in browsers and on the server: ``./gongheng bench meeting``.

Every seat is a headless Chromium with a fake camera (640×360, 15 fps, at most 400 kbit/s) that records itself; all
of them and the platform run on this machine. Mesh is always measured, janus where it is installed.
"""

import os
import platform as machine
import shutil
import tempfile
import time
from pathlib import Path

SEATS = (3, 5)
SETTLE, MEASURE = 15.0, 15.0
#: A picture below this rate is no conversation.
LEAST_FPS = 10

FRAMES = """() => [...document.querySelectorAll(".mr-tile:not([data-tile=own]) video")]
  .map((video) => video.getVideoPlaybackQuality().totalVideoFrames)"""


def main() -> int:
    """Print one line per way and size; 1 when janus, where installed, does not carry every stream."""
    from config.processes import media

    ways = ["mesh", *(["janus"] if media.program() else [])]
    print(f"机器：{machine.machine()}，{os.cpu_count()} 核；浏览器与平台同机；640×360，15 帧/秒，端侧录像开启")
    print(f"开始时系统负载 {os.getloadavg()[0]:.1f}（高于 {os.cpu_count()} 时，别的程序占用了处理器，帧率偏低）")
    print("方式   席位  收到的画面      帧/秒（最低/平均）  浏览器核数  平台核数  媒体服务器核数  已存片段")
    worst = 0
    for way in ways:
        for row in _measure(way):
            print(row["text"], flush=True)
            if way == "janus" and (row["streams"] < row["wanted"] or row["least"] < LEAST_FPS):
                worst = 1
    return worst


def _measure(way: str):
    from playwright.sync_api import expect

    from tests import deployment
    from tests.browser import meeting_room
    from tests.browser.conftest import FLAGS

    expect.set_options(timeout=60_000)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        instance, server = deployment.start(Path(folder) / "var", GONGHENG_MEDIA=way)
        try:
            if way == "janus":
                instance = meeting_room.knows_media_server(instance)
            for seats in SEATS:
                listed = [one for one in meeting_room.people(instance.origin, seats - 1) if one["part"] != "supervisor"]
                meeting = meeting_room.open_meeting(instance, listed)
                with meeting_room.chromium_with_devices(shutil.which("chromium"), FLAGS) as browser:
                    pages = [meeting_room.enter(browser, instance.origin, one, meeting)[1] for one in listed]
                    for page in pages:
                        meeting_room.join(page)
                    time.sleep(SETTLE)
                    yield _row(way, seats, instance, pages)
        finally:
            instance.command("down", timeout=60)
            server.wait(timeout=60)


def _row(way: str, seats: int, instance, pages) -> dict:
    before, spent, start = [page.evaluate(FRAMES) for page in pages], _spent(instance), time.monotonic()
    time.sleep(MEASURE)
    seconds = time.monotonic() - start
    after, used = [page.evaluate(FRAMES) for page in pages], _spent(instance)
    rates = [
        (new - old) / seconds
        for one, two in zip(before, after, strict=True) for old, new in zip(one, two, strict=False)
    ]
    flowing = [rate for rate in rates if rate > 0]
    cores = {name: (used[name] - spent[name]) / seconds for name in used}
    stored = sum(1 for _ in (instance.var / "files" / "content").glob("*/*"))
    least, mean = min(rates, default=0), sum(rates) / max(len(rates), 1)
    return {
        "streams": len(flowing), "wanted": seats * (seats - 1), "least": least,
        "text": (
            f"{way:6} {seats:4}  {len(flowing):3}/{seats * (seats - 1):<3}        {least:8.1f} /{mean:5.1f}"
            f"         {cores['browser']:8.2f}  {cores['platform']:8.2f}  {cores['media']:10.2f}  {stored:10}"
        ),
    }


def _spent(instance) -> dict[str, float]:
    """Return the processor seconds that browsers, platform and media server have used so far."""
    media = set(instance.processes("media"))
    mark = f"GONGHENG_PROCESS={instance.var}:".encode()
    spent = {"browser": 0.0, "platform": 0.0, "media": 0.0}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_bytes()
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        if int(entry.name) in media:
            spent["media"] += seconds
        elif mark in environment:
            spent["platform"] += seconds
        elif b"use-fake-device-for-media-stream" in command or _is_ours(entry):
            spent["browser"] += seconds
    return spent


def _is_ours(entry: Path) -> bool:
    """Say whether a process descends from a browser of ours: Chromium's children do not repeat its flags."""
    for _ in range(4):
        try:
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            if b"use-fake-device-for-media-stream" in (Path("/proc") / parent / "cmdline").read_bytes():
                return True
        except OSError:
            return False
        entry = Path("/proc") / parent
    return False
