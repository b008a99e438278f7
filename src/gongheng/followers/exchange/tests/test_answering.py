"""Calls through the address itself: who is let in, what is answered, what is left behind."""

import json
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection

from gongheng.crypto import canonical, labels, signing
from gongheng.followers.exchange import actions, rules
from gongheng.followers.exchange.models import Call, Nonce
from gongheng.trading.coordination.models import VenueOrder
from gongheng.trading.coordination.tests.scene import ENDS, STARTS
from gongheng.trust.evidence.models import Entry
from tools.city.client import Key, Refused, digest, is_receipt
from tools.city.conformance.checks import of_platform

SESSION = {
    "starts_at": canonical.timestamp(STARTS), "ends_at": canonical.timestamp(ENDS), "main_seats": 3,
    "sub_venues": [{"region": "370200", "seats": 2}], "contact": "李四", "phone": "13800000000",
}


def entries(verb: str) -> list[dict]:
    return [canonical.decode(bytes(one.body))["facts"] for one in Entry.objects.filter(verb=verb).order_by("id")]


def refusal(client, op: str, data: dict, **named) -> Refused:
    with pytest.raises(Refused) as caught:
        client.call(op, data, **named)
    return caught.value


@pytest.mark.parametrize("which", ["jinan", "qingdao"])
def test_the_conformance_kit_passes(request, which):
    """Signature and tag alike: forged, replayed, delayed, repeated, malformed calls are told apart."""
    failed = [check for check in of_platform(request.getfixturevalue(which).client) if not check.is_passed]
    assert failed == []


def test_both_sides_hold_proof_of_a_call(jinan, tmp_path):
    jinan.client.receipts = tmp_path / "receipts"
    jinan.client.call("hall", {})
    (kept,) = jinan.client.receipts.iterdir()
    receipt = json.loads(kept.read_text())
    assert is_receipt(receipt, jinan.client.platform_key)
    call = Call.objects.get()
    request = canonical.unb64(receipt["request"])
    assert bytes(call.request) == request
    assert signing.verify(jinan.system.key, request, bytes(call.signature), labels.EXCHANGE_CALL)
    (told,) = entries("exchange.answer")
    assert told["digest"] == kept.stem == digest(labels.EXCHANGE_CALL, request)
    assert told["reply"] == digest(labels.EXCHANGE_REPLY, canonical.unb64(receipt["reply"]))


def test_both_sides_hold_proof_of_a_refused_forgery(jinan):
    body = jinan.client.message("hall", {})
    forged = Key("sm2", signing.generate()[0]).prove(body, labels.EXCHANGE_CALL)
    answer = jinan.client.ask("hall", body, signature=forged)  # checks the platform's signature over the digest
    assert (answer.status, answer.said["error"]["rule"]) == (401, "SIGNATURE")
    assert entries("exchange.refuse") == [{"digest": digest(labels.EXCHANGE_CALL, body), "rule": "SIGNATURE"}]
    assert not Call.objects.exists()
    assert not Nonce.objects.exists()


def test_a_flood_of_forgeries_does_not_fill_the_log(jinan, scene):
    for _ in range(rules.MOST_REFUSED_A_MINUTE + 3):
        jinan.client.ask("hall", jinan.client.message("hall", {}), signature="")
    assert len(entries("exchange.refuse")) == rules.MOST_REFUSED_A_MINUTE
    scene.clock.advance_to(scene.clock.now() + timedelta(seconds=61))
    jinan.client.ask("hall", jinan.client.message("hall", {}), signature="")
    assert len(entries("exchange.refuse")) == rules.MOST_REFUSED_A_MINUTE + 1


def test_a_revoked_system_is_out_at_once(hub, jinan):
    jinan.client.call("hall", {})
    actions.revoke_system(jinan.system, reason="密钥遗失", actor=hub.actor, clock=hub.scene.clock)
    assert refusal(jinan.client, "hall", {}).rule == "REVOKED"
    assert entries("exchange.refuse")[-1]["rule"] == "REVOKED"


