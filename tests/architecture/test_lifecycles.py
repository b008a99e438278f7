"""Every cell of every lifecycle: what the table does not allow is refused (生命周期全表)."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

import gongheng
from config.setup.lifecycles import PAGE, lifecycles, text
from gongheng.kernel.lifecycle import Lifecycle
from gongheng.kernel.roles import Role

LIFECYCLES = lifecycles()
SOURCE = Path(gongheng.__file__).parent
LATER = datetime(2030, 1, 1, tzinfo=UTC)


class Thing(SimpleNamespace):
    """Something whose every moment has long passed, so that no guard about time stands in the way."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return LATER - timedelta(days=365) if name.endswith(("_at", "_by", "_until")) else Thing(state="")


MOVES = [
    pytest.param(lifecycle, move, id=f"{lifecycle.name}.{move.name}")
    for lifecycle in LIFECYCLES
    for move in lifecycle.moves
]


@pytest.mark.parametrize(("lifecycle", "move"), MOVES)
def test_every_cell(lifecycle: Lifecycle, move):
    for state in lifecycle.states.values:
        for role in Role:
            refusal = lifecycle.refusal(Thing(state=state), move.name, role, LATER)
            rule = refusal.rule if refusal else None
            if role not in move.by:
                assert rule == "ROLE", (state, role)
            elif state not in move.source:
                assert rule == "STATE", (state, role)
            else:
                # What is left is the guard's word alone.
                assert rule not in ("ROLE", "STATE", "HOLD"), (state, role)


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda one: one.name)
def test_a_hold_stops_every_move_it_should(lifecycle):
    for move in lifecycle.moves:
        refusal = lifecycle.refusal(Thing(state=move.source[0]), move.name, move.by[0], LATER, is_held=True)
        assert (refusal is not None and refusal.rule == "HOLD") == move.stopped_by_holds


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda one: one.name)
def test_every_state_is_reached(lifecycle):
    reached = {lifecycle.initial} | {move.target for move in lifecycle.moves}
    assert reached == set(lifecycle.states.values)


def test_no_lifecycle_is_without_a_model():
    """A table that no model names would be tested and drawn by nobody."""
    written = [
        name
        for path in SOURCE.rglob("lifecycle.py")
        for name in re.findall(r"Lifecycle\(\s*\"(\w+)\"", path.read_text())
    ]
    assert "pick" in written
    assert sorted(written) == sorted(one.name for one in LIFECYCLES)


def test_the_diagrams_are_current():
    assert PAGE.read_text() == text(), "run PYTHONPATH=src:. python -m config.setup.lifecycles"
