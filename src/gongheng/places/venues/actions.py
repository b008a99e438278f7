"""The only writer of rooms, seats, their bookings, faults and self-tests."""

import base64
import os
import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

from gongheng.crypto import labels, signing
from gongheng.kernel.calendar import day_of
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.places.venues import rules
from gongheng.places.venues.lifecycle import AgentState
from gongheng.places.venues.models import (
    PARTS,
    Booking,
    Centre,
    ClosedDay,
    FeeRule,
    PartState,
    Room,
    RoomKind,
    Seat,
    SeatAgent,
)
from gongheng.places.venues.queries import fit, spare_seats
from gongheng.trust.evidence.moving import moving, note, starting

#: How long a one-time code for a seat's program may lie about.
CODE_LASTS = timedelta(hours=24)
#: How far the moment that a report carries may be from the platform's (domain.md 4.3).
WINDOW = timedelta(minutes=5)

#: What each constraint of a booking means to people: rule and sentence.
_CLASHES = {
    "a_seat_is_never_booked_twice_at_a_time": (
        "SEAT-TAKEN", "所选席位中有的在该时段已被预留，请刷新后重新选择。"
    ),
    "experts_of_one_lot_never_share_a_mixed_room": (
        "SEATS-MEET", "混合评标室内同一标段只能安排1名专家（同标不见面），请在不同评标室选择席位。"
    ),
    "a_single_project_room_serves_one_lot_at_a_time": (
        "ROOM-TAKEN", "所选的单一项目评标室在该时段已由其他标段使用，请刷新后重新选择。"
    ),
}


def book_seats(
    seats: list[Seat], *, starts_at: datetime, ends_at: datetime, reference: uuid.UUID, now: datetime
) -> list[Booking]:
    """Hold seats for a period (席位预留), all or none; ``reference`` says for which offer.

    Called inside the transaction of the act that needs them, whose entry names the seats. That a seat
    is never held twice, that experts of one lot never share a mixed room and that a single-project room
    serves one lot is the database's own constraint, because a check in Python would race.
    Raises Refusal "PERIOD", "SEAT-FAULT", "SEATS-MEET", "ROOM-TAKEN" or "SEAT-TAKEN".
    """
    if starts_at >= ends_at:
        raise Refusal("PERIOD", "结束时间应晚于开始时间。", "ends_at")
    wanted = {seat.pk for seat in seats}
    try:
        with transaction.atomic():
            # Locked in one order: two offers never wait for each other in a circle, and no room changes its kind now.
            rooms = Room.objects.filter(pk__in=Seat.objects.filter(pk__in=wanted).values("room")).order_by("pk")
            list(rooms.select_for_update(no_key=True))
            rows = list(Seat.objects.filter(fit(starts_at, now), pk__in=wanted).select_related("room").order_by("pk"))
            if len(rows) < len(wanted):
                raise Refusal("SEAT-FAULT", "所选席位中有的正在报修或自检异常，请刷新后重新选择。", "seats")
            links = Seat.neighbours.through.objects.filter(from_seat__in=wanted)
            rules.check_apart(
                [(row.pk, row.room_id, row.room.kind == RoomKind.MIXED) for row in rows],
                links.values_list("from_seat_id", "to_seat_id"),
            )
            return Booking.objects.bulk_create([
                Booking(
                    seat=row, during=(starts_at, ends_at), reference=reference, booked_at=now, room=row.room,
                    kind=row.room.kind,
                )
                for row in rows
            ])
    except IntegrityError as error:
        raise Refusal(*_CLASHES[error.__cause__.diag.constraint_name], "seats") from error


def release_seats(reference: uuid.UUID, *, now: datetime) -> int:
    """Give back all seats held for ``reference`` (释放席位); return how many there were."""
    return Booking.objects.filter(reference=reference, released_at=None).update(released_at=now)


def swap_seat(booking: Booking, *, number: bytes, now: datetime) -> Booking:
    """Give what holds a seat another one of the same centre for the rest of its time (换席), drawn by ``number``.

    Called inside the transaction of the act that needs it, which tells why. Raises Refusal "SEATS" when none is free.
    """
    spare = {str(seat.pk): seat for seat in spare_seats(booking, now)}
    if not spare:
        raise Refusal("SEATS", "本中心没有符合条件的空闲席位，请登记突发情况，由主场决定暂停、延期或者更换评委。")
    drawn = spare[rules.drawn_seat(spare, number)]
    booking.released_at = now
    booking.save(update_fields=["released_at"])
    return book_seats(
        [drawn], starts_at=now, ends_at=booking.during.upper, reference=booking.reference, now=now
    )[0]


