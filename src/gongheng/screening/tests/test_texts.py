"""Shared texts: what is found, what honest bidders share without being found, and where it stands."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongheng.screening.texts import Bid, findings, learn
from gongheng.screening.texts.documents import Document, Image
from gongheng.screening.texts.letters import grams, letters_of
from gongheng.screening.texts.passages import side_by_side
from gongheng.screening.texts.pictures import perceptual_hash
from gongheng.screening.texts.slips import copying_slips
from gongheng.screening.texts.spread import Library, limit_for, pairs, setting_for

LETTERS = [chr(code) for code in range(0x4E00, 0x4E00 + 2500)]


class Author:
    """Writes sentences that nobody else writes."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def sentences(self, count: int) -> list[str]:
        return ["".join(self.random.choices(LETTERS, k=self.random.randint(14, 36))) + "。" for _ in range(count)]


def mixed(author: Author, *parts: list[str]) -> str:
    rows = [sentence for part in parts for sentence in part]
    author.random.shuffle(rows)
    return "".join(rows)


@pytest.fixture(scope="module")
def library() -> Library:
    """Forty other tenders that all use the same stock sentences."""
    known = Library(20)
    stock = Author(7).sentences(40)
    for number in range(40):
        learn(known, [Bid("X", (Document("标书", mixed(Author(1000 + number), stock)),)), Bid("Y", ())])
    return known


@pytest.fixture
def asked() -> str:
    return "".join(Author(1).sentences(80))


def bids(asked: str, shared: dict[int, list[str]], count: int = 5) -> list[Bid]:
    """Each bidder echoes the tender and the stock and writes a hundred sentences of its own."""
    stock = Author(7).sentences(40)
    made = []
    for number in range(count):
        author = Author(50 + number)
        words = mixed(author, author.sentences(100), stock, shared.get(number, []))
        document = Document("技术标.pdf", f"{asked}\f{words}")
        made.append(Bid(f"F{number}", (document,), images=(), name=f"第{number}建设有限公司"))
    return made


def spoke(said, code: str) -> list[tuple[str, ...]]:
    return sorted(one.parties for one in said.findings if one.indicator == code)


def test_sentences_that_two_bidders_share_here_and_there_are_found(asked, library):
    copied = Author(3).sentences(40)
    said = findings(bids(asked, {1: copied, 3: copied}), tender=[asked], library=library)
    assert spoke(said, "T1") == [("F1", "F3")]
    found = said.findings[0]
    assert found.log_lr == pytest.approx(np.log(100), abs=1e-5)
    sides = [fact for fact in found.facts if fact.label == "雷同段落1"]
    assert [fact.party for fact in sides] == ["F1", "F3"]
    assert sides[0].source.startswith("技术标.pdf，第2页")
    assert sides[0].value[:10] in "".join(copied)


def test_a_ring_of_all_three_bidders_is_found_although_it_has_no_honest_peers(asked, library):
    copied = Author(3).sentences(40)
    said = findings(bids(asked, {0: copied, 1: copied, 2: copied}, count=3), tender=[asked], library=library)
    assert spoke(said, "T1") == [("F0", "F1"), ("F0", "F2"), ("F1", "F2")]


def test_tender_text_stock_text_and_one_product_sheet_are_innocent(asked, library):
    texts = bids(asked, {})
    sheet = "".join(Author(4).sentences(12))
    quoting = [
        Bid(one.firm, (*one.documents, Document("说明书.pdf", sheet)), images=(), name=one.name)
        if one.firm in ("F1", "F3") else one for one in texts
    ]
    assert findings(quoting, tender=[asked], library=library).findings == ()


def test_without_other_tenders_agreement_is_only_a_weak_sign_and_says_why(asked):
    copied = Author(3).sentences(60)
    said = findings(bids(asked, {1: copied, 3: copied}), tender=[asked])
    assert [one.log_lr for one in said.findings if one.indicator == "T1"] == [pytest.approx(np.log(3), abs=1e-5)]
    assert any(one.indicator == "T1" and "更早的其他项目 0 个" in one.reason for one in said.unknown)


