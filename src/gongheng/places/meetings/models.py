"""A meeting, who may take part, who is there, what was said and recorded (音视频会议)."""

import uuid

from django.db import models
from django.db.models import Q

from gongheng.places.meetings.lifecycle import MEETING, State
from gongheng.places.meetings.rules import PART_NAMES, Part, Standing
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.models import Moved


class Meeting(Moved):
    """A room of sound and picture for one session; ``reference`` is known to its caller, not to us."""

    lifecycle = MEETING

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.UUIDField(unique=True)
    title = models.CharField(max_length=200)
    retention = models.CharField(max_length=20)
    masks_voices = models.BooleanField(default=False)
    media = models.CharField(max_length=10)  # the adapter that carries its media: mesh or janus
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    keep_until = models.DateField(null=True)
    watch_at = models.DateTimeField(null=True)
    shown = models.ForeignKey("MeetingDocument", models.PROTECT, null=True, related_name="+")
    shown_page = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state__in=State.values), name="meeting_has_known_state")]


class Participant(models.Model):
    """One of the closed list of those who may join, under a label that hides the name (参会人)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="participants")
    person = models.CharField(max_length=40)  # person id; never shown
    label = models.CharField(max_length=20)
    part = models.CharField(max_length=10, choices=[(part.value, PART_NAMES[part]) for part in Part])
    seat = models.CharField(max_length=40, blank=True)
    device = models.CharField(max_length=22, blank=True)  # thumbprint of the only device that may join
    order = models.PositiveSmallIntegerField()
    hand_at = models.DateTimeField(null=True)
    muted_at = models.DateTimeField(null=True)
    let_in_at = models.DateTimeField(null=True)
    calls = models.CharField(max_length=36, blank=True)  # "all", a participant's id, or nobody
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "person"], name="a_person_is_invited_once"),
            models.UniqueConstraint(fields=["meeting", "label"], name="labels_differ_in_a_meeting"),
        ]

    @property
    def standing(self) -> Standing:
        return Standing(
            str(self.pk), Part(self.part), self.muted_at is not None, self.let_in_at is not None, self.calls
        )


class Ticket(models.Model):
    """A one-time permission to join, bound to participant, session and device; only its digest is kept (入会票)."""

    digest = models.BinaryField(primary_key=True)
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="tickets")
    session = models.BinaryField()
    device = models.CharField(max_length=22)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Presence(models.Model):
    """Somebody in the room, from joining to leaving; a second join ends the first (在会)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="presences")
    session = models.BinaryField()
    device = models.CharField(max_length=22)
    joined_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    left_because = models.CharField(max_length=20, blank=True)  # left, replaced, revoked, closed
    media = models.JSONField(default=dict)  # what the media server calls it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["participant"], condition=Q(left_at=None), name="a_participant_is_present_once"
            )
        ]


class Signal(models.Model):
    """A description of media from one browser to another; gone when its receiver leaves (信令)."""

    sender = models.ForeignKey(Presence, models.CASCADE, related_name="+")
    receiver = models.ForeignKey(Presence, models.CASCADE, related_name="signals")
    body = models.JSONField()


class Message(models.Model):
    """A line of text to the room (文字发言), chained to the one before it."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="messages")
    sender = models.ForeignKey(Participant, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    text = models.CharField(max_length=500)
    sent_at = models.DateTimeField()
    link = models.CharField(max_length=43)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="lines_of_a_meeting_are_numbered")]


class MeetingDocument(models.Model):
    """A document that the room may look at together (同步阅看文件)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="documents")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    pages = models.PositiveIntegerField()

    class Meta:
        ordering = ["title"]
        constraints = [models.UniqueConstraint(fields=["meeting", "document"], name="a_document_is_offered_once")]


class Track(models.Model):
    """One unbroken run of one camera or screen: a chain of segments (录像轨)."""

    class Kind(models.TextChoices):
        CAMERA = "camera", "席位摄像头与话筒"
        SCREEN = "screen", "席位桌面"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, models.PROTECT, related_name="tracks")
    presence = models.ForeignKey(Presence, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind)
    media_type = models.CharField(max_length=80)
    follows = models.OneToOneField("self", models.PROTECT, null=True, related_name="followed_by")
    began_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    head = models.CharField(max_length=43, blank=True)  # link of the last segment
    last_ends_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField()  # when a segment last arrived
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["began_at", "pk"]


class Segment(models.Model):
    """A few seconds of a track, hashed and chained in the browser that recorded them (录像片段)."""

    track = models.ForeignKey(Track, models.PROTECT, related_name="segments")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=43)  # name in the file store
    is_sealed = models.BooleanField(default=False)  # the bytes lie there encrypted (vault.py)
    sm3 = models.CharField(max_length=43)
    sha256 = models.CharField(max_length=43)
    size = models.PositiveIntegerField()
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    link = models.CharField(max_length=43)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["track", "number"], name="segments_of_a_track_are_numbered")]


class Gap(models.Model):
    """A time for which a recording is missing, or the media were cut; both have a name and a cause (中断)."""

    class Kind(models.TextChoices):
        RECORDING = "recording", "录像中断"
        MEDIA = "media", "音视频传输中断"

    participant = models.ForeignKey(Participant, models.PROTECT, related_name="gaps")
    kind = models.CharField(max_length=10, choices=Kind)
    began_at = models.DateTimeField()
    noticed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=100)

    class Meta:
        ordering = ["began_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "kind"], condition=Q(ended_at=None), name="one_open_gap_of_a_kind"
            )
        ]
