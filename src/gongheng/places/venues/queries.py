"""Reads about centres, rooms, seats, their health, and who holds which seat when."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from gongheng.kernel.calendar import day_of
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import HOME_PROVINCE, region
from gongheng.kernel.roles import Actor
from gongheng.places.venues import allocation, rules
from gongheng.places.venues.lifecycle import SILENCE_COUNTS_BEFORE, AgentState, keeps_back
from gongheng.places.venues.models import (
    PARTS,
    Booking,
    Centre,
    FeeRule,
    PartState,
    Room,
    RoomKind,
    Seat,
    SeatAgent,
)
from gongheng.places.venues.sentences import SENTENCES
from gongheng.trust.evidence.models import Entry
from gongheng.trust.evidence.moving import subject_of
from gongheng.trust.evidence.queries import history

#: How long one offer may be thought about; one offer takes some milliseconds.
_SECONDS = 5
_NO_KEY = (AgentState.INVITED, AgentState.REVOKED)
#: How a seat is described whose program stopped reporting.
SILENT = "自检失联"
PART_ICONS = {
    "pc": "device-desktop", "network": "network", "microphone": "microphone", "speaker": "volume", "camera": "camera",
}


def visible_to(actor: Actor) -> QuerySet[Centre]:
    """Centres and their rooms are public."""
    return Centre.objects.select_related("organisation")


def seats_visible_to(actor: Actor) -> QuerySet[Seat]:
    """Return the seats of the actor's own centre: what is broken there is nobody else's business."""
    return Seat.objects.filter(room__centre__organisation=actor.organisation).select_related("room__centre")


def centre_of(actor: Actor) -> Centre | None:
    """Return the centre for which the actor works, if any."""
    return Centre.objects.select_related("organisation").filter(organisation=actor.organisation).first()


def centre_in(place: str) -> Centre | None:
    """Return the centre of a lot's place of transaction; a county belongs to its city."""
    code = place if place == HOME_PROVINCE else place[:4] + "00"
    return Centre.objects.select_related("organisation").filter(region=code).first()


def fit(starts_at: datetime, now: datetime) -> Q:
    """Say which seats may be given out for a use that starts then: room in use, no fault, self-tests not against it."""
    return _fit_unless(*keeps_back(starts_at, now))


def _fit_unless(*states: AgentState) -> Q:
    kept_back = SeatAgent.objects.filter(seat=OuterRef("pk"), state__in=states)
    return Q(~Exists(kept_back), fault="", room__is_enabled=True)


def live_agent(seat: Seat) -> SeatAgent | None:
    """Return the seat's self-test program, invited or enrolled."""
    return seat.agents.exclude(state=AgentState.REVOKED).first()


def enrolled_agent(seat: Seat) -> SeatAgent | None:
    """Return the seat's self-test program if its device key is known; it then vouches for logins at the seat."""
    return seat.agents.exclude(state__in=_NO_KEY).first()


def seats_with_device(seats: Iterable) -> set:
    """Return which of these seats have such a program."""
    return set(SeatAgent.objects.exclude(state__in=_NO_KEY).filter(seat__in=list(seats)).values_list("seat", flat=True))


def invited(code_digest: bytes) -> SeatAgent | None:
    """Return the program that was invited with this code."""
    return SeatAgent.objects.select_related("seat__room__centre").filter(
        code_digest=code_digest, state=AgentState.INVITED
    ).first()


def with_capacity() -> QuerySet[Centre]:
    """Return all centres with the number of their rooms in use, of them mixed ones, seats, fit and silent ones.

    A seat that is only silent counts as fit here: it can be had for another day.
    """
    in_use = Q(rooms__is_enabled=True)
    return Centre.objects.select_related("organisation").annotate(
        room_count=Count("rooms", filter=in_use, distinct=True),
        mixed_count=Count("rooms", filter=in_use & Q(rooms__kind=RoomKind.MIXED), distinct=True),
        total_count=Count("rooms__seats", distinct=True),
        seat_count=_seats_in(Seat.objects.filter(_fit_unless(AgentState.UNFIT))),
        silent_count=_seats_in(Seat.objects.filter(agents__state=AgentState.SILENT)),
    ).order_by("region")


