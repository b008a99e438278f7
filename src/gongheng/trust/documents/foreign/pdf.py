"""Read PDF files structurally, refuse active content, give text and page rasters (PDF 检查)."""

import ctypes
import re
import struct
import zlib
from typing import BinaryIO

import pypdfium2
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from gongheng.trust.documents.foreign.verdict import Unfit

MAX_PAGES = 5000
MAX_OBJECTS = 300_000
MAX_PIXELS = 40_000_000
MAX_TEXT = 5_000_000
MAX_DEPTH = 60

# Action types (/S) that do something outside the document, and names that carry active content.
ACTIONS = {
    "/JavaScript": "javascript",
    "/Launch": "launch",
    "/SubmitForm": "submit",
    "/ImportData": "submit",
    "/GoToE": "embedded",
    "/Rendition": "media",
    "/Movie": "media",
    "/Sound": "media",
    "/RichMediaExecute": "media",
}
KEYS = {
    "/JS": "javascript",
    "/JavaScript": "javascript",
    "/EmbeddedFiles": "embedded",
    "/EF": "embedded",
    "/XFA": "xfa",
}
SUBTYPES = {"/FileAttachment": "embedded", "/RichMedia": "media", "/Movie": "media", "/Screen": "media", "/3D": "media"}
NAMES = {
    "javascript": "脚本",
    "launch": "启动外部程序的动作",
    "embedded": "嵌入文件",
    "xfa": "XFA 动态表单",
    "submit": "向外提交数据的动作",
    "media": "多媒体内容",
}


def inspect(file: BinaryIO) -> tuple[int, str]:
    """Check the whole structure; return page count and text; Unfit names the first fault."""
    _check_frame(file)
    with opened(file) as document:
        pages = len(document)
        if pages == 0:
            raise Unfit("PDF 中没有页面。")
        if pages > MAX_PAGES:
            raise Unfit(f"PDF 页数超过 {MAX_PAGES} 页，请拆分后上传。", "too-many-pages")
        flags, leaves = _examine(file)
        if leaves != pages:
            raise Unfit("PDF 的页面树损坏，请重新导出后上传。", "structure")
        if flags:
            raise Unfit(f"PDF 含有{'、'.join(NAMES[f] for f in flags)}，请去除后重新导出。", *flags)
        return pages, _text(document)


def text(file: BinaryIO) -> str:
    """All text of the document, pages parted by form feeds."""
    with opened(file) as document:
        return _text(document)


def rasters(file: BinaryIO, pages: list[int], width: int) -> list[bytes]:
    """PNG images of the pages (numbered from 0), ``width`` pixels wide; nothing of the PDF but pixels remains."""
    with opened(file) as document:
        result = []
        for number in pages:
            if not 0 <= number < len(document):
                raise Unfit(f"PDF 没有第 {number + 1} 页。")
            page = document[number]
            across, high = page.get_size()
            scale = width / across
            if across <= 0 or high <= 0 or width * high * scale > MAX_PIXELS:
                raise Unfit(f"第 {number + 1} 页的尺寸异常，不能显示。", "huge-page")
            bitmap = page.render(scale=scale, may_draw_forms=False, rev_byteorder=True)
            result.append(_png(bitmap))
            bitmap.close()
            page.close()
        return result


def _check_frame(file: BinaryIO) -> None:
    """Header, end mark and the offset of the last cross-reference, which lenient readers would repair in silence."""
    file.seek(0)
    if not re.match(rb"%PDF-[12]\.\d", file.read(8)):
        raise Unfit("文件开头不是 PDF 标识，文件可能已损坏。", "header")
    size = file.seek(0, 2)
    file.seek(max(0, size - 2048))
    tail = file.read()
    found = list(re.finditer(rb"startxref\s+(\d+)\s+%%EOF", tail))
    if not found:
        raise Unfit("文件缺少 PDF 结束标识，可能未传输完整，请重新导出后上传。", "truncated")
    file.seek(min(int(found[-1][1]), size))
    if not re.match(rb"\s*(xref\s|\d+\s+\d+\s+obj\b)", file.read(64)):
        raise Unfit("PDF 的交叉引用表位置错误，文件已损坏，请重新导出后上传。", "xref")
    file.seek(0)


def opened(file: BinaryIO) -> pypdfium2.PdfDocument:
    file.seek(0)
    try:
        return pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise Unfit("PDF 已加密，请去除打开密码后上传。", "encrypted") from error
        raise Unfit("PDF 结构损坏，不能打开。", "structure") from error