def report_fault(seat: Seat, *, fault: str, actor: Actor, clock: Clock) -> None:
    """Mark a seat as out of order, or in order again with an empty ``fault`` (席位报修)."""
    check_own(seat.room.centre, actor)
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


def link_seats(seat: Seat, *, neighbours: list[Seat], actor: Actor, clock: Clock) -> None:
    """Say which seats of other rooms can be seen from this one (隔室相望); replaces what was said before."""
    check_own(seat.room.centre, actor)
    if any(other.room.centre_id != seat.room.centre_id or other.room_id == seat.room_id for other in neighbours):
        raise Refusal("NEIGHBOUR", "相望席位须在本中心的其他评标室内，同室席位无须登记。", "neighbours")
    with note(
        "venues.link_seats", f"seat:{seat.pk}", actor=actor, clock=clock, room=seat.room.name, number=seat.number,
        seats=len(neighbours), neighbours=sorted(str(other.pk) for other in neighbours),
    ):
        seat.neighbours.set(neighbours)


def add_room(
    centre: Centre, *, name: str, floor: str, seats: int, actor: Actor, clock: Clock, kind: str = RoomKind.SINGLE,
    camera_count: int = 0,
) -> Room:
    """Add an evaluation room with numbered seats (新增评标室)."""
    check_own(centre, actor)
    if not 1 <= seats <= 40:
        raise Refusal("SEATS", "每个评标室的席位数应在1至40个之间。", "seats")
    if Room.objects.filter(centre=centre, name=name).exists():
        raise Refusal("ROOM", "本中心已有同名评标室，请换一个名称。", "name")
    with transaction.atomic(), note(
        "venues.add_room", f"centre:{centre.pk}", actor=actor, clock=clock, room=name, seats=seats, kind=kind
    ):
        room = Room.objects.create(centre=centre, name=name, floor=floor, kind=kind, camera_count=camera_count)
        Seat.objects.bulk_create([Seat(room=room, number=f"{number:02d}") for number in range(1, seats + 1)])
    return room


def change_room(
    room: Room, *, name: str, floor: str, kind: str, camera_count: int, is_enabled: bool, actor: Actor, clock: Clock
) -> Room:
    """Change a room (变更评标室); its kind, or whether it is in use, not while seats in it are held for later."""
    check_own(room.centre, actor)
    if Room.objects.filter(centre=room.centre, name=name).exclude(pk=room.pk).exists():
        raise Refusal("ROOM", "本中心已有同名评标室，请换一个名称。", "name")
    with note(
        "venues.change_room", f"centre:{room.centre_id}", actor=actor, clock=clock, room=name, kind=kind,
        is_enabled=is_enabled, cameras=camera_count,
    ) as step:
        row = Room.objects.select_for_update().get(pk=room.pk)
        is_held = Booking.objects.filter(
            seat__room=row, released_at=None, during__endswith__gt=step.now
        ).exists()
        if is_held and (kind != row.kind or (row.is_enabled and not is_enabled)):
            raise Refusal(
                "ROOM-IN-USE", "该评标室有尚未结束的席位预留，不能改变类型或停用，请待场次结束后办理。", "kind"
            )
        row.name, row.floor, row.kind, row.camera_count, row.is_enabled = name, floor, kind, camera_count, is_enabled
        row.save()
    return row


def set_hours(
    centre: Centre, *, weekdays: list[int], opens_at: time, closes_at: time, actor: Actor, clock: Clock
) -> None:
    """Set the weekdays and hours at which sessions may begin (服务时间)."""
    check_own(centre, actor)
    if not weekdays or not set(weekdays) <= set(range(1, 8)):
        raise Refusal("WEEKDAYS", "请至少选择一个服务日（周一至周日）。", "weekdays")
    if opens_at >= closes_at:
        raise Refusal("HOURS", "服务结束时间应晚于开始时间。", "closes_at")
    with note(
        "venues.set_hours", f"centre:{centre.pk}", actor=actor, clock=clock,
        days=rules.weekdays_in_words(weekdays), opens=f"{opens_at:%H:%M}", closes=f"{closes_at:%H:%M}",
    ):
        centre.weekdays, centre.opens_at, centre.closes_at = sorted(set(weekdays)), opens_at, closes_at
        centre.save(update_fields=["weekdays", "opens_at", "closes_at"])


