"""The simulator's gates report to the platform over HTTP; what is forged, repeated or out of place is noticed."""

import json
import threading
import urllib.request
import uuid
from datetime import timedelta

import pytest
from django.test import Client, RequestFactory

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.people.parties.models import Organisation
from gongheng.places.access import actions, queries, views
from gongheng.places.access.gates import NO_COMPARISON, Comparison, compare
from gongheng.places.access.keys import secret_of
from gongheng.places.access.lifecycle import VisitState
from gongheng.places.access.models import GateKey, Passage, Visit
from gongheng.places.venues.models import Centre
from gongheng.trading.projects.tests.building import organisation
from gongheng.trust.evidence.models import Entry
from tools.gate.__main__ import serve
from tools.gate.device import Device, Event, signed

MATCH = Comparison(9400, True)


@pytest.fixture
def centre(db, platform) -> Centre:
    own: Organisation = organisation(Role.CENTRE, 61000000, "济南市公共资源交易中心", "370100")
    return Centre.objects.create(organisation=own, region="370100", short_name="济南", address="某路", phone="1")


@pytest.fixture
def staff(centre) -> Actor:
    return Actor("p1", Role.CENTRE, str(centre.organisation_id))


def visit_of(centre, staff, platform, comparison=MATCH) -> Visit:
    now = platform.CLOCK.now()
    return actions.check_identity(
        centre, reference=uuid.uuid4(), subject="pid", label="评标专家", zones=["候评区"], opens_at=now,
        closes_at=now + timedelta(hours=5), comparison=comparison, actor=staff, clock=platform.CLOCK,
    )


def report(centre, platform, permit, *, zone="候评区", inward=True, number="1", key=None, at=None, gate="1号门"):
    row = GateKey.objects.filter(centre=centre).first() or actions.enrol_gate(
        centre, gate="1号门", actor=Actor("p1", Role.CENTRE, str(centre.organisation_id)), clock=platform.CLOCK
    )
    event = Event(gate, number, permit, zone, inward)
    body, mac = signed(event, key or secret_of(row), at or platform.CLOCK.now())
    return Client().post(
        f"/api/gates/{centre.pk}/", body, content_type="application/json",
        headers={"X-Gate-Mac": mac, "X-Gate-Key": str(row.pk)},
    )


def test_a_person_is_followed_from_gate_to_gate(centre, staff, platform):
    visit = visit_of(centre, staff, platform)
    assert report(centre, platform, visit.permit).json() == {"alarm": "", "message": ""}
    assert queries.whereabouts(visit) == "候评区"
    assert report(centre, platform, visit.permit, inward=False, number="2").json()["alarm"] == ""
    assert queries.whereabouts(visit) is None
    assert report(centre, platform, visit.permit, zone="机房", number="3").json()["alarm"] == "WRONG_ZONE"
    assert Entry.objects.filter(verb="access.alarm").count() == 1
    assert not Entry.objects.filter(verb="access.alarm", body__contains=visit.permit.encode()).exists()


def test_an_event_sent_again_counts_once_and_a_forged_one_not_at_all(centre, staff, platform):
    visit = visit_of(centre, staff, platform)
    for _ in range(2):
        assert report(centre, platform, visit.permit).status_code == 200
    assert Passage.objects.count() == 1
    assert report(centre, platform, visit.permit, number="2", key=bytes(32)).status_code == 403
    other = report(centre, platform, visit.permit, number="3", at=platform.CLOCK.now() + timedelta(minutes=6))
    assert (other.status_code, other.json()["rule"]) == (422, "WINDOW")
    assert Passage.objects.count() == 1


