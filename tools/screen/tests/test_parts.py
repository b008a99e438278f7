"""Sources, scoring and the other inputs, without writing anything."""

import json
import sys
from dataclasses import replace

import pytest
from pypdf import PdfWriter

from gongheng.screening import texts
from gongheng.screening.findings import Family, Said
from gongheng.screening.markets import Bid
from gongheng.screening.texts.indicators import SAME_IMAGE
from tools.screen import fanning, scoring
from tools.screen.documents import ASKED, Documents
from tools.screen.explaining import Run, explanation
from tools.screen.extras import Extras
from tools.screen.refusing import Unreadable
from tools.screen.sources import source
from tools.screen.tests import made


def read(path, **options):
    return source(path, **({"declared": None, "history": None, "as_of": ""} | options))


def told(known, **options):
    screened = scoring.screen(known.market.tenders, known.pool, **({"prior": None} | options))
    return {one.tender.id: one for one in screened}


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    return made.write(tmp_path_factory.mktemp("parts") / "bids.csv", made.rows())


@pytest.fixture(scope="module")
def known(market):
    return read(market)


def test_as_of_a_day_is_as_if_nothing_had_come_after_it(market, tmp_path):
    rows = [row for row in made.rows() if row[3] <= "2024-07-05"]
    short = read(made.write(tmp_path / "bids.csv", rows))
    cut = read(market, as_of="2024-07-05")
    count = len({row[0] for row in made.rows()}) - len({row[0] for row in rows})
    assert [one.count for one in cut.problems if one.code == "after_as_of"] == [count]
    whole, part = told(cut), told(short)
    assert {one: (each.value, each.weight, each.index.coalition) for one, each in whole.items()} == {
        one: (each.value, each.weight, each.index.coalition) for one, each in part.items()
    }


def test_history_is_read_for_the_past_only_and_what_is_in_both_counts_once(market, tmp_path):
    rows = [row for row in made.rows() if row[3] >= "2024-10-01"]
    late = read(made.write(tmp_path / "late.csv", rows), history=market)
    assert {one.id for one in late.market.tenders} == {row[0] for row in rows}
    assert len(late.pool) == len({row[0] for row in made.rows()})
    assert [one.count for one in late.problems if one.code == "in_both"] == [len(late.market.tenders)]
    alone = read(tmp_path / "late.csv")
    rigged = next(row[0] for row in rows if row[1] == "R1")
    def spoken(source_):
        return {part.family for part in told(source_)[rigged].index.families}
    assert Family.HISTORY in spoken(late)
    assert Family.HISTORY not in spoken(alone)


def test_ocds_file_of_the_same_bids_gives_the_same_numbers(known, tmp_path):
    path = tmp_path / "market.json"
    path.write_text(json.dumps(made.ocds(made.rows())))
    first, second = told(known), told(read(path))
    assert {one: each.value for one, each in first.items()} == {one: each.value for one, each in second.items()}


def test_with_a_prior_the_number_is_an_index_and_says_so(known):
    screened = told(known, prior=0.08)
    top = next(iter(screened.values()))
    assert top.value == top.index.value
    assert top.without == top.index.without
    words = explanation(top, 1, Run("m", len(screened), 0.08, "", (), "date"), ())
    assert "指数（先验 8.00%）" in words["scale"]
    number = f"指数 {int(top.value)}（{int(top.low)}–{int(top.high)}）"
    assert f"{number}：若同类项目每 12 个中有 1 个串通" in words["sentence"]


def test_equal_marks_are_no_evidence_but_bad_marks_are_counted(known, tmp_path):
    head = ("tender", "judge", "firm", "factor", "value", "full")
    rows = [("T002", f"J{judge}", firm, "技术", 30, 40) for judge in range(5) for firm in made.RING]
    bad = [("NONE", "J1", "R1", "技术", 1, 40), ("T002", "J1", "R1", "技术", 50, 40), ("T002", "", "R1", "技术", 1, 40),
           ("T002", "J1", "H00", "技术", 1, 40)]
    extras = Extras(known.pool)
    asked = extras.scores(made.write(tmp_path / "scores.csv", [*rows, *bad], head))
    assert {one.code: one.count for one in extras.problems} == {
        "--scores.tender": 1, "--scores.number": 1, "--scores.empty": 1, "--scores.firm": 1,
    }
    tender = next(one for one in known.pool if one.id == "T002")
    assert not [one for _, said in asked(tender) for one in said.findings]
    assert asked(next(one for one in known.pool if one.id == "T000")) == []


def test_marks_given_before_the_file_was_opened_are_told(known, tmp_path):
    head = ("tender", "judge", "firm", "part", "pages", "seconds", "opened_at", "marked_at")
    rows = [("T002", "J1", "R1", "技术", 80, 600, "2024-02-01T02:00:00+00:00", "2024-02-01T01:00:00"),
            ("T002", "J2", "R1", "技术", 80, "久", "", ""), ("T002", "J2", "R2", "技术", 80, 60, "昨天", "")]
    extras = Extras(known.pool)
    asked = extras.logs(made.write(tmp_path / "logs.csv", rows, head))
    assert {one.code for one in extras.problems} == {"--logs.number", "--logs.moment"}
    top = told(known, evidence=asked)["T002"]
    found = [one for part in top.index.families for one in part.findings] + list(top.apart)
    assert "E8" in {one.indicator for one in found}