def _seats_in(seats: QuerySet[Seat]) -> Count:
    return Count("rooms__seats", filter=Q(rooms__seats__in=seats), distinct=True)


def catalogue(city: str, on_day: date) -> list[dict]:
    """Return the rows of the shared catalogue, of one city or all (工位共享目录)."""
    fees = fee_rules_on(on_day)
    found = with_capacity().filter(region=city) if city else with_capacity()
    return [catalogue_row(one, fees.get(one.pk)) for one in found]


def catalogue_row(centre: Centre, fee: FeeRule | None) -> dict:
    """Return what the catalogue says about a centre beside its numbers."""
    return {
        "centre": centre, "fee": fee, "city": region(centre.region).name,
        "weekdays": rules.weekdays_in_words(centre.weekdays),
        "hours": f"{centre.opens_at:%H:%M}–{centre.closes_at:%H:%M}",
    }


def fee_rule(centre: Centre, on_day: date) -> FeeRule | None:
    """Return what the centre pays experts on a day, None where it has published nothing (劳务报酬标准)."""
    return centre.fee_rules.filter(valid_from__lte=on_day).order_by("-valid_from").first()


def fee_rules_on(on_day: date) -> dict:
    """Return {centre id: its fee rule on a day}."""
    rows = FeeRule.objects.filter(valid_from__lte=on_day).order_by("centre_id", "-valid_from").distinct("centre_id")
    return {row.centre_id: row for row in rows}


def free_seats(centre: Centre, starts_at: datetime, ends_at: datetime, now: datetime) -> dict[str, list[str]]:
    """Return {room id: [seat id, …]} of the fit seats that a further offer may take in the period.

    A single-project room in which somebody holds a seat is closed to others.
    """
    held = _live(centre).filter(during__overlap=(starts_at, ends_at))
    rows = (
        Seat.objects.filter(fit(starts_at, now), room__centre=centre)
        .exclude(pk__in=held.values("seat"))
        .exclude(room__kind=RoomKind.SINGLE, room__in=held.values("seat__room"))
        .order_by("room__name", "number")
    )
    free: dict[str, list[str]] = {}
    for room, seat in rows.values_list("room_id", "pk"):
        free.setdefault(str(room), []).append(str(seat))
    return free


def spare_seats(booking: Booking, now: datetime) -> QuerySet[Seat]:
    """Return the seats that could take over from a held one until its end: fit, free, and apart from the others' seats.

    A single-project room in which the same session sits stays open to it; another session's is closed.
    """
    centre, period = booking.seat.room.centre, (now, booking.during.upper)
    held = _live(centre).filter(during__overlap=period).exclude(pk=booking.pk)
    own, others = held.filter(reference=booking.reference), held.exclude(reference=booking.reference)
    return (
        Seat.objects.filter(fit(now, now), room__centre=centre)
        .exclude(pk=booking.seat_id)
        .exclude(pk__in=held.values("seat"))
        .exclude(room__kind=RoomKind.SINGLE, room__in=others.values("seat__room"))
        .exclude(room__kind=RoomKind.MIXED, room__in=own.values("seat__room"))
        .exclude(neighbours__in=own.values("seat"))
    )


def free_count(centre: Centre, starts_at: datetime, ends_at: datetime, now: datetime) -> int:
    """Count the seats that one further offer can get: one of each mixed room, all of a free single-project room."""
    free = free_seats(centre, starts_at, ends_at, now)
    mixed = {str(pk) for pk in Room.objects.filter(pk__in=free, kind=RoomKind.MIXED).values_list("pk", flat=True)}
    return sum(1 if room in mixed else len(seats) for room, seats in free.items())


