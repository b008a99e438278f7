"""Who sits where on a day (席位分配): experts of one lot never meet, seats never clash; exact, on CP-SAT.

Rules of domain.md 4.5: (a) in mixed rooms (席位制) two experts of one lot never share a room, and a single-project
room serves one lot at a time; (b) those who can see each other from room to room evaluate different lots;
(c) only fit seats; (d) no seat twice at a time. Among all plans the one that opens the fewest single-project rooms,
then the fewest mixed ones, is chosen: one worker and a fixed seed, so a run that ends in time is repeatable.
"""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from gongheng.kernel.clock import SHANGHAI

_SEED = 1


@dataclass(frozen=True)
class Session:
    """One evaluation: how many seats it wants at each site (the name people know) and when."""

    id: str
    lot: str
    starts_at: datetime
    ends_at: datetime
    wanted: dict[str, int]

    def overlaps(self, other: "Session | Held") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True)
class Room:
    """A room with all its seats; those in ``unfit`` are not given out."""

    id: str
    site: str
    is_mixed: bool
    seats: tuple[str, ...]
    unfit: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Held:
    """A seat that a lot holds already."""

    seat: str
    lot: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Plan:
    """Seats for every session at every site, or the reasons why there are none.

    ``seats`` is {(session, site): seats}; empty when ``reasons`` is not. ``is_optimal`` says whether it
    is proved that no plan opens fewer rooms; ``rooms_opened`` counts rooms that nobody used that day before.
    """

    seats: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    is_optimal: bool = False
    rooms_opened: int = 0


def allocate(
    sessions: list[Session], rooms: list[Room], held: Iterable[Held] = (), *,
    neighbours: Iterable[tuple[str, str]] = (), nobody_alone: bool = False, seconds: float = 10,
) -> Plan:
    """Place all sessions or say why that is impossible; ``seconds`` bounds the search over all sites."""
    # A second and ninety megabytes, so only who allocates pays; and the search is timed without it.
    from ortools.sat.python import cp_model

    held, neighbours, end = list(held), list(neighbours), time.monotonic() + seconds
    placed, reasons, is_optimal, opened = {}, [], True, 0
    for site in sorted({site for one in sessions for site in one.wanted}):
        here = sorted((one for one in sessions if one.wanted.get(site)), key=lambda one: (one.starts_at, one.id))
        lonely = [one for one in here if one.wanted[site] == 1] if nobody_alone else []
        if lonely:
            reasons.append(f"{site} {_span(lonely[:1])} 只安排了 1 名专家，不得让专家单独评标")
            continue
        day = _Site(cp_model, site, [room for room in rooms if room.site == site], held, neighbours)
        found, proved = day.solve(here, end)
        if found is None:
            reasons.append(day.explain(here, end) if proved else f"{site} 在限定时间内没有找到安排，也未能证明无法安排")
            continue
        placed |= {(session, site): seats for session, seats in found.items()}
        is_optimal &= proved
        opened += day.opened_by(found)
    return Plan(reasons=tuple(reasons)) if reasons else Plan(placed, (), is_optimal, opened)


@dataclass(frozen=True)
class _Cell:
    """Seats of one room that are alike: free at the same times and seen by nobody in other rooms."""

    room: Room
    seats: tuple[str, ...]


