"""The followers (跟随者): each reads the log from its own remembered position and reacts."""

from collections.abc import Callable
from functools import partial
from importlib import import_module

from django.db import transaction
from django.db.models import Subquery
from django.db.models.functions import Coalesce

from gongheng.followers.attempts import Attempts
from gongheng.trust.evidence.models import Cursor, Entry, Leaf

POLL_SECONDS = 0.2
#: How many positions are looked at in one go when nothing in them concerns the follower.
STRIDE = 1000

Handlers = dict[str, Callable[[Entry], None]]


def run(stop) -> None:
    """Carry every follower of config/wiring.py forward until ``stop`` is set."""
    table: dict[str, Handlers] = import_module("config.wiring").FOLLOWERS
    attempts = Attempts(max(len(table), 1))
    jobs = {name: partial(advance, name, handlers) for name, handlers in table.items()}
    while not stop.is_set():
        if not attempts.run(jobs):
            stop.wait(POLL_SECONDS)
    attempts.close()


def advance(follower: str, handlers: Handlers) -> bool:
    """Handle the next entry that concerns the follower; True when there may be more.

    What the handler writes and the new position commit together, so an entry is handled
    exactly once however often the process dies. Raises whatever the handler raises.
    """
    # Asked several times a second of a log that rests: one statement, no lock.
    read = Coalesce(Subquery(Cursor.objects.filter(follower=follower).values("position")), 0)
    if not Leaf.objects.filter(index__gte=read).exists():
        return False
    with transaction.atomic():
        Cursor.objects.get_or_create(follower=follower)
        cursor = Cursor.objects.select_for_update().get(follower=follower)
        ahead = list(
            Leaf.objects.filter(index__gte=cursor.position).order_by("index").select_related("entry")[:STRIDE]
        )
        if not ahead:
            return False
        concerned = next((leaf for leaf in ahead if leaf.entry.verb in handlers), None)
        if concerned is not None:
            handlers[concerned.entry.verb](concerned.entry)
        cursor.position = (concerned or ahead[-1]).index + 1
        cursor.save()
        return True
