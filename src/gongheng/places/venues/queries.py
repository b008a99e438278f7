"""Reads about centres, rooms, seats and who holds which seat when."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from gongheng.kernel.regions import HOME_PROVINCE
from gongheng.kernel.roles import Actor
from gongheng.places.venues.models import Booking, Centre, Room, Seat


def visible_to(actor: Actor) -> QuerySet[Centre]:
    """Centres and their rooms are public."""
    return Centre.objects.select_related("organisation")


def centre_of(actor: Actor) -> Centre | None:
    """Return the centre for which the actor works, if any."""
    return Centre.objects.select_related("organisation").filter(organisation=actor.organisation).first()


def centre_in(region: str) -> Centre | None:
    """Return the centre of a lot's place of transaction; a county belongs to its city."""
    code = region if region == HOME_PROVINCE else region[:4] + "00"
    return Centre.objects.select_related("organisation").filter(region=code).first()


def with_capacity() -> QuerySet[Centre]:
    """Return all centres with the number of their rooms and of their seats in order."""
    return Centre.objects.select_related("organisation").annotate(
        room_count=Count("rooms", distinct=True),
        seat_count=Count("rooms__seats", filter=Q(rooms__seats__fault=""), distinct=True),
    )


def free_seats(centre: Centre, starts_at: datetime, ends_at: datetime) -> dict[str, list[str]]:
    """Return {room id: [seat id, …]} of the seats in order that nobody holds in the period."""
    taken = Booking.objects.filter(released_at=None, during__overlap=(starts_at, ends_at)).values("seat")
    rows = Seat.objects.filter(room__centre=centre, fault="").exclude(pk__in=taken).order_by("room__name", "number")
    free: dict[str, list[str]] = {}
    for room, seat in rows.values_list("room_id", "pk"):
        free.setdefault(str(room), []).append(str(seat))
    return free


def free_count(centre: Centre, starts_at: datetime, ends_at: datetime) -> int:
    """Count the seats in order that nobody holds in the period."""
    return sum(len(seats) for seats in free_seats(centre, starts_at, ends_at).values())


def bookings_for(reference) -> QuerySet[Booking]:
    """Return the live bookings for one reference, room by room, seat by seat."""
    return (
        Booking.objects.filter(reference=reference, released_at=None)
        .select_related("seat__room__centre")
        .order_by("seat__room__name", "seat__number")
    )


def seats_in_use(centre: Centre, periods: list[tuple[datetime, datetime]]) -> list[int]:
    """Count, for each period, the seats of a centre that somebody holds in it."""
    held = Booking.objects.filter(seat__room__centre=centre, released_at=None)
    return [held.filter(during__overlap=period).values("seat").distinct().count() for period in periods]


def rooms_with_use(centre: Centre, starts_at: datetime, ends_at: datetime) -> list[dict]:
    """Return each room with its seats; each seat tells its fault and whether it is held in the period."""
    held = set(
        Booking.objects.filter(
            seat__room__centre=centre, released_at=None, during__overlap=(starts_at, ends_at)
        ).values_list("seat_id", flat=True)
    )
    rooms = Room.objects.filter(centre=centre).prefetch_related("seats")
    return [
        {
            "room": room,
            "seats": [
                {"pk": seat.pk, "number": seat.number, "fault": seat.fault, "is_held": seat.pk in held,
                 "tone": "danger" if seat.fault else "warning" if seat.pk in held else "success",
                 "text": seat.fault or ("已预留" if seat.pk in held else "空闲")}
                for seat in room.seats.all()
            ],
        }
        for room in rooms
    ]
