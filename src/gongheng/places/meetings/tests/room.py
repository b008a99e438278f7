"""A meeting with everybody of its closed list, for the tests (测试会议)."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest

from gongheng.crypto import canonical, labels, recordings, signing
from gongheng.crypto.canonical import b64, timestamp
from gongheng.crypto.hashing import digest as sm3
from gongheng.kernel.clock import SettableClock
from gongheng.kernel.roles import Actor, Role
from gongheng.places.meetings import actions
from gongheng.places.meetings.actions import attending, keeping
from gongheng.places.meetings.models import Meeting, Participant, Presence, Track
from gongheng.places.meetings.rules import Invitee, Part

ROLES = {
    Part.EXPERT: Role.EXPERT, Part.HOST: Role.CENTRE, Part.AGENCY: Role.AGENCY, Part.SUPERVISOR: Role.SUPERVISOR,
    Part.WITNESS: Role.CENTRE,
}
LIST = [
    Invitee("host", "主持席", Part.HOST, "济南 主控"), Invitee("e1", "评委1", Part.EXPERT, "济南 01"),
    Invitee("e2", "评委2", Part.EXPERT, "青岛 02"), Invitee("agency", "代理", Part.AGENCY),
    Invitee("watch", "监督", Part.SUPERVISOR), Invitee("witness", "见证", Part.WITNESS),
]


@dataclass
class Room:
    """An open meeting, and what its people do in it."""

    meeting: Meeting
    clock: SettableClock
    devices: dict[str, tuple[bytes, bytes]]

    def person(self, person: str) -> Participant:
        return Participant.objects.select_related("meeting").get(meeting=self.meeting, person=person)

    def actor(self, person: str) -> Actor:
        return Actor(person, ROLES[Part(self.person(person).part)])

    def device(self, person: str) -> str:
        return signing.kid(self.devices.setdefault(person, signing.generate())[1])

    def ticket(self, person: str, *, device: str | None = None, session: bytes = b"s") -> str:
        return attending.issue_ticket(
            self.person(person), device=device or self.device(person), session=session, actor=self.actor(person),
            clock=self.clock,
        )

    def join(self, person: str, ticket: str | None = None, *, by: str | None = None, session: bytes = b"s") -> Presence:
        """Join with the key of ``by``'s device (one's own unless given)."""
        self.device(by or person)
        private, public = self.devices[by or person]
        text = ticket or self.ticket(person, session=session)
        me = self.person(person)
        message = canonical.encode(
            {"v": 1, "meeting": str(self.meeting.pk), "participant": str(me.pk), "ticket": text}
        )
        return attending.join_meeting(
            me, ticket=text, public=public, signature=signing.sign(private, message, labels.MEETING_JOIN),
            session=session, actor=self.actor(person), clock=self.clock,
        )

    def pass_time(self, seconds: float) -> None:
        self.clock.moment += timedelta(seconds=seconds)

    def track(self, presence: Presence, *, follows: Track | None = None, cause: str = "reload", kind="camera") -> Track:
        return keeping.begin_track(
            presence, track=uuid.uuid4(), kind=kind, media_type="video/webm;codecs=vp8,opus",
            follows=follows.pk if follows else None, began_at=self.clock.now(), cause=cause,
            actor=self.actor(presence.participant.person), clock=self.clock,
        )

    def segment(self, track: Track, data: bytes, **changes) -> None:
        """Record five seconds and hand them in at once."""
        begins = track.last_ends_at or track.began_at
        self.pass_time(5)
        number, said = described(track, data, begins, self.clock.now())
        number = changes.pop("number", number)
        keeping.store_segment(
            track, number, changes.pop("sent", data), keeping.Described(**{**said, **changes}), clock=self.clock
        )
        track.refresh_from_db()


def described(track: Track, data: bytes, begins, ends) -> tuple[int, dict]:
    """Return number and description of the next segment of a track, as the browser makes them."""
    previous = track.head or (track.follows.head if track.follows else "")
    said = {
        "sm3": b64(sm3(data)), "sha256": b64(hashlib.sha256(data).digest()), "begins": timestamp(begins),
        "ends": timestamp(ends),
    }
    link = recordings.link(
        str(track.pk), track.count + 1, previous, said["sm3"], said["sha256"], len(data), said["begins"], said["ends"]
    )
    return track.count + 1, said | {"link": b64(link)}


@pytest.fixture
def room(db, platform) -> Room:
    platform.FILES = platform.VAR / "files"
    meeting = actions.open_meeting(
        uuid.uuid4(), "某标段评标会议", participants=LIST, retention="construction",
        actor=Actor("host", Role.CENTRE), clock=platform.CLOCK,
    )
    return Room(meeting, platform.CLOCK, {})
