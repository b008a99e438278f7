"""The walls of the house: imports, sizes of files, and who may write (架构约束)."""

import ast
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "gongheng"
PYTHON = [path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts and "tests" not in path.parts]

#: Methods of managers and instances that write; calling one is writing.
WRITES = {
    "create", "bulk_create", "get_or_create", "update_or_create", "bulk_update", "select_for_update", "delete",
}
#: Writers beside actions: the log's own machinery, nonces and sessions (which name nobody), and the
#: opening of containers, which belongs to ``bids`` and is called by the opening.
WRITERS = {"actions", "evidence", "nonces", "sessions", "acts", "opened", "runner", "receipts"}
#: Pure floors, whose dicts are nobody's rows.
WITHOUT_DATABASE = {"crypto", "screening"}


def writes(call: ast.Call) -> bool:
    """Say whether a call writes to the database: by its name, and where the name is common, by its shape."""
    name = getattr(call.func, "attr", "")
    if name == "save":
        return not call.args  # a workbook or an image is saved to something
    if name == "update":
        return isinstance(call.func.value, ast.Call)  # a query is a chain of calls; a dict or a hash has a name
    return name in WRITES


def test_import_walls_hold(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT / "src"))
    assert lint_imports(cache_dir=None) == EXIT_STATUS_SUCCESS


def test_only_actions_write():
    calls = [
        f"{path.relative_to(SOURCE)}:{node.lineno} .{node.func.attr}()"
        for path in PYTHON
        if not {path.stem, *path.relative_to(SOURCE).parts} & (WRITERS | WITHOUT_DATABASE)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and writes(node)
    ]
    assert not calls, f"only actions.py writes: {calls}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Lot.objects.create(name=1)", True),
        ("Lot.objects.filter(pk=1).update(name=1)", True),
        ("lot.save(update_fields=[])", True),
        ("book.save(out)", False),
        ("digest.update(block)", False),
        ("Lot.objects.filter(pk=1).exists()", False),
    ],
)
def test_what_counts_as_writing(line, expected):
    assert writes(ast.parse(line, mode="eval").body) is expected


def test_files_stay_readable():
    """House 3: a file that grows past about 400 lines becomes a package split by verb or noun."""
    long = {
        path.relative_to(ROOT).as_posix(): lines
        for folder in ("src", "tools", "config", "islands", "tests", "bench")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".js", ".html", ".css"} and (lines := len(path.read_text().splitlines())) > 450
    }
    assert not long


def test_no_drawer_for_everything():
    names = {path.name for path in ROOT.joinpath("src").rglob("*.py")}
    assert not names & {"utils.py", "helpers.py", "common.py", "misc.py"}
