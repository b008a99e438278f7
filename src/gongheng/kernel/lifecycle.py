"""A lifecycle (生命周期) is a table of moves that one can read aloud; nothing else changes a state."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import ROLE_NAMES, Role

#: A guard returns the Refusal that forbids the move, or None.
Guard = Callable[[Any, datetime], Refusal | None]
#: When a move becomes due by itself (role CLOCK), or None while it is not.
Due = Callable[[Any], datetime | None]


@dataclass(frozen=True)
class Move:
    """One row of the table: from which states, to which, by whom, and when it is refused."""

    name: str
    title: str  # what the button and the history say, in Chinese
    source: tuple[str, ...]
    target: str
    by: tuple[Role, ...]
    guard: Guard | None = None
    due: Due | None = None
    stopped_by_holds: bool = True


@dataclass(frozen=True)
class Lifecycle:
    """All states and moves of one kind of thing; verbs are ``<name>.<move>``."""

    name: str
    title: str
    states: Any  # a TextChoices class
    moves: tuple[Move, ...]
    initial: str
    by_name: dict[str, Move] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table = {move.name: move for move in self.moves}
        if len(table) != len(self.moves):
            raise ValueError(f"two moves of {self.name} share a name")
        object.__setattr__(self, "by_name", table)

    def verb(self, move: str) -> str:
        return f"{self.name}.{move}"

    def refusal(
        self, thing: Any, move_name: str, role: Role, now: datetime, *, is_held: bool = False
    ) -> Refusal | None:
        """Say why ``role`` may not make this move on ``thing`` at ``now``; None when it may."""
        move = self.by_name[move_name]
        if role not in move.by:
            names = "、".join(ROLE_NAMES[one] for one in move.by)
            return Refusal("ROLE", f"“{move.title}”只能由{names}办理，您当前的角色不能办理。")
        if thing.state not in move.source:
            label = self.states(thing.state).label
            return Refusal("STATE", f"{self.title}当前状态为“{label}”，不能办理“{move.title}”。")
        if is_held and move.stopped_by_holds:
            return Refusal("HOLD", f"本标段存在未解除的暂停事项，“{move.title}”须待解除后办理。")
        return move.guard(thing, now) if move.guard else None

    def open_to(self, thing: Any, role: Role, now: datetime, *, is_held: bool = False) -> list[Move]:
        """List the moves that ``role`` may make now: the buttons of the page."""
        return [m for m in self.moves if self.refusal(thing, m.name, role, now, is_held=is_held) is None]

    def next_due_at(self, thing: Any) -> datetime | None:
        """Return the earliest moment at which a move falls due by itself in the present state."""
        moments = [m.due(thing) for m in self.moves if m.due and thing.state in m.source]
        return min((moment for moment in moments if moment), default=None)

    def diagram(self) -> str:
        """Draw the table as a Mermaid state diagram for docs/lifecycles.md."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        for move in self.moves:
            lines += [f"    {source} --> {move.target}: {move.name}（{move.title}）" for source in move.source]
        return "\n".join(lines)