def test_copied_item_prices_reach_the_index(known, tmp_path):
    folder = tmp_path / "prices"
    folder.mkdir()
    rows = []
    for item in range(60):
        price = 100 + 17 * item % 41
        factors = {"R1": 1.0, "R2": 1.02, "R3": 1 + (item * 7 % 13) / 20}
        rows += [("T002", firm, f"{item}", round(price * factor, 4)) for firm, factor in factors.items()]
    made.write(folder / "items.csv", [*rows, ("T002", "R1", "61", "free")], ("tender", "firm", "item", "price"))
    extras = Extras(known.pool)
    with_items = told(known, evidence=extras.prices(folder))["T002"]
    found = [one for part in with_items.index.families for one in part.findings]
    assert ("R1", "R2") in {one.parties for one in found if one.indicator == "P31"}
    assert with_items.weight > told(known)["T002"].weight
    assert [one.count for one in extras.problems] == [1]
    # The raw values stand side by side, a column per party.
    words = explanation(with_items, 1, Run("m", 72, None, "", (), "date"), ())
    assert ["内容", "R1", "R2", "来源"] in [one["head"] for one in words["reasons"]]


def test_documents_are_read_in_children_and_scans_are_named(known, tmp_path):
    folder = tmp_path / "documents"
    for owner in (*made.RING, "H77", ASKED):
        (folder / "T002" / owner).mkdir(parents=True)
    (folder / "T002" / "R1" / "技术.txt").write_text("本公司编制的施工方案。安排塔吊两台。")
    (folder / "T002" / ASKED / "招标.txt").write_text("投标人应编制施工方案。")
    (folder / "ELSE").mkdir()
    scan = PdfWriter()
    scan.add_blank_page(200, 200)
    scan.add_metadata({"/Author": "冯巩固"})
    for firm in ("R2", "R3"):
        scan.write(folder / "T002" / firm / "扫描.pdf")
    tender = next(one for one in known.pool if one.id == "T002")
    with Documents(folder, known.market.tenders) as documents:
        documents.read()
        [(_, said), (_, left)] = documents.asked(tender)
    names = {one.name for one in documents.problems}
    assert any("没有可提取的文字" in one for one in names)
    assert any("项目文件夹" in one for one in names)
    assert any("投标人文件夹" in one for one in names)
    assert any("R3" in one.reason for one in said.unknown)
    assert len(documents.inputs) == 4
    assert ("R2", "R3") in {one.parties for one in left.findings}
    assert not any(one.indicator == SAME_IMAGE.code for one in said.unknown if "没有提取" in one.reason)
    empty = tmp_path / "empty"
    empty.mkdir()
    with Documents(empty, known.market.tenders) as documents, pytest.raises(Unreadable, match="没有一份可读"):
        documents.read()


def test_every_place_of_reading_gives_the_same_answers_in_the_same_order(tmp_path):
    paths = [tmp_path / name for name in ("a.txt", "broken.pdf")]
    for path, data in zip(paths, ("甲方案。".encode(), b"%PDF-1.7 cut"), strict=True):
        path.write_bytes(data)
    here = list(fanning.read_all(paths))
    assert here[0] == fanning.read_bytes(paths[0].read_bytes())
    assert [one.words for one in here] == ["甲方案。", ""]
    assert [bool(one.refused) for one in here] == [False, True]
    under_way, most = [], []

    def start(path):
        under_way.append(path)
        most.append(len(under_way))
        return path

    def result(path):
        under_way.remove(path)
        return here[paths.index(path)]

    there = list(fanning.in_order((lambda path=path: start(path) for path in paths * 3), result, 2))
    assert there == here * 3
    assert max(most) == 2  # no more than so many documents are held in memory


def test_cluster_that_is_not_there_is_refused_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Unreadable, match="没有安装 Ray"):
        list(fanning.read_all([tmp_path], fanning.RAY))


def test_texts_are_compared_with_earlier_tenders_only(known, tmp_path, monkeypatch):
    tenders = [one for one in known.market.tenders if one.id in {"T000", "T001", "T002"}]
    for one in tenders:
        for firm in ("甲", "乙"):
            (tmp_path / one.id / firm).mkdir(parents=True)
            (tmp_path / one.id / firm / "技术.txt").write_text(f"{one.id}{firm}的施工方案，安排塔吊两台。")
    first, second, third = (
        replace(one, bids=tuple(Bid(firm, 1.0) for firm in ("甲", "乙")), opened=opened)
        for one, opened in zip(tenders, (2.0, 1.0, None), strict=True)
    )
    monkeypatch.setattr(fanning, "read_all", lambda paths, _: [fanning.Read(one.read_text()) for one in paths])
    seen = {}

    def findings(bids, *, tender, library, known_images):
        seen[bids[0].documents[0].source.split("/")[0]] = None if library is None else library.tenders
        return Said((), ())

    monkeypatch.setattr(texts, "findings", findings)
    with Documents(tmp_path, [first, second, third]) as documents:
        documents.read()
    assert seen == {first.id: 1, second.id: 0, third.id: None}
