"""Foreign files are judged in the limited child: good ones are read, broken and hostile ones are refused by name."""

import io
import json
import os
import resource
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.actions import JavaScript

from gongheng.kernel.refusal import Refusal
from gongheng.trust.documents import sandbox, typesetting
from gongheng.trust.documents.tests import foreign_files as make
from gongheng.trust.documents.tests.samples import SAMPLES


@pytest.fixture
def judge(tmp_path):
    """Inspect bytes as if they had been uploaded."""

    def judged(body: bytes, kind: str | None = None, **options) -> sandbox.Inspection:
        return sandbox.inspect(saved(tmp_path, body), kind, **options)

    return judged


def saved(folder: Path, body: bytes) -> Path:
    place = folder / "upload"
    place.write_bytes(body)
    return place


def rewritten(change) -> bytes:
    """A PDF as a common writer makes it (object streams, compressed), changed by ``change``."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make.pdf())))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


# -- files that are in order -------------------------------------------------------------------


def test_our_own_documents_pass_with_every_page_counted(tmp_path, house_fonts):
    place = saved(tmp_path, typesetting.render("evaluation_report", SAMPLES["evaluation_report"]))
    found = sandbox.inspect(place, "pdf")
    assert (found.kind, found.ok, found.reason, found.flags) == ("pdf", True, "", ())
    assert found.pages == len(PdfReader(place).pages) > 4
    assert "推荐的中标候选人" in sandbox.extract_text(place)


@pytest.mark.parametrize(
    ("body", "kind", "pages"),
    [
        (make.pdf(3), "pdf", 3),
        (make.word(), "docx", 0),
        (make.sheet(), "xlsx", 2),
        (make.png(), "png", 0),
        (make.jpeg(), "jpeg", 0),
        ("第一章 总则\n".encode(), "text", 0),
        ("第一章 总则\n".encode("gb18030"), "text", 0),
    ],
    # Not the bytes: an archive holds the time it was made, and two workers would collect differing tests.
    ids=["pdf", "docx", "xlsx", "png", "jpeg", "utf-8", "gb18030"],
)
def test_sound_files_of_each_kind_pass(judge, body, kind, pages):
    found = judge(body, kind)
    assert (found.kind, found.pages, found.ok, found.reason) == (kind, pages, True, "")
    assert bool(found.text_digest) == (kind not in ("png", "jpeg"))


def test_equal_words_in_another_layout_have_the_same_digest(judge):
    assert judge(make.pdf(words="Hello World")).text_digest == judge(b"Hello\n\n  World" * 2).text_digest
    assert judge(make.pdf(words="Hello")).text_digest != judge(make.pdf(words="Hullo")).text_digest


def test_office_files_are_shown_as_outline(tmp_path):
    assert sandbox.office_outline(saved(tmp_path, make.word())) == [
        {"kind": "heading", "level": 1, "text": "施工组织设计"},
        {"kind": "paragraph", "text": "本工程采用<框架>结构 & 筏板基础。"},
        {"kind": "table", "rows": [["工序", "天数"], ["土方开挖", "20"]]},
    ]
    assert sandbox.office_outline(saved(tmp_path, make.sheet())) == [
        {"kind": "heading", "level": 1, "text": "工程量清单"},
        {"kind": "table", "rows": [["项目", "单价", "合价"], ["土方", "12.5"]]},
        {"kind": "heading", "level": 1, "text": "措施费"},
        {"kind": "table", "rows": [["脚手架"]]},
    ]


def test_page_images_hold_pixels_and_nothing_else(tmp_path):
    source = make.pdf(10, words="SECRETNAME")
    places = sandbox.page_images(saved(tmp_path, source), list(range(10)), tmp_path / "pages", width=300)
    assert [p.name for p in places] == [f"page-{n:04d}.png" for n in range(1, 11)]
    body = places[9].read_bytes()
    kinds, place = [], 8
    while place < len(body):
        length = int.from_bytes(body[place : place + 4])
        kinds.append(body[place + 4 : place + 8])
        if kinds[-1] == b"IDAT":
            pixels = zlib.decompress(body[place + 8 : place + 8 + length])
        place += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
    assert b"SECRETNAME" not in body
    assert int.from_bytes(body[16:20]) == 300
    assert 10 < pixels.count(0) < len(pixels) / 2


# -- broken files ------------------------------------------------------------------------------

PDF = make.pdf()
BROKEN = {
    "empty": (b"", "empty"),
    "no end mark": (PDF[:-7], "truncated"),
    "cut in the middle": (PDF[: len(PDF) // 2], "truncated"),
    "offset of xref wrong": (PDF.replace(b"startxref\n", b"startxref\n9"), "xref"),
    "xref keyword garbled": (PDF.replace(b"\nxref\n", b"\nxrfe\n"), "xref"),
    "header behind garbage": (b"<html>garbage" + PDF, "header"),
    "no page tree": (PDF.replace(b"/Type /Pages /Kids", b"/Type /Pagez /Kidz"), "structure"),
    "no pages": (make.pdf(0), None),
    "page object missing": (PDF.replace(b"5 0 obj\n<< /Type /Page ", b"5 0 obj\n(( /Type /Page "), None),
    "page tree that bites its tail": (PDF.replace(b"/Kids [5 0 R 6 0 R]", b"/Kids [5 0 R 2 0 R]"), None),
    "same page twice": (PDF.replace(b"/Kids [5 0 R 6 0 R]", b"/Kids [5 0 R 5 0 R]"), "structure"),
    "pdf name, garbage inside": (b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\nstartxref\n9\n%%EOF", "xref"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_pdf_is_refused(judge, name):
    body, flag = BROKEN[name]
    found = judge(body)
    assert not found.ok
    assert found.reason
    assert flag is None or found.flags == (flag,)


def test_a_file_that_is_not_what_it_was_declared_is_refused(judge):
    found = judge(make.png(), "pdf")
    assert (found.kind, found.ok, found.flags) == ("png", False, ("kind-mismatch",))
    assert "PNG" in found.reason
    assert "PDF" in found.reason


def test_unknown_kinds_are_not_vouched_for(judge):
    for body in (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        b"\x7fELF" + bytes(100),
        make.rezip(make.word())[:2] + b"\x05\x06" + bytes(18),
    ):
        assert (judge(body).kind, judge(body).ok) == ("other", False)


@pytest.mark.parametrize(
    ("body", "flag"),
    [
        (make.png()[:-20], "truncated"),
        (make.png().replace(b"IDAT", b"IDAX"), "structure"),
        (make.png(8000, 6000), "huge-image"),
        (make.png() + b"<script>", "polyglot"),
        (make.jpeg()[:-2], "truncated"),
        (make.jpeg(60000, 1000), "huge-image"),
        (make.jpeg() + b"PK\x03\x04", "polyglot"),
    ],
)
def test_broken_and_oversized_images_are_refused(judge, body, flag):
    assert judge(body).flags == (flag,)


# -- active content ----------------------------------------------------------------------------

SCRIPT = "<< /S /JavaScript /JS (app.alert(1)) >>"
ACTIVE = {
    "open action": (make.pdf(catalog=f"/OpenAction {SCRIPT}"), "javascript"),
    "escaped name": (make.pdf(catalog="/OpenAction << /S /Java#53cript /J#53 (x) >>"), "javascript"),
    "action type behind a reference": (
        make.pdf(catalog="/OpenAction << /S 7 0 R /F (cmd.exe) >>", more=("/Launch",)),
        "launch",
    ),
    "page action": (make.pdf(page=f"/AA << /O {SCRIPT} >>"), "javascript"),
    "annotation": (
        make.pdf(page="/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /Launch /F (x) >> >>]"),
        "launch",
    ),
    "object no page leads to": (make.pdf(more=(SCRIPT,)), "javascript"),
    "form": (make.pdf(catalog="/AcroForm << /Fields [] /XFA (x) >>"), "xfa"),
    "submit": (make.pdf(catalog="/OpenAction << /S /SubmitForm /F (http://x) >>"), "submit"),
    "media": (make.pdf(page="/Annots [<< /Subtype /RichMedia /Rect [0 0 9 9] >>]"), "media"),
    "written by a library": (rewritten(lambda w: w.add_open_action(JavaScript("app.alert(1)"))), "javascript"),
    "attachment": (rewritten(lambda w: w.add_attachment("bid.exe", b"MZ")), "embedded"),
    "encrypted": (rewritten(lambda w: w.encrypt("secret", algorithm="RC4-128")), "encrypted"),
    "encrypted without password": (rewritten(lambda w: w.encrypt("", "owner", algorithm="RC4-128")), "encrypted"),
    "huge image": (make.pdf(more=("<< /Type /XObject /Subtype /Image /Width 90000 /Height 90000 >>",)), "huge-image"),
    "depth": (make.pdf(more=("[" * 200 + "]" * 200,)), None),
}


@pytest.mark.parametrize("name", ACTIVE)
def test_active_pdf_is_refused_and_flagged(judge, name):
    body, flag = ACTIVE[name]
    found = judge(body)
    assert not found.ok
    assert found.reason
    assert flag is None or flag in found.flags


def test_harmless_actions_and_incremental_updates_pass(judge):
    assert judge(make.pdf(catalog="/OpenAction [5 0 R /Fit]")).ok
    assert judge(make.pdf(page="/Annots [<< /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (http://a) >> >>]")).ok
    out = io.BytesIO()
    writer = PdfWriter(io.BytesIO(make.pdf()), incremental=True)
    writer.add_metadata({"/Title": "x"})
    writer.write(out)
    assert judge(out.getvalue()).ok


def test_pdf_flate_bomb_stays_within_the_child(judge):
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(b" " * 2**20) for _ in range(300)) + packer.flush()
    # The figure is the largest of all children so far; other tests' browsers may have been larger.
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    found = judge(make.pdf(1, content=bomb, pdf_content_extra="/Filter /FlateDecode"))
    assert not found.ok or found.text_digest == ""
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= max(before, 600 * 1024)


# -- zip containers ----------------------------------------------------------------------------

DOCX, XLSX = make.word(), make.sheet()
RELATION = (
    b'<Relationship Id="rX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" '
    b'Target="http://x/" TargetMode="External"/></Relationships>'
)
RELS = "word/_rels/document.xml.rels"
HOSTILE = {
    "ratio": (make.rezip(DOCX, {"word/media/a.xml": b"0" * (20 * 2**20)}), "bomb"),
    "too many": (make.rezip(DOCX, {f"word/m/{n}": b"" for n in range(5001)}), "bomb"),
    "overlap": (make.overlapping(DOCX), "bomb"),
    "parent folder": (make.rezip(DOCX, {"../../evil": b"x"}), "traversal"),
    "absolute": (make.rezip(DOCX, {"/etc/passwd": b"x"}), "traversal"),
    "drive": (make.rezip(DOCX, {"C:evil": b"x"}), "traversal"),
    "backslash": (make.rezip(DOCX, {"word\\..\\evil": b"x"}), "traversal"),
    "double": (make.rezip(DOCX, {"Word/Document.xml": b"<x/>"}), "duplicate"),
    "truncated": (DOCX[: len(DOCX) // 2], "structure"),
    "macro": (make.rezip(DOCX, {"word/vbaProject.bin": b"x"}), "macro"),
    "macro type": (
        make.rezip(XLSX, change={"[Content_Types].xml": (b"spreadsheetml.sheet.main", b"macroEnabled.sheet.main")}),
        "macro",
    ),
    "embedded": (make.rezip(DOCX, {"word/embeddings/oleObject1.bin": b"x"}), "embedded"),
    "template": (make.rezip(DOCX, change={RELS: (b"</Relationships>", RELATION % b"attachedTemplate")}), "external"),
    "external book": (make.rezip(XLSX, {"xl/externalLinks/externalLink1.xml": b"<x/>"}), "external"),
    "entities": (
        make.rezip(DOCX, change={"word/document.xml": (b"<w:document", b'<!DOCTYPE a [<!ENTITY b "c">]><w:document')}),
        "dtd",
    ),
    "depth": (
        make.rezip(DOCX, change={"word/document.xml": (b"<w:body>", b"<w:body>" + b"<w:p>" * 300 + b"</w:p>" * 300)}),
        "depth",
    ),
    "broken xml": (make.rezip(DOCX, change={"word/document.xml": (b"</w:body>", b"")}), "structure"),
    "broken sheet": (make.rezip(XLSX, change={"xl/worksheets/sheet1.xml": (b"</sheetData>", b"")}), "structure"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_container_is_refused_and_flagged(judge, name):
    body, flag = HOSTILE[name]
    found = judge(body)
    assert not found.ok
    assert found.flags == (flag,)


def test_symlink_and_lying_size_are_refused(judge, tmp_path):
    out = io.BytesIO(DOCX)
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("word/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert judge(out.getvalue()).flags == ("traversal",)
    # The directory promises 1,000 bytes for a member that holds five million.
    fat = make.rezip(DOCX, {"word/fat.bin": os.urandom(5_000_000)})
    place = fat.rfind(b"PK\x01\x02")
    lying = fat[: place + 24] + (1000).to_bytes(4, "little") + fat[place + 28 :]
    assert judge(lying).flags in (("structure",), ("lying-size",))


def test_plain_hyperlinks_are_not_external_content(judge):
    assert judge(make.rezip(DOCX, change={RELS: (b"</Relationships>", RELATION % b"hyperlink")})).ok


# -- the child itself --------------------------------------------------------------------------


def test_what_cannot_be_read_is_refused_in_words(tmp_path):
    place = saved(tmp_path, b"%PDF-1.7 nothing")
    for ask in (sandbox.extract_text, sandbox.office_outline, lambda p: sandbox.page_images(p, [0], tmp_path / "out")):
        with pytest.raises(Refusal) as refused:
            ask(place)
        assert refused.value.rule == "FILE"
    with pytest.raises(Refusal):
        sandbox.page_images(saved(tmp_path, make.pdf(1)), [1], tmp_path / "out")


PROBE = """
import sys; sys.path.insert(0, sys.argv[1])
import json, os, resource, socket
from gongheng.trust.documents import child
child.confine(2, may_open_files=sys.argv[2] == "fonts")
def tried(act):
    try:
        act()
        return "done"
    except (OSError, MemoryError) as error:
        return type(error).__name__
