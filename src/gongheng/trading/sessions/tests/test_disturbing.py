"""Incidents: who reports, who pauses, whose clock decides; a refusal writes nothing."""

from datetime import timedelta

import pytest

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import THE_CLOCK
from gongheng.places.venues.queries import bookings_for
from gongheng.trading.evaluation.actions import reporting, reviewing
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import SealedWork
from gongheng.trading.evaluation.queries import compute_result, evaluation_of, result_digest
from gongheng.trading.evaluation.tests.world import ITEMS, STARTS, World
from gongheng.trading.projects import actions as projects
from gongheng.trading.projects.lifecycle import State as LotState
from gongheng.trading.projects.models import Hold
from gongheng.trading.sessions.actions import disturbing, running
from gongheng.trading.sessions.lifecycle import IncidentState, SessionState
from gongheng.trading.sessions.models import Incident, Session
from gongheng.trust.evidence.models import Entry


def refused(call) -> str:
    tables = (Entry, Session, Incident, Hold, SealedWork)
    before = [table.objects.count() for table in tables]
    with pytest.raises(Refusal) as caught:
        call()
    assert [table.objects.count() for table in tables] == before
    return caught.value.rule


class Scene:
    """The world of the evaluation, run as a session."""

    def __init__(self, world: World):
        self.world, self.lot, self.main, self.sub = world, world.lot, world.who.centre, world.qingdao

    def by(self, actor) -> dict:
        return {"actor": actor, "clock": self.world.clock}

    def start(self) -> Session:
        return running.start_session(self.lot, **self.by(self.main))

    def seated(self):
        """Start the session and bring the committee to its preliminary review."""
        session = self.start()
        world, evaluation = self.world, session.evaluation
        world.opened = lambda: evaluation
        return session, world.reviewing()

    def report(self, actor=None, cause="POWER") -> Incident:
        return disturbing.report_incident(
            self.lot, cause=cause, description="三楼停电，两个席位无法工作", **self.by(actor or self.sub)
        )

    def paused(self, actor=None) -> Incident:
        return disturbing.pause_session(self.report(actor), **self.by(self.main))

    def later(self, **delta) -> None:
        self.world.clock.moment += timedelta(**delta)


@pytest.fixture
def scene(world):
    return Scene(world)


def state(thing) -> str:
    thing.refresh_from_db()
    return thing.state


def test_only_the_main_venue_starts_and_once(scene):
    assert refused(lambda: running.start_session(scene.lot, **scene.by(scene.sub))) == "MAIN-VENUE"
    session = scene.start()
    assert (session.state, session.evaluation.state) == (SessionState.RUNNING, State.CHECK_IN)
    assert refused(scene.start) == "STATE"


def test_any_venue_reports_but_nobody_else(scene):
    scene.start()
    assert refused(lambda: scene.report(scene.world.who.agency)) == "VENUE"
    call = {"cause": "POWER", "description": " "}
    assert refused(lambda: disturbing.report_incident(scene.lot, **call, **scene.by(scene.sub))) == "DESCRIPTION"
    incident = scene.report()
    assert (incident.state, incident.centre.short_name, incident.is_before_start) == ("suspect", "青岛", False)
    assert not scene.lot.is_held()


def test_a_suspicion_that_was_nothing_is_cleared(scene):
    scene.start()
    incident = disturbing.degrade_session(scene.report(), **scene.by(scene.sub))
    assert incident.state == IncidentState.DEGRADED
    assert refused(lambda: disturbing.clear_incident(incident, decision=" ", **scene.by(scene.sub))) == "DECISION"
    disturbing.clear_incident(incident, decision="重启交换机，音视频恢复", **scene.by(scene.sub))
    assert state(incident) == IncidentState.RESUMED


def test_a_pause_stops_every_move_and_a_resumption_lets_them_go_on(scene):
    session, members = scene.seated()
    incident = scene.report()
    assert refused(lambda: disturbing.pause_session(incident, **scene.by(scene.sub))) == "MAIN-VENUE"
    disturbing.pause_session(incident, **scene.by(scene.main))
    assert (state(session), scene.lot.is_held()) == (SessionState.PAUSED, True)
    assert scene.lot.holds.get().kind == Hold.Kind.INCIDENT
    assert incident.limit_at == incident.paused_at + timedelta(minutes=240)

    def mark():
        member = members[0]
        return reviewing.mark(
            member, bid=scene.world.bids[0], item=ITEMS[0], passes=True, reason="", **scene.by(scene.world.of(member))
        )

    assert refused(mark) == "HOLD"
    scene.later(minutes=30)
    call = {"decision": "恢复供电"}
    assert refused(lambda: disturbing.resume_session(incident, **call, **scene.by(scene.sub))) == "MAIN-VENUE"
    disturbing.resume_session(incident, **call, **scene.by(scene.main))
    assert (state(session), state(incident), scene.lot.is_held()) == ("running", "resumed", False)
    assert mark().passes