def test_nonces_are_forgotten_when_they_no_longer_matter(jinan, scene):
    jinan.client.call("hall", {})
    scene.clock.advance_to(scene.clock.now() + timedelta(minutes=11))
    jinan.client.call("hall", {})
    assert Nonce.objects.count() == 1


def test_a_whole_order_by_the_interface(agency, jinan, qingdao, scene):
    """Host applies, both centres confirm with the seats proposed to them, everybody reads the outcome."""
    asked = agency.client.call("apply", {"lot": scene.lot.code, **SESSION})
    number = asked["number"]
    assert asked["state"] == "requested"
    assert refusal(qingdao.client, "query", {"number": number}).rule == "ORDER"  # not asked yet
    for centre, state in ((jinan, "offered"), (qingdao, "confirmed")):
        (order,) = centre.client.call("query", {"number": number})["orders"]
        region = centre.system.organisation.region
        mine = next(one for one in order["venues"] if one["region"] == region)
        proposal = centre.client.call("seat_check", {
            "region": region, "starts_at": order["starts_at"], "ends_at": order["ends_at"],
            "seats": mine["seats_wanted"],
        })["proposal"]
        done = centre.client.call("notify", {"number": number, "decision": "confirm", "seats": proposal})
        assert done == {"number": number, "state": state, "offer": "confirmed"}
    (seen,) = agency.client.call("query", {})["orders"]
    assert seen["state"] == "confirmed"
    assert [one["seats"] for one in seen["venues"]] == [[], []]  # seat numbers are their own centre's
    (seen,) = qingdao.client.call("query", {})["orders"]
    assert [len(one["seats"]) for one in seen["venues"]] == [0, 2]


def test_cancelling_withdraws_what_is_pending_and_asks_about_what_stands(agency, scene):
    number = agency.client.call("apply", {"lot": scene.lot.code, **SESSION})["number"]
    assert agency.client.call("cancel", {"number": number, "reason": "改期"})["state"] == "cancelled"
    standing = scene.confirmed()
    asked = agency.client.call("cancel", {"number": standing.number, "reason": "终止"})
    assert asked["number"].startswith("QX")
    assert asked["state"] == "requested"


def test_a_change_is_linked_to_its_original(agency, scene):
    standing = scene.confirmed()
    later = {
        "starts_at": canonical.timestamp(STARTS + timedelta(hours=1)),
        "ends_at": canonical.timestamp(ENDS + timedelta(hours=1)),
    }
    asked = agency.client.call("change", {"number": standing.number, "reason": "推迟", **SESSION | later})
    assert VenueOrder.objects.get(number=asked["number"]).original == standing


@pytest.mark.parametrize(("op", "data", "rule", "field"), [
    ("apply", {"lot": "没有这个标段", **SESSION}, "LOT", "data.lot"),
    ("apply", SESSION | {"sub_venues": [{"region": "379900", "seats": 2}]}, "REGION", "data.sub_venues[0].region"),
    ("apply", SESSION | {"sub_venues": [{"region": "370200", "seats": 2}] * 2}, "SUB-VENUE", "data.sub_venues"),
    ("apply", SESSION | {"main_seats": 4}, "COMMITTEE", "main_seats"),
    ("apply", SESSION | {"ends_at": "2026-02-31T01:00:00.000Z"}, "FIELD", "data.ends_at"),
    ("cancel", {"number": "SQ" + "0" * 14, "reason": "x"}, "ORDER", "data.number"),
    ("seat_check", {"region": "379900", "starts_at": SESSION["starts_at"], "ends_at": SESSION["ends_at"], "seats": 1},
     "REGION", "data.region"),
    ("seat_check", {"region": "370200", "starts_at": SESSION["ends_at"], "ends_at": SESSION["starts_at"], "seats": 1},
     "DAY", "data.ends_at"),
    ("set_notify_url", {"url": "http://127.0.0.1:2/x"}, "URL", "data.url"),
])
def test_a_refused_call_changes_nothing_but_is_remembered(agency, scene, op, data, rule, field):
    if op == "apply":
        data = {"lot": scene.lot.code, **data}
    id = str(uuid.uuid4())
    said = refusal(agency.client, op, data, id=id)
    assert (said.rule, said.field, said.status) == (rule, field, 422)
    assert said.message.endswith("。")
    assert not VenueOrder.objects.exists()
    assert agency.refreshed().notify_url == ""
    assert entries("exchange.answer")[-1]["outcome"] == rule
    again = agency.client.ask(op, agency.client.message(op, data, id=id))
    assert again.said["is_repeated"]
    assert again.said["error"]["rule"] == rule


