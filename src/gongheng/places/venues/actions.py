"""The only writer of bookings and of faults of seats."""

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.places.venues.models import Booking, Centre, Room, Seat
from gongheng.trust.evidence.moving import note


def book_seats(
    seats: list[Seat], *, starts_at: datetime, ends_at: datetime, reference: uuid.UUID, now: datetime
) -> list[Booking]:
    """Hold seats for a period (席位预留), all or none; ``reference`` says for which offer.

    Called inside the transaction of the act that needs them, whose entry names the seats. That a seat
    is never held twice is the database's own constraint, because a check in Python would race.
    Raises Refusal "PERIOD", "SEAT-FAULT" or "SEAT-TAKEN".
    """
    if starts_at >= ends_at:
        raise Refusal("PERIOD", "结束时间应晚于开始时间。", "ends_at")
    wanted = [seat.pk for seat in seats]
    if Seat.objects.filter(pk__in=wanted).exclude(fault="").exists():
        raise Refusal("SEAT-FAULT", "所选席位中有的正在报修，请刷新后重新选择。", "seats")
    try:
        with transaction.atomic():
            return Booking.objects.bulk_create(
                [Booking(seat_id=pk, during=(starts_at, ends_at), reference=reference, booked_at=now) for pk in wanted]
            )
    except IntegrityError as error:
        raise Refusal("SEAT-TAKEN", "所选席位中有的在该时段已被预留，请刷新后重新选择。", "seats") from error


def release_seats(reference: uuid.UUID, *, now: datetime) -> int:
    """Give back all seats held for ``reference`` (释放席位); return how many there were."""
    return Booking.objects.filter(reference=reference, released_at=None).update(released_at=now)


def report_fault(seat: Seat, *, fault: str, actor: Actor, clock: Clock) -> None:
    """Mark a seat as out of order, or in order again with an empty ``fault`` (席位报修)."""
    _check_own(seat.room, actor)
    with note(
        "venues.fault" if fault.strip() else "venues.repair", f"seat:{seat.pk}", actor=actor, clock=clock,
        room=seat.room.name, number=seat.number,
    ) as step:
        row = Seat.objects.select_for_update().get(pk=seat.pk)
        row.fault = fault.strip()
        row.save(update_fields=["fault"])
        if row.fault:
            step.facts["fault"] = row.fault
    seat.fault = row.fault


def add_room(centre: Centre, *, name: str, floor: str, seats: int, actor: Actor, clock: Clock) -> Room:
    """Add an evaluation room with numbered seats (新增评标室)."""
    if actor.organisation != str(centre.organisation_id) or actor.role != Role.CENTRE:
        raise Refusal("ROLE", "只能维护本中心的场地。")
    if not 1 <= seats <= 40:
        raise Refusal("SEATS", "每个评标室的席位数应在1至40个之间。", "seats")
    if Room.objects.filter(centre=centre, name=name).exists():
        raise Refusal("ROOM", "本中心已有同名评标室，请换一个名称。", "name")
    with transaction.atomic(), note(
        "venues.add_room", f"centre:{centre.pk}", actor=actor, clock=clock, room=name, seats=seats
    ):
        room = Room.objects.create(centre=centre, name=name, floor=floor)
        Seat.objects.bulk_create([Seat(room=room, number=f"{number:02d}") for number in range(1, seats + 1)])
    return room


def _check_own(room: Room, actor: Actor) -> None:
    if actor.role != Role.CENTRE or actor.organisation != str(room.centre.organisation_id):
        raise Refusal("ROLE", "只能维护本中心的席位。")
