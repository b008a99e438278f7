"""Read DOCX and XLSX as outline and text without macros, links or the original layout (办公文档检查)."""

import io
import re
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

import openpyxl
from defusedxml import DefusedXmlException, ElementTree
from openpyxl.utils.exceptions import InvalidFileException

from gongheng.trust.documents.foreign import archives
from gongheng.trust.documents.foreign.verdict import Unfit

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
KEEP = re.compile(r"\[Content_Types\]\.xml|.*\.rels|.*\.xml", re.IGNORECASE)
MAX_DEPTH = 128
MAX_BLOCKS = 20_000
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_TEXT = 5_000_000


def detect(file: BinaryIO) -> str | None:
    """ "docx", "xlsx" or None for another zip container, judged by its main part."""
    names, _ = archives.contents(file, re.compile(r"(?!)"))
    if "word/document.xml" in names:
        return "docx"
    return "xlsx" if "xl/workbook.xml" in names else None


def inspect(file: BinaryIO, kind: str) -> tuple[int, str]:
    """Check containers, parts and relations; return the number of sheets (0 for DOCX) and the text."""
    parts = checked_parts(file)
    blocks = _document(parts) if kind == "docx" else _workbook(file)
    sheets = sum(block["kind"] == "heading" for block in blocks) if kind == "xlsx" else 0
    return sheets, as_text(blocks)


def outline(file: BinaryIO, kind: str) -> list[dict]:
    """Headings, paragraphs and tables in order: what can be shown as HTML without the original file."""
    parts = checked_parts(file)
    return _document(parts) if kind == "docx" else _workbook(file)


def as_text(blocks: list[dict]) -> str:
    """The outline as plain text, cells parted by tabs."""
    lines = []
    for block in blocks:
        if block["kind"] == "table":
            lines += ["\t".join(row) for row in block["rows"]]
        else:
            lines.append(block["text"])
    return "\n".join(lines)


def checked_parts(file: BinaryIO) -> dict[str, bytes]:
    """The XML parts of a container without macros, embedded objects or outside content; Unfit names what it holds."""
    names, parts = archives.contents(file, KEEP)
    flags = set()
    for name in (n.lower() for n in names):
        if (name.endswith((".bin", ".vba")) and "vba" in name) or "/macrosheets/" in name or "/dialogsheets/" in name:
            flags.add("macro")
        if (
            "/embeddings/" in name
            or "/activex/" in name
            or name.endswith((".zip", ".exe", ".js", ".vbs", ".docm", ".xlsm"))
        ):
            flags.add("embedded")
        if "/externallinks/" in name or name.startswith("xl/connections") or "/querytables/" in name:
            flags.add("external")
    for name, body in parts.items():
        # openpyxl brings its own XML reader, so a DTD is refused in the bytes; NUL betrays UTF-16, which would hide it.
        if b"<!DOCTYPE" in body or b"<!ENTITY" in body or b"\0" in body:
            raise Unfit("文档内部含有不允许的 XML 声明，请重新保存后上传。", "dtd")
        if name.lower() == "[content_types].xml" and b"macroEnabled" in body:
            flags.add("macro")
        if name.lower().endswith(".rels"):
            flags |= {"external" for relation in parsed(body).iter() if _leads_outside(relation)}
    named = {"macro": "宏", "embedded": "嵌入对象", "external": "外部链接"}
    if flags:
        raise Unfit(f"文档含有{'、'.join(named[f] for f in sorted(flags))}，请去除后重新保存。", *sorted(flags))
    return parts


def _leads_outside(relation: Element) -> bool:
    """A plain hyperlink only waits to be clicked; any other external target is fetched by the program itself."""
    return relation.get("TargetMode") == "External" and not relation.get("Type", "").endswith("/hyperlink")


def parsed(body: bytes) -> Element:
    """The parsed part; Unfit for a DTD, an entity, wrong XML or a nest deeper than any editor writes."""
    depth = 0
    try:
        for event, _ in ElementTree.iterparse(io.BytesIO(body), events=("start", "end"), forbid_dtd=True):
            depth += 1 if event == "start" else -1
            if depth > MAX_DEPTH:
                raise Unfit("文档内部结构嵌套过深。", "depth")
        return ElementTree.fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unfit("文档内部结构损坏，不能打开，请重新保存后上传。", "structure") from error


def _document(parts: dict[str, bytes]) -> list[dict]:
    if "word/document.xml" not in parts:
        raise Unfit("文档缺少正文。", "structure")
    body = parsed(parts["word/document.xml"]).find(f"{WORD}body")
    if body is None:
        raise Unfit("文档缺少正文。", "structure")
    levels = _heading_levels(parts.get("word/styles.xml"))
    blocks: list[dict] = []
    for element in body:
        if element.tag == f"{WORD}p":
            words = _words(element)
            style = element.find(f"{WORD}pPr/{WORD}pStyle")
            level = levels.get(style.get(f"{WORD}val")) if style is not None else None
            if words.strip():
                blocks.append(
                    {"kind": "heading", "level": level, "text": words}
                    if level
                    else {"kind": "paragraph", "text": words}
                )
        elif element.tag == f"{WORD}tbl":
            rows = [
                ["\n".join(_words(p) for p in cell.iter(f"{WORD}p")) for cell in row.findall(f"{WORD}tc")]
                for row in element.findall(f"{WORD}tr")
            ]
            blocks.append({"kind": "table", "rows": rows})
    return _within_limits(blocks)


def _heading_levels(styles: bytes | None) -> dict[str, int]:
    """Style id → heading level, by the style's built-in name ("heading 1", also in Chinese Word)."""
    if styles is None:
        return {}
    levels = {}
    for style in parsed(styles).iter(f"{WORD}style"):
        name = style.find(f"{WORD}name")
        found = (
            re.fullmatch(r"(?:heading|标题)\s*([1-6])", name.get(f"{WORD}val", ""), re.IGNORECASE)
            if name is not None
            else None
        )
        if found:
            levels[style.get(f"{WORD}styleId", "")] = int(found[1])
    return levels


def _words(paragraph: Element) -> str:
    words = []
    for element in paragraph.iter():
        if element.tag == f"{WORD}t":
            words.append(element.text or "")
        elif element.tag in (f"{WORD}tab", f"{WORD}br", f"{WORD}cr"):
            words.append(" ")
    return "".join(words)


def _workbook(file: BinaryIO) -> list[dict]:
    """One heading and one table per sheet, with the values as last saved; formulas are never computed."""
    file.seek(0)
    blocks: list[dict] = []
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            rows = []
            for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), 1):
                if number > MAX_ROWS:
                    raise Unfit(f"表“{sheet.title}”超过 {MAX_ROWS} 行，请拆分后上传。", "too-many-rows")
                cells = ["" if value is None else str(value) for value in row]
                while cells and cells[-1] == "":
                    cells.pop()
                rows.append(cells)
            while rows and not rows[-1]:
                rows.pop()
            blocks += [{"kind": "heading", "level": 1, "text": sheet.title}, {"kind": "table", "rows": rows}]
    except (
        InvalidFileException,
        ParseError,
        DefusedXmlException,
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        AttributeError,
    ) as error:
        # openpyxl leaks these on malformed parts; each means that the sheet cannot be read.
        raise Unfit("表格内部结构损坏，不能打开，请重新保存后上传。", "structure") from error
    return _within_limits(blocks)


def _within_limits(blocks: list[dict]) -> list[dict]:
    if len(blocks) > MAX_BLOCKS or len(as_text(blocks)) > MAX_TEXT:
        raise Unfit("文档内容过多，请拆分后上传。", "too-much-text")
    return blocks
