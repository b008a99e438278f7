"""What is done in the room: hands, words, pages, muting, calling, letting in (会议主持)."""

from django.db import transaction

from gongheng.crypto import recordings
from gongheng.crypto.canonical import b64, timestamp
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.places.meetings import media, queries, rules
from gongheng.places.meetings.actions.attending import living
from gongheng.places.meetings.actions.locking import held
from gongheng.places.meetings.models import Meeting, MeetingDocument, Message, Participant, Presence
from gongheng.trust.evidence.moving import note


def raise_hand(presence: Presence, *, is_up: bool, clock: Clock) -> None:
    """Raise or lower one's hand (举手)."""
    with held(presence.participant.meeting):
        row = living(presence).participant
        row.hand_at = clock.now() if is_up else None
        row.save(update_fields=["hand_at"])


def say(presence: Presence, text: str, *, clock: Clock) -> None:
    """Write a line to the room (文字发言); it covers the line before it, so none is changed or taken out later."""
    with held(presence.participant.meeting) as meeting:
        row = living(presence).participant
        rules.demand(row.standing, "chats", "发送文字")
        if not text.strip():
            raise Refusal("TEXT", "请先输入文字。", "text")
        now, words = clock.now(), text.strip()[:500]
        # The meeting is locked: no other line comes between this one and the head that it follows.
        head = queries.head_of_lines(meeting)
        link = recordings.line(str(meeting.pk), head["n"] + 1, head["head"], row.label, timestamp(now), words)
        Message.objects.create(
            meeting=meeting, sender=row, number=head["n"] + 1, text=words, sent_at=now, link=b64(link)
        )


def show_page(presence: Presence, document: MeetingDocument | None, page: int, *, clock: Clock) -> None:
    """Turn everybody's document to one page, or put it away (同步翻页)."""
    with held(presence.participant.meeting) as meeting:
        rules.demand(living(presence).participant.standing, "leads", "控制文件阅看")
        if document is not None and (document.meeting_id != meeting.pk or not 1 <= page <= document.pages):
            raise Refusal("PAGE", "文件没有这一页。", "page")
        meeting.shown, meeting.shown_page = document, page
        meeting.save(update_fields=["shown", "shown_page"])


def mute(participant: Participant, *, is_muted: bool, actor: Actor, clock: Clock) -> None:
    """Silence somebody for the whole room, or give the voice back (静音)."""
    meeting = _demand(participant, actor, "mutes", "静音他人")
    with held(meeting), note(
        "meetings.mute" if is_muted else "meetings.unmute", f"meeting:{meeting.pk}", actor=actor, clock=clock,
        label=participant.label,
    ) as step:
        Participant.objects.filter(pk=participant.pk).update(muted_at=step.now if is_muted else None)
        _apply(meeting)


def let_in(participant: Participant, *, is_in: bool, actor: Actor, clock: Clock) -> None:
    """Let the agency in to answer questions, or show it out again (代理机构入会答疑)."""
    meeting = _demand(participant, actor, "admits", "允许代理机构入会")
    if participant.part != rules.Part.AGENCY:
        raise Refusal("PART", "只有代理机构需要经允许入会答疑。")
    with held(meeting), note(
        "meetings.let_in" if is_in else "meetings.let_out", f"meeting:{meeting.pk}", actor=actor, clock=clock,
        label=participant.label,
    ) as step:
        Participant.objects.filter(pk=participant.pk).update(let_in_at=step.now if is_in else None)
        _apply(meeting)


def call(presence: Presence, target: str, *, actor: Actor, clock: Clock) -> None:
    """Call one seat, or everybody, or end the call with an empty ``target`` (呼叫、广播)."""
    meeting = presence.participant.meeting
    rules.demand(presence.participant.standing, "calls", "呼叫席位")
    called = {str(one.pk): one.label for one in queries.invited(meeting)} | {rules.EVERYBODY: "全体席位", "": "无"}
    if target not in called:
        raise Refusal("TARGET", "被呼叫的席位不在本会议中。", "target")
    with held(meeting), note(
        "meetings.call" if target else "meetings.hang_up", f"meeting:{meeting.pk}", actor=actor, clock=clock,
        label=presence.participant.label, target=called[target],
    ):
        living(presence)
        Participant.objects.filter(pk=presence.participant_id).update(calls=target)
        _apply(meeting)


def _demand(participant: Participant, actor: Actor, right: str, what: str) -> Meeting:
    rules.demand(queries.standing_of(participant.meeting, actor), right, what)
    return participant.meeting


def _apply(meeting: Meeting) -> None:
    # After the commit: a media server that is slow or gone must not undo what was ordered.
    transaction.on_commit(lambda: _carry_out(meeting))


def _carry_out(meeting: Meeting) -> None:
    for presence in media.server(meeting).apply(meeting):
        presence.save(update_fields=["media"])
