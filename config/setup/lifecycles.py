"""Write docs/lifecycles.md from the tables: ``python -m config.setup.lifecycles`` (生命周期图)."""

from pathlib import Path

import django


def text() -> str:
    """Return the whole page: a diagram and a table for each lifecycle."""
    from gongheng.kernel.roles import ROLE_NAMES
    from gongheng.people.parties.lifecycle import ORGANISATION
    from gongheng.trading.contracts.lifecycle import CONTRACT
    from gongheng.trading.coordination.lifecycle import OFFER, ORDER
    from gongheng.trading.draws.lifecycle import DRAW
    from gongheng.trading.evaluation.lifecycle import EVALUATION
    from gongheng.trading.opening.lifecycle import OPENING
    from gongheng.trading.projects.lifecycle import LOT

    parts = ["# Lifecycles\n\nGenerated from the `lifecycle.py` tables by `python -m config.setup.lifecycles`; do not edit.\n"]
    for one in (ORGANISATION, LOT, ORDER, OFFER, DRAW, OPENING, EVALUATION, CONTRACT):
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
    django.setup()
    (Path(__file__).resolve().parents[2] / "docs" / "lifecycles.md").write_text(text())
