"""Where the dispatch board draws what: a sketch of the cities and a timeline, in units of an SVG (示意图).

The province's outline is left out on purpose: a map with borders needs an approval number (审图号), a sketch
of dots does not. Drawn on the server, so that the live page swaps markup and leaks no chart.
"""

import math
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.positions import CITY_POSITIONS
from gongheng.kernel.regions import HOME_PROVINCE, region

WIDTH, HEIGHT = 980, 590
_SCALE, _WEST, _NORTH, _SQUEEZE = 145.0, 115.05, 37.95, 0.806  # a degree of longitude is shorter up here
_MARGIN = 70
#: 泰安 lies so close below 济南 that the names would cover one another.
_NAMED_ABOVE = (HOME_PROVINCE, "370100")
#: The timeline: width of the column of names, of an hour, height of a lane.
NAMES, HOUR, LANE = 120, 80, 36


@dataclass(frozen=True)
class Node:
    """A centre on the sketch; the arc shows how much of its seats is held now."""

    name: str
    x: int
    y: int
    radius: int
    arc: str  # stroke-dasharray of the ring
    used: int
    seats: int
    sessions: int
    state: str
    label_y: int


@dataclass(frozen=True)
class Link:
    path: str
    state: str


@dataclass(frozen=True)
class Bar:
    x: int
    y: int
    width: int
    text: str
    title: str
    state: str
    is_main: bool


def node(centre, *, seats: int, used: int, sessions: int) -> Node:
    """Place a centre; the provincial one stands above the city that it sits in."""
    x, y = _place(centre.region)
    radius = 15 if seats == 0 else min(15 + math.isqrt(seats) * 2, 30)
    ring = 2 * math.pi * radius
    share = min(used / seats, 1) if seats else 0
    state = "full" if share >= 0.9 else "busy" if used else "booked" if sessions else "idle"
    name = "省中心" if centre.region == HOME_PROVINCE else region(centre.region).name.removesuffix("市")
    label_y = y - radius - 9 if centre.region in _NAMED_ABOVE else y + radius + 21
    return Node(name, x, y, radius, f"{ring * share:.1f} {ring:.1f}", used, seats, sessions, state, label_y)


def link(main: Node, sub: Node, state: str) -> Link:
    """Bow the line from main to sub venue a little, so that two lines between the same cities stay apart."""
    middle_x, middle_y = (main.x + sub.x) // 2, (main.y + sub.y) // 2
    bow_x, bow_y = (main.y - sub.y) // 6, (sub.x - main.x) // 6
    return Link(f"M{main.x} {main.y}Q{middle_x + bow_x} {middle_y + bow_y} {sub.x} {sub.y}", state)


def lanes(centres: list, sessions: list, now: datetime, first_hour: int, last_hour: int) -> dict:
    """Lay today's sessions out, one row per centre and as many lanes as overlap there."""
    times = [one.order.starts_at.astimezone(SHANGHAI) for one in sessions]
    ends = [one.order.ends_at.astimezone(SHANGHAI) for one in sessions]
    first = min([first_hour, *(at.hour for at in times)])
    last = max([last_hour, *(at.hour + (at.minute > 0) for at in ends)])
    rows, y = [], 28
    for centre in centres:
        mine = [(one, offer) for one in sessions for offer in one.offers if offer.centre_id == centre.pk]
        free_from: list[datetime] = []
        bars = []
        for one, offer in mine:
            lane = next(
                index for index in count() if index == len(free_from) or free_from[index] <= one.order.starts_at
            )
            free_from[lane:lane + 1] = [one.order.ends_at]
            bars.append(_bar(one, offer, y + lane * LANE, first))
        height = max(len(free_from), 1) * LANE
        rows.append({"name": centre.short_name, "y": y, "text_y": y + 23, "height": height, "bars": bars})
        y += height + 6
    local = now.astimezone(SHANGHAI)
    at = _x(local, first) if first <= local.hour < last else None
    hours = ((hour, NAMES + (hour - first) * HOUR) for hour in range(first, last + 1))
    return {
        "rows": rows, "width": NAMES + (last - first) * HOUR + 20, "height": y,
        # The present moment's label takes the place of an hour's that it would cover.
        "hours": [
            {"x": x, "label": "" if at is not None and abs(x - at) < HOUR // 2 else f"{hour}:00"} for hour, x in hours
        ],
        "now_x": at, "now_label": f"{local:%H:%M}",
    }


def _bar(one, offer, y: int, first: int) -> Bar:
    starts, ends = one.order.starts_at.astimezone(SHANGHAI), one.order.ends_at.astimezone(SHANGHAI)
    x, width = _x(starts, first), max(_x(ends, first) - _x(starts, first) - 2, 24)
    kind, name = "主" if offer.is_main else "副", one.order.lot.full_name
    room = max(width // 15 - 3, 0)  # characters that fit beside the kind
    text = f"{kind} {name if len(name) <= room else name[: max(room - 1, 0)] + '…'}"
    where = f"{'主场' if offer.is_main else '副场'} {offer.seats_wanted} 席"
    title = f"{name}，{where}，{starts:%H:%M} 至 {ends:%H:%M}，{one.label}"
    return Bar(x, y + 2, width, text, title, one.state, offer.is_main)


def _x(local: datetime, first: int) -> int:
    return NAMES + round((local.hour + local.minute / 60 - first) * HOUR)


def _place(code: str) -> tuple[int, int]:
    is_hub = code == HOME_PROVINCE
    longitude, latitude = CITY_POSITIONS["370100" if is_hub else code]
    x = _MARGIN + (longitude - _WEST) * _SQUEEZE * _SCALE
    y = _MARGIN - 20 + (_NORTH - latitude) * _SCALE
    return round(x), round(y) - (78 if is_hub else 0)
