"""Canonical JSON has exactly one byte form for a value, and refuses all others (规范化编码测试)."""

import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.crypto import canonical, labels
from gongheng.crypto.canonical import NotCanonical

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(
    lambda text: unicodedata.normalize("NFC", text)
)
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_every_value_comes_back_from_its_one_form(value):
    data = canonical.encode(value)
    assert canonical.decode(data) == value
    assert canonical.encode(canonical.decode(data)) == data


@given(st.binary(max_size=60))
def test_bytes_are_text_and_back(data):
    assert canonical.unb64(canonical.b64(data)) == data


def test_keys_are_ordered_by_utf16_units_as_browsers_do():
    # RFC 8785, 3.2.3: the emoji's surrogates sort before U+FB33 although its code point is larger.
    value = {"\u20ac": 1, "\r": 2, "\ufb00": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(canonical.decode(canonical.encode(value))) == [
        "\r",
        "1",
        "\u0080",
        "\u00f6",
        "\u20ac",
        "\U0001f600",
        "\ufb00",
    ]


def test_escapes_are_those_of_json_stringify():
    assert canonical.encode('\b\t\n\f\r"\\/\x1f\x7f公') == b'"\\b\\t\\n\\f\\r\\"\\\\/\\u001f\x7f\xe5\x85\xac"'


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{"a": 1}', b"1.0", b"1e2", b"-0", b"01", b"NaN", b"Infinity", b"[1,]",
        b"9007199254740992", b'"\\u0041"', b'"\\/"', b'"e\xcc\x81"', b'"\\ud800"', b"\xff", b"", b" 1",
        b"\xef\xbb\xbf1",
        b"[" * 70 + b"]" * 70, b"[" * 100_000, b'{"\xc3\xa9":1,"e\xcc\x81":2}',
    ],
)  # fmt: skip
def test_second_spellings_are_refused(data):
    with pytest.raises(NotCanonical):
        canonical.decode(data)


@pytest.mark.parametrize("value", [1.5, 2**53, -(2**53), b"x", {1: 2}, "\ud800", {"\u00e9": 1, "e\u0301": 2}, {1, 2}])
def test_values_without_one_form_are_refused(value):
    with pytest.raises(NotCanonical):
        canonical.encode(value)


@pytest.mark.parametrize("text", ["QQ==", "QR", "A", "a+b/", "QQ\n", "公", None, 3])
def test_second_spellings_of_bytes_are_refused(text):
    with pytest.raises(NotCanonical):
        canonical.unb64(text)


def test_moments_are_utc_with_milliseconds():
    moment = datetime(2026, 3, 1, 9, 0, 0, 123999, tzinfo=timezone(timedelta(hours=8)))
    assert canonical.timestamp(moment) == "2026-03-01T01:00:00.123Z"
    assert canonical.parse_timestamp("2026-03-01T01:00:00.123Z") == datetime(2026, 3, 1, 1, 0, 0, 123000, tzinfo=UTC)
    with pytest.raises(NotCanonical):
        canonical.timestamp(moment.replace(tzinfo=None))


@pytest.mark.parametrize(
    "text", ["2026-03-01T01:00:00Z", "2026-02-30T01:00:00.000Z", "2026-03-01T01:00:00.000+08", None]
)
def test_other_moments_are_refused(text):
    with pytest.raises(NotCanonical):
        canonical.parse_timestamp(text)


def test_no_two_labels_share_a_value():
    named = {name: value for name, value in vars(labels).items() if name.isupper() and isinstance(value, str)}
    assert len(set(named.values())) == len(named) == len(labels.ALL)
    assert all(value.startswith("ggzy/") and value.endswith("/v1") for value in named.values())


def test_digests_of_one_text_differ_by_label_and_unknown_labels_are_refused():
    assert len({labels.digest(label, b"x") for label in labels.ALL}) == len(labels.ALL)
    streamed = labels.hasher(labels.FILE)
    streamed.update(b"a")
    streamed.update(b"b")
    assert streamed.digest() == labels.digest(labels.FILE, b"ab")
    with pytest.raises(ValueError, match="unknown label"):
        labels.digest("ggzy/other/v1", b"x")


@given(st.lists(st.text(max_size=3), max_size=6))
def test_a_list_of_texts_is_written_as_its_texts_are(texts):
    written = [canonical.encode(text) for text in texts]
    assert canonical.encode(texts) == canonical.encode(tuple(texts)) == b"[" + b",".join(written) + b"]"
