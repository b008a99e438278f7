"""Makers of real and of hostile files for the tests of the sandbox."""

import io
import struct
import zipfile
import zlib

import docx
import openpyxl

FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def stream(body: bytes, extra: str = "") -> bytes:
    return f"<< /Length {len(body)} {extra} >>\nstream\n".encode() + body + b"\nendstream"


def pdf(
    pages: int = 2,
    catalog: str = "",
    page: str = "",
    more: tuple = (),
    words: str = "Hello",
    content: bytes | None = None,
    pdf_content_extra: str = "",
) -> bytes:
    """A correct PDF: 1 catalog, 2 pages, 3 font, 4 content, 5… pages, then ``more`` objects from 5 + pages on."""
    kids = " ".join(f"{5 + n} 0 R" for n in range(pages))
    body = content if content is not None else f"BT /F1 24 Tf 72 700 Td ({words}) Tj ET".encode()
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        FONT,
        stream(body, pdf_content_extra),
        *(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            f"/Resources << /Font << /F1 3 0 R >> >> {page} >>"
            for _ in range(pages)
        ),
        *more,
    ]
    out, places = io.BytesIO(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    out.seek(0, 2)
    for number, thing in enumerate(objects, 1):
        places.append(out.tell())
        out.write(
            f"{number} 0 obj\n".encode() + (thing if isinstance(thing, bytes) else thing.encode()) + b"\nendobj\n"
        )
    start = out.tell()
    out.write(
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
        + b"".join(b"%010d 00000 n \n" % p for p in places)
    )
    out.write(f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def word() -> bytes:
    document = docx.Document()
    document.add_heading("施工组织设计", 1)
    document.add_paragraph("本工程采用<框架>结构 & 筏板基础。")
    table = document.add_table(rows=2, cols=2)
    for row, cells in enumerate((("工序", "天数"), ("土方开挖", "20"))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def sheet() -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "工程量清单"
    page.append(["项目", "单价", "合价"])
    page.append(["土方", 12.5, "=B2*2"])
    book.create_sheet("措施费").append(["脚手架"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rezip(
    source: bytes, add: dict[str, bytes] | None = None, change: dict[str, tuple[bytes, bytes]] | None = None
) -> bytes:
    """The same container with parts added, or with bytes replaced inside named parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = old.read(name)
            if change and name in change:
                before, after = change[name]
                assert before in body
                body = body.replace(before, after)
            new.writestr(name, body)
        for name, body in (add or {}).items():
            new.writestr(name, body)
    return out.getvalue()


def overlapping(source: bytes) -> bytes:
    """A second directory entry that points at the body of the first one."""
    end = source.rfind(b"PK\x05\x06")
    size, start = struct.unpack_from("<II", source, end + 12)
    directory = source[start : start + size]
    name_length, extra, comment = struct.unpack_from("<HHH", directory, 28)
    first = directory[: 46 + name_length + extra + comment]
    twin = first[:46] + b"X" * name_length + first[46 + name_length :]
    total = struct.unpack_from("<H", source, end + 10)[0] + 1
    closing = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, total, total, size + len(twin), start, 0)
    return source[:start] + directory + twin + closing


def png(across: int = 4, high: int = 3) -> bytes:
    rows = (b"\0" + b"\x7f" * across * 3) * (high if across * high < 10_000 else 1)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", across, high, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks
    )


def jpeg(across: int = 64, high: int = 48) -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, high, across, 1) + b"\x01\x11\x00"
    return (
        b"\xff\xd8\xff\xe0\x00\x04AB" + frame + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x11" * 20 + b"\xff\xd9"
    )
