"""How long the way from one city of the province to another takes (交通用时): a published table, integers only."""

from datetime import timedelta
from math import isqrt

from gongheng.kernel.regions import HOME_PROVINCE

#: Seats of the city governments, hundredths of a degree: (longitude, latitude).
_CITIES = {
    "370100": (11712, 3665), "370200": (12038, 3607), "370300": (11805, 3681), "370400": (11732, 3481),
    "370500": (11867, 3743), "370600": (12145, 3746), "370700": (11916, 3671), "370800": (11659, 3541),
    "370900": (11709, 3620), "371000": (12212, 3751), "371100": (11953, 3542), "371300": (11836, 3510),
    "371400": (11636, 3743), "371500": (11598, 3646), "371600": (11797, 3738), "371700": (11548, 3523),
}
#: Metres in a hundredth of a degree at 36° north, from west to east and from south to north.
_EAST, _NORTH = 900, 1112
#: Roads are a fifth longer than the line; 90 km an hour; half an hour to set out and to arrive.
_METRES_A_MINUTE, _AT_BOTH_ENDS = 1250, 30


def way(start: str, end: str) -> timedelta:
    """Return the time from one city to another; KeyError when the table has one of them not."""
    (east, north), (far_east, far_north) = _CITIES[start], _CITIES[end]
    metres = isqrt(((far_east - east) * _EAST) ** 2 + ((far_north - north) * _NORTH) ** 2)
    return timedelta(minutes=_AT_BOTH_ENDS + metres // _METRES_A_MINUTE)


def cities_within(venue: str, limit: timedelta) -> list[str]:
    """Return the cities from which a venue's city is reached in time, sorted; outside the table is too far."""
    here = "370100" if venue == HOME_PROVINCE else f"{venue[:4]}00"
    return sorted(city for city in _CITIES if way(city, here) <= limit)
