"""What is typed is kept keystroke by keystroke, and no two windows ever end up with different sheets."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.kernel.refusal import Refusal
from gongheng.trading.evaluation import drafting as rules
from gongheng.trading.evaluation.actions import drafting
from gongheng.trading.evaluation.drafting import Change, Kept, Verdict
from gongheng.trading.evaluation.models import Draft, Mark, Presence, Score
from gongheng.trading.evaluation.tests.world import ITEMS, refused
from gongheng.trading.projects import actions as projects
from gongheng.trust.evidence.models import Entry

ONE, OTHER = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))


# ------------------------------------------------------------------ the rule, without a database

@pytest.mark.parametrize(
    ("kept", "change", "verdict"),
    [
        (None, Change("F1", 0, 1, "2"), Verdict.ACCEPTED),
        (Kept(3, ONE, "25"), Change("F1", 0, 4, "26"), Verdict.ACCEPTED),  # the same window, its answer was lost
        (Kept(3, ONE, "25"), Change("F1", 2, 3, "25"), Verdict.KNOWN),  # sent again
        (Kept(3, ONE, "25"), Change("F1", 1, 2, "2"), Verdict.STALE),  # came late
        (Kept(3, OTHER, "25"), Change("F1", 3, 4, "26"), Verdict.ACCEPTED),  # built on what the other wrote
        (Kept(3, OTHER, "25"), Change("F1", 2, 9, "26"), Verdict.STALE),  # never saw what the other wrote
        (Kept(3, OTHER, "25"), Change("F1", 2, 3, "25"), Verdict.STALE),
    ],
)
def test_what_counts(kept, change, verdict):
    assert rules.verdict(kept, change, ONE) is verdict


@dataclass
class Window:
    """A browser window as the island behaves: it keeps what it typed until the server has answered."""

    name: str
    revision: int = 0
    base: int = 0
    text: str = ""
    pending: Change | None = None
    in_flight: list[Change] = field(default_factory=list)

    def type(self, text: str) -> None:
        self.revision += 1
        self.text = text
        self.pending = Change("F1", self.base, self.revision, text)

    def hear(self, kept: Kept | None) -> None:
        if kept is None:
            return
        if kept.window == self.name:
            self.base = max(self.base, kept.revision)
            if self.pending and self.pending.revision <= kept.revision:
                self.pending = None
        elif kept.revision > self.base or self.pending is None:
            # Another window was first: what the server has is taken over.
            self.pending, self.text = None, kept.text
            self.base = self.revision = kept.revision


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["type", "send", "deliver", "lose", "redeliver"]), st.integers(0, 1),
        st.text("0123", min_size=1, max_size=3),
    ),
    max_size=40,
)


@given(STEPS)
def test_two_windows_never_diverge_whatever_the_network_does(steps):
    windows, kept, old = [Window(ONE), Window(OTHER)], None, []

    def deliver(window, change, *, answers):
        nonlocal kept
        if rules.verdict(kept, change, window.name) is Verdict.ACCEPTED:
            kept = Kept(change.revision, window.name, change.text)
        if answers:
            window.hear(kept)

    for step, number, text in steps:
        window = windows[number]
        if step == "type":
            window.type(text)
        elif step == "send" and window.pending:
            window.in_flight.append(window.pending)
        elif window.in_flight:
            change = window.in_flight.pop(0)
            old.append((window, change))
            if step != "lose":
                deliver(window, change, answers=step == "deliver")
        if step == "redeliver" and old:
            deliver(*old[0], answers=False)
    for _ in range(3):  # the link heals: heartbeats carry what is pending, answers bring what stands
        for window in windows:
            if window.pending:
                deliver(window, window.pending, answers=True)
            else:
                window.hear(kept)
    assert all(window.pending is None for window in windows)
    assert {window.text for window in windows} == {kept.text if kept else ""}


@given(STEPS)
def test_a_single_window_loses_nothing(steps):
    window, kept, last = Window(ONE), None, ""
    for step, _, text in steps:
        if step == "type":
            window.type(text)
            last = text
        elif window.pending and step in ("deliver", "lose", "redeliver"):
            change = window.pending
            if step != "lose" and rules.verdict(kept, change, ONE) is Verdict.ACCEPTED:
                kept = Kept(change.revision, ONE, change.text)
            if step == "deliver":
                window.hear(kept)
    if window.pending and rules.verdict(kept, window.pending, ONE) is Verdict.ACCEPTED:
        kept = Kept(window.pending.revision, ONE, window.pending.text)
    assert (kept.text if kept else "") == last


@pytest.mark.parametrize("rows", [{}, [1], [{"field": "F1"}], [{"field": "F1", "base": 2, "revision": 2, "text": ""}],
                                  [{"field": "F1", "base": 0, "revision": True, "text": ""}],
                                  [{"field": "F1", "base": 0, "revision": 1, "text": "x" * 501}]])
def test_malformed_changes_are_refused(rows):
    with pytest.raises(Refusal) as caught:
        rules.changes_of(rows)
    assert caught.value.rule == "DRAFT"


# ------------------------------------------------------------------ kept in the database

def keep(world, member, form, *changes, window=ONE):
    return drafting.keep_drafts(
        member, form=form, window=window, changes=changes, actor=world.of(member), clock=world.clock
    )


def test_every_keystroke_is_put_to_work_and_a_bad_figure_leaves_the_cell_empty(world):
    member = world.reviewed()[0]
    alias = member.aliases.get(label="甲")
    form = f"scores-{alias.pk}"
    assert keep(world, member, form, Change("F1", 0, 1, "2"), Change("comment", 0, 1, "可行")) == {}
    assert keep(world, member, form, Change("F1", 1, 2, "25")) == {}
    assert Score.objects.get(alias=alias, factor="F1").points == Decimal(25)
    assert "F1" in keep(world, member, form, Change("F1", 2, 3, "255"))
    assert not Score.objects.filter(alias=alias, factor="F1").exists()
    assert Draft.objects.get(field="F1").text == "255"
    assert keep(world, member, form, Change("F1", 0, 9, "30"), window=OTHER) == {}
    assert Draft.objects.get(field="F1").text == "255"


def test_a_failing_mark_counts_only_with_its_reason(world):
    member = world.reviewing()[0]
    form, item = f"marks-{world.bids[0].pk}", ITEMS[0]
    assert keep(world, member, form, Change(item, 0, 1, "pass")) == {}
    assert item in keep(world, member, form, Change(item, 1, 2, "fail"))
    assert not Mark.objects.exists()
    assert keep(world, member, form, Change(f"{item}-reason", 0, 1, "盖章缺失")) == {}
    assert Mark.objects.get().reason == "盖章缺失"


def test_nothing_is_taken_where_nothing_may_be_written(world):
    members = world.reviewed()
    member, other = members[:2]
    form = f"scores-{member.aliases.get(label='甲').pk}"
    change = Change("F1", 0, 1, "20")
    assert refused(lambda: keep(world, other, form, change)) == "DRAFT"
    assert refused(lambda: keep(world, member, f"marks-{world.bids[0].pk}", change)) == "STATE"
    assert refused(lambda: keep(world, member, "other-1", change)) == "DRAFT"
    assert refused(lambda: keep(world, member, form, Change("F9", 0, 1, "20"))) == "DRAFT"
    hold = projects.place_hold(
        world.lot, kind="incident", reason="停电", clocks=[], actor=world.who.centre, clock=world.clock
    )
    assert refused(lambda: keep(world, member, form, change)) == "HOLD"
    projects.release_hold(hold, release_note="恢复供电", actor=world.who.centre, clock=world.clock)
    assert keep(world, member, form, change) == {}


def test_a_silent_seat_that_comes_back_leaves_an_entry(world):
    member = world.reviewing()[0]

    def pulse():
        drafting.feel_pulse(member, actor=world.of(member), clock=world.clock)

    pulse()
    world.clock.moment += timedelta(seconds=9)
    pulse()
    assert not Entry.objects.filter(verb="evaluation.link_restored").exists()
    world.clock.moment += timedelta(seconds=31)
    pulse()
    entry = Entry.objects.get(verb="evaluation.link_restored")
    assert b'"seconds":31' in bytes(entry.body)
    assert Presence.objects.get(member=member).seen_at == world.clock.now()