def close_day(centre: Centre, *, day: date, reason: str, actor: Actor, clock: Clock) -> ClosedDay:
    """Take no sessions on a day (停止服务日); what is held on it already stays."""
    check_own(centre, actor)
    if not reason.strip():
        raise Refusal("REASON", "请填写停止服务的原因。", "reason")
    with note("venues.close_day", f"centre:{centre.pk}", actor=actor, clock=clock, day=day.isoformat(), reason=reason):
        made, is_new = ClosedDay.objects.get_or_create(centre=centre, day=day, defaults={"reason": reason.strip()})
        if not is_new:
            raise Refusal("DAY", f"{day:%Y-%m-%d} 已登记为停止服务日。", "day")
    return made


def reopen_day(closed: ClosedDay, *, actor: Actor, clock: Clock) -> None:
    """Take sessions again on a day that was closed (恢复服务)."""
    check_own(closed.centre, actor)
    with note(
        "venues.reopen_day", f"centre:{closed.centre_id}", actor=actor, clock=clock, day=closed.day.isoformat()
    ):
        closed.delete()


def add_fee_rule(
    centre: Centre, *, valid_from: date, per_hour: Decimal, remote_allowance: Decimal, overtime_per_hour: Decimal,
    overtime_after: int, actor: Actor, clock: Clock,
) -> FeeRule:
    """Publish what experts are paid from a coming day on (劳务报酬标准); what is past is never changed."""
    check_own(centre, actor)
    if min(per_hour, remote_allowance, overtime_per_hour) < 0:
        raise Refusal("FEE", "劳务报酬不得为负数。", "per_hour")
    with note(
        "venues.add_fee_rule", f"centre:{centre.pk}", actor=actor, clock=clock, valid_from=valid_from.isoformat(),
        per_hour=f"{per_hour:.2f}", remote_allowance=f"{remote_allowance:.2f}",
        overtime_per_hour=f"{overtime_per_hour:.2f}", overtime_after=overtime_after,
    ) as step:
        if valid_from < day_of(step.now):
            raise Refusal("VALID-FROM", "生效日期不得早于今天，已执行的标准不能追溯修改。", "valid_from")
        made, is_new = FeeRule.objects.get_or_create(centre=centre, valid_from=valid_from, defaults={
            "per_hour": per_hour, "remote_allowance": remote_allowance, "overtime_per_hour": overtime_per_hour,
            "overtime_after": overtime_after,
        })
        if not is_new:
            raise Refusal("VALID-FROM", f"{valid_from:%Y-%m-%d} 起的标准已经公布，请改用其他生效日期。", "valid_from")
    return made


def invite_agent(seat: Seat, *, actor: Actor, clock: Clock) -> tuple[SeatAgent, str]:
    """Open a seat to its self-test program (席位自检程序); returns it with the one-time code, shown only now."""
    check_own(seat.room.centre, actor)
    code = base64.b32encode(os.urandom(10)).decode()
    agent = SeatAgent(seat=seat, code_digest=digest_of(code))
    with starting(agent, actor=actor, clock=clock, verb="invite", room=seat.room.name, number=seat.number) as step:
        # Locked, so that two clerks do not both get a code.
        Seat.objects.select_for_update().get(pk=seat.pk)
        if SeatAgent.objects.filter(seat=seat).exclude(state=AgentState.REVOKED).exists():
            raise Refusal("AGENT", "该席位已有自检程序，请先吊销后再生成新的登记码。")
        agent.code_expires_at = step.now + CODE_LASTS
    return agent, code


def enrol_agent(agent: SeatAgent, *, public_key: bytes, clock: Clock) -> SeatAgent:
    """Bind a device key to the seat whose code it brought (登记); the code is used up by it."""
    if not signing.is_point(public_key):
        raise Refusal("KEY", "设备公钥不是有效的SM2公钥。", "public")
    with moving(
        agent, "enrol", actor=machine(agent), clock=clock, room=agent.seat.room.name, number=agent.seat.number,
        kid=signing.kid(public_key),
    ) as step:
        agent.public_key, agent.enrolled_at, agent.code_digest = public_key, step.now, b""
    return agent