def test_clauses_that_many_quote_are_known_from_a_handful_of_other_tenders(asked):
    """Each clause stands in two to four of the bids: without any other tender that is what copying looks like."""
    clauses = [Author(9).sentences(400)[at : at + 10] for at in range(0, 400, 10)]
    chance = random.Random(6)
    quoted = {number: [one for part in clauses if chance.random() < 0.5 for one in part] for number in range(5)}
    copied = Author(3).sentences(60)
    honest, rigged = bids(asked, quoted), bids(asked, quoted | {1: quoted[1] + copied, 3: quoted[3] + copied})
    few = Library(20)
    for number in range(5):
        part = [one for each in clauses if chance.random() < 0.5 for one in each]
        learn(few, [Bid("X", (Document("标书", mixed(Author(4000 + number), part)),))])
    assert few.rare == 0
    assert not spoke(findings(honest, tender=[asked], library=few), "T1")
    (found,) = [one for one in findings(rigged, tender=[asked], library=few).findings if one.indicator == "T1"]
    assert found.parties == ("F1", "F3")
    assert found.log_lr == pytest.approx(np.log(10), abs=1e-5)


def test_a_library_that_is_too_small_is_not_used_and_says_so(asked):
    tiny = Library(9)
    for number in range(40):
        learn(tiny, [Bid("X", (Document("标书", mixed(Author(2000 + number), Author(3000 + number).sentences(30))),))])
    assert tiny.is_full
    copied = Author(3).sentences(60)
    said = findings(bids(asked, {1: copied, 3: copied}), tender=[asked], library=tiny)
    assert spoke(said, "T1") == [("F1", "F3")]
    assert any("指纹库已满" in one.reason for one in said.unknown)


def test_edited_copies_are_still_found(asked, library):
    author = Author(9)
    copied = author.sentences(60)
    edited = []
    for sentence in copied:
        letters = list(sentence)
        letters[author.random.randrange(len(letters) - 1)] = "错"
        edited.append("".join(letters))
    said = findings(bids(asked, {1: copied, 3: edited}), tender=[asked], library=library)
    assert spoke(said, "T1") == [("F1", "F3")]


def test_the_same_bids_in_any_order_say_the_same(asked, library):
    copied = Author(3).sentences(40)
    rows = bids(asked, {1: copied, 3: copied})
    assert findings(rows, tender=[asked], library=library) == findings(rows[::-1], tender=[asked], library=library)


def test_partitions_change_nothing(asked, monkeypatch):
    copied = Author(3).sentences(20)
    rows = [letters_of(one.text) for one in bids(asked, {1: copied, 3: copied})]
    whole = pairs(rows, [letters_of(asked)])
    monkeypatch.setattr("gongheng.screening.texts.spread.PARTITION", 4_000)
    assert pairs(rows, [letters_of(asked)]) == whole


def test_two_hundred_bidders_are_one_inverted_list():
    shared = Author(3).sentences(20)
    rows = [
        letters_of(mixed(Author(number), Author(500 + number).sentences(20), shared if number in (17, 180) else []))
        for number in range(200)
    ]
    best = pairs(rows, [])[0]
    assert (best.first, best.second) == (17, 180)
    assert limit_for(200) == 12


def test_missing_texts_are_unknown_and_scans_are_named(asked):
    rows = bids(asked, {}, count=3)
    scan = Bid("F8", (Document("扫描.pdf", "\f\f"),))
    said = findings([*rows, scan], tender=None)
    reasons = " ".join(one.reason for one in said.unknown)
    assert "F8：3页" in reasons
    assert "没有招标文件" in reasons
    assert "没有提取全部投标文件的图片" in reasons
    alone = findings([scan], tender=[asked])
    assert alone.findings == ()
    assert {"T1", "T2", "T3", "T4", "T5", "T6"} <= {one.indicator for one in alone.unknown}