print(json.dumps({
    "open": tried(lambda: open("/etc/hostname").close()),
    "socket": tried(lambda: socket.socket()),
    "program": tried(lambda: os.execv("/bin/true", ["true"])),
    "fork": tried(lambda: os.posix_spawn("/bin/true", ["true"], {})),
    "memory": tried(lambda: bytearray(600 * 2**20)),
}))
"""


@pytest.mark.parametrize("mode", ["strict", "fonts"])
def test_the_child_has_no_network_no_programs_and_bounded_memory(mode):
    done = subprocess.run(
        [sys.executable, "-I", "-c", PROBE, str(sandbox.SOURCE), mode], capture_output=True, check=True, timeout=30
    )
    found = json.loads(done.stdout)
    assert found.pop("open") == ("OSError" if mode == "strict" else "done")
    assert found == {
        "socket": "PermissionError",
        "program": "PermissionError",
        "fork": "PermissionError",
        "memory": "MemoryError",
    } or (
        mode == "strict"
        and found.pop("socket") == "OSError"
        and set(found.values()) <= {"PermissionError", "MemoryError"}
    )


def test_a_child_that_uses_up_its_time_makes_the_file_unfit(judge, tmp_path, monkeypatch):
    spin = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass"
    monkeypatch.setattr(sandbox, "START", spin)
    found = judge(make.pdf(), "pdf", seconds=1)
    assert (found.kind, found.ok, found.flags) == ("pdf", False, ("limit",))


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "not json",
        '{"blobs": [-1]}',
        '{"blobs": "x", "result": 1}',
        '{"blobs": [], "result": {"kind": "pdf"}}',
    ],
)
def test_a_child_that_answers_nonsense_is_not_believed(judge, monkeypatch, answer):
    monkeypatch.setattr(sandbox, "START", f"print({answer!r})")
    assert judge(make.pdf()).flags == ("limit",)
