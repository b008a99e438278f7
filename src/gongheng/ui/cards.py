"""What an app tells the pages that gather many apps: a card about a lot, a thing to do (卡片与待办)."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    tone: str = "outline-primary"  # Tabler button tone


@dataclass(frozen=True)
class LotCard:
    """One stage of a lot as this actor may see it; shown on the lot's page in stage order."""

    title: str
    icon: str  # Tabler icon name without prefix
    status: str
    tone: str  # blue, green, red, yellow, secondary
    facts: list[tuple[str, str]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


@dataclass(frozen=True)
class Todo:
    """Something that waits for this actor, for the role's desk."""

    title: str
    subject: str
    url: str
    due_at: datetime | None = None
