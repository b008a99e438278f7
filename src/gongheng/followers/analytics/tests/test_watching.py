"""The watch-list takes two people, ends by itself, and alerts its own department alone."""

from datetime import timedelta

import pytest

from gongheng.followers.analytics import actions, following, queries
from gongheng.followers.analytics.lifecycle import ListingState
from gongheng.followers.analytics.models import Alert, Listing
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import THE_CLOCK, Role
from gongheng.trading.evaluation.tests.world import opened_world
from gongheng.trading.opening.models import Attendance
from gongheng.trading.projects.tests.building import actor, of
from gongheng.trust.evidence.models import Entry
from gongheng.trust.evidence.moving import note

pytestmark = pytest.mark.django_db
REASON = "德州线索查实的陪标单位，一年内重点关注。"
DAY = timedelta(days=1)


@pytest.fixture
def world(clock, authority):
    return opened_world(clock, authority)


@pytest.fixture
def listing(world, clock):
    return enter(world, clock, firm=world.bids[0].organisation)


def enter(world, clock, *, firm=None, expert=None, days=30) -> Listing:
    return actions.enter_listing(
        firm=firm, expert=expert, reason=REASON, until=clock.now() + days * DAY, actor=world.who.supervisor, clock=clock
    )


def refused(act, *arguments, **named) -> str:
    before = Entry.objects.count(), list(Listing.objects.values())
    with pytest.raises(Refusal) as caught:
        act(*arguments, **named)
    assert (Entry.objects.count(), list(Listing.objects.values())) == before
    return caught.value.rule


def test_who_entered_it_may_not_end_it(world, listing, clock):
    alone = world.who.supervisor
    assert refused(actions.remove_listing, listing, reason=REASON, actor=alone, clock=clock) == "DUTY"
    colleague = actor(Role.SUPERVISOR, of(alone))
    actions.remove_listing(listing, reason=REASON, actor=colleague, clock=clock)
    listing.refresh_from_db()
    assert (listing.state, listing.removed_by) == (ListingState.REMOVED, colleague.id)


def test_another_department_neither_sees_nor_ends_it(world, listing, clock):
    other = actor(Role.SUPERVISOR, of(world.who.centre))
    assert not queries.listings_visible_to(other).exists()
    assert refused(actions.remove_listing, listing, reason=REASON, actor=other, clock=clock) == "PARTY"


def test_a_listing_ends_with_its_term(listing, clock):
    assert refused(actions.lapse_listing, listing, actor=world_supervisor(listing), clock=clock) == "ROLE"
    assert listing.next_due_at == listing.until
    clock.advance_to(listing.until)
    actions.lapse_listing(listing, actor=THE_CLOCK, clock=clock)
    assert listing.state == ListingState.LAPSED


def world_supervisor(listing):
    return actor(Role.SUPERVISOR, listing.department)


def test_what_cannot_be_listed(world, listing, clock):
    firm, by = world.bids[0].organisation, {"actor": world.who.supervisor, "clock": clock, "reason": REASON}
    until = clock.now() + 30 * DAY
    assert refused(actions.enter_listing, firm=firm, expert=None, until=until, **by) == "STATE"
    assert refused(actions.enter_listing, firm=None, expert=None, until=until, **by) == "PARTY"
    another = world.bids[1].organisation
    assert refused(actions.enter_listing, firm=another, expert=None, until=clock.now(), **by) == "UNTIL"
    assert refused(actions.enter_listing, firm=another, expert=None, until=clock.now() + 366 * DAY, **by) == "UNTIL"


def test_an_opened_bid_and_a_sign_in_alert_once(world, listing, clock):
    opening = world.lot.opening
    with note("bid.open", world.bids[0], lot=world.lot, actor=THE_CLOCK, clock=clock) as opened:
        pass
    with note("opening.sign_in", opening, lot=world.lot, actor=world.who.bidder, clock=clock) as signed:
        Attendance.objects.create(
            opening=opening, organisation=listing.firm, person_name="某人", signed_in_at=signed.now
        )
    for _ in range(2):
        following.watch_bid(opened.entry)
        following.watch_sign_in(signed.entry)
    assert sorted(Alert.objects.values_list("kind", flat=True)) == ["opened", "signed_in"]
    with note("bid.open", world.bids[1], lot=world.lot, actor=THE_CLOCK, clock=clock) as step:
        pass
    following.watch_bid(step.entry)
    assert Alert.objects.count() == 2
    mine = queries.alerts_visible_to(world.who.supervisor)
    assert actions.see_alerts(mine, actor=world.who.supervisor, clock=clock) == 2
    assert actions.see_alerts(mine, actor=world.who.supervisor, clock=clock) == 0


def test_a_listed_expert_who_is_drawn_alerts_and_nobody_else(world, listing, clock):
    expert, another = world.experts[:2]
    enter(world, clock, expert=expert)
    for one in (another, expert):
        with note("pick.invite", world.pick_of(one), lot=world.lot, actor=THE_CLOCK, clock=clock) as step:
            pass
        following.watch_draw(step.entry)
    (alert,) = Alert.objects.all()
    assert (alert.kind, alert.listing.expert, alert.entry) == ("drawn", expert, step.entry)


def test_an_alert_leaves_no_entry_that_would_name_the_listed(world, listing, clock):
    with note("bid.open", world.bids[0], lot=world.lot, actor=THE_CLOCK, clock=clock) as step:
        pass
    before = Entry.objects.count()
    following.watch_bid(step.entry)
    assert Entry.objects.count() == before
