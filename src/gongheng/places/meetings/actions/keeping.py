"""Taking in what the seats record: tracks, hashed segments, named gaps (录像入库)."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from gongheng.crypto import hashing, recordings
from gongheng.crypto.canonical import b64, parse_timestamp
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.places.meetings import rules, vault
from gongheng.places.meetings.actions.attending import living
from gongheng.places.meetings.actions.locking import tell
from gongheng.places.meetings.models import Gap, Participant, Presence, Segment, Track
from gongheng.trust.evidence.moving import note

#: What browsers record; the bytes are kept and never decoded here.
MEDIA_TYPES = ("video/webm", "audio/webm", "video/mp4", "audio/mp4")
CAUSES = {
    "start": "首次录制", "reload": "页面重新打开", "device": "摄像头或话筒中断", "rejoin": "重新入会",
    "share": "重新共享桌面",
}
BREAKS = {"server": "媒体服务器中断", "peer": "与其他席位的音视频连接中断"}


@dataclass(frozen=True)
class Described:
    """What a browser says of a segment; the platform believes none of it before recomputing."""

    sm3: str
    sha256: str
    begins: str
    ends: str
    link: str


def begin_track(
    presence: Presence, *, track: uuid.UUID, kind: str, media_type: str, follows: uuid.UUID | None, began_at: datetime,
    cause: str, actor: Actor, clock: Clock,
) -> Track:
    """Begin a track, either as the unbroken continuation of another or as a new chain with a named gap (开始录像轨).

    Asking again with the same id is harmless. Raises Refusal "TRACK" or "MEDIA".
    """
    if kind not in Track.Kind.values or media_type.split(";")[0] not in MEDIA_TYPES or len(media_type) > 80:
        raise Refusal("MEDIA", "浏览器的录像格式不受支持。")
    participant = presence.participant
    meeting = participant.meeting
    with transaction.atomic():
        # The presence may have ended meanwhile: what was recorded before a cut arrives after it.
        Participant.objects.select_for_update().get(pk=participant.pk)
        if existing := Track.objects.filter(pk=track).first():
            if existing.participant_id != participant.pk:
                raise Refusal("TRACK", "录像轨编号已被占用。")
            return existing
        now = clock.now()
        earlier = Track.objects.filter(participant=participant, kind=kind).order_by("-began_at").first()
        row = Track(
            pk=track, participant=participant, presence=presence, kind=kind, media_type=media_type, began_at=began_at,
            heard_at=now, follows_id=follows,
        )
        rules.check_times(began_at, began_at + rules.WATCH_EVERY / 6, None, now + rules.LONGEST_SEGMENT)
        if follows is not None:
            if earlier is None or earlier.pk != follows:
                raise Refusal("TRACK", "录像轨只能接续本席位的上一录像轨。")
            row.save(force_insert=True)
            return row
        row.save(force_insert=True)
        if earlier is not None:
            cause = "rejoin" if earlier.presence.left_because == "left" else cause
            if kind == Track.Kind.CAMERA:
                _name_gap(participant, earlier, began_at, CAUSES.get(cause, CAUSES["reload"]), now)
            with note(
                "meetings.restart_track", f"meeting:{meeting.pk}", actor=actor, clock=clock, label=participant.label,
                kind=Track.Kind(kind).label, cause=CAUSES.get(cause, CAUSES["reload"]), track=str(track),
                earlier=str(earlier.pk),
            ):
                tell(meeting)
    return row


def store_segment(track: Track, number: int, data: bytes, said: Described, *, clock: Clock) -> None:
    """Check a segment's bytes and link, and keep both; repeating the same one is harmless (存入片段).

    Raises Refusal "SIZE", "DIGEST", "CHAIN", "TIMES" or "NEXT" (with the number that is expected).
    """
    if not 0 < len(data) <= rules.LARGEST_SEGMENT:
        raise Refusal("SIZE", f"录像片段应在1字节至{rules.LARGEST_SEGMENT // 2**20} MiB之间。")
    if b64(hashing.digest(data)) != said.sm3 or b64(hashlib.sha256(data).digest()) != said.sha256:
        raise Refusal("DIGEST", "录像片段的内容与其摘要不符，请重新上传。")
    begins, ends = _moment(said.begins), _moment(said.ends)
    if Segment.objects.filter(track=track, number=number, link=said.link).exists():
        return
    # Before the lock: writing a file takes long, and a file that nobody names does no harm.
    name = vault.put(track, data)
    with transaction.atomic():
        row = Track.objects.select_for_update(of=("self",)).select_related("follows").get(pk=track.pk)
        if number <= row.count:
            if Segment.objects.filter(track=row, number=number, link=said.link).exists():
                return
            raise Refusal("CHAIN", "该序号的录像片段已存在且内容不同。")
        if number != row.count + 1:
            raise Refusal("NEXT", f"请先上传第{row.count + 1}个片段。", str(row.count + 1))
        previous = row.head if row.count else (row.follows.head if row.follows else "")
        link = b64(recordings.link(
            str(row.pk), number, previous, said.sm3, said.sha256, len(data), said.begins, said.ends
        ))
        if link != said.link:
            raise Refusal("CHAIN", "录像片段的链值与前一片段不衔接。")
        now = clock.now()
        rules.check_times(begins, ends, row.last_ends_at, now)
        Segment.objects.create(
            track=row, number=number, digest=name, is_sealed=True, sm3=said.sm3, sha256=said.sha256, size=len(data),
            begins_at=begins, ends_at=ends, link=link, received_at=now,
        )
        row.count, row.head, row.size, row.last_ends_at, row.heard_at = number, link, row.size + len(data), ends, now
        row.save(update_fields=["count", "head", "size", "last_ends_at", "heard_at"])
        if row.kind == Track.Kind.CAMERA and not rules.is_silent(ends, now):
            _end_gap(row.participant, Gap.Kind.RECORDING, begins)


def end_track(track: Track, *, clock: Clock) -> None:
    """Note that a track ends on purpose, as when a desktop is no longer shared (结束录像轨)."""
    Track.objects.filter(pk=track.pk, ended_at=None).update(ended_at=clock.now())


def report_break(presence: Presence, *, kind: str, is_over: bool, actor: Actor, clock: Clock) -> None:
    """Note that a seat's media were cut or came back; its recording goes on at the edge (传输中断报告)."""
    participant = presence.participant
    meeting = participant.meeting
    with transaction.atomic():
        living(presence)
        is_open = Gap.objects.filter(participant=participant, kind=Gap.Kind.MEDIA, ended_at=None).exists()
        if is_over and is_open:
            with note(
                "meetings.recover", f"meeting:{meeting.pk}", actor=actor, clock=clock, label=participant.label
            ) as step:
                _end_gap(participant, Gap.Kind.MEDIA, step.now)
                tell(meeting)
        elif not is_over and not is_open:
            cause = BREAKS.get(kind, BREAKS["peer"])
            with note(
                "meetings.break", f"meeting:{meeting.pk}", actor=actor, clock=clock, label=participant.label,
                cause=cause,
            ) as step:
                Gap.objects.create(
                    participant=participant, kind=Gap.Kind.MEDIA, began_at=step.now, noticed_at=step.now, cause=cause
                )
                tell(meeting)


def _name_gap(participant: Participant, earlier: Track, began_at: datetime, cause: str, now: datetime) -> None:
    """Give the time between two chains of a seat its name; an alarm that stands already gets the cause."""
    began = earlier.last_ends_at or earlier.began_at
    changed = Gap.objects.filter(participant=participant, kind=Gap.Kind.RECORDING, ended_at=None).update(
        ended_at=began_at, cause=cause
    )
    if not changed:
        Gap.objects.create(
            participant=participant, kind=Gap.Kind.RECORDING, began_at=began, noticed_at=now,
            ended_at=max(began_at, began), cause=cause,
        )


def _end_gap(participant: Participant, kind: Gap.Kind, at: datetime) -> None:
    if Gap.objects.filter(participant=participant, kind=kind, ended_at=None).update(ended_at=at):
        tell(participant.meeting)


def _moment(text: str) -> datetime:
    try:
        return parse_timestamp(text)
    except ValueError as error:
        raise Refusal("TIMES", "录像片段的时间格式不正确。") from error
