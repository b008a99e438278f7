"""Write docs/lifecycles.md from the tables: ``PYTHONPATH=src:. python -m config.setup.lifecycles`` (生命周期图)."""

import os
from pathlib import Path

import django
from django.apps import apps

from gongheng.kernel.lifecycle import Lifecycle


def lifecycles() -> list[Lifecycle]:
    """List every lifecycle of a model, in the order of the floors and of a tender."""
    from gongheng.trust.evidence.models import Moved

    return [model.lifecycle for model in apps.get_models() if issubclass(model, Moved)]


#: What this module writes; a test fails when it is not current.
PAGE = Path(__file__).resolve().parents[2] / "docs" / "lifecycles.md"


def text() -> str:
    """Return the whole page: a diagram and a table for each lifecycle."""
    from gongheng.kernel.roles import ROLE_NAMES

    parts = ["# Lifecycles\n"]
    command = "PYTHONPATH=src:. python -m config.setup.lifecycles"
    parts.append(f"Generated from the `lifecycle.py` tables by `{command}`; do not edit.\n")
    for one in lifecycles():
        states = dict(one.states.choices)
        parts.append(f"## {one.title} `{one.name}`\n\n```mermaid\n{one.diagram()}\n```\n")
        parts.append("| move | 办理 | from | to | by | held |\n|---|---|---|---|---|---|")
        for move in one.moves:
            source = "、".join(states[state] for state in move.source)
            by = "、".join(ROLE_NAMES[role] for role in move.by)
            held = "stops" if move.stopped_by_holds else "goes on"
            due = " (by itself when due)" if move.due else ""
            parts.append(f"| `{move.name}`{due} | {move.title} | {source} | {states[move.target]} | {by} | {held} |")
        parts.append("")
    return "\n".join(parts)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    PAGE.write_text(text())
