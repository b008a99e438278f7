"""Figures about draws for supervisors (抽取统计): redraws, refusals, calls in vain, per operator and expert."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from gongheng.kernel.roles import Actor
from gongheng.trading.draws import queries
from gongheng.trading.draws.lifecycle import DrawState, PickState
from gongheng.trading.draws.models import Call, Draw, Pick

#: States of a pick that had an invitation.
ASKED = (
    PickState.INVITED, PickState.ACCEPTED, PickState.REFUSED, PickState.EXPIRED, PickState.AVOIDED, PickState.LOST,
)
#: Calls that reached nobody; "unreachable" must not be a way to skip whom one does not want (T28).
UNREACHED = ("no_answer", "busy", "off")


def by_operator(actor: Actor) -> list[dict]:
    """Return per ordering organisation: attempts, redraws, ended ones, what experts answered, calls in vain."""
    draws = list(queries.visible_to(actor))
    names = {draw.pk: draw.order["parties"][-1]["name"] for draw in draws}
    rows = {name: Counter() for name in names.values()}
    for draw in draws:
        row = rows[names[draw.pk]]
        row["draws"] += 1
        row["redraws"] += draw.attempt > 1
        row["urgent"] += draw.kind == Draw.Kind.URGENT
        row[draw.state] += draw.state in queries.OVER
    for draw, state in Pick.objects.filter(draw__in=names, state__in=ASKED).order_by().values_list("draw", "state"):
        rows[names[draw]].update(("asked", state))
    for draw, outcome in _calls(names).values_list("pick__draw", "outcome"):
        rows[names[draw]].update(["calls", *(["unreached"] if outcome in UNREACHED else [])])
    return [
        {
            "name": name, "draws": row["draws"], "redraws": row["redraws"], "urgent": row["urgent"],
            "aborted": row[DrawState.ABORTED], "void": row[DrawState.VOID], "asked": row["asked"],
            "accepted": row[PickState.ACCEPTED], "refused": row[PickState.REFUSED], "expired": row[PickState.EXPIRED],
            "avoided": row[PickState.AVOIDED], "lost": row[PickState.LOST], "calls": row["calls"],
            "unreached": row["unreached"], "redraw_rate": _share(row["redraws"], row["draws"]),
            "refusal_rate": _share(row[PickState.REFUSED] + row[PickState.EXPIRED], row["asked"]),
            "unreached_rate": _share(row["unreached"], row["calls"]),
        }
        for name, row in sorted(rows.items())
    ]


def by_expert(actor: Actor, now: datetime, *, most: int = 50) -> list[dict]:
    """Return the experts who most often did not come, by their code; only of sessions that are over.

    A running committee stays secret: whoever could count its answers would know who sits in it.
    """
    over = queries.visible_to(actor).filter(venue_order__ends_at__lt=now).values("pk")
    rows: dict[str, Counter] = {}
    for expert, state in Pick.objects.filter(draw__in=over, state__in=ASKED).order_by().values_list("expert", "state"):
        if expert is not None:
            row = rows.setdefault(expert, Counter())
            row["asked"] += 1
            row[state] += 1
    for expert, outcome in _calls(over).values_list("pick__expert", "outcome"):
        if expert in rows and outcome in UNREACHED:
            rows[expert]["unreached"] += 1
    found = [
        {
            "expert": expert, "asked": row["asked"], "accepted": row[PickState.ACCEPTED],
            "refused": row[PickState.REFUSED], "expired": row[PickState.EXPIRED], "avoided": row[PickState.AVOIDED],
            "lost": row[PickState.LOST], "unreached": row["unreached"],
        }
        for expert, row in rows.items()
    ]
    return sorted(found, key=lambda one: (-(one["refused"] + one["expired"]), one["expert"]))[:most]


def _calls(draws: Iterable):
    return Call.objects.filter(pick__draw__in=draws).exclude(outcome="").order_by()


def _share(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)}%" if whole else "—"
