"""The pages of coordination show each side what is its own."""

import pytest
from django.http import Http404
from django.test import RequestFactory

from gongheng.trading.coordination import views

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


def test_statistics_are_a_page_and_a_spreadsheet(scene):
    scene.confirmed()
    assert "青岛中心" in shown(views.statistics, scene.supervisor)
    request = RequestFactory().get("/?format=xlsx")
    request.actor = scene.jinan
    assert views.statistics(request).content[:2] == b"PK"