def propose_seats(
    centre: Centre, starts_at: datetime, ends_at: datetime, count: int, now: datetime
) -> list[Seat]:
    """Propose seats for one offer given all that is held: mixed rooms first, as few new rooms as possible.

    Raises Refusal "SEATS" with the reason when the centre is closed or has no such seats.
    """
    if count < 1:
        raise Refusal("SEATS", "席位数量至少为1个。", "seats_wanted")
    rules.check_service(
        starts_at, weekdays=centre.weekdays, opens_at=centre.opens_at, closes_at=centre.closes_at,
        closed_days=dict(centre.closed_days.values_list("day", "reason")),
    )
    first, last = _day(day_of(starts_at))
    asked = allocation.Session("本场", "本场", starts_at, ends_at, {centre.short_name: count})
    plan = allocation.allocate(
        [asked], _rooms(centre, starts_at, now), _held(centre, min(first, starts_at), max(last, ends_at)),
        neighbours=_neighbours(centre), seconds=_SECONDS,
    )
    if plan.reasons:
        raise Refusal("SEATS", f"{plan.reasons[0]}，请调整时间或席位数量。", "seats_wanted")
    chosen = plan.seats["本场", centre.short_name]
    return list(Seat.objects.filter(pk__in=chosen).select_related("room").order_by("room__name", "number"))


def plan_day(centre: Centre, day: date, now: datetime) -> list[dict]:
    """Return each room with its seats and what holds each of them on a day (日排程).

    Seats tell ``is_fit`` and ``held``: [(from, until, number)], where the number tells one session from another.
    """
    first, last = _day(day)
    # Of the rest of the day: what passed before now is not looked at any more.
    since = max(first, now)
    bookings = _live(centre).filter(during__overlap=(first, last)).order_by("during", "seat__room__name")
    numbers: dict = {}
    held = defaultdict(list)
    for one in bookings:
        number = numbers.setdefault(one.reference, len(numbers) + 1)
        held[one.seat_id].append((one.during.lower, one.during.upper, number))
    ready = _ready(centre, since, now)
    return [
        {
            "room": room,
            "seats": [
                {"seat": seat, "is_fit": seat.pk in ready, "held": held[seat.pk]} for seat in room.seats.all()
            ],
        }
        for room in Room.objects.filter(centre=centre).prefetch_related("seats")
    ]


def bookings_for(reference) -> QuerySet[Booking]:
    """Return the live bookings for one reference, room by room, seat by seat."""
    return (
        Booking.objects.filter(reference=reference, released_at=None)
        .select_related("seat__room__centre")
        .order_by("seat__room__name", "seat__number")
    )


def silent_and_needed(now: datetime) -> int:
    """Count the seats whose programs are silent although they are held for now or for soon."""
    soon = (now, now + SILENCE_COUNTS_BEFORE)
    rows = Booking.objects.filter(released_at=None, during__overlap=soon, seat__agents__state=AgentState.SILENT)
    return rows.values("seat").distinct().count()


def seats_in_use(centre: Centre, periods: list[tuple[datetime, datetime]]) -> list[int]:
    """Count, for each period, the seats of a centre that somebody holds in it."""
    held = _live(centre)
    return [held.filter(during__overlap=period).values("seat").distinct().count() for period in periods]


def rooms_with_use(centre: Centre, starts_at: datetime, ends_at: datetime, now: datetime) -> list[dict]:
    """Return each room with its seats; each seat tells why it cannot be had in the period: fault, or held."""
    held = dict(_live(centre).filter(during__overlap=(starts_at, ends_at)).values_list("seat_id", "seat__room_id"))
    closed = set(held.values())
    ready = _ready(centre, starts_at, now)
    return [
        {
            "room": room,
            "seats": [
                _use(seat, seat.pk in ready, seat.pk in held, room.kind == RoomKind.SINGLE and room.pk in closed)
                for seat in room.seats.all()
            ],
        }
        for room in Room.objects.filter(centre=centre).prefetch_related("seats__agents")
    ]


def _use(seat: Seat, is_fit: bool, is_held: bool, is_room_taken: bool) -> dict:
    fault = "" if is_fit else why_unfit(seat)
    if fault:
        tone, text = "danger", fault
    elif is_held or is_room_taken:
        tone, text = "warning", "已预留" if is_held else "本室已用"
    else:
        tone, text = "success", "空闲"
    return {
        "pk": seat.pk, "number": seat.number, "fault": fault, "is_held": is_held or is_room_taken, "tone": tone,
        "text": text,
    }


