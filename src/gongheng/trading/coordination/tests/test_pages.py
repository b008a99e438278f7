"""The pages of coordination show each side what is its own."""

import pytest
from django.http import Http404
from django.test import RequestFactory

from gongheng.crypto.hazmat import sm3
from gongheng.kernel.roles import ANYONE, Role
from gongheng.trading.coordination import actions, queries, rules, views
from gongheng.trading.coordination.tests.scene import ENDS, STARTS, centre, organisation

pytestmark = pytest.mark.urls("gongheng.trading.coordination.tests.routes")


def shown(view, actor, query: str = "", **kwargs) -> str:
    request = RequestFactory().get(f"/{query}")
    request.actor = actor
    response = view(request, **kwargs)
    assert response.status_code == 200
    return response.content.decode()


def test_a_centre_finds_the_offer_in_its_inbox_with_seats_proposed(scene):
    order = scene.request()
    offer = order.offers.get(is_main=True)
    assert order.number in shown(views.orders, scene.jinan)
    page = shown(views.offer, scene.jinan, pk=offer.pk)
    assert page.count(" checked") == 3
    assert 'verb="coordination.confirm"' in page
    scene.confirm(offer, scene.jinan)
    assert "第1评标室" in shown(views.offer, scene.jinan, pk=offer.pk)
    with pytest.raises(Http404):
        shown(views.offer, scene.outsider, pk=offer.pk)


def test_seat_numbers_show_only_at_their_own_venue(scene):
    order = scene.confirmed()
    assert "第1评标室" in shown(views.detail, scene.jinan, pk=order.pk)
    assert "评标室 " not in shown(views.detail, scene.agency, pk=order.pk)


def test_a_host_orders_from_the_form(scene):
    page = shown(views.order, scene.agency, pk=scene.lot.pk)
    assert "济南中心" in page
    assert 'name="sub_venue"' in page
    assert scene.lot.name in shown(views.orders, scene.agency)


def test_the_statistics_are_a_page_by_month(scene):
    scene.confirmed()
    page = shown(views.statistics, scene.supervisor)
    assert "青岛中心" in page
    assert "2026年3月" in page
    assert "该月没有发出过要约" in shown(views.statistics, scene.jinan, "?month=2026-02")


def test_a_host_finds_what_he_may_do_with_an_order(scene):
    order = scene.request()
    page = shown(views.detail, scene.agency, pk=order.pk)
    assert 'verb="coordination.cancel"' in page
    assert "coordination.ask_cancellation" not in page
    for is_main, actor in ((True, scene.jinan), (False, scene.qingdao)):
        scene.confirm(order.offers.get(is_main=is_main), actor)
    page = shown(views.detail, scene.agency, pk=order.pk)
    assert 'verb="coordination.cancel"' not in page
    assert 'verb="coordination.ask_cancellation"' in page
    assert f"/coordination/{order.pk}/change/" in page
    assert "coordination.ask_cancellation" not in shown(views.detail, scene.jinan, pk=order.pk)
    changing = shown(views.change, scene.agency, pk=order.pk)
    assert f'value="{scene.sub.pk}" selected' in changing
    with pytest.raises(Http404):
        shown(views.change, scene.tenderer, pk=scene.lot.pk)


def test_a_change_proposes_the_seats_of_the_original(scene):
    original = scene.confirmed()
    order = actions.request_change(
        original, starts_at=STARTS, ends_at=ENDS, main_seats=3, sub_venues={scene.sub: 2}, contact="李四", phone="1",
        reason="换联系人", actor=scene.agency, clock=scene.clock,
    )
    page = shown(views.offer, scene.jinan, pk=order.offers.get(is_main=True).pk)
    for seat in queries.seats_of(original.offers.get(is_main=True)):
        assert f'value="{seat.pk}" checked' in page
    assert page.count(" checked") == 3


def test_a_cancellation_asks_for_consent_and_no_seats(scene):
    original = scene.confirmed()
    order = actions.request_cancellation(original, reason="项目调整", actor=scene.agency, clock=scene.clock)
    page = shown(views.offer, scene.jinan, pk=order.offers.get(is_main=True).pk)
    assert "签名并同意取消" in page
    assert 'name="seats"' not in page


def test_the_rule_is_public_and_gives_an_example_that_anybody_can_compute(scene):
    page = shown(views.choice, ANYONE)
    assert rules.tie_break("A3701000001000001001001", "370200") in page
    assert rules.tie_break("A3701000001000001001001", "370200") == (
        sm3.digest(b"ggzy/venue-tie-of-lot/v1\nA3701000001000001001001\n370200").hex()
    )


def test_where_an_offer_went_next_is_shown_with_its_computation(scene):
    made = organisation(11, "淄博中心", "370300", Role.CENTRE)
    centre(made, 2, 3)
    order = scene.request()
    scene.confirm(order.offers.get(is_main=True), scene.jinan)
    offer = queries.offers_visible_to(scene.qingdao).get()
    actions.refuse_offer(offer, reason="设备检修", actor=scene.qingdao, clock=scene.clock)
    page = shown(views.detail, scene.agency, pk=order.pk)
    assert "改派复算：青岛中心 → 淄博中心" in page
    assert "设备检修" in page
    assert "已拒绝" in shown(views.offer, scene.qingdao, pk=offer.pk)
    with pytest.raises(Http404):
        shown(views.detail, scene.qingdao, pk=order.pk)


def test_reports_are_for_those_who_look_after_the_province(scene):
    scene.confirmed()
    assert "还没有出具过月报" in shown(views.reports, scene.supervisor)
    with pytest.raises(Http404):
        shown(views.reports, scene.jinan)