def test_the_same_slips_in_copying_the_tender_are_found(asked):
    letters = list(asked)
    for place in (205, 640, 1200):
        letters[place] = "讹"
    slipped = "".join(letters)
    rows = bids(asked, {})
    wrong = [
        Bid(one.firm, (Document("商务标.pdf", slipped), *one.documents[1:]), images=(), name=one.name)
        if one.firm in ("F0", "F4") else one for one in rows
    ]
    said = findings(wrong, tender=[asked])
    assert spoke(said, "T3") == [("F0", "F4")]
    # Filling a blank with figures is what a form is for.
    filled = asked[:300] + "2026" + asked[300:]
    both = [letters_of(filled), letters_of(filled)]
    assert copying_slips(both, [filled, filled], [letters_of(asked)]) == {}


def test_shared_figures_and_a_wrong_name_are_found(asked):
    rows = bids(asked, {})
    figures = "".join(f"第{number}道工序用时{311 + 7 * number}小时，配{23 + number}.5吨。" for number in range(8))
    named = "本方案由第2建设有限公司编制。"
    annexes = {"F1": Document("附件.docx", figures + named), "F2": Document("附件.docx", figures)}
    made = [
        Bid(one.firm, (*one.documents, annexes[one.firm]), images=(), name=one.name) if one.firm in annexes else one
        for one in rows
    ]
    said = findings(made, tender=[asked])
    assert spoke(said, "T2") == [("F1", "F2")]
    assert spoke(said, "T4") == [("F1", "F2")]
    # Figures that the bids of several other tenders contain come from a product sheet or a standard.
    known = Library(16)
    for _ in range(2):
        learn(known, [Bid("X", (Document("标书", figures),))])
    assert spoke(findings(made, tender=[asked], library=known), "T2") == []


def test_pictures_by_bytes_and_by_sight():
    rng = np.random.default_rng(2)
    # A picture with large forms, as a site plan has; noise alone has no low frequencies to speak of.
    plan = np.kron(rng.integers(0, 255, (8, 8)), np.ones((40, 50)))
    smaller = plan[::2, ::2] + rng.normal(0, 2, (160, 200))
    assert (perceptual_hash(plan) ^ perceptual_hash(smaller)).bit_count() <= 6
    other = np.kron(rng.integers(0, 255, (8, 8)), np.ones((40, 50)))
    assert (perceptual_hash(plan) ^ perceptual_hash(other)).bit_count() > 12
    with pytest.raises(ValueError, match="32 pixels"):
        perceptual_hash(np.zeros((10, 200)))

    def image(digest, seen):
        return Image("技术标.pdf", 3, digest, seen, 400, 320)

    rows = [
        Bid("A", (Document("a", "甲"),), (image("d1", perceptual_hash(plan)), image("logo", None))),
        Bid("B", (Document("b", "乙"),), (image("d1", perceptual_hash(plan)), image("logo", None))),
        Bid("C", (Document("c", "丙"),), (image("d3", perceptual_hash(other)), image("logo", None))),
        Bid("D", (Document("d", "丁"),), (image("logo", None),)),
    ]
    assert spoke(findings(rows, tender=None), "T5") == [("A", "B")]
    assert spoke(findings(rows, tender=None, known_images={"d1"}), "T5") == []


def test_passages_name_characters_and_grey_the_tender():
    author = Author(11)
    asked, copied = "".join(author.sentences(3)), "".join(author.sentences(4))
    first = "".join(author.sentences(5)) + copied + asked
    second = asked + "".join(author.sentences(2)) + copied[:40] + asked[:20] + copied[40:]
    longest = side_by_side(first, second, [asked])[0]
    assert first[slice(*longest.first)] in copied + asked
    assert copied[:10] in second[slice(*longest.second)]
    greyed = [second[slice(*span)] for span in longest.second_tender]
    assert any(part in asked for part in greyed)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200))
def test_letters_keep_their_places(text):
    letters = letters_of(text)
    assert len(letters.codes) == len(letters.places) == len(letters.sentences)
    assert (np.diff(letters.places) > 0).all()
    assert (np.diff(letters.sentences) >= 0).all()
    assert len(grams(letters.codes, 5)) == max(0, len(letters) - 4)


def test_long_bids_use_longer_fingerprints():
    assert setting_for([letters_of("甲乙" * 100)]).k == 5
    assert setting_for([letters_of("甲乙丙" * 100_000)]).k == 8
