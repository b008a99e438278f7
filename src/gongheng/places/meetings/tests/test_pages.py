"""The pages of meetings: who sees them, what stands on them, and what browsers may ask."""

import json
import uuid

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import Http404
from django.test import RequestFactory

from gongheng.kernel.roles import Actor, Role
from gongheng.people.identity.sessions import session_digest
from gongheng.places.meetings import actions
from gongheng.places.meetings.models import Presence
from gongheng.places.meetings.tests.room import Room, described
from gongheng.places.meetings.views import recordings
from gongheng.places.meetings.views import room as views
from gongheng.ui.live import may_follow


def ask(view, actor: Actor, body=None, *, method: str = "", query: str = "", session: str = "s", **named):
    """Call a view as a signed-in person; dict bodies go as JSON."""
    data = json.dumps(body) if isinstance(body, dict) else body or b""
    headers = {name: named.pop(name) for name in list(named) if name.startswith("HTTP_")}
    request = RequestFactory().generic(
        method or ("GET" if body is None else "POST"), f"/{query}", data, "application/json", **headers
    )
    request.actor, request.session = actor, {"session": session}
    request._messages = FallbackStorage(request)
    return view(request, **named)


def sent(response) -> bytes:
    """Return what a file response sends, and close its file."""
    data = b"".join(response.streaming_content)
    response.file_to_stream.close()
    return data


def enter(room: Room, person: str) -> tuple[Actor, dict]:
    """Let somebody join in the session of ``ask``; return actor and the body that names the presence."""
    request = RequestFactory().get("/")
    request.session = {"session": "s"}
    presence = room.join(person, session=session_digest(request))
    return room.actor(person), {"presence": str(presence.pk)}


def test_the_list_and_the_room_show_only_ones_own_meetings(room):
    assert "某标段评标会议" in ask(views.meetings, room.actor("e1")).content.decode()
    assert "目前没有您参加的会议" in ask(views.meetings, Actor("x", Role.CENTRE)).content.decode()
    page = ask(views.room, room.actor("e1"), pk=room.meeting.pk).content.decode()
    assert "评委1" in page
    assert "meeting-room" in page
    assert "/recordings/" not in page
    with pytest.raises(Http404):
        ask(views.room, Actor("x", Role.EXPERT), pk=room.meeting.pk)


def test_after_the_end_the_page_says_until_when_the_recording_is_kept(room):
    actions.close_meeting(room.meeting, actor=room.actor("host"), clock=room.clock)
    page = ask(views.room, room.actor("e1"), pk=room.meeting.pk).content.decode()
    assert "会议已结束" in page
    assert "2036-03-02" in page
    assert "<meeting-room" not in page


def test_a_presence_is_good_only_in_its_own_session_and_for_its_own_person(room):
    actor, body = enter(room, "e1")
    pk = room.meeting.pk
    query = f"?presence={body['presence']}"
    assert ask(views.state, actor, query=query, pk=pk).status_code == 200
    for wrong in (
        ask(views.state, actor, query=query, session="another", pk=pk),
        ask(views.state, room.actor("e2"), query=query, pk=pk),
        ask(views.state, actor, query=f"?presence={uuid.uuid4()}", pk=pk), ask(views.state, actor, pk=pk),
    ):
        assert (wrong.status_code, json.loads(wrong.content)["rule"]) == (422, "KICKED")


def test_the_revoked_are_out_of_page_state_and_live_stream(room):
    actor, body = enter(room, "e1")
    place = str(room.person("e1").pk)
    assert may_follow(actor, place)
    actions.revoke(room.person("e1"), reason="回避", actor=room.actor("host"), clock=room.clock)
    assert not may_follow(actor, place)
    for view in (views.room, views.state):
        with pytest.raises(Http404):
            ask(view, actor, query=f"?presence={body['presence']}", pk=room.meeting.pk)
    with pytest.raises(Http404):
        ask(views.pulse, actor, body, pk=room.meeting.pk)