def test_a_gate_speaks_for_itself_and_only_until_its_centre_revokes_it(centre, staff, platform):
    by = {"actor": staff, "clock": platform.CLOCK}
    outsider = {"actor": Actor("p2", Role.CENTRE, str(uuid.uuid4())), "clock": platform.CLOCK}
    key = actions.enrol_gate(centre, gate=" 1号门 ", **by)
    before = Entry.objects.count()
    for act, rule in (
        (lambda: actions.enrol_gate(centre, gate="1号门", **by), "GATE"),
        (lambda: actions.enrol_gate(centre, gate="  ", **by), "GATE"),
        (lambda: actions.enrol_gate(centre, gate="2号门", **outsider), "ROLE"),
        (lambda: actions.revoke_gate(key, **outsider), "ROLE"),
    ):
        with pytest.raises(Refusal) as caught:
            act()
        assert caught.value.rule == rule
    assert (GateKey.objects.count(), Entry.objects.count()) == (1, before)
    assert report(centre, platform, "nobody").status_code == 200
    assert report(centre, platform, "nobody", gate="2号门", number="2").json()["rule"] == "GATE"
    assert queries.gates_of(centre).get().seen_at == platform.CLOCK.now()
    actions.revoke_gate(key, **by)
    answer = report(centre, platform, "nobody", number="3")
    assert (answer.status_code, answer.json()["rule"]) == (403, "GATE-KEY")
    with pytest.raises(Refusal):
        actions.revoke_gate(key, **by)
    another = actions.enrol_gate(centre, gate="1号门", **by)
    assert secret_of(another) != secret_of(key)
    bodies = b"".join(bytes(one.body) for one in Entry.objects.all())
    assert secret_of(key).hex().encode() not in bodies
    assert Passage.objects.count() == 1


def test_the_page_shows_a_key_once(centre, staff, platform):
    def shown(request):
        request.actor = staff
        answer = views.gates(request)
        return answer, answer.content.decode()

    made, text = shown(RequestFactory().post("/access/gates/", {"gate": "1号门"}))
    key = GateKey.objects.get()
    assert secret_of(key).hex() in text
    assert made["Cache-Control"] == "no-store"
    _, later = shown(RequestFactory().get("/access/gates/"))
    assert "1号门" in later
    assert secret_of(key).hex() not in later
    _, refused = shown(RequestFactory().post("/access/gates/", {"gate": "1号门"}))
    assert "已有有效密钥" in refused


def test_strangers_and_late_leavers_are_noticed(centre, staff, platform):
    assert report(centre, platform, "nobody").json()["alarm"] == "STRANGER"
    visit = visit_of(centre, staff, platform)
    report(centre, platform, visit.permit, number="2")
    platform.CLOCK.moment = visit.closes_at + timedelta(minutes=31)
    assert queries.overstaying(staff, platform.CLOCK.now()) == [visit]
    elsewhere = Actor("p2", Role.CENTRE, str(uuid.uuid4()))
    assert not queries.visible_to(elsewhere).exists()
    assert queries.visible_to(Actor("p3", Role.SUPERVISOR, str(uuid.uuid4()))).exists()
    assert not queries.visible_to(Actor("p4", Role.AGENCY, str(uuid.uuid4()))).exists()
    actions.leave(visit, actor=staff, clock=platform.CLOCK)
    assert report(centre, platform, visit.permit, zone="候评区", number="3").json()["alarm"] == "STRANGER"


def test_only_the_own_staff_decides_and_a_locker_holds_one_phone(centre, staff, platform):
    by = {"actor": staff, "clock": platform.CLOCK}
    first, second = (visit_of(centre, staff, platform) for _ in range(2))
    actions.store_phone(first, locker="A1", **by)
    with pytest.raises(Refusal, match="已被占用"):
        actions.store_phone(second, locker="A1", **by)
    doubtful = visit_of(centre, staff, platform, NO_COMPARISON)
    outsider = {"actor": Actor("p2", Role.CENTRE, str(uuid.uuid4())), "clock": platform.CLOCK}
    with pytest.raises(Refusal, match="只能办理本中心"):
        actions.admit(doubtful, decision="核对证件", **outsider)
    with pytest.raises(Refusal, match="请写明"):
        actions.refuse(doubtful, decision="", **by)
    assert actions.refuse(doubtful, decision="证件与本人不符", **by).state == VisitState.REFUSED


def test_the_device_is_asked_over_http_and_its_silence_means_a_person(platform):
    platform.GATE_URL = ""
    assert compare("123456") == NO_COMPARISON
    server = serve(Device(), 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    platform.GATE_URL = f"http://127.0.0.1:{server.server_port}"
    assert compare("123456") == Comparison(9500, True)
    scenario = urllib.request.Request(
        f"{platform.GATE_URL}/scenario", json.dumps({"score": 4000, "live": True}).encode(), method="POST"
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(scenario, timeout=5) as answer:
        assert json.load(answer)["simulator"] is True
    assert compare("123456") == Comparison(4000, True)
    server.shutdown()
    server.server_close()
    assert compare("123456") == NO_COMPARISON


