"""Opening and closing a meeting, its closed list, its documents, and the watch over its recordings (召集)."""

import uuid

from django.db import transaction

from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.places.meetings import media, queries, rules
from gongheng.places.meetings.actions.locking import held, tell
from gongheng.places.meetings.models import Gap, Meeting, MeetingDocument, Participant, Presence, Signal, Track
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.moving import moving, note, starting


def open_meeting(
    reference: uuid.UUID, title: str, *, participants: list[rules.Invitee], retention: str, actor: Actor, clock: Clock,
    masks_voices: bool = False,
) -> Meeting:
    """Open the meeting of a session with its closed list of participants (开启会议).

    Raises Refusal "INVITEES", "RETENTION" or "REFERENCE" (there is one already).
    """
    rules.check_invitees(participants)
    rules.retention(retention, clock.now())
    if Meeting.objects.filter(reference=reference).exists():
        raise Refusal("REFERENCE", "该场次的会议已经开启。")
    meeting = Meeting(
        reference=reference, title=title, retention=retention, masks_voices=masks_voices, media=media.chosen(),
    )
    with starting(
        meeting, verb="open", actor=actor, clock=clock, reference=str(reference), retention=retention,
        masks_voices=masks_voices, participants=[{"label": one.label, "part": one.part} for one in participants],
    ) as step:
        meeting.opened_at, meeting.watch_at = step.now, step.now + rules.WATCH_EVERY
        meeting.save(force_insert=True)
        Participant.objects.bulk_create([
            Participant(
                meeting=meeting, person=one.person, label=one.label, part=one.part, seat=one.seat, device=one.device,
                order=order,
            )
            for order, one in enumerate(participants)
        ])
    return meeting


def close_meeting(meeting: Meeting, *, actor: Actor, clock: Clock) -> None:
    """End the meeting for everybody; what browsers still hold of the recording may arrive after it (结束会议)."""
    with moving(meeting, "close", actor=actor, clock=clock) as step:
        step.facts |= {"tracks": queries.heads(meeting), "lines": queries.head_of_lines(meeting)}
        meeting.closed_at, meeting.watch_at = step.now, None
        meeting.keep_until = rules.keep_until(rules.retention(meeting.retention, meeting.opened_at), step.now)
        for presence in queries.present(meeting):
            end_presence(presence, "closed", step.now)
        Gap.objects.filter(participant__meeting=meeting, ended_at=None).update(ended_at=step.now)
        tell(meeting)
    transaction.on_commit(lambda: media.server(meeting).close_room(meeting))


def revoke(participant: Participant, *, reason: str, actor: Actor, clock: Clock) -> None:
    """Take somebody off the list; whoever is in the room is out at once (撤销参会资格)."""
    meeting = participant.meeting
    with held(meeting), note(
        "meetings.revoke", f"meeting:{meeting.pk}", actor=actor, clock=clock, label=participant.label, reason=reason,
    ) as step:
        row = Participant.objects.select_for_update().get(pk=participant.pk)
        if row.revoked_at is not None:
            raise Refusal("STATE", f"{row.label}的参会资格已经撤销。")
        row.revoked_at, row.revoked_because, row.calls, row.hand_at = step.now, reason, "", None
        row.save()
        for presence in Presence.objects.filter(participant=row, left_at=None):
            end_presence(presence, "revoked", step.now)
    participant.refresh_from_db()


def end_presence(presence: Presence, because: str, now) -> None:
    """Let somebody leave: the presence, its signals and its place at the media server end together."""
    presence.left_at, presence.left_because = now, because
    presence.save(update_fields=["left_at", "left_because"])
    Signal.objects.filter(receiver=presence).delete()
    Signal.objects.filter(sender=presence).delete()
    if because == "left":
        Track.objects.filter(presence=presence, ended_at=None).update(ended_at=now)
    transaction.on_commit(lambda: media.server(presence.participant.meeting).expel(presence))


def invite(meeting: Meeting, invitee: rules.Invitee, *, actor: Actor, clock: Clock) -> Participant:
    """Add somebody to the closed list of an open meeting, as when an expert is replaced (增补参会人).

    A label is never used twice, not even after its holder was revoked: the recording must say who is who.
    Raises Refusal "INVITEES".
    """
    with held(meeting), note(
        "meetings.invite", f"meeting:{meeting.pk}", actor=actor, clock=clock, label=invitee.label, part=invitee.part,
    ):
        listed = list(meeting.participants.all())
        if any(invitee.person == one.person or invitee.label == one.label for one in listed):
            raise Refusal("INVITEES", "该人员或称呼已在参会名单中，请换一个称呼。", "participants")
        return Participant.objects.create(
            meeting=meeting, person=invitee.person, label=invitee.label, part=invitee.part, seat=invitee.seat,
            device=invitee.device, order=len(listed),
        )


def release_device(participant: Participant, *, reason: str, actor: Actor, clock: Clock) -> None:
    """Let a participant join from another device, because the seat's own has failed (更换席位设备)."""
    meeting = participant.meeting
    rules.demand(queries.standing_of(meeting, actor), "admits", "批准更换席位设备")
    with held(meeting), note(
        "meetings.release_device", f"meeting:{meeting.pk}", actor=actor, clock=clock, label=participant.label,
        device=participant.device, reason=reason,
    ):
        Participant.objects.filter(pk=participant.pk).update(device="")
    participant.device = ""


def reseat(participant: Participant, *, seat: str, reason: str, actor: Actor, clock: Clock) -> None:
    """Let a participant go on from another seat and its device (换席); the caller decided that he may."""
    meeting = participant.meeting
    with held(meeting), note(
        "meetings.reseat", f"meeting:{meeting.pk}", actor=actor, clock=clock, label=participant.label, reason=reason,
    ):
        Participant.objects.filter(pk=participant.pk).update(seat=seat, device="")


def offer_document(meeting: Meeting, document: Document, title: str, *, pages: int, actor: Actor, clock: Clock) -> None:
    """Let the room look at a PDF of the file store together (提供同步阅看文件)."""
    with held(meeting), note(
        "meetings.offer_document", f"meeting:{meeting.pk}", actor=actor, clock=clock, digest=document.digest,
        pages=pages,
    ):
        MeetingDocument.objects.get_or_create(
            meeting=meeting, document=document, defaults={"title": title, "pages": pages}
        )


def watch_meeting(meeting: Meeting, *, actor: Actor, clock: Clock) -> None:
    """Note the heads of all tracks and who is present, and alarm on every recording that fell silent (录像巡查)."""
    with moving(meeting, "watch", actor=actor, clock=clock) as step:
        meeting.watch_at = step.now + rules.WATCH_EVERY
        present = list(queries.present(meeting))
        silent = []
        for presence in present:
            heard_at = queries.heard_at(presence)
            if rules.RIGHTS[presence.participant.part].is_recorded and rules.is_silent(heard_at, step.now):
                cause = queries.why_silent(presence, step.now)
                _, is_new = Gap.objects.get_or_create(
                    participant=presence.participant, kind=Gap.Kind.RECORDING, ended_at=None,
                    defaults={"began_at": heard_at, "noticed_at": step.now, "cause": cause},
                )
                silent += [presence.participant.label]
                if is_new:
                    tell(meeting)
        step.facts |= {
            "present": [one.participant.label for one in present], "silent": silent, "tracks": queries.heads(meeting),
            "lines": queries.head_of_lines(meeting),
            "summary": f"在会{len(present)}席，" + (f"{'、'.join(silent)}中断" if silent else "无中断"),
        }
