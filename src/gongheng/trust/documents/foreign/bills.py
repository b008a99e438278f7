"""Priced bills of quantities in spreadsheets and exchange files, read by the names of their columns (分项报价)."""

import re
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element

#: Lines kept of one file.
MOST_LINES = 50_000
#: Names of columns and attributes, in one form; the second part are the initials that exchange files use.
_COLUMNS = {
    "number": {"项目编码", "清单编码", "清单项目编码", "项目编号", "编码", "qdbm", "xmbm"},
    "unit": {"计量单位", "单位", "dw", "jldw"},
    "quantity": {"工程量", "工程数量", "数量", "gcl", "sl"},
    "price": {"综合单价", "单价", "zhdj", "dj"},
    "amount": {"合价", "综合合价", "金额", "合计", "zhhj", "hj"},
}
_FIELDS = {name: field for field, names in _COLUMNS.items() for name in names}
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z.\-]{2,29}")

#: [number, unit price, quantity, unit, amount] as written; None where absent.
Line = list[str | None]


def of_tables(blocks: Iterable[Mapping]) -> list[Line]:
    """The priced lines of all tables whose header names an item number and a unit price, in order."""
    lines: list[Line] = []
    for block in blocks:
        if block["kind"] == "table":
            lines += _of_rows(block["rows"])
    return lines[:MOST_LINES]


def of_exchange(root: Element) -> list[Line]:
    """The priced lines of an exchange file: elements whose attributes hold an item number and a unit price."""
    lines = []
    for element in root.iter():
        named = {_FIELDS[_plain(name)]: value for name, value in element.attrib.items() if _plain(name) in _FIELDS}
        if line := _line(named):
            lines.append(line)
    return lines[:MOST_LINES]


def _of_rows(rows: Iterable[list[str]]) -> list[Line]:
    """Headers may take two rows and stand again on every printed page: each row of names sets the columns anew."""
    places: dict[str, int] = {}
    lines = []
    for row in rows:
        headed = {_FIELDS[_plain(cell)]: place for place, cell in enumerate(row) if _plain(cell) in _FIELDS}
        if headed:
            places |= headed
        elif line := _line({field: row[place] for field, place in places.items() if place < len(row)}):
            lines.append(line)
    return lines


def _line(named: Mapping[str, str]) -> Line | None:
    number, price = named.get("number", "").strip(), _figure(named.get("price", ""))
    if not _NUMBER.fullmatch(number) or price is None:
        return None
    quantity, amount = _figure(named.get("quantity", "")), _figure(named.get("amount", ""))
    return [number, price, quantity, named.get("unit", "").strip()[:20], amount]


def _figure(text: str) -> str | None:
    bare = text.strip().replace(",", "").replace("，", "")
    return bare if re.fullmatch(r"-?\d{1,15}(\.\d{1,10})?", bare) else None


def _plain(name: str) -> str:
    return re.sub(r"[（(][^（）()]*[)）]|[\s_]", "", name).lower()
