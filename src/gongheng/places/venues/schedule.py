"""A centre's day as a grid of half hours and as a curve of the seats held (日排程); pure."""

from datetime import UTC, date, datetime, time, timedelta

from gongheng.kernel.clock import SHANGHAI

STEP = timedelta(minutes=30)


def slots(day: date, opens_at: time, closes_at: time, plan: list[dict]) -> list[datetime]:
    """Return the half hours of the service hours, and of whatever is held outside them."""
    first, last = _at(day, opens_at), _at(day, closes_at)
    midnight = _at(day, time())
    held = [one for room in plan for seat in room["seats"] for one in seat["held"]]
    first = min([first, *(max(begins, midnight) for begins, _, _ in held)])
    last = max([last, *(min(ends, midnight + timedelta(days=1)) for _, ends, _ in held)])
    first -= (first - midnight) % STEP
    return [first + STEP * number for number in range(-((first - last) // STEP))]


def heads(half_hours: list[datetime]) -> list[dict]:
    """Return the full hours above the grid and how many columns each covers."""
    made: list[dict] = []
    for moment in half_hours:
        name = f"{moment.astimezone(SHANGHAI):%H}:00"
        if made and made[-1]["name"] == name:
            made[-1]["span"] += 1
        else:
            made.append({"name": name, "span": 1})
    return made


def line(held: list[tuple[datetime, datetime, int]], half_hours: list[datetime]) -> list[dict]:
    """Return one seat's row: runs of half hours with the session that holds them, None where it is free."""
    runs: list[dict] = []
    for moment in half_hours:
        number = next((one for begins, ends, one in held if begins < moment + STEP and ends > moment), None)
        if runs and runs[-1]["number"] == number and number is not None:
            runs[-1]["span"] += 1
        else:
            is_hour = moment.astimezone(SHANGHAI).minute == 0
            runs.append({"number": number, "span": 1, "is_even": number and number % 2 == 0, "is_hour": is_hour})
    return runs


def curve(plan: list[dict], half_hours: list[datetime]) -> dict:
    """Return the chart of seats held in each half hour against the seats that are fit."""
    held = [seat["held"] for room in plan for seat in room["seats"]]
    ready = sum(seat["is_fit"] for room in plan for seat in room["seats"])
    counts = [
        sum(any(begins < moment + STEP and ends > moment for begins, ends, _ in one) for one in held)
        for moment in half_hours
    ]
    return {
        "grid": {"left": 8, "right": 16, "top": 36, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis"}, "legend": {"top": 0},
        "xAxis": {"type": "category", "data": [f"{one.astimezone(SHANGHAI):%H:%M}" for one in half_hours]},
        "yAxis": {"type": "value", "minInterval": 1, "max": max(ready, *counts, 1)},
        "series": [
            {"type": "bar", "name": "已预留席位", "data": counts, "barCategoryGap": "15%"},
            {"type": "line", "name": "可用席位", "data": [ready] * len(counts), "symbol": "none",
             "lineStyle": {"type": "dashed"}},
        ],
    }


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, SHANGHAI).astimezone(UTC)
