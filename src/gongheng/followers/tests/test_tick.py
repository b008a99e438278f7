"""The clock's hand makes what is due, leaves what is not, and is not stopped by a refusal."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import models

from config.wiring import DUE
from gongheng.followers import tick
from gongheng.followers.analytics.lifecycle import NightState
from gongheng.followers.analytics.models import Night
from gongheng.followers.attempts import Attempts
from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import THE_CLOCK, Role


class State(models.TextChoices):
    OPEN = "open", "开放"
    SHUT = "shut", "关闭"


GATE = Lifecycle(
    "gate",
    "门",
    State,
    (
        Move("warn", "提醒", (State.OPEN,), State.OPEN, (Role.CLOCK,), due=lambda gate: gate.warns_at),
        Move("shut", "关闭", (State.OPEN,), State.SHUT, (Role.CLOCK,), due=lambda gate: gate.shuts_at),
    ),
    State.OPEN,
)


@dataclass
class Gate:
    """A thing with due moves, without a table of its own."""

    pk: int
    shuts_at: datetime | None
    warns_at: datetime | None = None
    state: str = State.OPEN
    lifecycle = GATE


class Gates:
    """What tick asks of a model: rows whose stored due moment has come."""

    lifecycle = GATE

    def __init__(self, *gates):
        self.gates, self.objects = gates, self

    def filter(self, next_due_at__lte):
        self.before = next_due_at__lte
        return self

    def order_by(self, *columns):
        return [gate for gate in self.gates if (due := GATE.next_due_at(gate)) and due <= self.before]


@pytest.fixture
def attempts():
    made = Attempts(1)
    yield made
    made.close()


@pytest.fixture
def shut():
    calls = []

    def action(gate, *, actor, clock):
        calls.append((gate.pk, actor))
        if gate.pk < 0:
            raise Refusal("HOLD", "本标段存在未解除的暂停事项。")
        gate.state = State.SHUT

    action.calls = calls
    return action


def test_only_what_is_due_is_made_and_only_once(clock, attempts, shut):
    now = clock.now()
    gates = Gates(Gate(1, now), Gate(2, now + timedelta(milliseconds=1)), Gate(3, None))
    assert tick.make_due(gates, {"shut": shut}, attempts, clock)
    assert not tick.make_due(gates, {"shut": shut}, attempts, clock)
    assert shut.calls == [(1, THE_CLOCK)]
    clock.moment += timedelta(seconds=1)
    assert tick.make_due(gates, {"shut": shut}, attempts, clock)
    assert shut.calls[-1] == (2, THE_CLOCK)


def test_a_refusal_rests_and_stops_nobody_else(clock, attempts, shut):
    gates = Gates(Gate(-1, clock.now()), Gate(1, clock.now()))
    assert tick.make_due(gates, {"shut": shut}, attempts, clock)
    assert not tick.make_due(gates, {"shut": shut}, attempts, clock)
    assert [pk for pk, _ in shut.calls] == [-1, 1]


def test_the_earliest_due_move_comes_first(clock):
    now = clock.now()
    gate = Gate(1, shuts_at=now, warns_at=now - timedelta(seconds=5))
    assert tick.due_move(gate, now) == "warn"
    assert tick.due_move(gate, now - timedelta(seconds=6)) is None
    gate.state = State.SHUT
    assert tick.due_move(gate, now) is None


def test_a_move_without_an_action_is_left_alone(clock, attempts):
    assert not tick.make_due(Gates(Gate(1, clock.now())), {}, attempts, clock)


@pytest.mark.django_db
def test_one_look_sees_whatever_is_due_of_any_kind(clock):
    kinds = [model for model, _ in DUE.values()]
    assert not tick.is_any_due(kinds, clock)
    Night.objects.create(state=NightState.PLANNED, runs_at=clock.now(), next_due_at=clock.now() + timedelta(seconds=1))
    assert not tick.is_any_due(kinds, clock)
    clock.moment += timedelta(seconds=1)
    assert tick.is_any_due(kinds, clock)
