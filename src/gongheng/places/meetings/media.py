"""The port to whatever carries sound and picture between browsers (媒体服务端口).

An adapter passes descriptions of media (SDP) on and enforces what it can; it never sees the recording, which every
seat makes for itself. ``tests/test_media.py`` holds both adapters to the same promises.
"""

from dataclasses import dataclass, field
from typing import Protocol

from django.conf import settings

from gongheng.kernel.refusal import Refusal
from gongheng.places.meetings import rules
from gongheng.places.meetings.models import Meeting, Presence

LONGEST_SDP = 64 * 2**10


@dataclass(frozen=True)
class Negotiated:
    """What comes of a message: the answer for its sender, and what another browser is to find in its inbox."""

    answer: dict = field(default_factory=dict)
    receiver: Presence | None = None
    body: dict = field(default_factory=dict)


class MediaServer(Protocol):
    """What every adapter does; it may change ``presence.media`` in memory, the caller saves it."""

    name: str

    def negotiate(self, presence: Presence, message: dict) -> Negotiated:
        """Take a message of a present browser; Refusal when it may not send it."""

    def keep(self, presence: Presence) -> bool:
        """Keep the presence's media alive; False when the server has lost them and the browser must begin again."""

    def apply(self, meeting: Meeting) -> list[Presence]:
        """Cut whatever is allowed no longer; return the presences whose ``media`` changed."""

    def expel(self, presence: Presence) -> None:
        """Cut all media of one presence now."""

    def close_room(self, meeting: Meeting) -> None:
        """Cut everything."""


def chosen() -> str:
    """Return the name of the adapter that new meetings use."""
    return "janus" if settings.JANUS_URL else "mesh"


def server(meeting: Meeting) -> MediaServer:
    """Return the adapter that carries a meeting's media."""
    from gongheng.places.meetings.adapters import janus, mesh

    return {"mesh": mesh.Mesh, "janus": janus.Janus}[meeting.media]()


def other(presence: Presence, message: dict) -> Presence:
    """Return the living presence a message names, if the two may exchange anything; Refusal "PEER" otherwise."""
    meeting = presence.participant.meeting
    present = Presence.objects.filter(participant__meeting=meeting, left_at=None, participant__revoked_at=None)
    found = next((one for one in present.select_related("participant") if str(one.pk) == message.get("to")), None)
    if found is None or found.pk == presence.pk:
        raise Refusal("PEER", "对方已不在会议中。")
    mine, theirs = presence.participant.standing, found.participant.standing
    if not any(rule(*pair) for rule in (rules.hears, rules.sees) for pair in ((mine, theirs), (theirs, mine))):
        raise Refusal("PEER", "您与对方之间不传送音视频。")
    return found


def description(message: dict) -> str:
    """Return the SDP of a message; Refusal "SDP" unless it looks like one."""
    sdp = message.get("sdp")
    if not isinstance(sdp, str) or not sdp.startswith("v=0") or len(sdp) > LONGEST_SDP:
        raise Refusal("SDP", "音视频连接描述的格式不正确。")
    return sdp
