"""What each side finds on the pages of a draw, and the doors that the island knocks at."""

import json

import pytest
from django.http import Http404
from django.test import RequestFactory

from gongheng.crypto import canonical, labels, signing
from gongheng.kernel.roles import ANYONE
from gongheng.people.experts.models import Expert
from gongheng.trading.draws import queries, views
from gongheng.trading.draws.tests.parties import expert_actor, expert_of
from gongheng.trading.projects.models import Lot

pytestmark = pytest.mark.urls("gongheng.trading.coordination.tests.routes")


def shown(view, actor, **kwargs) -> str:
    request = RequestFactory().get("/")
    request.actor = actor
    response = view(request, **kwargs)
    assert response.status_code == 200
    return response.content.decode()


def knock(view, draw, party, **body):
    message = party.message(draw, **body)
    signature = signing.sign(party.sign_private, message, labels.DRAW_PARTY)
    request = RequestFactory().post(
        "/", json.dumps({"message": canonical.b64(message), "signature": canonical.b64(signature)}), "application/json"
    )
    request.actor, request.certificate = party.actor, party.certificate
    return view(request, pk=draw.pk)


def test_the_order_form_asks_for_the_seats_that_the_venues_confirmed(table):
    page = shown(views.order, table.scene.agency, pk=table.scene.lot.pk)
    assert 'name="specialty_0_0"' in page
    assert 'name="seats_1_0"' in page
    assert "A0801 房屋建筑工程施工" in page
    assert table.scene.lot.name in shown(views.draws, table.scene.agency)


def test_each_side_finds_its_own_act_on_the_page(table):
    draw = table.order()
    assert 'verb="draws.approve"' in shown(views.detail, table.parties[1].actor, pk=draw.pk)
    assert 'verb="draws.approve"' not in shown(views.detail, table.scene.agency, pk=draw.pk)
    with pytest.raises(Http404):
        shown(views.detail, table.scene.outsider, pk=draw.pk)


def test_the_island_is_served_to_parties_only_and_its_doors_speak_json(table):
    draw = table.approved()
    assert "<draw-party" in shown(views.detail, table.parties[0].actor, pk=draw.pk)
    assert "<draw-party" not in shown(views.detail, table.scene.qingdao, pk=draw.pk)
    party = table.parties[0]
    commit = party.contribution.commit(queries.context_of(draw))
    assert knock(views.reveal, draw, party, phase="commit", commit=commit).status_code == 422
    assert json.loads(knock(views.commit, draw, party, phase="commit", commit=commit).content) == {
        "state": "committing"
    }
    refused = knock(views.commit, draw, party, phase="commit", commit=commit)
    assert (refused.status_code, json.loads(refused.content)["rule"]) == (422, "TWICE")
    state = json.loads(shown(views.state, party.actor, pk=draw.pk))
    assert state["commits"] == {"1": commit}
    assert state["parties"][0]["enc_public"]


def test_seats_are_shown_without_names(table):
    draw = table.complete()
    page = shown(views.detail, table.parties[0].actor, pk=draw.pk)
    names = [expert.person.name for expert in Expert.objects.select_related("person")]
    assert page.count("已确认") >= 5
    assert not any(f"{name}<" in page for name in names)
    assert str(draw.record.pk) in page


def test_an_invitation_shows_time_and_place_and_nothing_of_the_project(table):
    draw = table.drawn()
    pick = draw.picks.filter(state="invited").first()
    page = shown(views.invitations, expert_actor(draw, pick))
    assert "能参加" in page
    assert pick.centre.short_name in page
    lot = table.scene.lot
    assert lot.code not in page
    assert lot.name not in page
    assert lot.tender_project.name not in page
    other = draw.picks.filter(state="invited").last()
    request = RequestFactory().post("/")
    request.actor = expert_actor(draw, other)
    with pytest.raises(Http404):
        views.accept(request, pk=pick.pk)
    assert expert_of(draw, pick) != expert_of(draw, other)


def test_the_record_is_nobodys_before_the_award_and_everybodys_after(table):
    draw = table.complete()
    with pytest.raises(Http404):
        shown(views.record, table.parties[1].actor, pk=draw.pk)
    Lot.objects.filter(pk=draw.lot_id).update(state="awarded")
    told = canonical.decode(shown(views.record, ANYONE, pk=draw.pk).encode())
    assert (told["draw_id"], told["state"]) == (str(draw.pk), "complete")
    assert "抽取记录.json" in shown(views.detail, table.parties[1].actor, pk=draw.pk)


def test_a_member_is_replaced_by_the_main_venue_or_the_supervisor_once_the_session_runs(table):
    draw = table.complete()
    assert "更换评标专家" not in shown(views.detail, table.parties[0].actor, pk=draw.pk)
    table.scene.clock.advance_to(draw.venue_order.starts_at)
    for actor, may in ((table.parties[0].actor, True), (table.parties[1].actor, True), (table.scene.qingdao, False)):
        assert ('verb="draws.replace"' in shown(views.detail, actor, pk=draw.pk)) is may


def test_the_supervisors_figures_show_the_operator(table):
    draw = table.drawn()
    page = shown(views.figures, table.parties[1].actor)
    assert draw.order["parties"][-1]["name"] in page
    assert "评标结束后才统计到专家" in page
