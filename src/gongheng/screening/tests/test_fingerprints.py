"""Fingerprints: real devices are found; defaults, virtual cards, parks and shared sources are not."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.screening.fingerprints import KINDS, Saving, Trace, Usage, findings, hashed
from gongheng.screening.fingerprints.cleaning import cleaned
from gongheng.screening.fingerprints.indicators import INDICATORS

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)


def traces(kind: str, **values: str) -> list[Trace]:
    return [Trace(firm, kind, value, f"{firm}.log") for firm, value in values.items()]


def spoke(said) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.indicator, one.parties) for one in said.findings]


@pytest.mark.parametrize(("kind", "value", "code", "ratio"), [
    ("lock", "GLD-88231907", "F1", 500), ("licence", "LIC-2219-7761", "F1", 500),
    ("mac", "3C:52:82:1A:9F:04", "F3", 150),
    ("author", "赵工造价室", "F4", 5), ("pdf_id", "9f83a0c1d2e34b5f", "F5", 200), ("ip", "123.57.8.9", "F6", 8),
    ("certificate", "SN-0099882277", "F7", 300), ("phone", "+86 138-0000-1234", "F8", 300),
    ("agent", "h:aabbcc", "F9", 300),
])
def test_a_shared_value_speaks_with_its_starting_ratio(kind, value, code, ratio):
    said = findings(traces(kind, A=value, B=value, C="另外一个值778899"))
    assert spoke(said) == [(code, ("A", "B"))]
    assert said.findings[0].log_lr == pytest.approx(math.log(ratio), abs=1e-6)
    assert {fact.source for fact in said.findings[0].facts} == {"A.log", "B.log"}


@pytest.mark.parametrize(("kind", "value"), [
    ("mac", "00:0C:29:12:34:56"), ("mac", "02:11:22:33:44:55"), ("mac", "00:00:00:00:00:00"),
    ("mac", "ff:ff:ff:ff:ff:ff"),
    ("board", "To be filled by O.E.M."), ("cpu", "0000000000000000"), ("disk", "无"), ("author", "Administrator"),
    ("author", "微软中国"), ("modifier", "DESKTOP-8A7K2"), ("company", "-"), ("ip", "192.168.1.7"), ("ip", "不是地址"),
    ("font", "ABCDEE"), ("font", "BCDFEE"), ("created", "2026-03-01 00:00:00"), ("created", "1980-01-01 12:30:01"),
    ("phone", "12345"), ("lock", "12"),
])
def test_defaults_and_fill_ins_identify_nothing(kind, value):
    assert cleaned(kind, value) == ""
    said = findings(traces(kind, A=value, B=value))
    assert said.findings == ()
    assert KINDS[kind].code in {one.indicator for one in said.unknown}


def test_hardware_needs_two_of_three():
    one = traces("cpu", A="BFEBFBFF000906EA", B="BFEBFBFF000906EA")
    assert spoke(findings(one)) == []
    both = one + traces("disk", A="S3Z8NB0K123456", B="S3Z8NB0K123456") + traces("board", A="PF1ABCDE", B="PF2XYZQQ")
    assert spoke(findings(both)) == [("F2", ("A", "B"))]


def test_a_frequent_value_can_say_no_more_than_its_frequency_allows():
    value = "gld-88231907"
    usage = Usage(bids=1000, held={("lock", value): 20})
    said = findings(traces("lock", A="GLD-88231907", B="GLD-88231907"), usage=usage)
    assert said.findings[0].log_lr == pytest.approx(math.log(500 / (1 + 0.02 * 500)), abs=1e-6)
    assert said.findings[0].base_rate == pytest.approx(0.02)


def test_common_authors_and_the_own_files_of_the_tender_are_innocent():
    author = traces("author", A="赵工造价室", B="赵工造价室")
    assert spoke(findings(author, usage=Usage(bids=1000, held={("author", "赵工造价室"): 6}))) == []
    assert spoke(findings(author, usage=Usage(bids=1000, held={("author", "赵工造价室"): 4}))) == [("F4", ("A", "B"))]
    attached = traces("pdf_id", A="9f83a0c1d2e34b5f", B="9f83a0c1d2e34b5f")
    assert spoke(findings(attached, known=[("pdf_id", "9F83A0C1D2E34B5F")])) == []


def test_an_office_park_is_innocent_and_a_private_line_is_not():
    shared = traces("ip", A="123.57.8.9", B="123.57.8.9")
    weights = []
    for firms in (2, 5, 20, 100, 400):
        said = findings(shared, usage=Usage(firms={("ip", "123.57.8.9"): firms}))
        weights.append(said.findings[0].log_lr if said.findings else 0.0)
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == pytest.approx(math.log(8), abs=1e-6)
    assert weights[3:] == [0.0, 0.0]
    hall = traces("ip", A="123.57.8.9", B="123.57.8.9", C="123.57.8.9", D="123.57.8.9", E="123.57.8.10")
    assert spoke(findings(hall)) == []


def test_a_few_coincidences_of_files_are_no_identity():
    created = [Trace(firm, "created", f"2026-03-01 10:11:{second}", f"{firm}.pdf") for firm in "AB" for second in (12,)]
    assert spoke(findings(created)) == []
    created += [Trace(firm, "created", "2026-03-01 10:12:40", f"{firm}2.pdf") for firm in "AB"]
    assert spoke(findings(created)) == [("F5", ("A", "B"))]
    fonts = [Trace(firm, "font", tag, f"{firm}.pdf") for firm in "AB" for tag in ("QWKXZR", "PLMVNA")]
    assert spoke(findings(fonts)) == []


def test_devices_and_telephones_are_not_shown_whole():
    said = findings(traces("phone", A="13800001234", B="13800001234"))
    assert {fact.value for fact in said.findings[0].facts} == {"138…1234"}


def test_partners_of_a_joint_venture_are_one_bidder():
    # Both partners' files are traces of the one bid that the venture made.
    rows = [Trace("联合体", "lock", "GLD-88231907", f"{partner}.gbq") for partner in ("甲", "乙")]
    assert spoke(findings([*rows, *traces("lock", B="GLD-11112222")])) == []


def test_a_form_that_most_bidders_filled_in_is_no_identity():
    rows = traces("pdf_id", **dict.fromkeys("ABCD", "9f83a0c1d2e34b5f"), E="77aa88bb99cc00dd")
    assert spoke(findings(rows)) == []


def test_a_ring_of_three_is_one_coalition():
    said = findings(traces("lock", C="GLD-88231907", A="GLD-88231907", B="GLD-88231907"))
    assert spoke(said) == [("F1", ("A", "B", "C"))]


def test_a_file_that_continues_a_rivals_upload():
    first = Saving("A", "a.docx", NINE, NINE - timedelta(hours=1), frozenset({"uuid:11"}))
    later = Saving("B", "b.docx", NINE + timedelta(hours=5), NINE + timedelta(hours=4), frozenset({"uuid:11"}))
    before = Saving("B", "b.docx", NINE + timedelta(hours=5), NINE - timedelta(hours=4), frozenset({"uuid:11"}))
    other = Saving("B", "b.docx", NINE + timedelta(hours=5), NINE + timedelta(hours=4), frozenset({"uuid:22"}))
    assert spoke(findings([], savings=[later, first])) == [("F10", ("A", "B"))]
    assert spoke(findings([], savings=[first, before])) == []
    assert spoke(findings([], savings=[first, other])) == []
    assert spoke(findings([], savings=[first, later], known=[("ancestor", "UUID:11")])) == []


def test_what_is_missing_is_unknown_never_innocent():
    said = findings([])
    assert {one.code for one in INDICATORS} == {one.indicator for one in said.unknown}
    assert said.findings == ()


@given(st.sampled_from(sorted(KINDS)), st.text(max_size=30))
def test_hashing_keeps_equality_and_hides_the_value(kind, value):
    one = hashed(kind, value, secret=b"2026")
    assert one == hashed(kind, f" {value} ", secret=b"2026")
    assert bool(one) == bool(cleaned(kind, value))
    if one and not value.startswith("h:"):
        assert one != hashed(kind, value, secret=b"2027")
        assert cleaned(kind, one) == one
