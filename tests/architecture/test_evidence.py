"""What the code writes into the log: every verb has a sentence, and every sentence a verb (存证用语)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import gongheng
from config import wiring
from config.setup.lifecycles import lifecycles

SOURCE = Path(gongheng.__file__).parent
TOOLS = SOURCE.parents[1] / "tools" / "demonstration"
TREES = {
    path: ast.parse(path.read_text())
    for folder in (SOURCE, TOOLS)
    for path in folder.rglob("*.py")
    if not {"tests", "migrations"} & set(path.parts)
}

LIFECYCLES = {one.name: one for one in lifecycles()}
MOVES = {one.verb(move.name) for one in LIFECYCLES.values() for move in one.moves}
#: Functions of the evidence app that pass on the verb they were given; their callers are looked at instead.
DOORS = {"moving.py", "recording.py"}
#: Where the verb is looked up at run time: what may come out.
LOOKED_UP = {
    "draws/actions/contributing.py": {
        "draws.commit", "draws.points", "draws.acknowledge", "draws.number", "draws.rebuild",
    },
}


def calls(name: str) -> Iterator[tuple[Path, ast.Module, ast.Call]]:
    """Find the calls of a function of the evidence app, or of the lot's own door to it."""
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (name, f"projects.{name}"):
                yield path, tree, node


def texts(tree: ast.Module, node: ast.expr) -> set[str]:
    """Read the texts that stand in an expression, or in the constant of the module that it names."""
    if isinstance(node, ast.Name):
        values = [
            one.value for one in tree.body if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == node.id
        ]
        return texts(tree, values[0]) if values else set()
    if isinstance(node, ast.IfExp):
        return texts(tree, node.body) | texts(tree, node.orelse)
    return {node.value} if isinstance(node, ast.Constant) else set()


def noted() -> tuple[set[str], set[str]]:
    """Return the verbs of all notes and records, and the files where one is not plain to see."""
    verbs, unclear = set(), set()
    for door in ("note", "record", "record_blinded"):
        for path, tree, call in calls(door):
            if path.name not in DOORS and call.args:
                found = {text for text in texts(tree, call.args[0]) if text}
                verbs |= found
                if not found:
                    unclear.add("/".join(path.parts[-3:]))
    return verbs, unclear


def begun() -> set[str]:
    """Return the verbs with which things come into being: ``starting(order, verb="request")``."""
    verbs = set()
    for path, tree, call in calls("starting"):
        thing = call.args[0].id
        owner = [name for name in LIFECYCLES if name.endswith(thing)]
        assert len(owner) == 1, f"{path.name}: whose lifecycle is {thing}?"
        given = [one.value for one in call.keywords if one.arg == "verb"]
        verbs |= {f"{owner[0]}.{verb}" for verb in (texts(tree, given[0]) if given else {"start"})}
    return verbs


def moves_named() -> set[str]:
    return {
        text for door in ("moving", "advance_lot") for path, tree, call in calls(door)
        if path.name not in DOORS for text in texts(tree, call.args[1])
    }


def test_every_verb_that_the_code_writes_has_a_sentence():
    verbs, unclear = noted()
    assert unclear == LOOKED_UP.keys()
    written = verbs | begun() | MOVES | set().union(*LOOKED_UP.values())
    assert {"project.register", "venue_order.request", "lot.close", "bid.seal"} <= written
    assert written - wiring.sentences().keys() == set(), "a verb without a sentence"
    assert wiring.sentences().keys() - written == set(), "a sentence that nothing writes"


def test_moves_are_named_as_the_tables_name_them():
    """A misspelt move would be a KeyError on the day somebody makes it; a move that nobody makes is dead."""
    known = {move.name for one in LIFECYCLES.values() for move in one.moves}
    signatures = {"sign_tenderer", "sign_winner"}  # the contract's action takes whichever of the two is its turn
    assert moves_named() - known == set()
    assert known - moves_named() == signatures
