"""Coming together: who may open, sit down, step aside, begin and lead."""

from datetime import timedelta

from gongheng.trading.draws.lifecycle import DrawState
from gongheng.trading.draws.models import Pick
from gongheng.trading.evaluation.actions import sitting
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Evaluation
from gongheng.trading.evaluation.tests.world import STARTS, refused
from gongheng.trading.projects.lifecycle import State as LotState
from gongheng.trust.evidence.models import Entry


def test_only_the_main_venue_opens_and_not_before_its_doors_do(world):
    sub = {"actor": world.qingdao, "clock": world.clock}
    assert refused(lambda: sitting.open_evaluation(world.lot, **sub)) == "MAIN-VENUE"
    world.clock.moment = STARTS - timedelta(minutes=31)
    assert refused(world.opened) == "WINDOW"
    world.clock.moment = STARTS - timedelta(minutes=30)
    assert world.opened().state == State.CHECK_IN
    world.lot.refresh_from_db()
    assert world.lot.state == LotState.EVALUATING
    assert refused(world.opened) == "STATE"


def test_an_expert_sits_down_once_at_a_seat_of_his_own_venue(world):
    evaluation = world.opened()
    first, second, *_, elsewhere = world.experts

    def sit(expert, code):
        return sitting.check_in(
            evaluation, expert, seat_code=code, actor=world.as_expert(expert), clock=world.clock
        )

    assert refused(lambda: sit(first, "123456")) == "IDENTITY"
    code, others = (world.code_of(world.arrive(evaluation, one)) for one in (first, elsewhere))
    assert refused(lambda: sit(first, others)) == "SEAT"
    assert refused(lambda: sit(first, "")) == "SEAT"
    assert refused(lambda: sit(world.spare, code)) == "COMMITTEE"
    member = sit(first, f" {code[:3]} {code[3:]} ")
    assert (member.number, member.label, member.centre.short_name) == (1, "评委1", "济南")
    world.arrive(evaluation, second)
    assert refused(lambda: sit(second, code)) == "SEAT"
    assert refused(lambda: sit(first, code)) == "SEAT"
    world.clock.moment = STARTS + timedelta(hours=5)
    assert refused(lambda: sit(elsewhere, others)) == "WINDOW"


def test_who_worked_for_a_bidder_cannot_sit_down(world):
    evaluation = world.opened()
    expert = world.experts[0]
    expert.past_employments.create(employer_uscc=world.bids[1].uscc, ended_on=STARTS.date() - timedelta(days=400))
    sit = {
        "seat_code": world.code_of(world.arrive(evaluation, expert)), "actor": world.as_expert(expert),
        "clock": world.clock,
    }
    assert refused(lambda: sitting.check_in(evaluation, expert, **sit)) == "AVOID"
    expert.past_employments.update(ended_on=STARTS.date() - timedelta(days=1100))
    assert sitting.check_in(evaluation, expert, **sit).number == 1


def test_who_steps_aside_is_replaced_by_the_next_of_the_list(world):
    evaluation = world.opened()
    members = [world.check_in(evaluation, expert) for expert in world.experts]
    leaving = members[3]
    doing = {"actor": world.of(leaving), "clock": world.clock}
    assert refused(lambda: sitting.declare_avoidance(evaluation, leaving.expert, reason=" ", **doing)) == "REASON"
    sitting.declare_avoidance(evaluation, leaving.expert, reason="与投标人有亲属关系", **doing)
    assert not evaluation.members.filter(expert=leaving.expert).exists()
    world.draw.refresh_from_db()
    assert world.draw.state == DrawState.FILLING
    invited = Pick.objects.get(draw=world.draw, state="invited")
    invited.state = "accepted"
    invited.save()
    assert world.check_in(evaluation, world.spare).number == leaving.number
    assert refused(
        lambda: sitting.check_in(evaluation, leaving.expert, seat_code="", **doing)
    ) == "COMMITTEE"


def test_the_evaluation_begins_when_all_sit_and_have_promised(world):
    evaluation = world.opened()

    def begin(actor=world.who.centre):
        return sitting.begin(evaluation, actor=actor, clock=world.clock)

    members = [world.check_in(evaluation, expert) for expert in world.experts[:4]]
    assert refused(begin) == "COMMITTEE"
    members.append(world.check_in(evaluation, world.experts[4]))
    assert refused(begin) == "PROMISE"
    for member in members:
        sitting.promise(member, actor=world.of(member), clock=world.clock)
    assert refused(lambda: sitting.promise(members[0], actor=world.of(members[0]), clock=world.clock)) == "STATE"
    assert refused(lambda: begin(world.qingdao)) == "MAIN-VENUE"
    assert begin().state == State.ELECTING


def test_the_leader_has_the_majority_of_all_else_another_round_follows(world):
    members = world.seated()

    def vote(choices):
        for member, choice in zip(members, choices, strict=True):
            sitting.vote_leader(member, choice=members[choice], actor=world.of(member), clock=world.clock)
        return Evaluation.objects.get(lot=world.lot)

    evaluation = vote([0, 0, 1, 1, 2])
    assert (evaluation.state, evaluation.ballot_round, evaluation.leader) == (State.ELECTING, 2, None)
    evaluation = vote([3, 3, 1, 3, 2])
    assert (evaluation.state, evaluation.leader) == (State.PRELIMINARY, members[3])
    late = world.fresh(members)[0]
    assert refused(
        lambda: sitting.vote_leader(late, choice=members[0], actor=world.of(late), clock=world.clock)
    ) == "STATE"


def test_the_log_never_tells_who_sits_or_votes(world):
    members = world.seated()
    for member in members:
        sitting.vote_leader(member, choice=members[0], actor=world.of(member), clock=world.clock)
    told = b"".join(bytes(body) for body in Entry.objects.filter(lot=world.lot.pk).values_list("body", flat=True))
    for member in members:
        assert str(member.expert_id).encode() not in told
        assert str(member.expert.person_id).encode() not in told
        assert str(member.pk).encode() not in told
        assert member.expert.person.name.encode() not in told
        assert member.pid.encode() in told
