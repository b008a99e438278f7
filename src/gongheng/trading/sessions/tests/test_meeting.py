"""The room of a session: its closed list, opened with the committee, closed with the session."""

from datetime import timedelta

from gongheng.places.meetings.models import Meeting, Participant
from gongheng.places.meetings.queries import meeting_for
from gongheng.trading.draws.models import Pick
from gongheng.trading.evaluation.actions import sitting
from gongheng.trading.evaluation.actions.reforming import replace_member
from gongheng.trading.sessions.actions import disturbing, running


def begun(world):
    session = running.start_session(world.lot, actor=world.who.centre, clock=world.clock)
    for expert in world.experts:
        seat(world, session, expert)
    return running.begin_evaluation(session, actor=world.who.centre, clock=world.clock)


def seat(world, session, expert) -> None:
    member = world.check_in(session.evaluation, expert)
    sitting.promise(member, actor=world.of(member), clock=world.clock)


def test_the_room_opens_with_the_committee_and_knows_experts_by_number(world):
    session = begun(world)
    meeting = meeting_for(session.room)
    experts = Participant.objects.filter(meeting=meeting, part="expert").order_by("order")
    assert [one.label for one in experts] == [f"评委{number}" for number in range(1, 6)]
    assert {one.person for one in experts} == {str(expert.person_id) for expert in world.experts}
    on_the_table = meeting.documents.select_related("document").get()
    assert (on_the_table.document.kind, on_the_table.document.lot) == ("tender_document", world.lot.pk)
    assert on_the_table.pages > 0
    told = bytes(meeting.last_entry.body)
    assert not any(str(expert.person_id).encode() in told for expert in world.experts)


def test_another_committee_gets_another_room(world):
    session = begun(world)
    first = meeting_for(session.room)
    lost = session.evaluation.members.get(number=4)
    replace_member(
        lost, cause="HEALTH", reason="突发疾病", actor=world.who.centre, clock=world.clock
    )
    Pick.objects.filter(draw=world.draw, state="invited").update(state="accepted")
    session.refresh_from_db()
    seat(world, session, world.spare)
    running.begin_evaluation(session, actor=world.who.centre, clock=world.clock)
    first.refresh_from_db()
    second = meeting_for(session.room)
    assert first.closed_at is not None
    assert str(lost.expert.person_id) not in set(second.participants.values_list("person", flat=True))
    assert str(world.spare.person_id) in set(second.participants.values_list("person", flat=True))


def test_a_postponed_session_closes_its_room(world):
    session = begun(world)
    incident = disturbing.report_incident(
        world.lot, cause="POWER", description="停电", actor=world.qingdao, clock=world.clock
    )
    disturbing.pause_session(incident, actor=world.who.centre, clock=world.clock)
    world.clock.moment += timedelta(hours=1)
    disturbing.postpone_session(incident, decision="短时不能恢复", actor=world.who.centre, clock=world.clock)
    assert Meeting.objects.get(reference=session.room).closed_at is not None
