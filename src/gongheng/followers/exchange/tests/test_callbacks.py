"""Callbacks: made from the log, sent until acknowledged, received once; the simulated city over real sockets."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest
from django.db import connection

from gongheng.crypto import canonical, labels, signing
from gongheng.crypto import exchange as proofs
from gongheng.followers.exchange import actions, queries, rules, sending
from gongheng.followers.exchange.models import Callback
from gongheng.followers.exchange.openapi import example_callback
from gongheng.followers.exchange.operations import EVENTS
from gongheng.followers.exchange.schema import check
from gongheng.followers.exchange.tests.city import deliver_all, follow, listening
from gongheng.trading.coordination.models import VenueOrder
from gongheng.trust.evidence.models import Entry
from tools.city.conformance.checks import Receiving, of_receiver
from tools.city.venue import Venue


@pytest.mark.parametrize("scenario", ["confirm", "refuse", "silent"])
def test_a_simulated_city_answers_a_real_offer(hub, scene, jinan, scenario):
    """Registered, told, its receipt kept, answered by seats of its own plan."""
    order = scene.request(reroute_limit=0)
    venue = Venue(jinan.client, "370100", scenario)
    with listening(jinan, scene.clock, venue.hear) as origin:
        city = jinan.system
        city.notify_origin = origin
        city.save()
        jinan.client.call("set_notify_url", {"url": f"{origin}/callbacks"})
        follow()
        assert deliver_all(scene.clock) == 1
    callback = Callback.objects.get()
    check(callback.data, EVENTS["offer"].data)
    assert proofs.is_proved(
        "sm2", jinan.system.key, bytes(callback.acknowledgement), bytes(callback.acknowledgement_signature),
        labels.EXCHANGE_ACK,
    )
    venue.offers.put(None)
    said = []
    venue.work(said.append)
    order.refresh_from_db()
    assert order.state == {"confirm": "offered", "refuse": "not_passed", "silent": "requested"}[scenario]
    assert len(said) == 1


def test_everybody_concerned_is_told_how_it_went_and_nobody_else(hub, scene, agency, jinan, qingdao):
    stranger = hub.join(scene.outsider, "venue")
    supervision = hub.join(scene.supervisor, "supervision")
    sandbox = hub.join(scene.jinan, "venue", is_sandbox=True)
    for one in (agency, jinan, qingdao, stranger, supervision, sandbox):
        one.client.call("set_notify_url", {"url": "http://127.0.0.1:1/x"})
    scene.confirmed()
    follow()
    told = {
        one.system.pk: [(each.event, each.data["what"]) for each in one.system.callbacks.order_by("made_at", "event")]
        for one in (agency, jinan, qingdao, stranger, supervision, sandbox)
    }
    outcome = {("order", "main_confirm"), ("order", "complete")}
    assert set(told[agency.system.pk]) == set(told[supervision.system.pk]) == outcome
    assert set(told[jinan.system.pk]) == set(told[qingdao.system.pk]) == outcome | {("offer", "send")}
    assert told[stranger.system.pk] == told[sandbox.system.pk] == []
    for callback in Callback.objects.all():
        check(callback.data, EVENTS[callback.event].data)
        assert "李四" not in str(callback.data)


def test_a_receiver_that_is_away_is_tried_again(scene, jinan):
    jinan.client.call("set_notify_url", {"url": "http://127.0.0.1:1/x"})
    scene.request()
    follow()
    system = queries.with_callbacks_to_send(scene.clock.now()).get()
    with pytest.raises(httpx.ConnectError):
        actions.deliver_next(system, clock=scene.clock)
    callback = Callback.objects.get()
    assert (callback.tries, callback.problem, callback.delivered_at) == (1, "连接不上", None)
    assert not Entry.objects.filter(verb="exchange.deliver").exists()
    heard = []
    with listening(jinan, scene.clock, lambda event, data: heard.append(event)) as origin:
        jinan.system.notify_url = f"{origin}/x"
        jinan.system.save()
        assert deliver_all(scene.clock) == 1
        assert heard == ["offer"]
        assert deliver_all(scene.clock) == 0
    assert Entry.objects.filter(verb="exchange.deliver").count() == 1


def test_what_could_not_be_delivered_for_three_days_is_let_go(scene, jinan):
    jinan.client.call("set_notify_url", {"url": "http://127.0.0.1:1/x"})
    scene.request()
    follow()
    scene.clock.advance_to(scene.clock.now() + rules.LONGEST_WAIT)
    assert not queries.with_callbacks_to_send(scene.clock.now()).exists()
    assert queries.figures(jinan.system, scene.clock.now())["lost"] == 1


def test_a_revoked_system_is_told_nothing_more(hub, scene, jinan):
    jinan.client.call("set_notify_url", {"url": "http://127.0.0.1:1/x"})
    scene.request()
    follow()
    actions.revoke_system(jinan.system, reason="下线", actor=hub.actor, clock=scene.clock)
    assert not queries.with_callbacks_to_send(scene.clock.now()).exists()


def test_the_receiver_of_the_library_keeps_the_rules(scene, qingdao, platform):
    private, public = signing.generate()
    qingdao.client.platform_key = public
    heard = []
    with listening(qingdao, scene.clock, lambda event, data: heard.append(event)) as origin, httpx.Client() as http:
        to = Receiving(
            f"{origin}/x", qingdao.system.system_no, "hmac-sm3", qingdao.client.key.secret, private, http,
            scene.clock.now,
        )
        failed = [one for one in of_receiver(to) if not one.is_passed]
    assert failed == []
    assert len(heard) == 2  # the right one, and the repeated one once


def test_a_careless_receiver_fails_the_kit(scene, qingdao):
    """The kit would be worth nothing if whoever answers 200 to everything passed it."""
    private, _ = signing.generate()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=b"{}")

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        to = Receiving(
            "http://x", qingdao.system.system_no, "hmac-sm3", qingdao.client.key.secret, private, http, scene.clock.now
        )
        assert not any(one.is_passed for one in of_receiver(to))


def test_the_acknowledgement_counts_only_for_its_own_message(scene, jinan):
    """2xx ends the sending; without a valid proof the platform says that it holds none."""
    jinan.client.call("set_notify_url", {"url": "http://127.0.0.1:1/x"})
    scene.request()
    follow()
    wrong = canonical.encode(example_callback(EVENTS["offer"]))
    with _answering(wrong, jinan.client.key.prove(wrong, labels.EXCHANGE_ACK)) as url:
        jinan.system.notify_url = url
        jinan.system.save()
        assert deliver_all(scene.clock) == 1
    assert Callback.objects.get().acknowledgement is None
    assert VenueOrder.objects.get().state == "requested"


@contextmanager
def _answering(body: bytes, proof: str):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-Gongheng-Signature", proof)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args) -> None:
            """Keep no access log."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/x"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.django_db(transaction=True)
def test_one_dead_receiver_keeps_nobody_else_waiting(scene, jinan, qingdao, platform):
    jinan.client.call("set_notify_url", {"url": "http://127.0.0.1:1/x"})
    qingdao.client.call("set_notify_url", {"url": "http://127.0.0.1:1/x"})
    scene.confirmed()
    follow()
    stop, heard = threading.Event(), []

    def hear(event: str, data: dict) -> None:
        heard.append((event, data["what"]))
        if len(heard) == 3:
            stop.set()

    def send() -> None:
        sending.run(stop)
        connection.close()

    with listening(qingdao, scene.clock, hear) as origin:
        qingdao.system.notify_url = f"{origin}/x"
        qingdao.system.save()
        sender = threading.Thread(target=send)
        sender.start()
        sender.join(timeout=60)
    assert not sender.is_alive()
    assert sorted(heard) == [("offer", "send"), ("order", "complete"), ("order", "main_confirm")]
    assert jinan.system.callbacks.filter(delivered_at=None, tries__gte=1).exists()
    assert not qingdao.system.callbacks.filter(delivered_at=None).exists()
