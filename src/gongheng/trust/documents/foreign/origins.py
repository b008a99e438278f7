"""Where a file comes from: what programs write into it besides its words (文件来历)."""

import re
from typing import BinaryIO
from xml.etree.ElementTree import Element

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject

from gongheng.trust.documents.foreign import office
from gongheng.trust.documents.foreign.verdict import Unfit

#: Pages whose fonts are looked at: a document embeds its fonts once.
FONT_PAGES = 500
#: Letters kept of one value; more is no name.
LONGEST = 200
MAX_XMP = 2**20
#: More ancestors than this are an editor's protocol of every saving.
MOST_ANCESTORS = 50

_INFO = {
    "/Author": "author", "/Company": "company", "/Creator": "creator", "/Producer": "producer",
    "/CreationDate": "created", "/ModDate": "modified",
}
_XMP = {
    "author": rb"<dc:creator>.*?<rdf:li[^>]*>([^<]+)<", "pdf_id": rb"xmpMM:DocumentID(?:=\"|>)([^\"<]+)",
    "ancestor": rb"(?:xmpMM:OriginalDocumentID|stRef:documentID)(?:=\"|>)([^\"<]+)",
}
_CORE = {
    "creator": "author", "lastModifiedBy": "modifier", "created": "created", "modified": "modified",
    "Company": "company", "Application": "creator",
}
#: What costing programs write into their exchange files, in the spellings of the trade; one form, see ``_plain``.
_MACHINE = {
    "加密锁号": "lock", "软件锁号": "lock", "计价软件锁号": "lock", "锁号": "lock",
    "软件许可号": "licence", "授权号": "licence",
    "mac": "mac", "mac地址": "mac", "网卡地址": "mac", "网卡mac地址": "mac", "硬盘序列号": "disk", "硬盘号": "disk",
    "cpu序列号": "cpu", "cpu号": "cpu", "主板序列号": "board", "主板号": "board",
}

Values = list[tuple[str, str]]


def of_pdf(file: BinaryIO) -> Values:
    """Author, programs, times, document ids, ancestors and subset tags of a PDF; no value is judged here."""
    file.seek(0)
    try:
        reader = PdfReader(file, strict=False)
        info = reader.trailer["/Info"].get_object() if "/Info" in reader.trailer else {}
        found = [(kind, str(info[key])) for key, kind in _INFO.items() if key in info]
        found += [("pdf_id", _hex(one)) for one in list(reader.trailer.get("/ID", []))[:1]]
        found += _of_xmp(reader)
        found += [("font", tag) for tag in sorted(_subset_tags(reader))]
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, AssertionError) as error:
        # pypdf leaks these on malformed objects: such a file tells nothing that could be relied on.
        raise Unfit("PDF 的文件属性损坏，不能读取。", "structure") from error
    return _short(found)


def of_office(parts: dict[str, bytes]) -> Values:
    """Author, last editor, company, program and times of a DOCX or XLSX."""
    found = []
    for name in ("docProps/core.xml", "docProps/app.xml"):
        if name in parts:
            for element in office.parsed(parts[name]).iter():
                kind = _CORE.get(element.tag.rpartition("}")[2])
                if kind and element.text:
                    found.append((kind, element.text))
    return _short(found)


def of_exchange(root: Element) -> Values:
    """Lock and machine numbers that a costing program wrote into its exchange file (计价数据交换文件)."""
    found = []
    for element in root.iter():
        named = [*element.attrib.items(), (element.tag.rpartition("}")[2], element.text or "")]
        found += [(_MACHINE[_plain(name)], value) for name, value in named if _plain(name) in _MACHINE]
    return _short(found)


def _of_xmp(reader: PdfReader) -> Values:
    root = reader.trailer["/Root"].get_object()
    if not isinstance(root, DictionaryObject) or "/Metadata" not in root:
        return []
    body = root["/Metadata"].get_object().get_data()[:MAX_XMP]
    found = []
    for kind, pattern in _XMP.items():
        values = re.findall(pattern, body, re.DOTALL)[:MOST_ANCESTORS]
        found += [(kind, value.decode("utf-8", "replace")) for value in values]
    return found


def _subset_tags(reader: PdfReader) -> set[str]:
    tags = set()
    for number in range(min(len(reader.pages), FONT_PAGES)):
        fonts = (reader.pages[number].get("/Resources") or {}).get("/Font") or {}
        for font in fonts.values():
            tag, plus, _ = str(font.get_object().get("/BaseFont", "")).lstrip("/").partition("+")
            if plus and re.fullmatch(r"[A-Z]{6}", tag):
                tags.add(tag)
    return tags


def _hex(value) -> str:
    return (value.original_bytes if hasattr(value, "original_bytes") else bytes(value)).hex()


def _plain(name: str) -> str:
    return re.sub(r"[\s_:：\-]", "", name).lower()


def _short(values: Values) -> Values:
    """Each value once, trimmed, without what is empty."""
    cleaned = ((kind, " ".join(value.split())[:LONGEST]) for kind, value in values)
    return list(dict.fromkeys(one for one in cleaned if one[1]))
