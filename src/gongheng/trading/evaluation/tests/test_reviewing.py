"""The preliminary review: everybody marks everything, the majority concludes, the law rejects by itself."""

from decimal import Decimal
from functools import partial

import pytest

from gongheng.places.venues.models import Booking
from gongheng.trading.evaluation.actions import reviewing
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Alias, Conclusion, Evaluation
from gongheng.trading.evaluation.queries import passed_bids
from gongheng.trading.evaluation.tests.world import ITEMS, refused
from gongheng.trading.projects import actions as projects
from gongheng.trading.projects.lifecycle import State as LotState


def doing(world, member) -> dict:
    return {"actor": world.of(member), "clock": world.clock}


def mark_one(world, member, **changes):
    asked = {"bid": world.bids[0], "item": ITEMS[0], "passes": True, "reason": ""}
    return reviewing.mark(member, **asked | changes, **doing(world, member))


def test_a_mark_names_a_known_item_and_a_failing_one_its_reason(world):
    member = world.reviewing()[0]
    mark = partial(mark_one, world, member)

    assert refused(lambda: mark(item="X99")) == "ITEM"
    assert refused(lambda: mark(passes=False, reason=" ")) == "REASON"
    mark(passes=False, reason=" 名称不一致 ")
    assert member.marks.get().reason == "名称不一致"
    mark()
    assert (member.marks.get().passes, member.marks.get().reason) == (True, "")


def test_marks_are_handed_in_whole_and_then_final(world):
    member = world.reviewing()[0]

    def lock():
        return reviewing.lock_preliminary(member, **doing(world, member))

    assert refused(lock) == "PRELIM"
    world.mark_all(member)
    assert lock().state == State.PRELIMINARY
    assert refused(lock) == "STATE"
    assert refused(lambda: mark_one(world, member)) == "STATE"


def test_nothing_is_marked_while_the_lot_is_held(world):
    member = world.reviewing()[0]
    projects.place_hold(
        world.lot, kind="supervision", reason="核查", clocks=[], actor=world.who.supervisor, clock=world.clock
    )
    assert refused(lambda: mark_one(world, member)) == "HOLD"


def test_one_against_four_is_outvoted_and_recorded(world):
    members = world.reviewing()
    for member in members:
        world.mark_all(member, failing=(0,) if member == members[1] else (3,) if member != members[0] else ())
        reviewing.lock_preliminary(member, **doing(world, member))
    outvoted = Conclusion.objects.get(bid=world.bids[0], item=ITEMS[1])
    assert (outvoted.passes, outvoted.against, outvoted.reasons) == (True, 1, "评委2：营业执照已过期")
    rejected = Conclusion.objects.get(bid=world.bids[3], item=ITEMS[1])
    assert (rejected.passes, rejected.against) == (False, 3)
    evaluation = Evaluation.objects.get(lot=world.lot)
    assert evaluation.state == State.TECHNICAL
    assert list(passed_bids(evaluation)) == world.bids[:3]


def test_a_price_above_the_ceiling_is_rejected_whatever_the_marks_say(world):
    world.bids[2].total = Decimal("11000000.01")
    world.bids[2].save()
    world.reviewed()
    evaluation = Evaluation.objects.get(lot=world.lot)
    assert list(passed_bids(evaluation)) == [world.bids[0], world.bids[1], world.bids[3]]
    assert "11,000,000.00" in Conclusion.objects.get(bid=world.bids[2], item=Conclusion.CEILING).reasons


@pytest.mark.parametrize("for_it", [3, 2])
def test_with_two_bids_left_the_majority_says_whether_they_compete(world, for_it):
    members = world.reviewed(failing=(2, 3))
    assert members[0].evaluation.state == State.COMPETITION
    assert not Alias.objects.exists()
    assert refused(lambda: reviewing.vote_competition(
        members[0], competes=True, reason=" ", **doing(world, members[0])
    )) == "REASON"
    for place, member in enumerate(members):
        reviewing.vote_competition(member, competes=place < for_it, reason="价格分布合理", **doing(world, member))
    evaluation = Evaluation.objects.get(lot=world.lot)
    world.lot.refresh_from_db()
    if for_it == 3:
        assert evaluation.state == State.TECHNICAL
        assert Alias.objects.count() == 5 * 2
        assert world.lot.state == LotState.EVALUATING
    else:
        assert (evaluation.state, world.lot.state) == (State.FAILED, LotState.FAILED)
        assert not Booking.objects.filter(released_at=None).exists()


def test_with_no_bid_left_all_are_rejected(world):
    world.reviewed(failing=(0, 1, 2, 3))
    evaluation = Evaluation.objects.get(lot=world.lot)
    assert (evaluation.state, evaluation.finished_at) == (State.FAILED, world.clock.now())
    assert "否决全部投标" in evaluation.opinion
