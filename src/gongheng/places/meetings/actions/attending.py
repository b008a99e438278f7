"""Joining with a one-time ticket, being there, leaving, and exchanging descriptions of media (参会)."""

import secrets

from django.db import transaction

from gongheng.crypto import canonical, hashing, labels, signing
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.places.meetings import media, rules
from gongheng.places.meetings.actions.convening import end_presence
from gongheng.places.meetings.actions.locking import held, tell
from gongheng.places.meetings.models import Participant, Presence, Signal, Ticket
from gongheng.trust.evidence.moving import note


def issue_ticket(participant: Participant, *, device: str, session: bytes, actor: Actor, clock: Clock) -> str:
    """Return a one-time ticket for this participant, session and device, good for a minute (领取入会票)."""
    if len(device) != 22:
        raise Refusal("DEVICE", "设备标识格式不正确，请在席位电脑上重新打开会议页。")
    ticket = secrets.token_urlsafe(32)
    with held(participant.meeting):
        row = _invited(participant, actor)
        _check_device(row, device)
        now = clock.now()
        Ticket.objects.filter(participant=row, used_at=None).delete()
        Ticket.objects.create(
            digest=_digest(ticket), participant=row, session=session, device=device,
            expires_at=now + rules.TICKET_LIVES,
        )
    return ticket


def join_meeting(
    participant: Participant, *, ticket: str, public: bytes, signature: bytes, session: bytes, actor: Actor,
    clock: Clock,
) -> Presence:
    """Join with a ticket, signed by the key of the device it was given to; an earlier presence ends (入会).

    Raises Refusal "TICKET" (unknown, used, expired, another's, another session's) or "DEVICE".
    """
    meeting = participant.meeting
    device = signing.kid(public)
    with held(meeting), note(
        "meetings.join", f"meeting:{meeting.pk}", actor=actor, clock=clock, label=participant.label, device=device,
    ) as step:
        row = _invited(participant, actor)
        paper = Ticket.objects.select_for_update().filter(digest=_digest(ticket), participant=row).first()
        if paper is None or paper.used_at is not None or step.now >= paper.expires_at:
            raise Refusal("TICKET", "入会票无效、已使用或已过期，请重新进入会议。")
        if bytes(paper.session) != session:
            raise Refusal("TICKET", "入会票不属于本次登录，请在本机重新登录后进入会议。")
        message = canonical.encode({"v": 1, "meeting": str(meeting.pk), "participant": str(row.pk), "ticket": ticket})
        if paper.device != device or not signing.verify(public, message, signature, labels.MEETING_JOIN):
            raise Refusal("DEVICE", "入会票不属于这台设备，请在领取入会票的席位上进入会议。")
        _check_device(row, device)
        paper.used_at = step.now
        paper.save(update_fields=["used_at"])
        for earlier in Presence.objects.filter(participant=row, left_at=None):
            end_presence(earlier, "replaced", step.now)
            step.facts["replaced"] = True
        if not row.device and row.part == rules.Part.EXPERT:
            row.device = device
            row.save(update_fields=["device"])
        step.facts["seat"] = row.seat
        return Presence.objects.create(
            participant=row, session=session, device=device, joined_at=step.now, seen_at=step.now
        )


def leave_meeting(presence: Presence, *, actor: Actor, clock: Clock) -> None:
    """Leave of one's own will (离会)."""
    meeting, participant = presence.participant.meeting, presence.participant
    with held(meeting), note(
        "meetings.leave", f"meeting:{meeting.pk}", actor=actor, clock=clock, label=participant.label
    ) as step:
        end_presence(living(presence), "left", step.now)
        Participant.objects.filter(pk=participant.pk).update(hand_at=None, calls="")


def keep_present(presence: Presence, *, clock: Clock) -> bool:
    """Note that a browser is still there; say whether its media are still carried (在会心跳)."""
    with transaction.atomic():
        row = living(presence)
        row.seen_at = clock.now()
        row.save(update_fields=["seen_at"])
    return media.server(presence.participant.meeting).keep(row)


def signal(presence: Presence, message: dict) -> dict:
    """Pass a description of media on to its receiver or to the media server; return the server's answer (信令)."""
    with transaction.atomic():
        # Not the meeting's lock: a slow media server must not stop the room. The presence's own keeps the server's
        # answers to one browser from mixing.
        row = living(presence)
        done = media.server(row.participant.meeting).negotiate(row, message)
        row.save(update_fields=["media"])
        if done.receiver is not None:
            Signal.objects.filter(sender=row, receiver=done.receiver, body__kind=done.body["kind"]).delete()
            Signal.objects.create(sender=row, receiver=done.receiver, body=done.body)
            tell(row.participant.meeting)
    return done.answer


def living(presence: Presence) -> Presence:
    """Return the locked presence while it lasts; Refusal "KICKED" when it has ended."""
    row = Presence.objects.select_for_update(of=("self",)).select_related("participant__meeting").get(pk=presence.pk)
    if row.left_at is not None or row.participant.revoked_at is not None:
        raise Refusal("KICKED", "您已不在会议中：在别处重新进入、被移出，或会议已结束。")
    return row


def _invited(participant: Participant, actor: Actor) -> Participant:
    row = Participant.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=participant.pk)
    if row.person != actor.id or row.revoked_at is not None:
        raise Refusal("INVITED", "您不在本会议的参会名单中，或参会资格已被撤销。")
    return row


def _check_device(participant: Participant, device: str) -> None:
    if participant.device and participant.device != device:
        raise Refusal("DEVICE", "只能在分配给您的席位设备上参会；设备故障请联系主持席批准更换。")


def _digest(ticket: str) -> bytes:
    return hashing.digest(b"meeting ticket\n" + ticket.encode())
