"""The walls of the house: imports, sizes of files, and who may write (架构约束)."""

import ast
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "gongheng"
PYTHON = [path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts and "tests" not in path.parts]

#: Managers' and instances' writing methods; calling one is writing.
WRITES = {
    "create", "bulk_create", "get_or_create", "update_or_create", "bulk_update", "select_for_update",
}
#: Writers beside actions: the log's own machinery, nonces and sessions (which name nobody), and the
#: opening of containers, which belongs to ``bids`` and is called by the opening.
WRITERS = {"actions", "evidence", "nonces", "sessions", "acts", "opened", "runner", "receipts"}


def test_import_walls_hold(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT / "src"))
    assert lint_imports(cache_dir=None) == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_only_actions_write(path):
    if {path.stem, *path.relative_to(SOURCE).parts} & WRITERS:
        return
    calls = [
        f"{path.name}:{node.lineno} .{node.func.attr}()"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES
    ]
    assert not calls, f"only actions.py writes: {calls}"


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