class _Site:
    """One site on one day: its rooms, what is held already, and the search."""

    def __init__(
        self, cp_model, name: str, rooms: list[Room], held: list[Held], neighbours: list[tuple[str, str]]
    ):
        self.cp_model, self.name = cp_model, name
        self.rooms = sorted(rooms, key=lambda room: room.id)
        self.room_of = {seat: room for room in self.rooms for seat in room.seats}
        self.held = [one for one in held if one.seat in self.room_of]
        self.seen_from: dict[str, set[str]] = defaultdict(set)
        for one, other in neighbours:
            if one in self.room_of and other in self.room_of:
                self.seen_from[one].add(other)
                self.seen_from[other].add(one)
        self.busy: dict[str, list[Held]] = defaultdict(list)
        for one in self.held:
            self.busy[one.seat].append(one)
        self.in_use = {self.room_of[one.seat].id for one in self.held}
        self.cells = [cell for room in self.rooms for cell in self._cells(room)]

    def _cells(self, room: Room) -> list[_Cell]:
        alike: dict[tuple, list[str]] = defaultdict(list)
        for seat in room.seats:
            if seat not in room.unfit:
                times = frozenset((one.starts_at, one.ends_at) for one in self.busy[seat])
                alike[times, seat if self.seen_from[seat] else ""].append(seat)
        return [_Cell(room, tuple(seats)) for seats in alike.values()]

    def may_sit(self, session: Session, cell: _Cell) -> bool:
        """Say whether what is held already leaves the cell to the session."""
        seat, around = cell.seats[0], set(self.seen_from[cell.seats[0]])
        for one in self.held:
            if not session.overlaps(one):
                continue
            is_same_lot = one.lot == session.lot
            if one.seat == seat or (one.seat in around and is_same_lot):
                return False
            # In a mixed room the own lot is in the way, in a single-project room every other one.
            if self.room_of[one.seat] is cell.room and is_same_lot == cell.room.is_mixed:
                return False
        return True

    def solve(self, sessions: list[Session], end: float) -> tuple[dict[str, tuple[str, ...]] | None, bool]:
        """Return ({session: seats} or None, whether optimality or impossibility is proved)."""
        cp_model = self.cp_model
        model = cp_model.CpModel()
        takes = {}
        for number, session in enumerate(sessions):
            for at, cell in enumerate(self.cells):
                if self.may_sit(session, cell):
                    most = 1 if cell.room.is_mixed else len(cell.seats)
                    takes[number, at] = model.new_bool_var("") if most == 1 else model.new_int_var(0, most, "")
            model.add(sum(take for (one, _), take in takes.items() if one == number) == session.wanted[self.name])
        opens = {room.id: 1 if room.id in self.in_use else model.new_bool_var("") for room in self.rooms}
        for clique in _cliques(sessions):
            for at, cell in enumerate(self.cells):
                here = [takes[number, at] for number in clique if (number, at) in takes]
                if here:
                    model.add(cp_model.LinearExpr.sum(here) <= len(cell.seats) * opens[cell.room.id])
            for room in self.rooms:
                self._one_lot_a_room(model, room, [sessions[number].lot for number in clique], clique, takes)
            self._apart(model, clique, sessions, takes)
        mixed = sum(room.is_mixed for room in self.rooms)
        model.minimize(sum((1 if room.is_mixed else mixed + 1) * opens[room.id] for room in self.rooms))
        for key, count in self._first_fit(sessions, takes).items():
            model.add_hint(takes[key], count)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.linearization_level = 2  # rooms are bounded by the relaxation: four times faster
        solver.parameters.random_seed = _SEED
        solver.parameters.max_time_in_seconds = max(end - time.monotonic(), 0.01)
        status = solver.solve(model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None, status == cp_model.INFEASIBLE
        counts = {key: solver.value(take) for key, take in takes.items()}
        return self._seated(sessions, counts), status == cp_model.OPTIMAL

    def _first_fit(self, sessions: list[Session], takes: dict) -> dict[tuple[int, int], int]:
        """Place sessions in order of start, in mixed rooms in use with the most room: where the search begins."""
        counts, used = dict.fromkeys(takes, 0), set(self.in_use)
        until: dict[int, list[datetime]] = defaultdict(list)
        for number, session in enumerate(sessions):
            left = {
                at: len(cell.seats) - sum(end > session.starts_at for end in until[at])
                for at, cell in enumerate(self.cells) if (number, at) in takes and cell.room.is_mixed
            }
            rooms: set[str] = set()
            for at in sorted(left, key=lambda at: (self.cells[at].room.id not in used, -left[at], at)):
                room = self.cells[at].room.id
                if left[at] and room not in rooms and len(rooms) < session.wanted[self.name]:
                    rooms.add(room)
                    counts[number, at] = 1
                    until[at].append(session.ends_at)
            used |= rooms
        return counts

    def _one_lot_a_room(self, model, room: Room, lots: list[str], clique: tuple[int, ...], takes: dict) -> None:
        """Bind a room at one moment: mixed, one expert of a lot; single-project, one lot."""
        inside = [at for at, cell in enumerate(self.cells) if cell.room is room]
        by_lot = {
            lot: [
                takes[number, at] for number, its in zip(clique, lots, strict=True) if its == lot
                for at in inside if (number, at) in takes
            ]
            for lot in sorted(set(lots))
        }
        if room.is_mixed:
            for own in by_lot.values():
                if len(own) > 1:
                    model.add_at_most_one(own)
            return
        present = []
        for own in by_lot.values():
            present.append(model.new_bool_var(""))
            model.add(sum(own) <= len(room.seats) * present[-1])
        model.add_at_most_one(present)

    def _apart(self, model, clique: tuple[int, ...], sessions: list[Session], takes: dict) -> None:
        """Keep those of one lot who would see each other from room to room apart."""
        at_seat = {cell.seats[0]: at for at, cell in enumerate(self.cells)}
        for seat, seen in self.seen_from.items():
            for other in seen:
                if seat < other and seat in at_seat and other in at_seat:
                    for lot in sorted({sessions[number].lot for number in clique}):
                        own = [number for number in clique if sessions[number].lot == lot]
                        keys = [(number, at_seat[one]) for number in own for one in (seat, other)]
                        model.add(sum(takes[key] for key in keys if key in takes) <= 1)

    def _seated(self, sessions: list[Session], counts: dict) -> dict[str, tuple[str, ...]]:
        """Turn counts per cell into seats: in order of start, each takes those that are free by then."""
        chosen: dict[str, list[str]] = {session.id: [] for session in sessions}
        free_from: dict[str, datetime] = {}
        for number, session in enumerate(sessions):
            for at, cell in enumerate(self.cells):
                free = [seat for seat in cell.seats if free_from.get(seat, session.starts_at) <= session.starts_at]
                for seat in free[: counts.get((number, at), 0)]:
                    chosen[session.id].append(seat)
                    free_from[seat] = session.ends_at
        return {session: tuple(seats) for session, seats in chosen.items()}

    def opened_by(self, found: dict[str, tuple[str, ...]]) -> int:
        return len({self.room_of[seat].id for seats in found.values() for seat in seats} - self.in_use)

    def explain(self, sessions: list[Session], end: float) -> str:
        """Say the smallest reason why the sessions cannot all be placed."""
        for session in sessions:
            if reason := self._too_large(session):
                return reason
        for clique in _cliques(sessions):
            together = [sessions[number] for number in clique]
            wanted = sum(one.wanted[self.name] for one in together)
            there = sum(
                len(cell.seats) for cell in self.cells if any(self.may_sit(one, cell) for one in together)
            )
            if wanted > there:
                when = f"{self.name} {_span(together)}"
                return f"{when} 同时有 {len(together)} 场，共需 {wanted} 个席位，只有 {there} 个可用"
        conflict = list(sessions)
        for session in sessions:
            # Leaving one out and still impossible: it is no part of the reason.
            fewer = [one for one in conflict if one is not session]
            if fewer and self.solve(fewer, end) == (None, True):
                conflict = fewer
        names = "、".join(one.id for one in conflict)
        return f"{self.name} {_span(conflict)} 的 {len(conflict)} 场（{names}）不能同时做到同标不见面、席位不冲突"

    def _too_large(self, session: Session) -> str:
        cells = [cell for cell in self.cells if self.may_sit(session, cell)]
        rooms = len({cell.room.id for cell in cells if cell.room.is_mixed})
        together = sum(len(cell.seats) for cell in cells if not cell.room.is_mixed)
        wanted, where = session.wanted[self.name], f"{self.name} {_span([session])}"
        if wanted <= rooms + together:
            return ""
        if not together:
            return f"{where} 需要 {wanted} 间不同评标室，只有 {rooms} 间可用"
        return f"{where} 需要 {wanted} 个席位，只有混合评标室 {rooms} 间（每间一席）和单一项目评标室 {together} 席可用"


def _cliques(sessions: list[Session]) -> list[tuple[int, ...]]:
    """List the largest sets of sessions that run at one moment; such a moment is the start of one of them."""
    sets = {
        frozenset(
            number for number, other in enumerate(sessions) if other.starts_at <= one.starts_at < other.ends_at
        )
        for one in sessions
    }
    return sorted(tuple(sorted(one)) for one in sets if not any(one < other for other in sets))


def _span(sessions: list[Session]) -> str:
    """Write the time that all of them share, or that they span, as people do."""
    first, last = max(one.starts_at for one in sessions), min(one.ends_at for one in sessions)
    if first >= last:
        first, last = min(one.starts_at for one in sessions), max(one.ends_at for one in sessions)
    return f"{first.astimezone(SHANGHAI):%H:%M}–{last.astimezone(SHANGHAI):%H:%M}"
