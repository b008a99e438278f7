"""Capacities (身份): in which role, and for whom, a person may act.

Identity knows people and certificates only. The apps above it that know why a person may act
(parties: membership; experts: the pool) add their source here when they are ready.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gongheng.kernel.roles import ROLE_NAMES, Role
from gongheng.people.identity.models import Person


@dataclass(frozen=True)
class Capacity:
    """One role that a person may act in; ``key`` is what the session remembers."""

    key: str
    role: Role
    organisation: str | None = None
    organisation_name: str = ""

    @property
    def title(self) -> str:
        name = ROLE_NAMES[self.role]
        return f"{name} · {self.organisation_name}" if self.organisation_name else name


SOURCES: list[Callable[[Person], list[Capacity]]] = []


def capacities_of(person: Person) -> list[Capacity]:
    """Return every capacity that the person has now, in a steady order."""
    return [capacity for source in SOURCES for capacity in source(person)]
