"""Centres, rooms, seats with their health, and who holds a seat when (交易中心、评标室、席位)."""

import uuid
from datetime import time

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models

from gongheng.people.parties.models import Organisation
from gongheng.places.venues.lifecycle import AGENT, AgentState
from gongheng.trust.evidence.models import Moved


class RoomKind(models.TextChoices):
    SINGLE = "single", "单一项目"
    MIXED = "mixed", "混合评标"  # 席位制: several lots in one room, one expert of each


class PartState(models.TextChoices):
    OK = "ok", "正常"
    FAULT = "fault", "故障"
    UNKNOWN = "unknown", "未检"


#: The parts of a seat that a self-test looks at (domain.md 4.2).
PARTS = {"pc": "主机", "network": "网络", "microphone": "麦克风", "speaker": "扬声器", "camera": "摄像头"}


def every_weekday() -> list[int]:
    """Monday to Friday as ISO numbers."""
    return [1, 2, 3, 4, 5]


class Centre(models.Model):
    """A public-resource-trading centre (公共资源交易中心) with its service hours."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="centre")
    region = models.CharField(max_length=6, unique=True)  # 370000 or a city
    short_name = models.CharField(max_length=20)
    address = models.CharField(max_length=200)
    phone = models.CharField(max_length=20)
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=every_weekday)  # 1 = Monday
    opens_at = models.TimeField(default=time(8, 30))  # Beijing time
    closes_at = models.TimeField(default=time(18, 0))

    class Meta:
        ordering = ["region"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes_at__gt=models.F("opens_at")), name="centre_closes_after_it_opens"
            )
        ]

    def __str__(self) -> str:
        return self.organisation.name


class ClosedDay(models.Model):
    """A day on which a centre takes no sessions beside the public holidays (停止服务日)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="closed_days")
    day = models.DateField()
    reason = models.CharField(max_length=60)

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["centre", "day"], name="a_day_is_closed_once")]


class FeeRule(models.Model):
    """What a centre pays experts from a day on (劳务报酬标准); rows are added, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="fee_rules")
    valid_from = models.DateField()
    per_hour = models.DecimalField(max_digits=9, decimal_places=2)  # 元
    remote_allowance = models.DecimalField(max_digits=9, decimal_places=2)  # 元 for a session away from the main venue
    overtime_per_hour = models.DecimalField(max_digits=9, decimal_places=2)  # 元, instead of per_hour
    overtime_after = models.PositiveSmallIntegerField()  # hours of one session

    class Meta:
        ordering = ["-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["centre", "valid_from"], name="one_fee_rule_begins_on_a_day"),
            models.CheckConstraint(
                condition=models.Q(per_hour__gte=0, remote_allowance__gte=0, overtime_per_hour__gte=0),
                name="fees_are_not_negative",
            ),
        ]


class Room(models.Model):
    """An evaluation room (评标室): for one lot at a time, or mixed, where nobody meets his own lot."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=40)
    floor = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=RoomKind.choices, default=RoomKind.SINGLE)
    is_enabled = models.BooleanField(default=True)
    camera_count = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["centre", "name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=RoomKind.values), name="room_has_known_kind"),
        ]


def _part_state() -> models.CharField:
    return models.CharField(max_length=10, choices=PartState.choices, default=PartState.UNKNOWN)


class Seat(models.Model):
    """A seat with its workstation (席位); broken parts make it unfit for a session."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    room = models.ForeignKey(Room, models.PROTECT, related_name="seats")
    number = models.CharField(max_length=4)
    fault = models.CharField(max_length=100, blank=True)  # what staff wrote; empty = in order
    pc = _part_state()
    network = _part_state()
    microphone = _part_state()
    speaker = _part_state()
    camera = _part_state()
    tested_at = models.DateTimeField(null=True)
    #: Seats of other rooms whose occupant one can see; within a room everybody sees everybody.
    neighbours = models.ManyToManyField("self", blank=True)

    class Meta:
        ordering = ["room", "number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="seat_numbers_differ_in_a_room")]

    @property
    def broken_parts(self) -> str:
        """Name the parts that the last self-test did not find in order."""
        return "、".join(title for part, title in PARTS.items() if getattr(self, part) != PartState.OK)


class SeatAgent(Moved):
    """The self-test program of one seat's PC and its device key (席位自检程序)."""

    lifecycle = AGENT

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="agents")
    code_digest = models.BinaryField(max_length=32)  # of the one-time code, which is shown once and not kept
    code_expires_at = models.DateTimeField()
    public_key = models.BinaryField(max_length=65, null=True)
    enrolled_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)  # when the last report came, by the platform's clock
    sent_at = models.DateTimeField(null=True)  # the moment that the last report carried; the next must be later
    is_simulated = models.BooleanField(default=False)  # it runs on a machine without the parts and says so

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=AgentState.values), name="seat_agent_has_known_state"),
            models.UniqueConstraint(
                fields=["seat"], condition=~models.Q(state="revoked"), name="one_live_agent_per_seat"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["invited", "revoked"]) | models.Q(public_key__isnull=False),
                name="an_enrolled_agent_has_a_key",
            ),
        ]


class Booking(models.Model):
    """A seat held for a period; the database keeps seats from clashing and experts of one lot from meeting."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="bookings")
    during = DateTimeRangeField()
    reference = models.UUIDField(db_index=True)  # what it was booked for: an offer of coordination
    booked_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    # Room and its kind as they were when booked, because a constraint sees one table only.
    room = models.ForeignKey(Room, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="a_seat_is_never_booked_twice_at_a_time",
                expressions=[("seat", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=models.Q(released_at=None),
            ),
            ExclusionConstraint(
                name="experts_of_one_lot_never_share_a_mixed_room",
                expressions=[
                    ("room", RangeOperators.EQUAL), ("reference", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(released_at=None, kind="mixed"),
            ),
            ExclusionConstraint(
                name="a_single_project_room_serves_one_lot_at_a_time",
                expressions=[
                    ("room", RangeOperators.EQUAL), ("reference", RangeOperators.NOT_EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(released_at=None, kind="single"),
            ),
        ]