def why_unfit(seat: Seat) -> str:
    """Say in a few words why a seat cannot be given out; empty when nothing stands against it."""
    if seat.fault:
        return seat.fault
    if not seat.room.is_enabled:
        return "评标室停用"
    states = {agent.state for agent in seat.agents.all()}
    if AgentState.SILENT in states:
        return SILENT
    return f"{seat.broken_parts}异常" if AgentState.UNFIT in states else ""


def state_of(seat: Seat) -> dict:
    """Say in a word and a tone how a seat stands: in order by test, without a test, broken, silent."""
    if reason := why_unfit(seat):
        is_silent = reason == SILENT
        return {"tone": "warning" if is_silent else "danger", "text": reason}
    if any(agent.state == AgentState.FIT for agent in seat.agents.all()):
        return {"tone": "success", "text": "自检正常"}
    return {"tone": "neutral", "text": "未装自检"}


def parts_of(seat: Seat) -> list[dict]:
    """Return each part of a seat with the state of its last self-test."""
    tones = {PartState.OK: "success", PartState.FAULT: "danger", PartState.UNKNOWN: "neutral"}
    return [
        {"title": title, "icon": PART_ICONS[part], "tone": tones[getattr(seat, part)],
         "text": PartState(getattr(seat, part)).label}
        for part, title in PARTS.items()
    ]


def health(centre: Centre) -> list[dict]:
    """Return each room of a centre with its seats, how they stand and what their parts are."""
    rooms = Room.objects.filter(centre=centre).prefetch_related("seats__agents", "seats__room")
    return [
        {
            "room": room,
            "seats": [{"seat": seat, "parts": parts_of(seat)} | state_of(seat) for seat in room.seats.all()],
        }
        for room in rooms
    ]


def count_health(rooms: list[dict]) -> dict[str, int]:
    """Count seats by tone: success (tested), neutral (untested), warning (silent), danger (not given out)."""
    tones = [seat["tone"] for room in rooms for seat in room["seats"]]
    return {tone: tones.count(tone) for tone in ("success", "neutral", "warning", "danger")}


def history_of(seat: Seat) -> list[dict]:
    """Return what happened to a seat and its programs, newest first, as the timeline shows it."""
    subjects = [f"seat:{seat.pk}", *(subject_of(agent) for agent in seat.agents.all())]
    lines = history(Entry.objects.filter(subject__in=subjects).select_related("leaf"))
    return [
        {"at": one.at, "sentence": SENTENCES[one.verb].format_map(one.facts), "position": one.position}
        for one in lines[:30]
    ]


def _ready(centre: Centre, starts_at: datetime, now: datetime) -> set:
    return set(Seat.objects.filter(fit(starts_at, now), room__centre=centre).values_list("pk", flat=True))


def _live(centre: Centre) -> QuerySet[Booking]:
    return Booking.objects.filter(seat__room__centre=centre, released_at=None)


def _day(day: date) -> tuple[datetime, datetime]:
    first = datetime.combine(day, time(), SHANGHAI).astimezone(UTC)
    return first, first + timedelta(days=1)


def _rooms(centre: Centre, starts_at: datetime, now: datetime) -> list[allocation.Room]:
    ready = {str(pk) for pk in _ready(centre, starts_at, now)}
    made = []
    for room in Room.objects.filter(centre=centre).prefetch_related("seats"):
        seats = tuple(str(seat.pk) for seat in room.seats.all())
        made.append(allocation.Room(
            # By name first: the allocator takes rooms in order of their ids.
            f"{room.name} {room.pk}", centre.short_name, room.kind == RoomKind.MIXED, seats, frozenset(seats) - ready
        ))
    return made


def _held(centre: Centre, first: datetime, last: datetime) -> list[allocation.Held]:
    return [
        allocation.Held(str(one.seat_id), str(one.reference), one.during.lower, one.during.upper)
        for one in _live(centre).filter(during__overlap=(first, last))
    ]


def _neighbours(centre: Centre) -> list[tuple[str, str]]:
    links = Seat.neighbours.through.objects.filter(from_seat__room__centre=centre)
    return [(str(one), str(other)) for one, other in links.values_list("from_seat_id", "to_seat_id")]
