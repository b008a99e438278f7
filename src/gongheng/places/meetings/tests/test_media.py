"""What every media adapter promises, held against both: the mesh, and a real Janus where it is installed."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from config.processes import media as process
from config.processes import places
from gongheng.kernel.refusal import Refusal
from gongheng.places.meetings import actions, media
from gongheng.places.meetings.actions import attending, conducting
from gongheng.places.meetings.adapters import janus as janus_adapter
from gongheng.places.meetings.models import Presence, Signal
from gongheng.places.meetings.tests.room import Room

ROOT = Path(__file__).resolve().parents[5]
#: An offer as Chromium makes it, cut to what a server needs.
OFFER = "\r\n".join([
    "v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1",
    *(
        line
        for mid, kind, payload, codec in (("0", "audio", "111", "opus/48000/2"), ("1", "video", "96", "VP8/90000"))
        for line in (
            f"m={kind} 9 UDP/TLS/RTP/SAVPF {payload}", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0",
            "a=ice-ufrag:someufrag", "a=ice-pwd:somepasswordofmorethan22chars",
            "a=fingerprint:sha-256 " + ":".join(["AB"] * 32), "a=setup:actpass", f"a=mid:{mid}", "a=sendonly",
            "a=rtcp-mux", f"a=rtpmap:{payload} {codec}", f"a=ssrc:{1000 + int(mid)} cname:seat",
        )
    ),
]) + "\r\n"


@pytest.fixture(scope="module")
def janus(tmp_path_factory):
    """A Janus of our own, configured as the supervisor configures it."""
    if process.program() is None:
        pytest.skip("janus is not installed: apt-get install janus")
    folder, port = tmp_path_factory.mktemp("janus"), places.free_port()
    environment = os.environ | {"GONGHENG_VAR": str(folder), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    with subprocess.Popen(
        [sys.executable, "-m", "config.processes.media", str(port)], cwd=ROOT, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as running:
        url = f"http://127.0.0.1:{port}/janus"
        _wait(url)
        yield url, folder
        running.terminate()


def _wait(url: str) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            if httpx.get(f"{url}/info").status_code == 200:
                return
        except httpx.TransportError:
            continue
    raise AssertionError("janus did not answer")


@pytest.fixture(params=["mesh", "janus"])
def carried(request, room, platform) -> Room:
    """The meeting of the tests, carried by one of the adapters."""
    if request.param == "janus":
        url, folder = request.getfixturevalue("janus")
        platform.JANUS_URL = url
        (platform.VAR / "janus").mkdir(parents=True)
        (platform.VAR / "janus" / "secret").write_text((folder / "janus" / "secret").read_text())
    assert media.chosen() == request.param
    room.meeting.media = request.param
    room.meeting.save()
    return room


def send(presence: Presence, **message) -> dict:
    return attending.signal(Presence.objects.get(pk=presence.pk), message)


def describe(room: Room, speaker: Presence, listener: Presence) -> str:
    """Let the speaker describe his media, and return what comes of it: the listener's offer, or the server's answer.

    Janus hands a feed on only while it flows, which takes browsers: tests/browser/test_meeting_server.py.
    """
    if room.meeting.media == "mesh":
        assert send(speaker, kind="offer", to=str(listener.pk), sdp=OFFER) == {}
        return Signal.objects.get(receiver=listener).body["sdp"]
    answer = send(speaker, kind="publish", sdp=OFFER)
    assert answer["kind"] == "answer"
    with pytest.raises(Refusal, match="MEDIA"):
        send(listener, kind="subscribe", to=str(speaker.pk))
    return answer["sdp"]


def test_a_description_of_sound_and_picture_finds_its_receiver(carried):
    sdp = describe(carried, carried.join("e1"), carried.join("e2"))
    assert sdp.startswith("v=0")
    assert "m=audio" in sdp
    assert "m=video" in sdp
    assert "a=fingerprint:sha-256" in sdp


def test_whoever_is_out_negotiates_no_more(carried):
    out, other = carried.join("e1"), carried.join("e2")
    describe(carried, out, other)
    actions.revoke(carried.person("e1"), reason="回避", actor=carried.actor("host"), clock=carried.clock)
    kind = "offer" if carried.meeting.media == "mesh" else "publish"
    with pytest.raises(Refusal, match="KICKED"):
        send(out, kind=kind, to=str(other.pk), sdp=OFFER)
    kind = "offer" if carried.meeting.media == "mesh" else "subscribe"
    with pytest.raises(Refusal, match="PEER"):
        send(other, kind=kind, to=str(out.pk), sdp=OFFER)


def test_the_agency_at_the_door_and_everybody_else_stay_apart(carried):
    agency, expert = carried.join("agency"), carried.join("e1")
    kind = "offer" if carried.meeting.media == "mesh" else "subscribe"
    for one, two in ((agency, expert), (expert, agency)):
        with pytest.raises(Refusal, match="PEER"):
            send(one, kind=kind, to=str(two.pk), sdp=OFFER)
    conducting.let_in(carried.person("agency"), is_in=True, actor=carried.actor("host"), clock=carried.clock)
    assert "m=audio" in describe(carried, expert, agency)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("KIND", {"kind": "shout"}), ("SDP", {"sdp": "hello"}), ("SDP", {"sdp": "v=0" + "x" * 70_000}),
        ("SDP", {"sdp": 7}),
    ],
)
def test_nonsense_is_refused(carried, rule, message):
    one, two = carried.join("e1"), carried.join("e2")
    kind = "offer" if carried.meeting.media == "mesh" else "publish"
    with pytest.raises(Refusal) as caught:
        send(one, **({"kind": kind, "to": str(two.pk), "sdp": OFFER} | message))
    assert caught.value.rule == rule


def test_media_are_kept_and_a_server_that_forgot_says_so(carried):
    presence = carried.join("e1")
    describe(carried, presence, carried.join("e2"))
    assert attending.keep_present(presence, clock=carried.clock)
    row = Presence.objects.get(pk=presence.pk)
    media.server(carried.meeting).expel(row)
    is_mesh = carried.meeting.media == "mesh"
    assert attending.keep_present(presence, clock=carried.clock) == is_mesh


def test_after_the_end_nothing_is_carried(carried, django_capture_on_commit_callbacks):
    one, two = carried.join("e1"), carried.join("e2")
    describe(carried, one, two)
    with django_capture_on_commit_callbacks(execute=True):
        actions.close_meeting(carried.meeting, actor=carried.actor("host"), clock=carried.clock)
    with pytest.raises(Refusal, match="KICKED"):
        send(two, kind="answer", to=str(one.pk), sdp=OFFER)
    assert not media.server(carried.meeting).keep(Presence.objects.get(pk=one.pk)) or carried.meeting.media == "mesh"


def test_a_mute_reaches_the_server(carried, monkeypatch, django_capture_on_commit_callbacks):
    one, two = carried.join("e1"), carried.join("e2")
    describe(carried, one, two)
    answers = []
    asked = janus_adapter._post
    monkeypatch.setattr(janus_adapter, "_post", lambda *what, **how: answers.append(asked(*what, **how)) or answers[-1])
    with django_capture_on_commit_callbacks(execute=True):
        conducting.mute(carried.person("e1"), is_muted=True, actor=carried.actor("host"), clock=carried.clock)
    moderated = [one["plugindata"]["data"] for one in answers]
    assert moderated == ([{"videoroom": "success"}] if carried.meeting.media == "janus" else [])
