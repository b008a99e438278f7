"""Bad input is counted by name; nothing is dropped in silence, and what cannot be read is refused with a reason."""

import json
from dataclasses import replace

import duckdb
import pytest

from gongheng.screening import ocds, reading, schema
from gongheng.screening.problems import MANY

HEADER = "tender,firm,value,ceiling,opened,won,currency"


def read(tmp_path, *lines: str, header: str = HEADER, encoding: str = "utf-8", **declared):
    path = tmp_path / "bids.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding=encoding)
    own = schema.guess(header.split(","))
    return reading.read(path, replace(own, **declared))


def counts(market) -> dict[str, int]:
    return {one.code: one.count for one in market.problems if one.code != "no_column"}


def test_a_clean_file_has_no_problem_and_keeps_its_order_of_opening(tmp_path):
    market = read(tmp_path, "B,甲,\"1,200.50\",2000,2025-02-01,1,CNY", "B,乙,1300,2000,2025-02-01,0,CNY",
                  "A,甲,￥900,1000,2025-03-01,0,CNY", "A,丙,950,1000,2025-03-01,1,CNY")
    assert [one.id for one in market.tenders] == ["B", "A"]
    assert market.tenders[0].bids[0].value == 1200.5
    assert market.tenders[0].bids[0].source == "bids.csv 第 2 行"
    assert market.tenders[1].bids[1].won is True
    assert not counts(market)
    assert market.inputs[0][1] == reading.digest(tmp_path / "bids.csv")


@pytest.mark.parametrize(("lines", "code", "tenders", "bids"), [
    (["A,甲,0,,,,", "A,乙,-5,,,,", "A,丙,7,,,,", "A,丁,8,,,,"], {"zero_or_negative": 2}, 1, 2),
    (["A,甲,没有,,,,", "A,乙,7,,,,", "A,丙,8,,,,"], {"unreadable_value": 1}, 1, 2),
    (["A,甲,7,,,,", "A,甲,7,,,,", "A,乙,8,,,,"], {"exact_duplicate": 1}, 1, 2),
    (["A,甲,7,,,,", "A,甲,6,,,,", "A,乙,8,,,,"], {"several_bids": 1}, 1, 2),
    (["A,甲,7,,,,CNY", "A,乙,8,,,,USD", "B,甲,7,,,,CNY", "B,乙,8,,,,CNY"], {"mixed_currency": 1}, 1, 2),
    (["A,甲,7,,,,EUR", "B,甲,7,,,,CNY", "B,乙,8,,,,CNY"], {"other_currency": 1}, 1, 2),
    (["A,甲,7,,,,"], {"one_bid": 1}, 1, 1),
    (["A,甲,7,,1066-10-14,,", "A,乙,8,,不详,,"], {"absurd_date": 2}, 1, 2),
    (["A,甲,7,,2025-01-01,,", "A,乙,8,,2025-01-02,,"], {"other_date": 1}, 1, 2),
    (["A,甲,7,-1,,,", "A,乙,8,-1,,,"], {"bad_ceiling": 1}, 1, 2),
    (["A,甲,7,90000,,,", "A,乙,8,90000,,,"], {"another_unit": 1}, 1, 2),
    (["A,甲,7,,,1,", "A,乙,8,,,1,"], {"many_winners": 1}, 1, 2),
    (["A,甲,7,,,0,", "A,乙,8,,,0,"], {"no_winner": 1}, 1, 2),
    (["A,,7,,,,", "A,,7,,,,"], {"no_firm": 2}, 1, 2),
    ([",甲,7,,,,", "A,乙,8,,,,", "A,丙,9,,,,"], {"no_tender": 1}, 1, 2),
    (["A,甲,,,,,", "B,甲,7,,,,", "B,乙,8,,,,"], {"unreadable_value": 1, "no_bids": 1}, 1, 2),
])
def test_each_kind_of_bad_input_is_counted(tmp_path, lines, code, tenders, bids):
    market = read(tmp_path, *lines)
    assert counts(market) == code
    assert (len(market.tenders), sum(len(one.bids) for one in market.tenders)) == (tenders, bids)
    assert market.rows == len(lines)


def test_two_hundred_bidders_are_kept_and_named(tmp_path):
    market = read(tmp_path, *(f"A,F{n},{100 + n},,,," for n in range(200)))
    assert len(market.tenders[0].bids) == 200 > MANY
    assert counts(market) == {"many_bidders": 1}


def test_one_firm_with_several_codes_becomes_one(tmp_path):
    market = read(tmp_path, "A,1,7,同一公司", "A,3,8,别家", "B,2,7,同一公司", "B,3,8,别家",
                  header="tender,firm,value,firm_name")
    assert [[bid.firm for bid in one.bids] for one in market.tenders] == [["1", "3"], ["1", "3"]]
    assert counts(market) == {"several_codes": 1}


def test_declared_aliases_are_followed(tmp_path):
    market = read(tmp_path, "A,旧,7,,,,", "A,乙,8,,,,", aliases={"旧": "新"})
    assert market.tenders[0].bids[0].firm == "新"
    assert counts(market) == {"alias": 1}


def test_the_members_of_a_consortium_make_one_bid(tmp_path):
    market = read(tmp_path, "A,甲,7,1", "A,乙,7,1", "A,丙,8,0", header="tender,firm,value,consortium")
    assert [bid.firm for bid in market.tenders[0].bids] == ["乙+甲", "丙"]
    assert counts(market) == {"consortium": 1}


