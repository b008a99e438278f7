"""What messages must be; no database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.setup.interface import PAGE, text
from gongheng.crypto import canonical, exchange, labels, signing
from gongheng.followers.exchange import fields as f
from gongheng.followers.exchange import operations, rules, schema
from gongheng.followers.exchange.openapi import document, example_call, example_callback, example_reply
from gongheng.kernel.refusal import Refusal

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
GOOD = example_call(operations.OPERATIONS["seat_check"])


def rule_of(call, *arguments, **named) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as caught:
        call(*arguments, **named)
    return caught.value.rule, caught.value.field


@pytest.mark.parametrize("one", operations.OPERATIONS.values(), ids=lambda one: one.name)
def test_examples_of_operations_are_as_their_schemas_say(one):
    schema.check(example_call(one), operations.call_schema(one))
    schema.check(example_reply(one), operations.reply_schema(one.answer))
    body = canonical.encode(example_call(one))
    assert rules.check_operation(rules.read_call(body, one.name), one.kinds[0]) is one


@pytest.mark.parametrize("one", operations.EVENTS.values(), ids=lambda one: one.name)
def test_examples_of_callbacks_are_as_their_schemas_say(one):
    schema.check(example_callback(one), operations.callback_schema(one))


def test_the_document_names_every_operation_and_callback():
    told = document("https://platform.example")
    assert told["openapi"] == "3.1.0"
    assert set(told["paths"]) == {f"/api/exchange/{name}" for name in operations.OPERATIONS}
    assert set(told["webhooks"]) == set(operations.EVENTS)
    responses = told["paths"]["/api/exchange/apply"]["post"]["responses"]
    assert set(responses) == {"200", "400", "401", "403", "404", "409", "413", "422"}
    assert set(map(str, rules.STATUS.values())) < set(responses)


def test_the_kept_document_is_current():
    assert PAGE.read_text() == text(), "run PYTHONPATH=src:. python -m config.setup.interface"


@pytest.mark.parametrize(("changes", "rule", "field"), [
    ({"v": 2}, "ENVELOPE", "报文.v"), ({"v": True}, "ENVELOPE", "报文.v"), ({"id": "1"}, "ENVELOPE", "报文.id"),
    ({"at": "2026-03-02 01:00"}, "ENVELOPE", "报文.at"), ({"at": "2026-13-02T01:00:00.000Z"}, "ENVELOPE", "at"),
    ({"nonce": "short"}, "ENVELOPE", "报文.nonce"), ({"nonce": "a" * 22 + "\n"}, "ENVELOPE", "报文.nonce"),
    ({"system": ""}, "ENVELOPE", "报文.system"), ({"op": "hall"}, "ENVELOPE", "op"), ({"op": 3}, "ENVELOPE", "op"),
    ({"data": []}, "ENVELOPE", None), ({"more": 1}, "ENVELOPE", None),
])
def test_an_envelope_out_of_form_is_refused(changes, rule, field):
    assert rule_of(rules.read_call, canonical.encode(GOOD | changes), "seat_check") == (rule, field)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"v": 1}', b"\xff", b"{" * 100])
def test_what_is_no_canonical_object_is_refused(body):
    assert rule_of(rules.read_call, body, "hall")[0] in ("JSON", "ENVELOPE")


def test_too_long_a_message_is_refused():
    body = canonical.encode(GOOD | {"data": {"x": "a" * rules.MOST_BYTES}})
    assert rule_of(rules.read_call, body, "seat_check")[0] == "SIZE"


@pytest.mark.parametrize(("data", "field"), [
    ({}, "data.region"), ({"region": 370200}, "data.region"), ({"region": "３７０２００"}, "data.region"),
    ({"seats": 0}, "data.seats"), ({"seats": True}, "data.seats"), ({"seats": "2"}, "data.seats"),
    ({"more": 1}, "data.more"), ({"starts_at": "2026-03-05T01:00:00.000Z\n"}, "data.starts_at"),
])
def test_bad_data_is_refused_by_the_name_of_its_field(data, field):
    sent = data and GOOD["data"] | data
    envelope = rules.read_call(canonical.encode(GOOD | {"data": sent}), "seat_check")
    assert rule_of(rules.check_operation, envelope, "venue") == ("FIELD", field)


def test_inner_fields_are_named_by_their_place():
    example = operations.OPERATIONS["apply"]
    call = example_call(example)
    call["data"]["sub_venues"] = [{"region": "370200", "seats": 2}, {"region": "370600", "seats": 1}]
    envelope = rules.read_call(canonical.encode(call), "apply")
    assert rule_of(rules.check_operation, envelope, "trading") == ("FIELD", "data.sub_venues[1].seats")


def test_operations_are_open_to_their_kinds_only():
    envelope = rules.read_call(canonical.encode(example_call(operations.OPERATIONS["apply"])), "apply")
    assert rule_of(rules.check_operation, envelope, "venue") == ("KIND", "op")
    unknown = rules.read_call(canonical.encode(GOOD | {"op": "nothing"}), "nothing")
    assert rule_of(rules.check_operation, unknown, "venue") == ("OP", "op")


@given(st.timedeltas(timedelta(minutes=-20), timedelta(minutes=20)))
def test_only_what_is_within_five_minutes_counts(shift):
    if abs(shift) > timedelta(minutes=5):
        assert rule_of(rules.check_time, NOW + shift, NOW) == ("WINDOW", "at")
    else:
        rules.check_time(NOW + shift, NOW)


@pytest.mark.parametrize(("text", "expected"), [
    ("https://venues.example", "https://venues.example"),
    ("https://Venues.example:8443/", "https://venues.example:8443"),
])
def test_an_origin_is_scheme_and_host(text, expected):
    assert rules.clean_origin(text, is_demonstration=False) == expected


@pytest.mark.parametrize("text", [
    "http://venues.example", "ftp://venues.example", "https://", "venues.example", "https://a@venues.example",
    "https://venues.example/path", "https://venues.example:99999", "https://venues.example#x",
    "https://ven ues.example",
])
def test_no_other_origin_is_taken(text):
    assert rule_of(rules.clean_origin, text, is_demonstration=False)[0] == "URL"


@pytest.mark.parametrize("url", [
    "https://other.example/x", "https://venues.example.evil/x", "https://venues.example@evil/x",
    "https://venues.example:444/x", "http://venues.example/x", "https://venues.example\\@evil/x", "//venues.example/x",
])
def test_callbacks_stay_below_the_registered_origin(url):
    assert rule_of(rules.check_url, url, "https://venues.example") == ("URL", "data.url")


def test_a_url_below_the_origin_is_taken():
    rules.check_url("https://venues.example/gongheng?x=1", "https://venues.example")


@given(st.binary(max_size=200), st.sampled_from(["sm2", "hmac-sm3"]))
def test_a_proof_holds_for_its_bytes_key_and_label_only(message, algorithm):
    private, public = signing.generate()
    key = public if algorithm == "sm2" else private
    proof = exchange.prove(algorithm, private, message, labels.EXCHANGE_CALL)
    assert exchange.is_proved(algorithm, key, message, proof, labels.EXCHANGE_CALL)
    assert not exchange.is_proved(algorithm, key, message + b"x", proof, labels.EXCHANGE_CALL)
    assert not exchange.is_proved(algorithm, key, message, proof, labels.EXCHANGE_ACK)
    assert not exchange.is_proved(algorithm, key, message, proof[:-1], labels.EXCHANGE_CALL)


def test_every_array_and_number_is_bounded():
    """The checker reads these bounds: a schema without them would fail only when it is used."""

    def walk(part: dict):
        kind = part["type"][0] if isinstance(part["type"], list) else part["type"]
        if kind == "array":
            assert "maxItems" in part
            walk(part["items"])
        if kind == "integer":
            assert {"minimum", "maximum"} <= set(part)
        for inner in part.get("properties", {}).values():
            walk(inner)

    for one in operations.OPERATIONS.values():
        walk(operations.call_schema(one))
        walk(operations.reply_schema(one.answer))
    assert f.ORDER["required"]
