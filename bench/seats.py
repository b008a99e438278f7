"""How long a day's seats take to place, exactly: 100 sessions of 7 experts at 3 sites: ``./gongheng bench seats``."""

import os
import platform
import sys
import time
from datetime import UTC, datetime, timedelta
from random import Random

from gongheng.places.venues.allocation import Plan, Room, Session, allocate

SESSIONS, SECONDS = 100, 60
#: Main venue and two sub venues; 7 experts of each session sit at them.
WANTED = {"济南": 3, "青岛": 2, "烟台": 2}
MORNING = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)


def main() -> int:
    print(f"{platform.machine()}，{os.cpu_count()} 核；CP-SAT 单线程、固定种子；时间含建模，不含导入求解器")
    for title, wanted, mixed in (
        ("每场 7 名专家分在 3 个会场", WANTED, 40), ("每场在 3 个会场各 7 名专家", dict.fromkeys(WANTED, 7), 90),
    ):
        sessions, rooms = _day(wanted, mixed)
        allocate(sessions[:1], rooms)  # the solver's import is paid once per process
        start = time.perf_counter()
        plan = allocate(sessions, rooms, seconds=SECONDS)
        took = time.perf_counter() - start
        seats = sum(map(len, plan.seats.values()))
        print(f"{title}：{len(sessions)} 场、{seats} 个席位，{took:.2f} s，{_verdict(plan)}")
    sessions, rooms = _day(WANTED, 25)
    start = time.perf_counter()
    plan = allocate(sessions, rooms, seconds=SECONDS)
    print(f"评标室不足时：{time.perf_counter() - start:.2f} s 给出理由：{plan.reasons[0]}")
    return 0


def _day(wanted: dict[str, int], mixed: int) -> tuple[list[Session], list[Room]]:
    """Sessions of two to four hours that begin at any half hour from 08:30 to 15:00; mixed rooms of 4 seats."""
    random = Random(1)
    sessions = []
    for number in range(SESSIONS):
        starts_at = MORNING + timedelta(minutes=30 * random.randrange(14))
        ends_at = starts_at + timedelta(minutes=30 * random.randrange(4, 9))
        sessions.append(Session(f"S{number:03}", f"L{number}", starts_at, ends_at, wanted))
    rooms = [
        Room(f"{site}{number:02}", site, is_mixed, tuple(f"{site}{number:02}-{seat}" for seat in range(seats)))
        for site in wanted
        for number, (is_mixed, seats) in enumerate([(True, 4)] * mixed + [(False, 7)] * 2)
    ]
    return sessions, rooms


def _verdict(plan: Plan) -> str:
    if plan.reasons:
        return plan.reasons[0]
    return f"启用评标室 {plan.rooms_opened} 间{'（已证明最少）' if plan.is_optimal else '（未证明最少）'}"


if __name__ == "__main__":
    sys.exit(main())
