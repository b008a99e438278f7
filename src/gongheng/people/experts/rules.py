"""What the pool knows about specialties and secrecy; no database."""

from datetime import date

from gongheng.kernel.regions import HOME_PROVINCE

#: 12号令12条 and the usual promise: an employer of the last three years is a ground for avoidance.
AVOIDANCE_YEARS = 3


def specialty_levels(code: str) -> list[str]:
    """Return the code and the codes above it, most exact first: A080101 → A0801 → A08 → A."""
    return [code[:size] for size in (7, 5, 3, 1) if size <= len(code)]


def matches(practised: list[str], wanted: str) -> bool:
    """Say whether one of the specialties practised lies in the wanted one."""
    return any(code.startswith(wanted) for code in practised)


def counts_for_avoidance(ended_on: date, today: date) -> bool:
    """Say whether a past employment is recent enough to stand in the way."""
    return ended_on.replace(year=ended_on.year + AVOIDANCE_YEARS, day=min(ended_on.day, 28)) >= today


def is_pool_keeper(centre_region: str | None) -> bool:
    """The provincial centre keeps the pool; the cities see figures only."""
    return centre_region == HOME_PROVINCE


def masked(name: str) -> str:
    """Return a name of which only the surname shows: 张**."""
    return name[:1] + "*" * max(len(name) - 1, 1)
