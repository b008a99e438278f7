"""Experts are called over HTTP by a simulator: every answer, redials, then the SMS, with the carrier's evidence."""

import threading
from contextlib import contextmanager

import httpx
import pytest

from gongheng.crypto import canonical
from gongheng.kernel.roles import THE_CLOCK
from gongheng.trading.draws import notifying, rules
from gongheng.trading.draws.actions import calling, seating
from gongheng.trading.draws.models import Call, Pick
from gongheng.trading.draws.tests.parties import expert_actor, expert_of
from gongheng.trust.evidence.models import Entry
from tools.sms.__main__ import serve as serve_sms
from tools.sms.outbox import Outbox
from tools.voice.__main__ import serve as serve_voice
from tools.voice.exchange import Exchange


@contextmanager
def running(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def carrier(tmp_path, settings):
    exchange, outbox = Exchange(tmp_path / "voice"), Outbox(tmp_path / "sms")
    with running(serve_voice(exchange, 0)) as voice, running(serve_sms(outbox, 0)) as sms:
        settings.VOICE_URL, settings.SMS_URL = voice, sms
        exchange.outbox = outbox
        yield exchange


def telephone(table, pick: Pick, behaviour, carrier) -> str:
    """Let the expert's telephone behave so, have him announced, and let the clock's hand move until nothing is due."""
    phone = expert_of(pick.draw, pick).person.phone
    carrier.behave(phone, behaviour)
    notifying.announce(Entry.objects.get(verb="pick.invite", subject=f"pick:{pick.pk}"))
    clock = table.scene.clock
    for _ in range(12):
        call = Call.objects.filter(pick=pick).exclude(next_due_at=None).first()
        if call is None:
            break
        clock.advance_to(call.next_due_at)
        act = calling.dial_call if call.state == "waiting" else calling.end_call
        act(call, actor=THE_CLOCK, clock=clock)
    pick.refresh_from_db()
    return phone


@pytest.mark.parametrize(("behaviour", "state", "calls", "outcome"), [
    ("accept", "accepted", 1, "accept"), ("refuse", "refused", 1, "refuse"), ("repeat_accept", "accepted", 1, "accept"),
    (["no_answer", "busy", "accept"], "accepted", 3, "accept"), ("no_answer", "invited", rules.CALLS, "no_answer"),
    ("busy", "invited", rules.CALLS, "busy"), ("silent", "invited", rules.CALLS, "silent"),
    ("off", "invited", 1, "off"),
])
def test_what_the_telephone_does_decides(table, carrier, behaviour, state, calls, outcome):
    draw = table.drawn()
    pick = draw.picks.filter(state="invited").first()
    phone = telephone(table, pick, behaviour, carrier)
    assert (pick.state, pick.calls.count(), pick.calls.last().outcome) == (state, calls, outcome)
    assert len(carrier.to(phone)) == calls
    unreached = Entry.objects.filter(verb="draws.unreached", subject=f"pick:{pick.pk}")
    assert unreached.count() == (state == "invited")
    for entry in unreached:
        notifying.send_invitation(entry)
    assert len(carrier.outbox.to(phone)) == unreached.count()


def test_the_evidence_holds_what_the_carrier_said_and_neither_number_nor_keys(table, carrier):
    draw = table.drawn()
    pick = draw.picks.filter(state="invited").first()
    phone = telephone(table, pick, "refuse", carrier)
    body = bytes(Entry.objects.get(verb="call.end").body).decode()
    facts = canonical.decode(body.encode())["facts"]
    assert {"carrier", "started", "answered", "events", "outcome", "pid", "number"} <= set(facts)
    assert facts["carrier"] == carrier.to(phone)[0]["id"]
    logged = b"".join(map(bytes, Entry.objects.values_list("body", flat=True))).decode()
    assert phone not in logged
    assert draw.picks.filter(state="invited").count() == 5


def test_the_voice_says_time_city_and_duration_only(table, carrier):
    draw = table.drawn()
    pick = draw.picks.filter(state="invited").first()
    text = carrier.to(telephone(table, pick, "accept", carrier))[0]["text"]
    lot = table.scene.lot
    assert "济南市参加评审，预计6小时" in text or "青岛市参加评审，预计6小时" in text
    assert not any(word in text for word in (lot.name, lot.code, lot.tender_project.name, "标", pick.centre.short_name))


def test_a_call_is_placed_once_however_often_it_is_asked_for(table, carrier):
    draw = table.drawn()
    pick = draw.picks.filter(state="invited").first()
    entry = Entry.objects.get(verb="pick.invite", subject=f"pick:{pick.pk}")
    notifying.announce(entry)
    notifying.announce(entry)
    call = pick.calls.get()
    assert carrier.place(str(call.pk), "1", "x") == carrier.place(str(call.pk), "1", "x")
    calling.dial_call(call, actor=THE_CLOCK, clock=table.scene.clock)
    assert call.carrier_id == carrier.place(str(call.pk), "1", "x")
    assert len(carrier.to("")) == 1


def test_who_answered_on_the_page_is_not_called_any_more(table, carrier):
    draw = table.drawn()
    pick = draw.picks.filter(state="invited").first()
    notifying.announce(Entry.objects.get(verb="pick.invite", subject=f"pick:{pick.pk}"))
    seating.accept_invitation(pick, actor=expert_actor(draw, pick), clock=table.scene.clock)
    call = calling.dial_call(pick.calls.get(), actor=THE_CLOCK, clock=table.scene.clock)
    assert (call.state, call.outcome) == ("ended", "cancelled")
    assert carrier.to("") == []


def test_a_carrier_that_is_away_leaves_the_call_waiting(table, settings):
    settings.VOICE_URL = "http://127.0.0.1:9"
    pick = table.drawn().picks.filter(state="invited").first()
    call = calling.place_call(pick, clock=table.scene.clock)
    with pytest.raises(httpx.HTTPError):
        calling.dial_call(call, actor=THE_CLOCK, clock=table.scene.clock)
    call.refresh_from_db()
    assert call.state == "waiting"


def test_the_simulator_says_so_keeps_its_calls_and_refuses_nonsense(carrier, settings, tmp_path):
    def post(path, body):
        return httpx.post(settings.VOICE_URL + path, json=body, trust_env=False)

    told = post("/calls", {"key": "a", "to": "139", "text": "x"}).json()
    assert told["simulator"] is True
    assert post("/behaviour", {"to": "139", "behaviour": "busy"}).status_code == 200
    for path, body in (
        ("/calls", {"to": "139"}), ("/calls", [1]), ("/behaviour", {"to": "139", "behaviour": "dance"}),
        ("/behaviour", {"to": "139", "behaviour": []}),
    ):
        assert post(path, body).status_code == 400
    assert httpx.get(f"{settings.VOICE_URL}/calls/none", trust_env=False).status_code == 404
    again = Exchange(tmp_path / "voice")
    assert again.report(told["id"])["outcome"] == "off"
    again.place("b", "139", "x")
    assert again.to("139")[-1]["behaviour"] == "busy"
