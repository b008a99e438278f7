"""The dispatch board tells who evaluates where, what waits and what went wrong, to those who may see all venues."""

from datetime import timedelta

import pytest
from django.http import Http404
from django.test import RequestFactory

from gongheng.desks.centre import board, drawing, views
from gongheng.desks.portal.apps import BOARD_SUBJECTS
from gongheng.kernel.positions import CITY_POSITIONS
from gongheng.kernel.regions import cities
from gongheng.kernel.roles import Actor, Role
from gongheng.trading.coordination import actions, queries
from gongheng.trading.coordination.tests.scene import ENDS, STARTS, centre, organisation
from gongheng.trading.projects import actions as projects
from gongheng.trading.projects.models import Lot
from gongheng.trading.sessions.actions import disturbing
from gongheng.ui import live

pytestmark = pytest.mark.urls("gongheng.trading.coordination.tests.routes")


def shown(actor, view=views.board) -> str:
    request = RequestFactory().get("/")
    request.actor = actor
    return view(request).content.decode()


@pytest.fixture
def hub(scene) -> Actor:
    made = organisation(30, "省中心", "370000", Role.CENTRE)
    centre(made, 1, 2)
    return Actor("p-hub", Role.CENTRE, str(made.pk))


def at_the_session(scene, minutes=0):
    scene.clock.advance_to(STARTS + timedelta(minutes=minutes))
    return board.board(scene.clock.now())


def test_only_the_provincial_centre_and_supervisors_look_at_the_whole_province(scene, hub):
    scene.confirmed()
    for actor in (scene.jinan, scene.qingdao):
        with pytest.raises(Http404):
            shown(actor)
        assert not live.may_follow(actor, live.EVERYWHERE)
    for actor in (hub, scene.supervisor):
        assert "调度大屏" in shown(actor)
        assert live.may_follow(actor, live.EVERYWHERE)
    assert not live.may_follow(scene.agency, live.EVERYWHERE)


def test_a_session_of_today_stands_at_both_venues_and_says_how_it_is(scene, hub):
    scene.confirmed()
    assert board.board(scene.clock.now())["count"] == 0  # it is tomorrow
    scene.clock.advance_to(STARTS - timedelta(hours=2))
    found = board.board(scene.clock.now())
    assert [one["session"].state for one in found["sessions"]] == ["waiting"]
    assert [row["name"] for row in found["timeline"]["rows"]] == ["济南中心", "青岛中心"]
    assert [bar.is_main for row in found["timeline"]["rows"] for bar in row["bars"]] == [True, False]
    assert [one.state for one in found["links"]] == ["waiting"]
    assert at_the_session(scene, 1)["sessions"][0]["session"].state == "late"
    Lot.objects.filter(pk=scene.lot.pk).update(state="evaluating")
    assert at_the_session(scene, 2)["running"] == 1
    page = shown(hub, views.board_now)
    assert scene.lot.name in page
    assert "评标中" in page


def test_load_is_the_share_of_seats_held_at_this_moment(scene, hub):
    scene.confirmed()
    found = at_the_session(scene)
    assert (found["used"], found["seats"], found["percent"]) == (5, 22, 22)
    jinan = next(one for one in found["nodes"] if one.name == "济南")
    assert (jinan.used, jinan.seats, jinan.sessions) == (3, 12, 1)
    scene.clock.advance_to(ENDS)
    assert board.board(scene.clock.now())["used"] == 0


def test_offers_wait_with_a_countdown_and_say_whom_they_were_passed_on_from(scene, hub):
    centre(organisation(11, "淄博中心", "370300", Role.CENTRE), 2, 3)
    order = scene.request()
    scene.confirm(order.offers.get(is_main=True), scene.jinan)
    offer = queries.offers_visible_to(scene.qingdao).get()
    actions.refuse_offer(offer, reason="检修", actor=scene.qingdao, clock=scene.clock)
    found = board.board(scene.clock.now())
    asked = [(one["offer"].centre.short_name, one["instead_of"]) for one in found["waiting"]]
    assert asked == [("淄博中心", "青岛中心")]
    assert found["passed_on"] == 1
    assert [one.state for one in found["links"]] == ["asked"]
    page = shown(hub)
    assert "由青岛中心改派" in page
    assert "deadline-clock" in page


def test_an_incident_stands_out_until_it_is_settled(scene, hub):
    scene.confirmed()
    hold = projects.place_hold(
        scene.lot, kind="incident", reason="副场断电", clocks=[], actor=scene.supervisor, clock=scene.clock
    )
    found = at_the_session(scene)
    assert (found["sessions"][0]["session"].state, found["incidents"][0]["reason"]) == ("held", "副场断电")
    assert "db-alarm" in shown(hub)
    projects.release_hold(hold, release_note="已恢复", actor=scene.supervisor, clock=scene.clock)
    assert at_the_session(scene)["incidents"] == []


def test_what_was_settled_today_stays_in_the_story_of_the_day(scene, hub):
    scene.confirmed()
    scene.clock.advance_to(STARTS)
    thing = disturbing.report_incident(
        scene.lot, cause="NETWORK", description="副场断网", actor=scene.qingdao, clock=scene.clock
    )
    assert [one["state"] for one in board.board(scene.clock.now())["incidents"]] == ["疑似故障"]
    scene.clock.moment += timedelta(minutes=5)
    disturbing.clear_incident(thing, decision="线路已恢复", actor=scene.jinan, clock=scene.clock)
    found = board.board(scene.clock.now())
    assert found["incidents"] == []
    assert [one["until"] - one["at"] for one in found["settled"]] == [timedelta(minutes=5)]
    page = shown(hub)
    assert "db-alarm" not in page
    assert "副场断网" in page
    assert board.board(scene.clock.now() + timedelta(days=1))["settled"] == []


def test_a_quiet_day_says_so(scene, hub):
    page = shown(hub)
    for calm in ("今日没有评标场次", "没有等待答复的要约", "没有未处置的突发情况"):
        assert calm in page


def test_the_board_never_hears_the_rhythm_of_bids(scene):
    assert live.concerns_everybody("offer.confirm")
    for verb in ("bid.seal", "bid.withdraw", "cover.seal", "log.checkpoint", "pick.invite", "draw.order"):
        assert not live.concerns_everybody(verb)
    assert not BOARD_SUBJECTS & {"bid", "bids", "cover", "pick", "draw", "draws", "opening"}


def test_every_city_has_its_place_and_no_two_discs_touch():
    assert set(CITY_POSITIONS) == {one.code for one in cities()}

    class Placed:
        def __init__(self, region):
            self.region = region

    nodes = [drawing.node(Placed(code), seats=400, used=0, sessions=0) for code in ("370000", *CITY_POSITIONS)]
    for one in nodes:
        assert one.radius < one.x < drawing.WIDTH - one.radius
        assert one.radius < one.y < drawing.HEIGHT - one.radius - 20
        for other in nodes:
            if one is not other:
                assert (one.x - other.x) ** 2 + (one.y - other.y) ** 2 > (one.radius + other.radius) ** 2


def test_sessions_that_overlap_at_a_centre_get_lanes_of_their_own(scene):
    order = scene.confirmed()
    session = board.Session(order, "waiting", sorted(order.offers.all(), key=lambda one: not one.is_main))
    found = drawing.lanes([scene.main], [session, session], STARTS, 8, 20)
    first, second = found["rows"][0]["bars"]
    assert (first.x, first.width) == (second.x, second.width)
    assert second.y - first.y == drawing.LANE
    assert found["now_x"] == first.x
