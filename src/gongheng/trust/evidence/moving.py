"""The three doors through which anything happens: ``moving``, ``starting`` and ``note`` (动作入口)."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models, transaction

from gongheng.kernel.clock import Clock
from gongheng.kernel.roles import Actor
from gongheng.trust.evidence.models import Entry, Moved
from gongheng.trust.evidence.recording import record


@dataclass
class Step:
    """What the body of a ``with`` gets: the moment of the act, and the facts to be proved."""

    now: datetime
    facts: dict = field(default_factory=dict)
    entry: Entry | None = None


@contextmanager
def moving(thing: Moved, move: str, *, actor: Actor, clock: Clock, **facts) -> Iterator[Step]:
    """Make one move of a lifecycle: lock, then read the time, check, run the body, save, prove.

    The time is read after the lock is held: a time read before it lets a late act in
    (security.md 4.0.4). Row and entry commit together. Raises Refusal when a hold, the state,
    the role or the guard forbids the move; then nothing is written.
    """
    with transaction.atomic():
        lot = _locked_lot(thing)
        if lot is not thing:
            _lock(thing)
        now = clock.now()
        refusal = thing.lifecycle.refusal(
            thing, move, actor.role, now, is_held=bool(lot is not None and lot.is_held())
        )
        if refusal:
            raise refusal
        step = Step(now, dict(facts))
        yield step
        thing.state = thing.lifecycle.by_name[move].target
        _finish(thing, thing.lifecycle.verb(move), step, actor)


@contextmanager
def starting(thing: Moved, *, actor: Actor, clock: Clock, verb: str = "start", **facts) -> Iterator[Step]:
    """Bring a thing into being in its lifecycle's initial state, with its first entry."""
    with transaction.atomic():
        _locked_lot(thing)
        step = Step(clock.now(), dict(facts))
        thing.state = thing.lifecycle.initial
        yield step
        _finish(thing, thing.lifecycle.verb(verb), step, actor)


@contextmanager
def note(
    verb: str, subject: models.Model | str, *, lot=None, actor: Actor, clock: Clock, **facts
) -> Iterator[Step]:
    """Do or read something worth proving that changes no state; ``lot`` is locked when given."""
    with transaction.atomic():
        if lot is not None:
            _lock(lot)
        step = Step(clock.now(), dict(facts))
        yield step
        step.entry = record(
            verb, subject_of(subject), lot=lot.pk if lot is not None else None, actor=actor, at=step.now,
            facts=step.facts,
        )


def _finish(thing: Moved, verb: str, step: Step, actor: Actor) -> None:
    lot = thing.lot_in_question()
    # The entry comes first so that the row can name it; both stand or fall with the transaction.
    step.entry = record(
        verb, subject_of(thing), lot=lot.pk if lot is not None else None, actor=actor, at=step.now,
        facts=step.facts,
    )
    thing.last_entry = step.entry
    thing.next_due_at = thing.lifecycle.next_due_at(thing)
    thing.save()


def _locked_lot(thing: Moved):
    """Lock from the lot downward, so that two acts in one tender can never deadlock."""
    lot = thing.lot_in_question()
    if lot is not None:
        _lock(lot)
    return lot


def _lock(thing: models.Model) -> None:
    """Lock the row and read it afresh into ``thing``; what the caller held may be stale."""
    if thing._state.adding:
        return
    fresh = type(thing)._base_manager.select_for_update(no_key=True).get(pk=thing.pk)
    for column in thing._meta.concrete_fields:
        setattr(thing, column.attname, getattr(fresh, column.attname))


def subject_of(thing: models.Model | str) -> str:
    """Return how entries name a thing: ``<lifecycle or model>:<primary key>``; text names itself."""
    if isinstance(thing, str):
        return thing
    name = thing.lifecycle.name if isinstance(thing, Moved) else thing._meta.model_name
    return f"{name}:{thing.pk if not isinstance(thing.pk, uuid.UUID) else str(thing.pk)}"
