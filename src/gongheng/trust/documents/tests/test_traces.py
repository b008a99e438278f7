"""What a file tells besides its words is taken out in the limited child: origin, pictures, priced lines."""

import io
import random
import zlib
from pathlib import Path

import docx
import openpyxl
import pytest
from pypdf import PdfReader, PdfWriter

from gongheng.kernel.refusal import Refusal
from gongheng.trust.documents import child, sandbox
from gongheng.trust.documents.foreign import bills
from gongheng.trust.documents.foreign.verdict import Unfit
from gongheng.trust.documents.tests import foreign_files as make


def saved(folder: Path, body: bytes) -> Path:
    place = folder / "upload"
    place.write_bytes(body)
    return place


def told(body: bytes) -> dict:
    """What the parser itself says, without the cost of a child; the files that went through one are below."""
    return child.traces(io.BytesIO(body), {})


def picture(seed: int, side: int = 160) -> bytes:
    """Raw grey pixels of a coarse random drawing."""
    dice = random.Random(seed)
    cells = [[dice.choice((0, 255)) for _ in range(8)] for _ in range(8)]
    return bytes(cells[8 * y // side][8 * x // side] for y in range(side) for x in range(side))


def drawn(seed: int, side: int = 160, level: int = 6) -> bytes:
    """A PDF whose two pages show one picture, and a small logo."""
    def image(pixels: bytes, across: int) -> bytes:
        return make.stream(
            zlib.compress(pixels, level),
            f"/Type /XObject /Subtype /Image /Width {across} /Height {across} /ColorSpace /DeviceGray "
            "/BitsPerComponent 8 /Filter /FlateDecode",
        )

    resources = "/Resources << /Font << /F1 3 0 R >> /XObject << /Im 7 0 R /Lo 8 0 R >> >>"
    source = make.pdf(
        2, content=b"q 300 0 0 300 72 300 cm /Im Do Q q 20 0 0 20 10 10 cm /Lo Do Q",
        more=(image(picture(seed, side), side), image(bytes(100), 10)),
    )
    return source.replace(b"/Resources << /Font << /F1 3 0 R >> >>", resources.encode())


def test_a_pdf_tells_its_author_programs_times_and_ids():
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make.pdf())))
    writer.add_metadata({
        "/Author": "王 某", "/Producer": "某造价软件", "/CreationDate": "D:20260301101112+08'00'",
    })
    writer.generate_file_identifiers()
    out = io.BytesIO()
    writer.write(out)
    found = dict(told(out.getvalue())["origin"])
    assert found["author"] == "王 某"
    assert found["producer"] == "某造价软件"
    assert found["created"] == "D:20260301101112+08'00'"
    assert len(found["pdf_id"]) == 32


def test_an_office_file_tells_who_saved_it_last():
    document = docx.Document()
    document.core_properties.author, document.core_properties.last_modified_by = "甲", "乙"
    out = io.BytesIO()
    document.save(out)
    found = dict(told(out.getvalue())["origin"])
    assert (found["author"], found["modifier"]) == ("甲", "乙")


def test_a_picture_is_told_once_with_its_size_and_a_small_one_never(tmp_path):
    found = sandbox.traces(saved(tmp_path, drawn(1)))
    (one,) = found.pictures
    assert (one.page, one.width, one.height, len(one.tiles), found.is_cut) == (1, 160, 160, 1024, False)
    assert set(one.tiles) == {0, 255}
    same, other = (told(drawn(seed))["pictures"][0][1] for seed in (1, 2))
    assert same == one.digest != other


def test_a_scaled_picture_keeps_its_coarse_image():
    one, large = (told(drawn(1, side))["pictures"][0] for side in (160, 320))
    assert one[1] != large[1]
    assert one[4] == large[4] != ""


def sheet(*rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_priced_bill_is_read_by_the_names_of_its_columns(tmp_path):
    body = sheet(
        ["分部分项工程和单价措施项目清单与计价表"],
        ["序号", "项目编码", "项目名称", "计量单位", "工程量", "金额（元）"],
        [None, None, None, None, None, "综合单价（元）", "合价"],
        [1, "010101001001", "平整场地", "m2", 1234.5, 3.21, 3962.75],
        ["", "", "土石方小计", "", "", "", 3962.75],
        [2, "010101002001", "挖土方", "m3", "1,000", 12, 12000],
    )
    assert sandbox.traces(saved(tmp_path, body)).bill == (
        ("010101001001", "3.21", "1234.5", "m2", "3962.75"), ("010101002001", "12", "1000", "m3", "12000"),
    )


def test_an_exchange_file_tells_its_lock_and_its_prices(tmp_path):
    body = (
        '<?xml version="1.0" encoding="GB2312"?><工程><系统信息 加密锁号="GLD-88421907" 硬盘序列号="WD-1"/>'
        '<清单 项目编码="010101001001" 计量单位="m3" 工程量="12.5" 综合单价="33.20" 综合合价="415.00"/></工程>'
    )
    found = sandbox.traces(saved(tmp_path, body.encode("gb18030")))
    assert found.origin == (("lock", "GLD-88421907"), ("disk", "WD-1"))
    assert found.bill == (("010101001001", "33.20", "12.5", "m3", "415.00"),)


@pytest.mark.parametrize("body", [make.pdf()[:200], b"<a>" * 500, b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
def test_what_cannot_be_read_is_refused(body):
    with pytest.raises(Unfit):
        told(body)


def test_a_refusal_of_the_child_has_a_rule(tmp_path):
    with pytest.raises(Refusal) as refused:
        sandbox.traces(saved(tmp_path, make.pdf()[:200]))
    assert refused.value.rule == "FILE"


def test_words_that_are_no_bill_give_no_lines():
    assert bills.of_tables([{"kind": "table", "rows": [["项目", "单价"], ["土方", "12"]]}]) == []
    assert bills.of_tables([{"kind": "table", "rows": [["编码", "单价"], ["010101001001", "面议"]]}]) == []
