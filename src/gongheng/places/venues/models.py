"""Centres, evaluation rooms and seats, and who holds a seat when (交易中心、评标室、席位)."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models

from gongheng.people.parties.models import Organisation


class Centre(models.Model):
    """A public-resource-trading centre (公共资源交易中心)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="centre")
    region = models.CharField(max_length=6, unique=True)  # 370000 or a city
    short_name = models.CharField(max_length=20)
    address = models.CharField(max_length=200)
    phone = models.CharField(max_length=20)

    class Meta:
        ordering = ["region"]

    def __str__(self) -> str:
        return self.organisation.name


class Room(models.Model):
    """An evaluation room (评标室)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=40)
    floor = models.CharField(max_length=20)

    class Meta:
        ordering = ["centre", "name"]


class Seat(models.Model):
    """A seat with its workstation (席位); broken parts make it unfit for a session."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    room = models.ForeignKey(Room, models.PROTECT, related_name="seats")
    number = models.CharField(max_length=4)
    fault = models.CharField(max_length=100, blank=True)  # empty = in order

    class Meta:
        ordering = ["room", "number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="seat_numbers_differ_in_a_room")]


class Booking(models.Model):
    """A seat held for a period; two live bookings of one seat cannot overlap."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="bookings")
    during = DateTimeRangeField()
    reference = models.UUIDField(db_index=True)  # what it was booked for: an offer of coordination
    booked_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="a_seat_is_never_booked_twice_at_a_time",
                expressions=[("seat", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=models.Q(released_at=None),
            )
        ]
