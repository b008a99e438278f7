"""四加一 shows time before the lock and scores only after it, to the supervising department alone."""

from datetime import timedelta

import pytest

from gongheng.followers.analytics import actions, live, marks, papers
from gongheng.followers.analytics.models import Run
from gongheng.kernel.roles import Role
from gongheng.screening import reading_time
from gongheng.trading.award.tests.building import visitor
from gongheng.trading.bids.models import Bid
from gongheng.trading.evaluation.models import PageLog
from gongheng.trading.evaluation.tests.world import opened_world
from gongheng.trading.projects.tests.building import actor, of, organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(clock, authority):
    return opened_world(clock, authority)


def _read(member, labels, clock) -> None:
    """Let two pages of each file have lain open for twelve seconds, from before the marks on."""
    for label in labels:
        PageLog.objects.create(
            member=member, form=f"scores-{member.aliases.get(label=label).pk}", seconds='{"1-1": 7, "1-2": 5}',
            first_at=clock.now() - timedelta(hours=9), last_at=clock.now(),
        )


def test_before_the_lock_there_is_only_time(world, clock):
    members = world.reviewed()
    evaluation = members[0].evaluation
    clock.advance_to(clock.now() + timedelta(minutes=7))
    rows = live.paces(evaluation, clock.now())
    assert [(row.label, row.seconds, row.is_locked, row.between) for row in rows] == [
        (f"评委{number}", 420, False, []) for number in range(1, 6)
    ]
    assert live.standings(evaluation) is None
    assert live.residuals(evaluation) is None
    assert live.richness_rows(evaluation) == []


def test_after_the_lock_everything_is_there(world, clock, authority, monkeypatch, settings):
    settings.CLOCK = clock
    record = actions.record_opening(world.lot)
    monkeypatch.setattr(papers, "_text", lambda digest: "施工方案与进度网络图各一章。" + digest * 3)
    actions.screen([record], moment=Run.Moment.OPENING, clock=clock)
    members = world.scored({0: "29", 1: "20", 2: "20", 3: "20"}, m1="12")
    evaluation = members[0].evaluation
    evaluation.refresh_from_db()
    judges, bidders, lines = live.standings(evaluation)
    assert (len(judges), len(bidders)) == (5, 4)
    assert lines[0] == [22.0] * 4
    _, _, left = live.residuals(evaluation)
    # What the severe first member takes from everybody alike is gone; what he takes from the best is left.
    assert left[0][0] == min(value for line in left for value in line)
    assert sum(map(sum, left)) == pytest.approx(0)
    hasty = live.paces(evaluation, clock.now())
    assert all(row.is_locked and len(row.between) == 4 for row in hasty)
    assert {row["name"] for row in live.richness_rows(evaluation)} <= set(bidders)
    _read(members[0], ("甲", "乙", "丙"), clock)
    paces = live.paces(evaluation, clock.now())
    assert [(row.read, row.turned) for row in paces[:2]] == [(36, 6), (None, 0)]
    # Whose window reported nothing is not asked; who reported, but never opened a file that he marked, is.
    readings = marks.readings_of(evaluation)
    assert len(readings) == 4
    said = reading_time.findings(readings, pace=None)
    unopened = Bid.objects.get(pk=members[0].aliases.get(label="丁").bid_sealed)
    assert [one.parties for one in said.findings] == [tuple(sorted((str(members[0].expert_id), unopened.uscc)))]

    desk = visitor(authority, world.who.supervisor, clock)
    assert evaluation.lot.full_name in desk.text("/screening/live/")
    page = desk.text(f"/screening/live/{evaluation.pk}/")
    for words in ("评标用时", "投标人得分差", "尚未说明", "评委1", "只用于要求评委说明理由"):
        assert words in page
    other = visitor(authority, actor(Role.SUPERVISOR, organisation(Role.SUPERVISOR, 63000040, "别的局")), clock)
    assert other.status(f"/screening/live/{evaluation.pk}/") == 404
    assert of(world.who.supervisor).name not in other.text("/screening/live/")
