"""The states of the trade are what the log tells; a state that was edited in the database stands out."""

import pytest

from gongheng.kernel.roles import Actor, Role
from gongheng.people.parties.lifecycle import State
from gongheng.people.parties.models import Organisation
from gongheng.trust.evidence.checking import replay
from gongheng.trust.evidence.moving import moving, starting

pytestmark = pytest.mark.django_db
CENTRE = Actor("p-centre", Role.CENTRE)


@pytest.fixture
def organisation(clock) -> Organisation:
    made = Organisation(
        uscc="91370000000000000X", name="某公司", region="370100", roles=["bidder"],
        legal_representative="某人", registered_at=clock.now(),
    )
    with starting(made, actor=CENTRE, clock=clock, verb="register"):
        pass
    return made


def found() -> list[str]:
    return [problem for problem in replay() if problem.startswith("organisation:")]


def test_states_reached_through_moves_agree(organisation, clock):
    assert found() == []
    with moving(organisation, "accept", actor=CENTRE, clock=clock):
        pass
    assert found() == []


def test_a_state_edited_in_the_database_is_found(organisation):
    accepted = organisation.lifecycle.by_name["accept"].target
    Organisation.objects.filter(pk=organisation.pk).update(state=accepted)
    (problem,) = found()
    assert accepted in problem
    assert State.SUBMITTED in problem


def test_a_thing_that_the_log_does_not_know_is_found(organisation):
    Organisation.objects.create(
        uscc="91370000000000001X", name="另一公司", region="370100", roles=["bidder"],
        legal_representative="某人", registered_at=organisation.registered_at, state=State.SUBMITTED,
    )
    (problem,) = found()
    assert "没有任何存证记录" in problem
