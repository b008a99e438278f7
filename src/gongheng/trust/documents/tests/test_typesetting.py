"""Every official document is typeset from realistic data, and nothing in the data can act as markup."""

import io
from collections.abc import Iterator

import pypdfium2
import pytest
from pypdf import PdfReader

from gongheng.trust.documents import typesetting
from gongheng.trust.documents.shapes import SHAPES
from gongheng.trust.documents.tests.samples import SAMPLES

pytestmark = pytest.mark.usefixtures("house_fonts")


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return (
        "".join("".join(page.get_textpage().get_text_bounded().split()) for page in document)
        .replace("\u200b", "")
        .replace("\ufffe", "")
    )


# Facts that a document has no place for; every other fact must be printed.
UNPRINTED = {
    "clarification": {"project_name", "project_code"},
    "offer": {"project_code"},
    "award_notice": {"project_code"},
    "opening_record": {"project_code"},
    "contract": {"project_code"},
    "fee_statement": {"project_name", "project_code", "lot_name"},
    "offer_report": {"project_name", "project_code", "lot_name"},
}


def marked(value, place: str, marks: Iterator[str], places: dict[str, str]):
    """The same shape with one unique character for each string, and where each character stands."""
    if isinstance(value, dict):
        return {key: marked(item, f"{place}.{key}" if place else key, marks, places) for key, item in value.items()}
    if isinstance(value, list):
        return [marked(item, f"{place}[{n}]", marks, places) for n, item in enumerate(value)]
    if place == "issued_at":
        return value
    mark = next(marks)
    places[mark] = place
    return mark


def test_there_is_a_template_a_shape_and_a_sample_for_each_document():
    templates = {place.stem for place in typesetting.TEMPLATES.glob("*.typ") if not place.stem.startswith("_")}
    assert templates == set(SHAPES) == set(SAMPLES)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_document_prints_every_fact_of_its_data(name):
    fixed = "".join(place.read_text("utf-8") for place in typesetting.TEMPLATES.glob("*.typ"))
    places: dict[str, str] = {}
    marks = (chr(code) for code in range(0x5000, 0x9F00) if chr(code) not in fixed)
    text = words(typesetting.render(name, marked(SAMPLES[name], "", marks, places)))
    assert {place for mark, place in places.items() if mark not in text} == UNPRINTED.get(name, set())


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_the_same_data_gives_the_same_bytes(name):
    assert typesetting.render(name, SAMPLES[name]) == typesetting.render(name, SAMPLES[name])


def test_pdf_declares_archival_form_and_the_moment_of_issue():
    reader = PdfReader(io.BytesIO(typesetting.render("receipt", SAMPLES["receipt"])))
    metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert reader.metadata.creation_date.isoformat() == "2026-03-05T01:30:00+00:00"
    assert "教学楼及配套工程施工一标段" in reader.metadata.title


def test_another_moment_of_issue_gives_another_document():
    other = SAMPLES["receipt"] | {"issued_at": "2026-03-05T01:30:01.000Z"}
    assert typesetting.render("receipt", other) != typesetting.render("receipt", SAMPLES["receipt"])


def test_the_printed_day_is_the_day_in_shanghai():
    late = SAMPLES["award_notice"] | {"issued_at": "2026-03-05T17:00:00.000Z"}
    assert "2026年3月6日" in words(typesetting.render("award_notice", late))


@pytest.mark.parametrize(
    "text",
    ["#panic(1)", "*粗* _斜_ $x$ [括] <标签> @引用", "= 标题", "\\#let x = 1", '"#{read("/etc/passwd")}"', "// 注释"],
)
def test_text_of_a_user_is_never_markup(text):
    pdf = typesetting.render("award_notice", SAMPLES["award_notice"] | {"quality": text})
    assert "".join(text.split()) in words(pdf)


def test_characters_without_a_glyph_or_with_power_over_direction_do_not_pass():
    pdf = typesetting.render("award_notice", SAMPLES["award_notice"] | {"manager": "张\u202e三\x00🀄李\U000e0041四"})
    text = words(pdf)
    assert "张三〓李四" in text


def test_rare_characters_of_names_are_printed():
    assert "𬒈㛃龘" in words(typesetting.render("award_notice", SAMPLES["award_notice"] | {"manager": "𬒈㛃龘"}))


def test_data_of_another_shape_is_refused_by_place():
    with pytest.raises(ValueError, match=r"receipt: missing \['digest'\]"):
        typesetting.render("receipt", {k: v for k, v in SAMPLES["receipt"].items() if k != "digest"})
    with pytest.raises(ValueError, match=r"unknown \['extra'\]"):
        typesetting.render("receipt", SAMPLES["receipt"] | {"extra": ""})
    with pytest.raises(ValueError, match=r"receipt.parts\[0\].size: not a string"):
        typesetting.render("receipt", SAMPLES["receipt"] | {"parts": [{"envelope": "E0", "size": 7, "root": ""}]})
    with pytest.raises(KeyError):
        typesetting.render("../../secret", SAMPLES["receipt"])


def test_empty_lists_print_as_none_and_long_ones_break_over_pages():
    empty = SAMPLES["opening_record"] | {
        "bids": [],
        "withdrawn": [],
        "objections": [],
        "signatures": [],
        "coefficient": "",
    }
    assert "无异议" in words(typesetting.render("opening_record", empty))
    many = SAMPLES["opening_record"] | {"bids": SAMPLES["opening_record"]["bids"] * 30}
    assert len(PdfReader(io.BytesIO(typesetting.render("opening_record", many))).pages) > 6
    long_cell = SAMPLES["clarification"] | {"changes": [{"clause": "1", "before": "原" * 6000, "after": "新" * 6000}]}
    assert words(typesetting.render("clarification", long_cell)).count("新") == 6000


def test_absent_house_font_is_said_clearly(tmp_path, monkeypatch):
    monkeypatch.setattr(typesetting.settings, "FONTS", tmp_path)
    with pytest.raises(ValueError, match="make setup"):
        typesetting.render("receipt", SAMPLES["receipt"])