def test_two_incidents_pause_until_both_are_over(scene):
    session, _ = scene.seated()
    first, second = scene.paused(), scene.report(scene.main, "NETWORK")
    # The session stands already; the second one holds it as well.
    disturbing.pause_session(second, **scene.by(scene.main))
    disturbing.resume_session(first, decision="恢复供电", **scene.by(scene.main))
    assert (state(session), scene.lot.is_held()) == (SessionState.PAUSED, True)
    disturbing.resume_session(second, decision="线路修复", **scene.by(scene.main))
    assert (state(session), scene.lot.is_held()) == (SessionState.RUNNING, False)


def test_after_four_hours_nobody_resumes_and_the_clock_postpones(scene):
    session, _members = scene.seated()
    evaluation = session.evaluation
    incident = scene.paused()
    assert incident.next_due_at == incident.limit_at
    scene.later(minutes=239)
    clock = scene.by(THE_CLOCK)
    assert refused(lambda: disturbing.postpone_overdue(incident, **clock)) == "EARLY"
    scene.later(minutes=1)
    resume = {"decision": "恢复供电"}
    assert refused(lambda: disturbing.resume_session(incident, **resume, **scene.by(scene.main))) == "T35"
    disturbing.postpone_overdue(incident, **clock)
    assert (state(session), state(evaluation), state(incident)) == ("postponed", "dissolved", "postponed")
    assert (state(scene.lot), scene.lot.is_held()) == (LotState.OPENED, False)
    assert SealedWork.objects.get().pid == ""
    assert evaluation_of(scene.lot) is None
    assert not [booking for offer in session.order.offers.all() for booking in bookings_for(offer.pk)]
    assert refused(scene.start) == "MAIN-VENUE"


def test_before_the_start_the_tenderer_decides_after_two_hours(scene):
    incident = scene.paused()
    assert incident.is_before_start
    assert incident.limit_at == STARTS + timedelta(minutes=120)
    assert incident.next_due_at is None
    assert refused(scene.start) == "HOLD"
    call = {"decision": "副场停电，改期"}
    postpone = disturbing.postpone_session
    assert refused(lambda: postpone(incident, **call, **scene.by(scene.main))) == "DECISION"
    assert refused(lambda: postpone(incident, **call, **scene.by(scene.world.who.tenderer))) == "WAIT"
    scene.world.clock.moment = incident.limit_at
    assert refused(lambda: postpone(incident, **call, **scene.by(scene.world.who.supervisor))) in ("PARTY", "ROLE")
    postpone(incident, **call, **scene.by(scene.world.who.tenderer))
    session = incident.session
    assert (state(session), state(scene.lot)) == (SessionState.POSTPONED, LotState.OPENED)
    assert not scene.lot.is_held()


def test_before_the_start_a_repair_lets_the_main_venue_start(scene):
    incident = scene.paused()
    scene.later(hours=3)
    disturbing.resume_session(incident, decision="供电恢复", **scene.by(scene.main))
    assert scene.start().state == SessionState.RUNNING


def test_an_abortion_is_the_supervisors_and_leaves_the_lot_held(scene):
    session, _ = scene.seated()
    incident, other = scene.report(), scene.report(scene.main, "DEVICE")
    abort = {"decision": "发现人为切断电源，责令中止"}
    assert refused(lambda: disturbing.abort_session(incident, **abort, **scene.by(scene.main))) == "PARTY"
    disturbing.abort_session(incident, **abort, **scene.by(scene.world.who.supervisor))
    assert (state(session), state(session.evaluation), state(other)) == ("aborted", "dissolved", "lapsed")
    assert scene.lot.is_held()
    hold = scene.lot.holds.get(released_at=None)
    projects.release_hold(hold, release_note="调查完毕", **scene.by(scene.world.who.supervisor))
    assert not scene.lot.is_held()


def test_time_for_signing_stands_still_while_paused(scene):
    session = scene.start()
    world = scene.world
    world.opened = lambda: session.evaluation
    members = world.scored()
    leader = members[0]
    evaluation = leader.evaluation
    evaluation.result = compute_result(evaluation)
    reporting.make_report(
        leader, opinion="", result=result_digest(evaluation), **scene.by(world.of(leader))
    )
    due = evaluation_of(scene.lot).next_due_at
    incident = scene.paused()
    scene.later(minutes=90)
    disturbing.resume_session(incident, decision="恢复", **scene.by(scene.main))
    evaluation = evaluation_of(scene.lot)
    assert evaluation.next_due_at == evaluation.sign_by == due + timedelta(minutes=90)


def test_a_session_ends_only_with_its_evaluation(scene):
    session, _ = scene.seated()
    assert refused(lambda: running.end_session(session, **scene.by(scene.main))) == "STATE"
    assert refused(lambda: running.end_session(session, **scene.by(scene.sub))) == "MAIN-VENUE"


def test_beginning_belongs_to_the_main_venue(scene):
    session = scene.start()
    assert refused(lambda: running.begin_evaluation(session, **scene.by(scene.sub))) == "MAIN-VENUE"
    assert refused(lambda: running.begin_evaluation(session, **scene.by(scene.main))) == "COMMITTEE"
