"""Names mean one thing: labels, words of the glossary, migrations, programs (名称与完整性)."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command

from config import commands
from config.processes import supervise
from gongheng.crypto import labels

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| (.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)


def repeated(names) -> list[str]:
    return [name for name, times in Counter(names).items() if times > 1]


def test_labels_are_unique_and_versioned():
    named = [value for name, value in vars(labels).items() if name.isupper() and isinstance(value, str)]
    assert repeated(named) == []
    assert all(re.fullmatch(r"ggzy/[a-z0-9-]+/v\d+", label) for label in named)
    assert set(named) == labels.ALL


@pytest.mark.parametrize("column", [0, 1], ids=["中文", "code name"])
def test_the_glossary_names_each_thing_once(column):
    rows = [row for row in ROW.findall((ROOT / "docs" / "glossary.md").read_text()) if row[0] != "中文"]
    assert len(rows) > 100
    assert repeated(row[column].strip() for row in rows) == []


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_child_process_and_program_exists():
    supervise.check(supervise.CHILDREN)
    modules = [*commands.LOOPS.values(), *(f"{package}.__main__" for package, _ in commands.PROGRAMS.values())]
    for module in [*modules, f"{commands.DEMONSTRATION}.__main__"]:
        assert supervise.exists(module), module
