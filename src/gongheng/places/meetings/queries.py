"""Reads about meetings: who sees which, what a browser in the room needs, what was recorded."""

import uuid
from datetime import datetime

from django.db.models import QuerySet

from gongheng.crypto.canonical import timestamp
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.places.meetings import rules
from gongheng.places.meetings.lifecycle import State
from gongheng.places.meetings.models import Gap, Meeting, Message, Participant, Presence, Signal, Track
from gongheng.places.meetings.rules import RIGHTS, Standing

NEWEST_MESSAGES = 200


def visible_to(actor: Actor) -> QuerySet[Meeting]:
    """The meetings on whose list the actor stands; for everybody else there are none."""
    return Meeting.objects.filter(participants__person=actor.id, participants__revoked_at=None).order_by("-opened_at")


def meeting_for(reference: uuid.UUID) -> Meeting | None:
    """Return the meeting that was opened for a session, if any."""
    return Meeting.objects.filter(reference=reference).first()


def participation(meeting: Meeting, actor: Actor) -> Participant | None:
    """Return the actor's own place in a meeting."""
    return meeting.participants.filter(person=actor.id, revoked_at=None).select_related("meeting").first()


def standing_of(meeting: Meeting, actor: Actor) -> Standing:
    """Return how the actor stands in a meeting; Refusal "INVITED" when not at all."""
    found = participation(meeting, actor)
    if found is None:
        raise Refusal("INVITED", "您不在本会议的参会名单中，或参会资格已被撤销。")
    return found.standing


def may_follow(actor: Actor, topic: str) -> bool:
    """Say whether a live page may follow ``topic``: one's own place in an open meeting."""
    return Participant.objects.filter(
        pk=topic, person=actor.id, revoked_at=None, meeting__state=State.OPEN
    ).exists()


def invited(meeting: Meeting) -> QuerySet[Participant]:
    return meeting.participants.filter(revoked_at=None)


def present(meeting: Meeting) -> QuerySet[Presence]:
    """Return who is in the room now."""
    return (
        Presence.objects.filter(participant__meeting=meeting, left_at=None)
        .select_related("participant__meeting").order_by("participant__order")
    )


def heads(meeting: Meeting) -> list[dict]:
    """Return the head of every track: what an entry of the log fixes."""
    return [
        {"track": str(pk), "label": label, "kind": kind, "n": count, "head": head}
        for pk, label, kind, count, head in Track.objects.filter(participant__meeting=meeting)
        .order_by("participant__order", "began_at", "pk")
        .values_list("pk", "participant__label", "kind", "count", "head")
    ]


def head_of_lines(meeting: Meeting) -> dict:
    """Return number and link of the last written line: what an entry of the log fixes."""
    last = Message.objects.filter(meeting=meeting).last()
    return {"n": last.number, "head": last.link} if last else {"n": 0, "head": ""}


def lines(meeting: Meeting) -> QuerySet[Message]:
    """Return everything that was written to the room."""
    return Message.objects.filter(meeting=meeting).select_related("sender")


def heard_at(presence: Presence) -> datetime:
    """Return when a segment of the seat's camera last arrived, or when the presence began."""
    track = Track.objects.filter(presence=presence, kind=Track.Kind.CAMERA).order_by("-heard_at").first()
    return max(track.heard_at, presence.joined_at) if track else presence.joined_at


def why_silent(presence: Presence, now: datetime) -> str:
    """Guess from the heartbeat why a seat's recording fell silent."""
    is_cut = now - presence.seen_at > rules.CUT_OFF_AFTER
    return "席位断线，等待补传" if is_cut else "席位在线，录像未送达"


def state_for(presence: Presence, *, signals_after: int, messages_after: int, now: datetime) -> dict:
    """Return what one browser in the room may know, and what it has not yet been told."""
    me = Participant.objects.select_related("meeting__shown").get(pk=presence.participant_id)
    meeting, mine = me.meeting, me.standing
    there = {one.participant_id: one for one in present(meeting)}
    return {
        "me": {
            "id": mine.id, "presence": str(presence.pk), "is_muted": mine.is_muted, "calls": mine.calls,
            "has_hand_up": me.hand_at is not None, "is_outside": rules.is_outside(mine),
            "may": [right for right in RIGHTS[mine.part].__dataclass_fields__ if rules.may(mine, right)],
        },
        "people": [_person(one, there.get(one.pk), mine, now) for one in invited(meeting)],
        "signals": [
            {"id": pk, "from": str(sender), **body}
            for pk, sender, body in Signal.objects.filter(receiver=presence, pk__gt=signals_after)
            .order_by("pk").values_list("pk", "sender_id", "body")
        ],
        "messages": [] if rules.is_outside(mine) else _messages(meeting, messages_after),
        "shown": None if meeting.shown is None or rules.is_outside(mine) else {
            "document": str(meeting.shown_id), "title": meeting.shown.title, "pages": meeting.shown.pages,
            "page": meeting.shown_page,
        },
        "gaps": [
            {"label": gap.participant.label, "kind": gap.get_kind_display(), "cause": gap.cause,
             "began": timestamp(gap.began_at)}
            for gap in open_gaps(meeting)
        ],
    }


def _person(one: Participant, there: Presence | None, mine: Standing, now: datetime) -> dict:
    theirs = one.standing
    return {
        "id": theirs.id, "label": one.label, "part": one.get_part_display(), "seat": one.seat,
        "presence": str(there.pk) if there else None,
        "is_cut_off": bool(there) and now - there.seen_at > rules.CUT_OFF_AFTER,
        "has_hand_up": one.hand_at is not None, "is_muted": theirs.is_muted, "is_agency": one.part == rules.Part.AGENCY,
        "is_let_in": theirs.is_let_in, "calls": theirs.calls,
        "get": {"audio": rules.hears(mine, theirs), "video": rules.sees(mine, theirs)},
        "give": {"audio": rules.hears(theirs, mine), "video": rules.sees(theirs, mine)},
    }


def _messages(meeting: Meeting, after: int) -> list[dict]:
    rows = Message.objects.filter(meeting=meeting, pk__gt=after).select_related("sender").order_by("-pk")
    return [
        {"id": row.pk, "label": row.sender.label, "text": row.text, "at": timestamp(row.sent_at)}
        for row in reversed(rows[:NEWEST_MESSAGES])
    ]


def open_gaps(meeting: Meeting) -> QuerySet[Gap]:
    return Gap.objects.filter(participant__meeting=meeting, ended_at=None).select_related("participant")


def gaps(meeting: Meeting) -> QuerySet[Gap]:
    return Gap.objects.filter(participant__meeting=meeting).select_related("participant")


def tracks(meeting: Meeting) -> QuerySet[Track]:
    """Return the tracks that hold something, seat by seat in time."""
    return (
        Track.objects.filter(participant__meeting=meeting, count__gt=0)
        .select_related("participant").order_by("participant__order", "kind", "began_at")
    )
