"""Where the sixteen cities of the home province lie, to draw them; not a map and without borders (城市示意位置).

Longitude and latitude of the city governments in degrees, to two decimals: public facts, good for a sketch.
"""

CITY_POSITIONS: dict[str, tuple[float, float]] = {
    "370100": (117.12, 36.65), "370200": (120.38, 36.07), "370300": (118.05, 36.81), "370400": (117.32, 34.81),
    "370500": (118.67, 37.43), "370600": (121.45, 37.46), "370700": (119.16, 36.71), "370800": (116.59, 35.41),
    "370900": (117.09, 36.20), "371000": (122.12, 37.51), "371100": (119.53, 35.42),
    "371300": (118.36, 35.10), "371400": (116.36, 37.43), "371500": (115.99, 36.46), "371600": (117.97, 37.38),
    "371700": (115.48, 35.23),
}
