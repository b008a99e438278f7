"""A member lost and replaced, a committee dissolved: what he concluded is void, kept under seal, and done again."""

import json
from decimal import Decimal

from gongheng.crypto import canonical, labels
from gongheng.trading.draws.models import Pick
from gongheng.trading.evaluation.actions import reforming, reviewing, scoring, sitting
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Conclusion, Evaluation, Mark, Member, Score, SealedWork
from gongheng.trading.evaluation.queries import evaluation_of
from gongheng.trading.evaluation.tests.world import refused
from gongheng.trading.projects.lifecycle import State as LotState


def replace(world, member, actor=None, reason="突发疾病，不能继续履职"):
    return reforming.replace_member(
        member, cause="HEALTH", reason=reason, actor=actor or world.who.centre, clock=world.clock
    )


def seat_next(world, evaluation) -> Member:
    """Let the next of the list accept, arrive, sit down and promise."""
    Pick.objects.filter(draw=world.draw, state="invited").update(state="accepted")
    member = world.check_in(evaluation, world.spare)
    sitting.promise(member, actor=world.of(member), clock=world.clock)
    return member


def test_only_the_main_venue_replaces_and_says_why(world):
    members = world.reviewing()
    assert refused(lambda: replace(world, members[3], actor=world.qingdao)) == "MAIN-VENUE"
    assert refused(lambda: replace(world, members[3], reason=" ")) == "REASON"


def test_a_lost_member_is_replaced_and_what_he_concluded_is_void(world):
    members = world.reviewed()
    lost = members[3]
    for member in members:
        world.score_all(member, {})
    scoring.lock_sheet(members[0], actor=world.of(members[0]), clock=world.clock)
    evaluation = replace(world, lost)
    assert evaluation.state == State.CHECK_IN
    assert evaluation.members.count() == 4
    assert not Conclusion.objects.exists()
    assert not Mark.objects.filter(member=lost.pk).exists()
    sealed = SealedWork.objects.get(pid=lost.pid)
    body = json.loads(sealed.body)
    assert len(body["members"][lost.pid]["marks"]) == 12
    assert len(body["members"][lost.pid]["scores"]) == 4
    assert sealed.digest == canonical.b64(labels.digest(labels.DOCUMENT, sealed.body.encode()))
    assert sealed.digest.encode() in bytes(evaluation.last_entry.body)

    new = seat_next(world, evaluation)
    assert new.number == lost.number
    sitting.begin(evaluation, actor=world.who.centre, clock=world.clock)
    # Who was elected leads on: no other election.
    assert (evaluation.state, evaluation.leader_id) == (State.PRELIMINARY, members[0].pk)
    world.mark_all(new)
    reviewing.lock_preliminary(new, actor=world.of(new), clock=world.clock)
    evaluation.refresh_from_db()
    assert evaluation.state == State.TECHNICAL
    # The same bids passed, so the others keep what they scored and signed.
    assert Score.objects.filter(alias__member=members[1]).count() == 8
    assert Member.objects.get(pk=members[0].pk).technical_locked_at is not None
    assert set(new.aliases.values_list("label", flat=True)) == set("甲乙丙丁")


def test_the_committee_concludes_nothing_while_a_place_is_empty(world):
    members = world.reviewing()
    evaluation = replace(world, members[4])
    new = seat_next(world, evaluation)
    sitting.begin(evaluation, actor=world.who.centre, clock=world.clock)
    for member in world.fresh(members[:4]):
        world.mark_all(member)
        reviewing.lock_preliminary(member, actor=world.of(member), clock=world.clock)
    evaluation.refresh_from_db()
    assert evaluation.state == State.PRELIMINARY
    world.mark_all(new)
    reviewing.lock_preliminary(new, actor=world.of(new), clock=world.clock)
    evaluation.refresh_from_db()
    assert evaluation.state == State.TECHNICAL


def test_other_bids_going_on_make_everybody_score_anew(world):
    members = world.reviewing()
    for number, member in enumerate(members):
        world.mark_all(member, (3,) if number in (0, 1, 4) else ())
        reviewing.lock_preliminary(member, actor=world.of(member), clock=world.clock)
    members = world.fresh(members)
    world.score_all(members[1], {})
    scoring.lock_sheet(members[1], actor=world.of(members[1]), clock=world.clock)
    evaluation = replace(world, members[4])
    new = seat_next(world, evaluation)
    sitting.begin(evaluation, actor=world.who.centre, clock=world.clock)
    world.mark_all(new)
    reviewing.lock_preliminary(new, actor=world.of(new), clock=world.clock)
    kept = Member.objects.get(pk=members[1].pk)
    assert (kept.aliases.count(), kept.technical_locked_at) == (4, None)
    assert not Score.objects.exists()


def test_a_replaced_leader_is_elected_anew(world):
    members = world.reviewing()
    evaluation = replace(world, members[0])
    assert (evaluation.leader, evaluation.ballot_round) == (None, 2)
    stale = members[0]
    assert refused(
        lambda: reviewing.lock_preliminary(stale, actor=world.of(stale), clock=world.clock)
    ) == "COMMITTEE"


def test_a_dissolved_committee_leaves_its_work_under_seal_and_another_begins_from_zero(world):
    members = world.reviewed()
    scoring.save_score(members[0], label="甲", factor="F1", points=Decimal(20), clock=world.clock)
    evaluation = members[0].evaluation
    reforming.dissolve_committee(evaluation, reason="停电超过4小时", actor=world.who.centre, clock=world.clock)
    world.lot.refresh_from_db()
    assert (evaluation.state, world.lot.state) == (State.DISSOLVED, LotState.OPENED)
    assert evaluation_of(world.lot) is None
    sealed = SealedWork.objects.get(pid="")
    assert set(json.loads(sealed.body)["members"]) == {member.pid for member in members}
    late = world.fresh(members)[1]
    assert refused(
        lambda: scoring.save_score(late, label="甲", factor="F1", points=Decimal(20), clock=world.clock)
    ) == "STATE"
    second = world.opened()
    assert (second.attempt, second.members.count()) == (2, 0)
    assert Evaluation.objects.filter(lot=world.lot).count() == 2
