"""Every plan keeps the rules, by an independent check; what is called impossible is, by trying everything."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongheng.places.venues.allocation import Held, Room, Session, allocate

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in Beijing


def at(hour: float) -> datetime:
    return MORNING + timedelta(hours=hour)


def session(name: str, wanted: int, start: float = 0, end: float = 2, lot: str = "", site: str = "济南") -> Session:
    return Session(name, lot or name, at(start), at(end), {site: wanted})


def room(name: str, seats: int, *, is_mixed: bool = True, site: str = "济南", unfit: tuple[int, ...] = ()) -> Room:
    names = tuple(f"{name}-{number}" for number in range(seats))
    return Room(name, site, is_mixed, names, frozenset(names[number] for number in unfit))


def faults(sessions, rooms, held, neighbours, placed: dict) -> list[str]:
    """Check a plan without looking at how it was made."""
    where = {seat: one for one in rooms for seat in one.seats}
    by_id = {one.id: one for one in sessions}
    found = []
    sittings = [(one.seat, one.lot, one.starts_at, one.ends_at) for one in held]
    for (name, site), seats in placed.items():
        one = by_id[name]
        if len(set(seats)) != one.wanted[site]:
            found.append(f"{name} has {len(set(seats))} seats")
        found += [f"{seat} is elsewhere" for seat in seats if where[seat].site != site]
        found += [f"{seat} is unfit" for seat in seats if seat in where[seat].unfit]
        sittings += [(seat, one.lot, one.starts_at, one.ends_at) for seat in seats]
    seen = {frozenset(pair) for pair in neighbours}
    for (seat, lot, start, end), (other, its, begins, ends) in combinations(sittings, 2):
        if start >= ends or begins >= end:
            continue
        if seat == other:
            found.append(f"{seat} twice")
        if where[seat] is where[other] and (lot == its) == where[seat].is_mixed:
            found.append(f"{lot} and {its} meet in {where[seat].id}")
        if lot == its and frozenset((seat, other)) in seen:
            found.append(f"{lot} sees itself from {seat} to {other}")
    return found


def cost(rooms, held, placed) -> int:
    """Count the rooms newly opened, a single-project room as more than all mixed ones together."""
    where = {seat: one for one in rooms for seat in one.seats}
    used = {where[seat].id: where[seat] for seats in placed.values() for seat in seats}
    for one in held:
        used.pop(where[one.seat].id, None)
    mixed = sum(one.is_mixed for one in rooms)
    return sum(1 if one.is_mixed else mixed + 1 for one in used.values())


def cheapest(sessions, rooms, held, neighbours) -> int | None:
    """Try every choice of seats and return the least cost, None when no choice is allowed; tiny instances only."""
    seats = [seat for one in rooms for seat in one.seats if seat not in one.unfit]
    choices = [list(combinations(seats, one.wanted["济南"])) for one in sessions]
    plans = (
        {(one.id, "济南"): seats for one, seats in zip(sessions, chosen, strict=True)} for chosen in product(*choices)
    )
    allowed = (cost(rooms, held, one) for one in plans if not faults(sessions, rooms, held, neighbours, one))
    return min(allowed, default=None)


@st.composite
def days(draw, most_sessions: int, most_rooms: int):
    rooms = [
        room(f"r{number}", draw(st.integers(1, 3)), is_mixed=draw(st.booleans()),
             unfit=(0,) if draw(st.integers(0, 4)) == 0 else ())
        for number in range(draw(st.integers(1, most_rooms)))
    ]
    sessions = []
    for number in range(draw(st.integers(1, most_sessions))):
        start = draw(st.integers(0, 3))
        lot = draw(st.sampled_from([f"lot{number}", "lot0"]))
        sessions.append(session(f"s{number}", draw(st.integers(1, 3)), start, start + draw(st.integers(1, 3)), lot))
    seats = [seat for one in rooms for seat in one.seats]
    held = [Held(seats[0], draw(st.sampled_from(["other", "lot0"])), at(0), at(2))] if draw(st.booleans()) else []
    neighbours = [
        (one.seats[-1], other.seats[-1]) for one, other in combinations(rooms, 2) if draw(st.integers(0, 2)) == 0
    ]
    return sessions, rooms, held, neighbours


@given(days(most_sessions=3, most_rooms=3))
@settings(max_examples=150)
def test_a_plan_keeps_every_rule_and_is_the_cheapest_and_what_is_refused_is_impossible(day):
    sessions, rooms, held, neighbours = day
    plan, least = allocate(sessions, rooms, held, neighbours=neighbours), cheapest(sessions, rooms, held, neighbours)
    if plan.reasons:
        assert plan.seats == {}
        assert least is None
    else:
        assert cost(rooms, held, plan.seats) == least
        assert plan.seats.keys() == {(one.id, "济南") for one in sessions}
        assert faults(sessions, rooms, held, neighbours, plan.seats) == []
        assert plan.is_optimal


@given(days(most_sessions=12, most_rooms=8))
@settings(max_examples=40)
def test_a_larger_day_keeps_every_rule_and_is_planned_the_same_twice(day):
    sessions, rooms, held, neighbours = day
    plan = allocate(sessions, rooms, held, neighbours=neighbours)
    assert faults(sessions, rooms, held, neighbours, plan.seats) == []
    assert plan == allocate(sessions, rooms, held, neighbours=neighbours)


def test_the_checker_sees_each_fault():
    """A checker that finds nothing would make the property above worthless."""
    rooms = [room("a", 2, unfit=(1,)), room("b", 2, is_mixed=False), room("c", 2, site="青岛")]
    one, two = session("s", 2), session("t", 1)
    for placed, word in (
        ({("s", "济南"): ("a-0", "a-0")}, "has 1 seats"), ({("s", "济南"): ("a-0", "a-1")}, "unfit"),
        ({("s", "济南"): ("a-0", "a-1")}, "meet in a"), ({("s", "济南"): ("a-0", "c-0")}, "elsewhere"),
        ({("s", "济南"): ("b-0", "a-0"), ("t", "济南"): ("b-1",)}, "meet in b"),
        ({("s", "济南"): ("b-0", "a-0"), ("t", "济南"): ("a-0",)}, "twice"),
        ({("s", "济南"): ("b-0", "a-0")}, "sees itself"),
    ):
        assert word in " ".join(faults([one, two], rooms, [], [("b-0", "a-0")], placed))


def test_few_rooms_are_opened_and_mixed_ones_come_first():
    rooms = [room("together", 7, is_mixed=False), *(room(f"m{number}", 4) for number in range(8))]
    plan = allocate([session("s", 3), session("t", 3), session("u", 2)], rooms)
    assert plan.rooms_opened == 3
    assert not any(seat.startswith("together") for seats in plan.seats.values() for seat in seats)
    assert any(seat.startswith("together") for seat in allocate([session("s", 9)], rooms).seats["s", "济南"])


def test_rooms_in_use_are_filled_before_new_ones_are_opened():
    rooms = [room(f"m{number}", 4) for number in range(5)]
    held = [Held("m3-1", "other", at(4), at(5)), Held("m4-0", "other", at(0), at(2))]
    assert {seat[:2] for seat in allocate([session("s", 2)], rooms, held).seats["s", "济南"]} == {"m3", "m4"}


@pytest.mark.parametrize(("sessions", "rooms", "reason"), [
    ([session("s", 7)], [room(f"m{number}", 4) for number in range(5)],
     "济南 09:00–11:00 需要 7 间不同评标室，只有 5 间可用"),
    ([session("s", 7)], [room("m", 4), room("p", 3, is_mixed=False)],
     "济南 09:00–11:00 需要 7 个席位，只有混合评标室 1 间（每间一席）和单一项目评标室 3 席可用"),
    ([session("s", 2), session("t", 2, 1, 3), session("u", 2, 1, 4)], [room("m", 2), room("n", 2)],
     "济南 10:00–11:00 同时有 3 场，共需 6 个席位，只有 4 个可用"),
    ([session("s", 2), session("t", 2), session("u", 1, 3, 4)], [room("p", 4, is_mixed=False)],
     "济南 09:00–11:00 的 2 场（s、t）不能同时做到同标不见面、席位不冲突"),
])
def test_the_reason_is_one_that_people_understand(sessions, rooms, reason):
    assert allocate(sessions, rooms).reasons == (reason,)


def test_nobody_sits_alone_where_the_rule_forbids_it():
    rooms = [room("m", 2), room("n", 2, site="青岛"), room("o", 2, site="青岛")]
    one = Session("s", "s", at(0), at(2), {"济南": 1, "青岛": 2})
    assert allocate([one], rooms).reasons == ()
    assert allocate([one], rooms, nobody_alone=True).reasons == (
        "济南 09:00–11:00 只安排了 1 名专家，不得让专家单独评标",
    )


def test_out_of_time_is_not_called_impossible():
    rooms = [room(f"m{number:02}", 4) for number in range(40)]
    plan = allocate([session(f"s{number}", 3, number % 7) for number in range(60)], rooms, seconds=0)
    assert "也未能证明无法安排" in plan.reasons[0] if plan.reasons else not plan.is_optimal
