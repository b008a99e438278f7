"""Every cell of every lifecycle: what the table does not allow is refused (生命周期全表)."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from gongheng.kernel.lifecycle import Lifecycle
from gongheng.kernel.roles import Role
from gongheng.people.parties.lifecycle import ORGANISATION
from gongheng.trading.contracts.lifecycle import CONTRACT
from gongheng.trading.coordination.lifecycle import OFFER, ORDER
from gongheng.trading.draws.lifecycle import DRAW
from gongheng.trading.evaluation.lifecycle import EVALUATION
from gongheng.trading.opening.lifecycle import OPENING
from gongheng.trading.projects.lifecycle import LOT

LIFECYCLES = (ORGANISATION, LOT, ORDER, OFFER, DRAW, OPENING, EVALUATION, CONTRACT)
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def thing(state):
    """Something whose every moment has long passed, so that no guard about time stands in the way."""
    past = LATER - timedelta(days=365)
    return SimpleNamespace(
        state=state, bids_due_at=past, publicity_ends_at=past, confirm_by=past, decrypt_until=past, answer_by=past,
        reveal_by=past,
    )


CELLS = [
    pytest.param(lifecycle, move, state, role, id=f"{lifecycle.name}.{move.name}-{state}-{role}")
    for lifecycle in LIFECYCLES
    for move in lifecycle.moves
    for state in lifecycle.states.values
    for role in Role
]


@pytest.mark.parametrize(("lifecycle", "move", "state", "role"), CELLS)
def test_every_cell(lifecycle: Lifecycle, move, state, role):
    refusal = lifecycle.refusal(thing(state), move.name, role, LATER)
    if role in move.by and state in move.source:
        assert refusal is None or refusal.rule not in ("ROLE", "STATE")
    else:
        assert refusal is not None
        assert refusal.rule == ("ROLE" if role not in move.by else "STATE")


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda one: one.name)
def test_a_hold_stops_every_move_it_should(lifecycle):
    for move in lifecycle.moves:
        refusal = lifecycle.refusal(thing(move.source[0]), move.name, move.by[0], LATER, is_held=True)
        assert (refusal is not None and refusal.rule == "HOLD") == move.stopped_by_holds


@pytest.mark.parametrize("lifecycle", LIFECYCLES, ids=lambda one: one.name)
def test_every_state_is_reached_and_the_diagram_is_current(lifecycle):
    reached = {lifecycle.initial} | {move.target for move in lifecycle.moves}
    assert reached == set(lifecycle.states.values)
