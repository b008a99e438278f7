"""A room carried by the media server: a killed server leaves a named cut and no hole in the recordings (媒体服务器)."""

import shutil

import pytest
from playwright.sync_api import expect

from config.processes import media
from tests.browser import meeting_room
from tests.browser.conftest import FLAGS
from tests.browser.test_meeting import PATIENCE, until

pytestmark = [
    pytest.mark.browser, pytest.mark.instance,
    pytest.mark.skipif(media.program() is None, reason="janus is not installed: apt-get install janus"),
]

_FACTS = """
import json
from gongheng.places.meetings.models import Gap, Meeting, Presence, Track
meeting = Meeting.objects.get(pk={meeting!r})
tracks = Track.objects.filter(participant__meeting=meeting)
print(json.dumps(dict(
    media=meeting.media, tracks=tracks.count(), fewest=min(tracks.values_list("count", flat=True), default=0),
    cuts=[(gap.cause, gap.ended_at is not None) for gap in Gap.objects.filter(participant__meeting=meeting)],
    publishing=sum("publisher" in one.media for one in Presence.objects.filter(participant__meeting=meeting)),
)))
"""


@pytest.fixture(scope="module")
def carried(instance):
    """The instance as seen by commands whose meetings go through Janus."""
    return meeting_room.knows_media_server(instance)


def test_a_killed_media_server_cuts_the_pictures_and_not_the_recordings(carried):
    listed = [one for one in meeting_room.people(carried.origin, 1) if one["part"] != "supervisor"]
    meeting = meeting_room.open_meeting(carried, listed)
    with meeting_room.chromium_with_devices(shutil.which("chromium"), FLAGS) as browser:
        expect.set_options(timeout=20_000)
        pages = {one["label"]: meeting_room.enter(browser, carried.origin, one, meeting)[1] for one in listed}
        for page in pages.values():
            meeting_room.join(page)

        def all_move() -> bool:
            return all(meeting_room.moving_tiles(page) for page in pages.values())

        until(all_move)
        carried.kill("media")

        def told() -> dict:
            return meeting_room.facts(carried, _FACTS.format(meeting=meeting))

        # The supervisor starts another at once, so the alarm may be over before an eye meets it: ask the record.
        until(lambda: ["媒体服务器中断", True] in told()["cuts"])
        until(all_move, seconds=2 * PATIENCE)
        until(lambda: told()["fewest"] >= 3)
        said = told()
        assert (said["media"], said["tracks"], said["publishing"]) == ("janus", 2, 2)
