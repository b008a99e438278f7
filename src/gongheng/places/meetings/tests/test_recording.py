"""Segments are stored only as an unbroken chain; gaps have a name and raise an alarm before they are a minute old."""

import hashlib
import uuid

import pytest

from gongheng.crypto import canonical, recordings
from gongheng.crypto.canonical import b64
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import THE_CLOCK
from gongheng.places.meetings import actions, exporting, playback, queries, vault
from gongheng.places.meetings.actions import attending, conducting, keeping
from gongheng.places.meetings.actions.convening import watch_meeting
from gongheng.places.meetings.models import Gap, Segment
from gongheng.places.meetings.tests.room import described
from gongheng.trust.documents import store
from gongheng.trust.evidence.models import Entry


def refused(rule: str, act, *arguments, **named) -> None:
    before = Segment.objects.count()
    with pytest.raises(Refusal) as caught:
        act(*arguments, **named)
    assert caught.value.rule == rule
    assert Segment.objects.count() == before


def facts(verb: str) -> list[dict]:
    return [canonical.decode(bytes(one.body))["facts"] for one in Entry.objects.filter(verb=verb).order_by("pk")]


def test_a_chain_is_stored_as_it_was_recorded(room):
    track = room.track(room.join("e1"))
    for data in (b"one", b"two", b"three"):
        room.segment(track, data)
    kept = list(track.segments.all())
    assert [vault.read(one) for one in kept] == [b"one", b"two", b"three"]
    # Who steals the store has nothing to play; a segment of another track does not open under this one's key.
    on_disk = [store.path(one.digest).read_bytes() for one in kept]
    assert not any(data in sealed for sealed, data in zip(on_disk, (b"one", b"two", b"three"), strict=True))
    other = room.track(room.join("e2"))
    kept[0].track = other
    assert vault.read(kept[0]) == on_disk[0]
    # What was changed on the disk comes out changed, for the verifier to name, and stops nothing else.
    place = store.path(kept[1].digest)
    place.chmod(0o600)
    place.write_bytes(on_disk[1][:-1] + bytes([on_disk[1][-1] ^ 1]))
    assert vault.read(kept[1]) not in (b"two", on_disk[1])
    assert vault.read(kept[2]) == b"three"
    assert track.head == track.segments.last().link
    assert not Gap.objects.exists()


def test_what_does_not_fit_the_chain_is_refused(room):
    track = room.track(room.join("e1"))
    room.segment(track, b"one")
    refused("DIGEST", room.segment, track, b"two", sent=b"other bytes")
    refused("DIGEST", room.segment, track, b"two", sha256=b64(hashlib.sha256(b"x").digest()))
    refused("CHAIN", room.segment, track, b"two", link=track.head)
    refused("NEXT", room.segment, track, b"two", number=3)
    refused("CHAIN", room.segment, track, b"instead", number=1)
    refused("SIZE", room.segment, track, b"")
    refused("TIMES", room.segment, track, b"two", ends="2026-03-02 01:00")


def test_what_is_written_is_a_chain_and_the_log_knows_its_head(room):
    presence = room.join("e1")
    for text in ("资格文件齐全", "同意"):
        conducting.say(presence, text, clock=room.clock)
    watch_meeting(room.meeting, actor=THE_CLOCK, clock=room.clock)
    lines = exporting.describe(room.meeting)["lines"]
    assert [(one["n"], one["label"], one["text"]) for one in lines] == [
        (1, "评委1", "资格文件齐全"), (2, "评委1", "同意")
    ]
    first, second = lines
    assert second["link"] == b64(recordings.line(
        str(room.meeting.pk), 2, first["link"], "评委1", second["at"], "同意"
    ))
    assert facts("meeting.watch")[-1]["lines"] == {"n": 2, "head": second["link"]}


def test_a_repeated_upload_is_harmless(room):
    track = room.track(room.join("e1"))
    begins = track.began_at
    room.pass_time(5)
    number, said = described(track, b"one", begins, room.clock.now())
    for _ in range(2):
        keeping.store_segment(track, number, b"one", keeping.Described(**said), clock=room.clock)
    assert track.segments.count() == 1


def test_a_track_continues_another_without_a_gap(room):
    presence = room.join("e1")
    first = room.track(presence)
    room.segment(first, b"one")
    second = room.track(presence, follows=first)
    room.segment(second, b"two")
    assert not Gap.objects.exists()
    refused("TRACK", room.track, presence, follows=first)


def test_a_new_chain_names_the_gap_before_it(room):
    presence = room.join("e1")
    first = room.track(presence)
    room.segment(first, b"one")
    room.pass_time(20)
    second = room.track(room.join("e1"), cause="device")
    gap = Gap.objects.get()
    assert (gap.began_at, gap.ended_at, gap.cause) == (first.last_ends_at, second.began_at, "摄像头或话筒中断")
    assert [one["cause"] for one in facts("meetings.restart_track")] == ["摄像头或话筒中断"]