def take_report(
    agent: SeatAgent, *, sent_at: datetime, parts: dict[str, str], is_simulated: bool, clock: Clock
) -> SeatAgent:
    """Take a self-test (自检报告); it becomes an entry only when the health of the seat changed by it.

    The moment that a report carries is its nonce: it must lie in the window and after every earlier one, so
    that no report counts twice. Raises Refusal AGENT, TIME, REPLAY or PARTS.
    """
    if set(parts) != set(PARTS) or not set(parts.values()) <= set(PartState.values):
        raise Refusal("PARTS", f"自检报告应说明各部件状态：{'、'.join(PARTS)}。", "parts")
    with transaction.atomic():
        row = SeatAgent.objects.select_for_update(no_key=True).select_related("seat__room__centre").get(pk=agent.pk)
        seat, now = row.seat, clock.now()
        if row.state in (AgentState.INVITED, AgentState.REVOKED):
            raise Refusal("AGENT", "席位自检程序未登记或已吊销。")
        if abs(now - sent_at) > WINDOW:
            raise Refusal("TIME", "自检报告的时间与平台相差超过5分钟，请校准本机时间。", "at")
        if row.sent_at is not None and sent_at <= row.sent_at:
            raise Refusal("REPLAY", "该自检报告已经收到过，不能重复提交。", "at")
        is_fit = set(parts.values()) == {PartState.OK}
        has_changed = any(getattr(seat, part) != state for part, state in parts.items())
        for part, state in parts.items():
            setattr(seat, part, state)
        seat.tested_at = now
        seat.save(update_fields=[*PARTS, "tested_at"])
        if has_changed or row.state not in (AgentState.FIT, AgentState.UNFIT):
            with moving(
                row, "report_fit" if is_fit else "report_unfit", actor=machine(row), clock=clock,
                room=seat.room.name, number=seat.number, parts=parts, broken=seat.broken_parts,
                is_simulated=is_simulated,
            ):
                row.sent_at, row.reported_at, row.is_simulated = sent_at, now, is_simulated
        else:
            row.sent_at, row.reported_at, row.is_simulated = sent_at, now, is_simulated
            row.next_due_at = row.lifecycle.next_due_at(row)
            row.save(update_fields=["sent_at", "reported_at", "is_simulated", "next_due_at"])
    return row


def fall_silent(agent: SeatAgent, *, actor: Actor, clock: Clock) -> SeatAgent:
    """Note that the self-tests of a seat stopped coming (失联), until it reports again; called by the clock."""
    with moving(
        agent, "fall_silent", actor=actor, clock=clock, room=agent.seat.room.name, number=agent.seat.number
    ) as step:
        if agent.next_due_at is None or step.now < agent.next_due_at:
            raise Refusal("EARLY", "自检报告尚未中断。")
    return agent


def revoke_agent(agent: SeatAgent, *, actor: Actor, clock: Clock) -> SeatAgent:
    """Stop believing a seat's program (吊销); the seat counts again by what staff write about it."""
    seat = agent.seat
    check_own(seat.room.centre, actor)
    with moving(agent, "revoke", actor=actor, clock=clock, room=seat.room.name, number=seat.number):
        Seat.objects.filter(pk=seat.pk).update(**dict.fromkeys(PARTS, PartState.UNKNOWN), tested_at=None)
    return agent


def digest_of(code: str) -> bytes:
    """Return what is kept of a one-time code; people may type it with spaces, dashes and small letters."""
    return labels.digest(labels.SEAT_CODE, "".join(filter(str.isalnum, code)).upper().encode())


def machine(agent: SeatAgent) -> Actor:
    """Return the seat's program as an actor: a machine account of its centre."""
    return Actor(f"seat-{agent.pk.hex}", Role.CENTRE, str(agent.seat.room.centre.organisation_id))


def check_own(centre: Centre, actor: Actor) -> None:
    """Refuse "ROLE" whoever does not work for the centre."""
    if actor.role != Role.CENTRE or actor.organisation != str(centre.organisation_id):
        raise Refusal("ROLE", "只能维护本中心的场地和席位。")
