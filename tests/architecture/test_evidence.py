"""What the code writes into the log: every verb has a sentence, and every sentence a verb (存证用语)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import gongheng
from config import wiring
from config.setup.lifecycles import lifecycles

SOURCE = Path(gongheng.__file__).parent
TOOLS = SOURCE.parents[1] / "tools" / "demonstration"
FILES = [path for folder in (SOURCE, TOOLS) for path in folder.rglob("*.py") if "tests" not in path.parts]

LIFECYCLES = {one.name: one for one in lifecycles()}
MOVES = {one.verb(move.name) for one in LIFECYCLES.values() for move in one.moves}
#: Functions of the evidence app that pass on the verb they were given; their callers are looked at instead.
DOORS = {"moving.py", "recording.py"}
#: Verbs put together at run time: the family, and what the code may put after the dot.
FAMILIES = {
    "venues": {"fault", "repair"},
    "draws": {"commit", "points", "acknowledge", "number", "rebuild"},
}
#: Written by a move that another function names: the contract's two signatures, whichever comes.
VARIABLE_MOVES = {"contract.sign_tenderer", "contract.sign_winner"}


def calls(name: str) -> Iterator[tuple[Path, ast.Module, ast.Call]]:
    """Find the calls of a function by its bare or dotted name."""
    for path in FILES:
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name in (getattr(node.func, "id", ""), getattr(node.func, "attr", "")):
                yield path, tree, node


def constant(tree: ast.Module, node: ast.expr) -> str | None:
    """Read a text that stands in the call or in a constant of the module."""
    if isinstance(node, ast.Constant):
        return node.value
    for one in tree.body:
        if isinstance(one, ast.Assign) and isinstance(node, ast.Name) and one.targets[0].id == node.id:
            return one.value.value
    return None


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == name), None)


def noted() -> tuple[set[str], list[str]]:
    """Return the verbs of all notes and records, and the places where the verb is not plain to see."""
    verbs, unclear = set(), []
    for door in ("note", "record", "record_blinded"):
        for path, tree, call in calls(door):
            if path.name in DOORS or not call.args:
                continue
            verb = constant(tree, call.args[0])
            if verb is None:
                unclear.append(f"{path.parent.name}/{path.name}: {ast.unparse(call.args[0])}")
            elif "." in verb:
                verbs.add(verb)
    return verbs, unclear


def begun() -> set[str]:
    """Return the verbs with which things come into being: ``starting(order, verb="request")``."""
    verbs = set()
    for path, tree, call in calls("starting"):
        if path.name in DOORS:
            continue
        thing = call.args[0].id
        owner = [name for name in LIFECYCLES if name.endswith(thing)]
        assert len(owner) == 1, f"{path.name}: whose lifecycle is {thing}?"
        verbs.add(f"{owner[0]}.{constant(tree, keyword(call, 'verb'))}")
    return verbs


def test_every_verb_that_the_code_writes_has_a_sentence():
    verbs, _ = noted()
    families = {f"{family}.{member}" for family, members in FAMILIES.items() for member in members}
    written = verbs | begun() | MOVES | families
    assert {"project.register", "venue_order.request", "lot.close", "bid.seal"} <= written
    assert written - wiring.sentences().keys() == set(), "a verb without a sentence"
    assert wiring.sentences().keys() - written == set(), "a sentence that nothing writes"


def test_verbs_put_together_at_run_time_are_known_here():
    _, unclear = noted()
    assert sorted(unclear) == []


def test_moves_are_named_as_the_tables_name_them():
    """A misspelt move would be a KeyError on the day somebody makes it."""
    known = {move.name for one in LIFECYCLES.values() for move in one.moves}
    named = {
        constant(tree, call.args[1]) for door in ("moving", "advance_lot") for _, tree, call in calls(door)
        if len(call.args) > 1
    } - {None}
    assert {"close", "complete"} <= named
    assert named <= known


@pytest.mark.parametrize("lifecycle", LIFECYCLES.values(), ids=lambda one: one.name)
def test_every_move_is_made_somewhere(lifecycle):
    named = {constant(tree, call.args[1]) for door in ("moving", "advance_lot") for _, tree, call in calls(door)}
    for move in lifecycle.moves:
        assert move.name in named or lifecycle.verb(move.name) in VARIABLE_MOVES, move.name
