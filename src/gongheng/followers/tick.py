"""The legal clock's hand (法定时钟): makes every move that falls due by itself, once it is due."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from importlib import import_module

from django.conf import settings
from django.db import connection

from gongheng.followers.attempts import Attempts
from gongheng.kernel.clock import Clock
from gongheng.kernel.roles import THE_CLOCK
from gongheng.trust.evidence.models import Moved

POLL_SECONDS = 0.2

#: move -> the action that makes it; called as action(thing, actor=…, clock=…)
Moves = dict[str, Callable]


def run(stop) -> None:
    """Make due moves of config/wiring.py until ``stop`` is set."""
    table: dict[str, tuple[type[Moved], Moves]] = import_module("config.wiring").DUE
    attempts = Attempts(1)
    searches = {
        name: partial(make_due, model, moves, attempts, settings.CLOCK) for name, (model, moves) in table.items()
    }
    models = [model for model, _ in table.values()]
    look, search = Attempts(1), Attempts(1)
    while not stop.is_set():
        if look.run({"look": partial(is_any_due, models, settings.CLOCK)}):
            search.run(searches)
        stop.wait(POLL_SECONDS)
    for one in (look, search, attempts):
        one.close()


def is_any_due(models: list[type[Moved]], clock: Clock) -> bool:
    """Say whether any kind of thing has a move due: asked several times a second, and mostly in vain."""
    tables = (connection.ops.quote_name(model._meta.db_table) for model in models)
    looks = " OR ".join(f"EXISTS (SELECT FROM {table} WHERE next_due_at <= %(now)s)" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {looks}", {"now": clock.now()})
        return cursor.fetchone()[0]


def make_due(model: type[Moved], moves: Moves, attempts: Attempts, clock: Clock) -> bool:
    """Call the action of each due move of one kind of thing; True when one was made.

    The action locks and checks again, so a move that somebody else just made is refused, not
    made twice. A refused or failed one is tried again a second later.
    """
    now = clock.now()
    due = model.objects.filter(next_due_at__lte=now).order_by("next_due_at", "pk")
    jobs = {
        (model.lifecycle.verb(move), thing.pk): partial(_make, moves[move], thing, clock)
        for thing in due
        if (move := due_move(thing, now)) in moves
    }
    return attempts.run(jobs)


def due_move(thing: Moved, now: datetime) -> str | None:
    """Return the name of the move of ``thing`` that is due, the earliest first; None when there is none."""
    moments = [
        (moment, move.name)
        for move in thing.lifecycle.moves
        if move.due and thing.state in move.source and (moment := move.due(thing)) is not None and moment <= now
    ]
    return min(moments)[1] if moments else None


def _make(action: Callable, thing: Moved, clock: Clock) -> bool:
    action(thing, actor=THE_CLOCK, clock=clock)
    return True
