"""When a centre takes sessions, which seats may be held together, and which of them is drawn; no database."""

from collections.abc import Iterable
from datetime import date, datetime, time
from itertools import combinations

from gongheng.kernel.calendar import STATE_COUNCIL, Calendar
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.refusal import Refusal

#: Bytes of a number that draws a seat: with 16 no seat is likelier than another by more than 2^-120.
LEAST_ENTROPY = 16


def drawn_seat(seats: Iterable[str], number: bytes) -> str:
    """Return the seat that a random number picks among those still free (席位抽取, domain.md 4.5 e).

    Seats are put in order first, so that whoever learns the number later finds the same seat from the same set.
    Raises Refusal "SEATS" when none is left, ValueError when the number is too short to be fair.
    """
    if len(number) < LEAST_ENTROPY:
        raise ValueError(f"a number of {len(number)} bytes favours some seats; take at least {LEAST_ENTROPY}")
    ordered = sorted(set(seats))
    if not ordered:
        raise Refusal("SEATS", "本会场预留的席位已全部抽完，请核对签到人数。")
    return ordered[int.from_bytes(number, "big") % len(ordered)]


def why_closed(
    day: date, *, weekdays: Iterable[int], closed_days: dict[date, str], calendar: Calendar = STATE_COUNCIL
) -> str:
    """Say why a centre takes no session on a day; empty when it does. Days worked in exchange count (调休)."""
    if day in closed_days:
        return closed_days[day]
    if day in calendar.work or (day.isoweekday() in set(weekdays) and day not in calendar.rest):
        return ""
    return "法定节假日" if day in calendar.rest else "非服务日"


def check_service(
    starts_at: datetime, *, weekdays: Iterable[int], opens_at: time, closes_at: time, closed_days: dict[date, str]
) -> None:
    """Refuse "SEATS" a session that begins outside the service hours; one may last beyond them (超时费)."""
    local = starts_at.astimezone(SHANGHAI)
    if reason := why_closed(local.date(), weekdays=weekdays, closed_days=closed_days):
        raise Refusal("SEATS", f"{local:%m月%d日}为该中心停止服务日（{reason}），请改期。", "starts_at")
    if not opens_at <= local.time() < closes_at:
        raise Refusal(
            "SEATS", f"评标应在该中心服务时间 {opens_at:%H:%M}–{closes_at:%H:%M} 内开始，请调整开始时间。", "starts_at"
        )


def check_apart(seats: Iterable[tuple[str, str, bool]], neighbours: Iterable[tuple[str, str]]) -> None:
    """Refuse "SEATS-MEET" when two of one lot's (seat, room, is mixed) would meet or see each other."""
    seats = list(seats)
    pairs = {frozenset(pair) for pair in neighbours}
    for (one, room, is_mixed), (other, second, _) in combinations(seats, 2):
        if room == second and is_mixed:
            raise Refusal("SEATS-MEET", "混合评标室内同一标段只能安排1名专家（同标不见面），请在不同评标室选择席位。",
                          "seats")
        if frozenset((one, other)) in pairs:
            raise Refusal("SEATS-MEET", "所选席位中有两个隔室相望，同一标段的专家不得互见，请更换其中一个。", "seats")


def weekdays_in_words(weekdays: Iterable[int]) -> str:
    """Write weekdays as people do: 周一至周五, or one by one."""
    names, days = "一二三四五六日", sorted(set(weekdays))
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"周{names[days[0] - 1]}至周{names[days[-1] - 1]}"
    return "、".join(f"周{names[day - 1]}" for day in days)