def test_office_encodings_are_read(tmp_path):
    market = read(tmp_path, "A,甲公司,7,,,,", "A,乙公司,8,,,,", encoding="gb18030")
    assert [bid.firm for bid in market.tenders[0].bids] == ["甲公司", "乙公司"]


def test_missing_columns_are_refused_or_named(tmp_path):
    path = tmp_path / "bids.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(schema.BadSchema, match="tender"):
        reading.read(path)
    with pytest.raises(schema.BadSchema, match="金额"):
        reading.read(path, schema.Schema({"tender": "a", "value": "金额"}))
    market = reading.read(path, schema.Schema({"tender": "a", "value": "b"}))
    assert "firm" in next(one for one in market.problems if one.code == "no_column").places


@pytest.mark.parametrize(("text", "words"), [
    ("x =", "TOML"), ("[columns]\ntender='t'", "value"), ("[columns]\ntender='t'\nvalue='v'\nnice='n'", "nice"),
    ("opened='noon'\n[columns]\ntender='t'\nvalue='v'", "noon"), ("extra=1\n[columns]\ntender='t'\nvalue='v'", "extra"),
    ("value_scale=0\n[columns]\ntender='t'\nvalue='v'", "系数"),
    ("method='dice'\n[columns]\ntender='t'\nvalue='v'", "dice"),
])
def test_a_bad_declaration_is_refused_by_name(text, words):
    with pytest.raises(schema.BadSchema, match=words):
        schema.parse(text)


def test_a_declaration_renames_and_scales(tmp_path):
    declared = schema.parse("value_scale=10000\nopened='unix'\n[columns]\ntender='项目'\nvalue='万元'\nopened='时'")
    path = tmp_path / "bids.csv"
    path.write_text("项目,万元,时\nA,1.5,86400\n")
    (tender,) = reading.read(path, declared).tenders
    assert tender.bids[0].value == 15_000
    assert tender.opened == 86_400


def test_parquet_and_csv_say_the_same(tmp_path):
    market = read(tmp_path, "A,甲,7.5,9,2025-01-01,1,CNY", "A,乙,8,9,2025-01-01,0,CNY")
    path = tmp_path / "bids.parquet"
    duckdb.sql(f"COPY (SELECT * FROM read_csv('{tmp_path}/bids.csv')) TO '{path}' (FORMAT parquet)")
    (tender,) = reading.read(path).tenders
    assert [(bid.firm, bid.value, bid.won) for bid in tender.bids] == [
        (bid.firm, bid.value, bid.won) for bid in market.tenders[0].bids
    ]
    assert tender.opened == market.tenders[0].opened


def release(ocid: str, **more) -> dict:
    return {
        "ocid": ocid, "date": "2025-01-02T00:00:00Z", "buyer": {"id": "局"},
        "tender": {"tenderPeriod": {"endDate": "2025-01-01T09:00:00+08:00"}, "awardCriteria": "priceOnly",
                   "value": {"amount": 1000, "currency": "CNY"}, "mainProcurementCategory": "works"},
        "bids": {"details": [
            {"id": "1", "value": {"amount": 900, "currency": "CNY"}, "tenderers": [{"id": "甲"}]},
            {"id": "2", "value": {"amount": 950, "currency": "CNY"}, "tenderers": [{"id": "乙"}, {"id": "丙"}]},
            {"id": "3", "status": "withdrawn", "value": {"amount": 1, "currency": "CNY"}, "tenderers": [{"id": "丁"}]},
        ]},
        "awards": [{"id": "a", "status": "active", "suppliers": [{"id": "甲"}]}], **more,
    }


@pytest.mark.parametrize("shape", ["releases", "records", "compiled", "lines"])
def test_ocds_in_every_shape_is_one_market(tmp_path, shape):
    one, other = release("o-1"), release("o-2")
    text = {
        "releases": lambda: json.dumps({"releases": [one, other]}),
        "records": lambda: json.dumps({"records": [{"ocid": "o-1", "releases": [one]},
                                                   {"ocid": "o-2", "compiledRelease": other}]}),
        "compiled": lambda: json.dumps({"records": [{"compiledRelease": one}, {"compiledRelease": other}]}),
        "lines": lambda: json.dumps(one) + "\n" + json.dumps({"compiledRelease": other}) + "\n",
    }[shape]()
    path = tmp_path / "market.json"
    path.write_text(text, encoding="utf-8")
    market = ocds.read(path)
    assert [one.id for one in market.tenders] == ["o-1", "o-2"]
    first = market.tenders[0]
    assert [(bid.firm, bid.value, bid.won) for bid in first.bids] == [("甲", 900, True), ("丙+乙", 950, False)]
    assert (first.ceiling, first.method, first.buyer) == (1000, "lowest", "局")
    assert counts(market) == {"withdrawn": 2}


def test_a_later_ocds_release_replaces_and_adds(tmp_path):
    later = {"ocid": "o-1", "date": "2025-02-01T00:00:00Z", "bids": {"details": [
        {"id": "1", "value": {"amount": 800, "currency": "CNY"}}]}}
    path = tmp_path / "market.json"
    path.write_text(json.dumps({"releases": [later, release("o-1")]}), encoding="utf-8")
    (tender,) = ocds.read(path).tenders
    assert [(bid.firm, bid.value) for bid in tender.bids] == [("甲", 800), ("丙+乙", 950)]


@pytest.mark.parametrize("text", ["{", "[1]", '{"a": 1}', '{"ocid": "x"}\nnot json'])
def test_what_is_no_ocds_is_refused(tmp_path, text):
    path = tmp_path / "market.json"
    path.write_text(text)
    with pytest.raises(schema.BadSchema):
        ocds.read(path)