@pytest.mark.parametrize(
    ("view", "body"),
    [
        (views.hand, {}), (views.hand, {"is_up": "yes"}), (views.say, {"text": 7}), (views.say, {"text": "x" * 501}),
        (views.show, {"document": "no", "page": 1}), (views.show, {"document": None, "page": True}),
        (views.signal, {"message": []}), (views.call, {}), (views.mute, {"target": "x", "is_on": True}),
    ],
)
def test_a_malformed_body_is_named_and_changes_nothing(room, view, body):
    actor, mine = enter(room, "host")
    answer = ask(view, actor, mine | body, pk=room.meeting.pk)
    assert (answer.status_code, json.loads(answer.content)["rule"]) == (422, "FIELDS")


def test_what_is_not_json_is_refused(room):
    for data in (b"{", b"[]", b"\xff"):
        answer = ask(views.pulse, room.actor("e1"), data, pk=room.meeting.pk)
        assert json.loads(answer.content)["rule"] == "JSON"


def test_hands_words_and_muting_travel_through_the_pages(room):
    expert, mine = enter(room, "e1")
    watch, his = enter(room, "watch")
    pk = room.meeting.pk
    assert ask(views.hand, expert, mine | {"is_up": True}, pk=pk).status_code == 200
    assert ask(views.say, expert, mine | {"text": "请看第三页"}, pk=pk).status_code == 200
    target = str(room.person("e1").pk)
    assert ask(views.mute, watch, his | {"target": target, "is_on": True}, pk=pk).status_code == 200
    assert ask(views.mute, expert, mine | {"target": target, "is_on": False}, pk=pk).status_code == 422
    seen = json.loads(ask(views.state, watch, query=f"?presence={his['presence']}", pk=pk).content)
    shown = {one["label"]: one for one in seen["people"]}["评委1"]
    assert (shown["has_hand_up"], shown["is_muted"]) == (True, True)
    assert [one["text"] for one in seen["messages"]] == ["请看第三页"]


def test_a_segment_comes_in_and_only_reviewers_play_it(room):
    actor, mine = enter(room, "e1")
    track = room.track(Presence.objects.get(pk=mine["presence"]))
    began = track.began_at
    room.pass_time(5)
    number, said = described(track, b"bytes", began, room.clock.now())
    named = {"track": track.pk, "number": number}
    header = {"HTTP_X_SEGMENT": json.dumps(said)}
    assert ask(recordings.segment, actor, b"bytes", method="PUT", **header, **named).status_code == 200
    assert ask(recordings.segment, actor, b"bytes", method="PUT", **named).status_code == 422
    with pytest.raises(Http404):
        ask(recordings.segment, room.actor("e2"), b"bytes", method="PUT", **header, **named)
    played = ask(recordings.play, room.actor("watch"), **named)
    assert played.content == b"bytes"
    assert played["Content-Type"] == "video/webm;codecs=vp8,opus"
    for view, arguments in ((recordings.play, named), (recordings.recordings, {"pk": room.meeting.pk})):
        with pytest.raises(Http404):
            ask(view, actor, **arguments)


def test_the_recordings_page_shows_tracks_gaps_and_how_long_they_are_kept(room):
    presence = room.join("e1")
    room.segment(room.track(presence), b"one")
    room.pass_time(30)
    room.segment(room.track(room.join("e1"), cause="device"), b"two")
    page = ask(recordings.recordings, room.actor("host"), pk=room.meeting.pk).content.decode()
    for text in ("评委1", "10 年", "摄像头或话筒中断", "is-gap", "is-track"):
        assert text in page
    none = ask(recordings.recordings, room.actor("host"), query="?q=评委9", pk=room.meeting.pk).content.decode()
    assert "没有符合条件的录像" in none
    export = ask(recordings.export, room.actor("host"), pk=room.meeting.pk)
    assert b"recording.json" in sent(export)


def test_the_recordings_page_asks_as_often_for_many_tracks_as_for_few(room, django_assert_max_num_queries):
    presence = room.join("e1")
    for _ in range(6):
        room.segment(room.track(presence), b"x")
    with django_assert_max_num_queries(16):
        ask(recordings.recordings, room.actor("host"), pk=room.meeting.pk)
