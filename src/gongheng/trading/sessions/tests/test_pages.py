"""The console and the pages around it: who sees what, and what the signed acts do."""

import pypdfium2
import pytest
from django.test import Client

from gongheng.crypto import canonical
from gongheng.trading.evaluation.models import Presence
from gongheng.trading.evaluation.tests.test_pages import of_expert, staff
from gongheng.trading.sessions import queries
from gongheng.trading.sessions.actions import disturbing, running
from gongheng.trading.sessions.lifecycle import SessionState
from gongheng.trading.sessions.models import Incident
from gongheng.trust.evidence.models import Entry


@pytest.fixture
def desks(world, authority):
    """The world, its session started, with everybody who has a desk signed in."""
    world.main, world.sub = staff(world, authority, world.who.centre), staff(world, authority, world.qingdao)
    world.supervisor = staff(world, authority, world.who.supervisor)
    world.session = running.start_session(world.lot, actor=world.who.centre, clock=world.clock)
    world.console = f"/sessions/lots/{world.lot.pk}/"
    return world


def incident_at(world) -> Incident:
    return disturbing.report_incident(
        world.lot, cause="NETWORK", description="交换机故障", actor=world.qingdao, clock=world.clock
    )


def test_both_venues_have_a_console_and_each_sees_its_own_seats_only(desks):
    main, sub = desks.main.text(desks.console), desks.sub.text(desks.console)
    assert "会场控制台（主场）" in main
    assert "委员到齐，签名并开始评标" in main
    assert "会场控制台（副场）" in sub
    assert "委员到齐，签名并开始评标" not in sub
    codes = {text.split("<")[0] for text in main.split('ev-code-shown">')[1:]}
    assert codes
    assert not any(code in sub for code in codes)


def test_strangers_find_no_console(desks, authority):
    live = f"/sessions/{desks.session.pk}/live/"
    for actor in (desks.who.agency, desks.who.tenderer, desks.who.bidder, desks.who.outsider):
        stranger = staff(desks, authority, actor)
        assert {stranger.status(path) for path in (desks.console, live)} == {404}
    assert of_expert(desks, desks.experts[0]).status(desks.console) == 404
    assert Client().get(desks.console).status_code == 302
    assert desks.supervisor.status(live) == 200


def test_a_silent_seat_is_shown_at_both_venues(desks):
    member = desks.check_in(desks.session.evaluation, desks.experts[3])
    live = f"/sessions/{desks.session.pk}/live/"
    Presence.objects.create(member=member, seen_at=desks.clock.now())
    assert "疑似中断" not in desks.main.text(live)
    desks.clock.moment = desks.clock.moment.replace(second=desks.clock.moment.second + 15)
    for visitor in (desks.main, desks.sub):
        shown = visitor.text(live)
        assert "疑似中断" in shown
        assert "15 秒" in shown


def words(answer) -> str:
    """Return the words of a PDF that a page sent."""
    document = pypdfium2.PdfDocument(b"".join(answer))
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in document)


def test_an_incident_goes_its_way_through_the_pages(desks):
    answer = desks.sub.sign(f"{desks.console}report/", "sessions.report", cause="NETWORK", description="交换机故障")
    assert answer.status_code == 302
    incident = Incident.objects.get()
    path = f"/sessions/incidents/{incident.pk}/"
    assert "签名并暂停评标" in desks.main.text(path)
    assert "签名并暂停评标" not in desks.sub.text(path)
    assert "签名并中止评标" in desks.supervisor.text(path)
    desks.sub.sign(f"{path}pause/", "sessions.pause")
    incident.refresh_from_db()
    assert incident.state == "suspect"
    desks.main.sign(f"{path}pause/", "sessions.pause")
    assert "恢复时限" in desks.main.text(path)
    assert "评标已暂停" in desks.sub.text(desks.console)
    assert desks.main.sign(f"{path}resume/", "sessions.resume", decision="").status_code == 302
    incident.refresh_from_db()
    assert incident.state == "paused"
    desks.main.sign(f"{path}resume/", "sessions.resume", decision="更换交换机")
    desks.session.refresh_from_db()
    assert desks.session.state == SessionState.RUNNING
    assert "更换交换机" in desks.sub.text(path)
    incident.refresh_from_db()
    paper = f"/sessions/{desks.session.pk}/papers/{incident.paper_id}/"
    assert paper in desks.main.text(path)
    assert paper in desks.sub.text(desks.console)
    said = words(desks.supervisor.client.get(paper))
    for part in ("处置决定书", "恢复评标", "网络中断", "交换机故障", "更换交换机"):
        assert part in said
    assert of_expert(desks, desks.experts[0]).status(paper) == 404
    noted = canonical.decode(bytes(Entry.objects.filter(verb="incident.resume").get().body))["facts"]
    assert noted["document"] == incident.paper.digest


def test_what_waits_is_on_the_desks(desks, authority):
    incident = incident_at(desks)
    now = desks.clock.now()
    for actor in (desks.who.centre, desks.qingdao):
        assert "处置突发情况" in {todo.title for todo in queries.todos(actor, now)}
    assert queries.card(desks.lot, desks.who.agency, now).status == "评标中"
    disturbing.pause_session(incident, actor=desks.who.centre, clock=desks.clock)
    disturbing.postpone_session(incident, decision="不能恢复", actor=desks.who.centre, clock=desks.clock)
    assert "评标延期：作废原专家抽取" in {todo.title for todo in queries.todos(desks.who.supervisor, now)}


def test_a_member_is_replaced_through_his_page(desks):
    member = desks.check_in(desks.session.evaluation, desks.experts[0])
    path = f"/sessions/{desks.session.pk}/members/{member.pk}/replace/"
    assert "作废并封存" in desks.main.text(path)
    desks.sub.sign(path, "sessions.replace", cause="HEALTH", reason="突发疾病")
    assert desks.session.evaluation.members.count() == 1
    desks.main.sign(path, "sessions.replace", cause="HEALTH", reason="突发疾病")
    assert desks.session.evaluation.members.count() == 0
    paper = queries.papers_of(desks.session).get()
    said = words(desks.main.client.get(f"/sessions/{desks.session.pk}/papers/{paper.pk}/"))
    assert "更换评委1" in said
    assert "第四十八条" in said
    assert paper.digest in canonical.decode(bytes(Entry.objects.get(verb="sessions.decide").body))["facts"]["document"]


def test_the_list_shows_sessions_to_venues_and_supervisor(desks):
    for visitor in (desks.main, desks.sub, desks.supervisor):
        assert desks.session.order.number in visitor.text("/sessions/")
    for path in (f"/sessions/{desks.session.pk}/files/", f"/sessions/{desks.session.pk}/fees/"):
        assert desks.supervisor.status(path) == 200
    assert of_expert(desks, desks.experts[0]).status("/sessions/fees/") == 200
