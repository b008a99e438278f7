"""Every cell of the table: what it does not say is refused."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from gongheng.kernel.roles import Role
from gongheng.trading.evaluation.lifecycle import EVALUATION, State

NOW = datetime(2026, 3, 27, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize("move", EVALUATION.moves, ids=lambda move: move.name)
def test_a_move_is_open_only_where_the_table_says_so(move):
    for state in State.values:
        thing = SimpleNamespace(state=state, sign_by=NOW)
        for role in Role:
            refusal = EVALUATION.refusal(thing, move.name, role, NOW)
            assert (refusal is None) == (state in move.source and role in move.by), (state, role)
            held = EVALUATION.refusal(thing, move.name, role, NOW, is_held=True)
            # An incident holds the lot: replacing and dissolving are what ends it.
            assert held is not None or move.name in ("replace", "dissolve")


def test_only_the_signing_falls_due_by_itself():
    due = {state: EVALUATION.next_due_at(SimpleNamespace(state=state, sign_by=NOW)) for state in State.values}
    assert due.pop(State.SIGNING) == NOW
    assert set(due.values()) == {None}
