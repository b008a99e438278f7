"""A sub venue that declines does not fail the order: the next one in the published order is asked."""

import pytest

from gongheng.crypto import canonical
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import THE_CLOCK, Actor, Role
from gongheng.places.venues.models import Booking, Centre
from gongheng.trading.coordination import actions, queries, rules
from gongheng.trading.coordination.sentences import SENTENCES
from gongheng.trading.coordination.tests.scene import centre, organisation
from gongheng.trading.coordination.views.orders import ranking_of
from gongheng.trust.evidence.models import Entry

CITIES = (("淄博中心", "370300"), ("枣庄中心", "370400"), ("东营中心", "370500"))


@pytest.fixture
def others(scene) -> dict[str, Actor]:
    """Three further centres by region; the one in 枣庄 has a single seat."""
    found = {}
    for serial, (name, region) in enumerate(CITIES, 11):
        made = organisation(serial, name, region, Role.CENTRE)
        centre(made, 1 if region == "370400" else 2, 1 if region == "370400" else 3)
        found[region] = Actor(f"p-{region}", Role.CENTRE, str(made.pk))
    return found


@pytest.fixture
def offered(scene, others):
    """An order whose main venue confirmed: 青岛 is asked."""
    order = scene.request()
    scene.confirm(order.offers.get(is_main=True), scene.jinan)
    return order


def refuse(scene, actor):
    offer = queries.offers_visible_to(actor).filter(state="sent").get()
    return actions.refuse_offer(offer, reason="设备检修", actor=actor, clock=scene.clock)


def standing(order):
    return order.offers.get(is_main=False)


def test_the_next_centre_by_the_published_order_is_asked_and_the_order_completes(scene, others, offered):
    declined = refuse(scene, scene.qingdao)
    offered.refresh_from_db()
    chosen = standing(offered)
    expected = rules.fair_order(
        [rules.Candidate(region, 6, 0, 0) for region in ("370300", "370500")], lot=scene.lot.code, seats=2
    )[0]
    assert (offered.state, chosen.state, chosen.centre.region) == ("offered", "sent", expected.region)
    assert (chosen.replaces, chosen.seats_wanted, chosen.is_main) == (declined, 2, False)
    assert Booking.objects.filter(released_at=None).count() == 3  # the main venue keeps its seats
    scene.confirm(chosen, others[expected.region])
    offered.refresh_from_db()
    assert offered.state == "confirmed"
    assert [one.centre.region for one in offered.offers.order_by("-is_main")] == ["370100", expected.region]


def test_withdrawing_and_ordering_again_does_not_roll_the_tie_anew(scene, others, offered):
    refuse(scene, scene.qingdao)
    first, ties = standing(offered), {}
    for _ in range(2):
        order = scene.lot.venue_orders.order_by("-number").first()
        ties[order.number] = {row["name"]: row["tie"] for row in ranking_of(standing(order))["rows"]}
        if len(ties) == 1:
            actions.cancel_order(order, reason="改期", actor=scene.agency, clock=scene.clock)
            scene.confirm(scene.request().offers.get(is_main=True), scene.jinan)
            refuse(scene, scene.qingdao)
    (before, after), again = ties.values(), standing(order)
    assert len(ties) == 2
    assert (before, first.centre) == (after, again.centre)


def test_anybody_can_recompute_the_choice_from_what_is_stored_and_proved(scene, others, offered):
    refuse(scene, scene.qingdao)
    chosen = standing(offered)
    assert {row["region"] for row in chosen.ranking} == {region for _, region in CITIES}
    shown = ranking_of(chosen)
    assert [row["place"] for row in shown["rows"]] == [1, 2, None]  # 枣庄 has too few seats
    assert shown["rows"][0]["item"].region == chosen.centre.region
    body = canonical.decode(bytes(Entry.objects.get(verb="offer.reroute").body))
    assert body["facts"]["ranking"] == chosen.ranking
    assert "offer.reroute" in SENTENCES


def test_a_centre_that_declined_sees_the_order_no_more_but_keeps_its_own_answer(scene, others, offered):
    declined = refuse(scene, scene.qingdao)
    assert not queries.visible_to(scene.qingdao).exists()
    assert queries.offers_visible_to(scene.qingdao).get() == declined
    assert (declined.order, declined.asked_for) == (None, offered)


def test_no_centre_is_asked_twice_and_the_order_fails_when_nobody_is_left(scene, others, offered):
    asked = ["370200"]
    refuse(scene, scene.qingdao)
    for _ in range(2):
        asked.append(standing(offered).centre.region)
        refuse(scene, others[asked[-1]])
    offered.refresh_from_db()
    assert sorted(asked) == ["370200", "370300", "370500"]
    assert offered.state == "not_passed"
    assert not Booking.objects.filter(released_at=None).exists()


def test_no_more_centres_are_asked_than_the_host_allowed(scene, others):
    order = scene.request(reroute_limit=1)
    scene.confirm(order.offers.get(is_main=True), scene.jinan)
    refuse(scene, scene.qingdao)
    refuse(scene, others[standing(order).centre.region])
    order.refresh_from_db()
    assert (order.state, order.asked.count()) == ("not_passed", 3)
    with pytest.raises(Refusal, match="REROUTES"):
        scene.request(reroute_limit=rules.MOST_REROUTES + 1)


def test_only_the_last_thirty_days_count(scene, others, offered):
    refused = refuse(scene, scene.qingdao)
    actions.cancel_order(offered, reason="改期", actor=scene.agency, clock=scene.clock)
    again = scene.request(sub_venues={Centre.objects.get(region="370300"): 2})

    def declined(at):
        return {one.region: one.declined for one in queries.candidates(again, at)}["370200"]

    assert declined(scene.clock.now()) == 1
    assert declined(refused.decided_at + rules.LOOK_BACK) == 0


def test_an_offer_that_expires_is_passed_on_too_but_not_into_the_session_itself(scene, others, offered):
    offer = queries.offers_visible_to(scene.qingdao).get()
    scene.clock.advance_to(offer.confirm_by)
    actions.expire_offer(offer, actor=THE_CLOCK, clock=scene.clock)
    chosen = standing(offered)
    assert (chosen.state, chosen.confirm_by) == ("sent", offered.starts_at)
    scene.clock.advance_to(chosen.confirm_by)
    actions.expire_offer(chosen, actor=THE_CLOCK, clock=scene.clock)
    offered.refresh_from_db()
    assert offered.state == "not_passed"


def test_the_main_venue_is_never_passed_on(scene, others):
    order = scene.request()
    refuse(scene, scene.jinan)
    order.refresh_from_db()
    assert (order.state, order.asked.count()) == ("not_passed", 2)
    assert order.offers.get(is_main=True).state == "refused"


def test_the_provincial_centre_coordinates_and_is_never_chosen(scene, others, offered):
    hub = organisation(20, "省中心", "370000", Role.CENTRE)
    centre(hub, 4, 4)
    assert "370000" not in {one.region for one in queries.candidates(offered, scene.clock.now())}