def test_whoever_left_and_came_back_has_that_as_the_cause(room):
    presence = room.join("e1")
    room.segment(room.track(presence), b"one")
    attending.leave_meeting(presence, actor=room.actor("e1"), clock=room.clock)
    room.pass_time(60)
    watch_meeting(room.meeting, actor=THE_CLOCK, clock=room.clock)
    assert not queries.open_gaps(room.meeting).exists()
    room.track(room.join("e1"))
    assert Gap.objects.get().cause == "重新入会"


def test_another_seats_track_cannot_be_taken(room):
    mine, theirs = room.track(room.join("e1")), room.join("e2")
    refused("TRACK", room.track, theirs, follows=mine)
    with pytest.raises(Refusal, match="TRACK"):
        keeping.begin_track(
            theirs, track=mine.pk, kind="camera", media_type="video/webm", follows=None, began_at=room.clock.now(),
            cause="reload", actor=room.actor("e2"), clock=room.clock,
        )
    with pytest.raises(Refusal, match="MEDIA"):
        keeping.begin_track(
            theirs, track=uuid.uuid4(), kind="camera", media_type="text/html", follows=None, began_at=room.clock.now(),
            cause="reload", actor=room.actor("e2"), clock=room.clock,
        )


def test_the_watch_notes_heads_and_alarms_on_silence_before_a_minute(room):
    track = room.track(room.join("e1"))
    room.join("watch")
    room.segment(track, b"one")
    room.pass_time(25)
    watch_meeting(room.meeting, actor=THE_CLOCK, clock=room.clock)
    assert facts("meeting.watch")[0]["silent"] == []
    assert facts("meeting.watch")[0]["tracks"][0]["head"] == track.head
    room.pass_time(30)
    assert room.meeting.next_due_at <= room.clock.now()
    watch_meeting(room.meeting, actor=THE_CLOCK, clock=room.clock)
    gap = queries.open_gaps(room.meeting).get()
    assert (room.clock.now() - gap.began_at).total_seconds() < 60
    assert gap.cause == "席位断线，等待补传"
    said = facts("meeting.watch")[1]
    assert (said["silent"], said["present"]) == (["评委1"], ["评委1", "监督"])
    watch_meeting(room.meeting, actor=THE_CLOCK, clock=room.clock)
    assert Gap.objects.count() == 1


def test_what_was_recorded_during_a_cut_arrives_late_and_ends_the_alarm(room):
    track = room.track(room.join("e1"))
    room.segment(track, b"one")
    parts = []
    for data in [b"%d" % n for n in range(10)]:
        parts.append((data, room.clock.now()))
        room.pass_time(5)
    watch_meeting(room.meeting, actor=THE_CLOCK, clock=room.clock)
    assert queries.open_gaps(room.meeting).count() == 1
    for data, begins in parts:
        number, said = described(track, data, begins, begins + (parts[1][1] - parts[0][1]))
        keeping.store_segment(track, number, data, keeping.Described(**said), clock=room.clock)
        track.refresh_from_db()
    assert not queries.open_gaps(room.meeting).exists()
    assert track.count == 11


def test_a_cut_of_the_media_is_an_entry_and_the_recording_goes_on(room):
    presence = room.join("e1")
    track = room.track(presence)
    report = {"kind": "server", "actor": room.actor("e1"), "clock": room.clock}
    keeping.report_break(presence, is_over=True, **report)
    keeping.report_break(presence, is_over=False, **report)
    keeping.report_break(presence, is_over=False, **report)
    room.segment(track, b"one")
    assert queries.open_gaps(room.meeting).get().cause == "媒体服务器中断"
    keeping.report_break(presence, is_over=True, **report)
    assert not queries.open_gaps(room.meeting).exists()
    assert [one.verb for one in Entry.objects.filter(verb__in=("meetings.break", "meetings.recover"))] == [
        "meetings.break", "meetings.recover",
    ]


def test_segments_recorded_before_the_end_arrive_after_it(room):
    presence = room.join("e1")
    track = room.track(presence)
    room.segment(track, b"one")
    actions.close_meeting(room.meeting, actor=room.actor("host"), clock=room.clock)
    room.segment(track, b"two")
    late = room.track(presence, cause="reload", kind="screen")
    room.segment(late, b"three")
    assert facts("meeting.close")[0]["tracks"][0]["n"] == 1


def test_search_finds_by_label_and_moment(room):
    tracks = {one: room.track(room.join(one)) for one in ("e1", "e2")}
    for track in tracks.values():
        room.segment(track, b"x")
    first = tracks["e1"]
    assert [one.track for one in playback.search(room.meeting, "评委1", None)] == [first]
    assert [one.track for one in playback.search(room.meeting, "青岛", None)] == [tracks["e2"]]
    assert [one.track for one in playback.search(room.meeting, "", first.began_at)] == [first, tracks["e2"]]
    assert playback.search(room.meeting, "评委1", first.last_ends_at) == []
    assert [row["label"] for row in playback.timeline(room.meeting, room.clock.now())["rows"]] == ["评委1", "评委2"]


def test_the_export_describes_every_segment(room):
    track = room.track(room.join("e1"))
    room.segment(track, b"one")
    said = exporting.describe(room.meeting)
    assert [one["n"] for one in said["tracks"][0]["segments"]] == [1]
    assert said["tracks"][0]["segments"][0]["link"] == track.head