def test_an_answer_to_an_offer_is_checked_as_on_the_page(jinan, qingdao, scene):
    number = scene.request().number
    assert refusal(qingdao.client, "notify", {"number": number, "decision": "refuse", "reason": "x"}).rule == "OFFER"
    seat = {"room": "第1评标室", "number": "01"}
    few = refusal(jinan.client, "notify", {"number": number, "decision": "confirm", "seats": [seat]})
    assert (few.rule, few.field) == ("SEATS", "seats")
    unknown = {"number": number, "decision": "confirm", "seats": [seat, {"room": "第9评标室", "number": "01"}]}
    assert refusal(jinan.client, "notify", unknown).field == "data.seats[1]"
    assert refusal(jinan.client, "notify", {"number": number, "decision": "refuse"}).rule == "REASON"
    done = jinan.client.call("notify", {"number": number, "decision": "refuse", "reason": "检修"})
    assert (done["offer"], done["state"]) == ("refused", "not_passed")


def test_another_centre_learns_how_many_seats_are_free_but_not_which(jinan):
    asked = {"region": "370200", "starts_at": SESSION["starts_at"], "ends_at": SESSION["ends_at"], "seats": 2}
    told = jinan.client.call("seat_check", asked)
    assert (told["is_met"], told["free"], told["proposal"]) == (True, 8, [])


def test_a_sandbox_computes_and_leaves_no_trace_in_the_trade(hub, scene):
    sandbox = hub.join(scene.agency, "trading", is_sandbox=True)
    before = Entry.objects.count()
    answer = sandbox.client.ask("apply", sandbox.client.message("apply", {"lot": scene.lot.code, **SESSION}))
    assert answer.said["is_sandbox"]
    assert answer.data["number"].startswith("SQ")
    assert not VenueOrder.objects.exists()
    assert Entry.objects.count() == before + 1  # the call alone
    assert Call.objects.get().is_rehearsal
    assert refusal(sandbox.client, "query", {"number": answer.data["number"]}).rule == "ORDER"


def test_a_retry_after_a_lost_answer_orders_once(agency, scene):
    id, data = str(uuid.uuid4()), {"lot": scene.lot.code, **SESSION}
    first = agency.client.call("apply", data, id=id)
    assert agency.client.call("apply", data, id=id) == first
    assert VenueOrder.objects.count() == 1
    assert refusal(agency.client, "apply", data | {"contact": "王五"}, id=id).rule == "ID"


@pytest.mark.django_db(transaction=True)
def test_copies_that_arrive_together_order_once(agency, scene):
    id, data, answers = str(uuid.uuid4()), {"lot": scene.lot.code, **SESSION}, []

    def ask() -> None:
        answers.append(agency.client.ask("apply", agency.client.message("apply", data, id=id)).said)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert VenueOrder.objects.count() == 1
    assert sorted(one["is_repeated"] for one in answers) == [False] + [True] * 5
    assert len({one["data"]["number"] for one in answers}) == 1


def test_an_oversized_call_is_refused(jinan):
    answer = jinan.client.ask("hall", b"{" * (rules.MOST_BYTES + 1), signature="")
    assert (answer.status, answer.said["error"]["rule"]) == (413, "SIZE")