def _text(document: pypdfium2.PdfDocument) -> str:
    """Load every page, so that a page that is broken is found here, and collect the text."""
    parts, length = [], 0
    for number in range(len(document)):
        try:
            page = document[number]
            textpage = page.get_textpage()
            part = textpage.get_text_bounded()
        except pypdfium2.PdfiumError as error:
            raise Unfit(f"PDF 第 {number + 1} 页损坏，不能读取。", "page") from error
        textpage.close()
        page.close()
        length += len(part)
        if length > MAX_TEXT:
            raise Unfit("PDF 文字内容过多，请拆分后上传。", "too-much-text")
        parts.append(part)
    return "\f".join(parts)


def _examine(file: BinaryIO) -> tuple[list[str], int]:
    """Active content in any object, whether or not a page leads to it, and the number of pages in the tree."""
    file.seek(0)
    try:
        reader = PdfReader(file, strict=False)
        if reader.is_encrypted:
            raise Unfit("PDF 已加密或限制了权限，请去除保护后上传。", "encrypted")
        numbers = {(n, g) for g, table in reader.xref.items() for n in table}
        numbers |= {(n, 0) for n in reader.xref_objStm}
        if len(numbers) > MAX_OBJECTS:
            raise Unfit("PDF 对象过多，请重新导出后上传。", "too-many-objects")
        flags = _flags_of(reader.trailer, 0)
        for number, generation in sorted(numbers):
            if number != 0:
                flags |= _flags_of(reader.get_object(IndirectObject(number, generation, reader)), 0)
        return sorted(flags), _count_pages(reader)
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, AssertionError) as error:
        # pypdf leaks these on malformed objects; each means that the file cannot be vouched for.
        raise Unfit("PDF 对象结构损坏，不能逐一检查，请重新导出后上传。", "structure") from error


def _count_pages(reader: PdfReader) -> int:
    """Leaves of the page tree, walked as written: pdfium would make do with a broken one."""
    leaves, seen, waiting = 0, set(), [reader.trailer["/Root"].raw_get("/Pages")]
    while waiting:
        reference = waiting.pop()
        if not isinstance(reference, IndirectObject) or (reference.idnum, reference.generation) in seen:
            raise Unfit("PDF 的页面树损坏，请重新导出后上传。", "structure")
        seen.add((reference.idnum, reference.generation))
        node = reference.get_object()
        if node["/Type"] == "/Page":
            leaves += 1
        elif node["/Type"] == "/Pages":
            waiting += node["/Kids"]
        else:
            raise Unfit("PDF 的页面树损坏，请重新导出后上传。", "structure")
    return leaves


def _flags_of(value, depth: int) -> set[str]:
    if depth > MAX_DEPTH:
        raise Unfit("PDF 对象嵌套过深。", "depth")
    flags: set[str | None] = set()
    if isinstance(value, DictionaryObject):
        for key, item in value.items():
            if key in KEYS:
                flags.add(KEYS[key])
            if isinstance(item, DictionaryObject | ArrayObject):
                flags |= _flags_of(item, depth + 1)
        # Indexing resolves references (get does not): "/S 7 0 R" must not hide an action.
        flags.add(ACTIONS.get(str(value["/S"])) if "/S" in value else None)
        subtype = str(value["/Subtype"]) if "/Subtype" in value else ""
        flags.add(SUBTYPES.get(subtype))
        if subtype == "/Image" and _pixels(value) > MAX_PIXELS:
            raise Unfit("PDF 中有超过 4000 万像素的图片，请压缩后重新导出。", "huge-image")
    elif isinstance(value, ArrayObject):
        for item in value:
            if isinstance(item, DictionaryObject | ArrayObject):
                flags |= _flags_of(item, depth + 1)
    return flags - {None}


def _pixels(image: DictionaryObject) -> int:
    return int(image["/Width"]) * int(image["/Height"])


def _png(bitmap: pypdfium2.PdfBitmap) -> bytes:
    """A PNG of pixels alone (no text, time or colour-profile chunks)."""
    channels = bitmap.n_channels
    colour = {1: 0, 3: 2, 4: 6}[channels]
    line = bitmap.width * channels
    whole = ctypes.string_at(bitmap.buffer, bitmap.stride * bitmap.height)
    rows = bytearray()
    for row in range(bitmap.height):
        rows.append(0)
        rows += whole[row * bitmap.stride : row * bitmap.stride + line]
    head = struct.pack(">IIBBBBB", bitmap.width, bitmap.height, 8, colour, 0, 0, 0)
    body = zlib.compress(bytes(rows), 6)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    )
