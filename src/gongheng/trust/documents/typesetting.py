"""Typeset official documents (公文) as PDF/A-2b with Typst; the same data always gives the same bytes.

Data reaches a template only as JSON through ``sys.inputs``: no text of a user is ever markup.
Nothing of the host enters: no system fonts, no clock, no network.
"""

import io
import json
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from types import GenericAlias
from typing import get_type_hints
from zoneinfo import ZoneInfo

import segno
import typst
from django.conf import settings
from fontTools.ttLib import TTFont

from gongheng.trust.documents.shapes import SHAPES

TEMPLATES = Path(__file__).parent / "templates" / "typst"
SHANGHAI = ZoneInfo("Asia/Shanghai")
FAMILY = "LXGW WenKai"
#: 缺字符 (geta mark): what Chinese typesetting prints for a character that no font has.
MISSING = "〓"


def render(template: str, data: dict) -> bytes:
    """Typeset ``data`` (shape: ``shapes.SHAPES[template]``) and return the PDF.

    Raises KeyError for an unknown template and ValueError for data of another shape, naming the place.
    """
    _check_shape(data, SHAPES[template], template)
    issued = datetime.strptime(data["issued_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    day = issued.astimezone(SHANGHAI)
    fonts, covered = _fonts(str(settings.FONTS))
    printed = _printable(data, covered)
    printed["issued_on"] = f"{day.year}年{day.month}月{day.day}日"
    printed["qr"] = _qr_code(data["public_url"]) if data["public_url"] else ""
    return typst.compile(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=fonts,
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(printed, ensure_ascii=False, sort_keys=True)},
        pdf_standards="a-2b",
        timestamp=issued.replace(microsecond=0),  # PDF dates have whole seconds
    )


@lru_cache(maxsize=2)
def _fonts(folder: str) -> tuple[typst.Fonts, frozenset[int]]:
    """The fonts of the folder and the characters that they have; ValueError when the house font is absent."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
    if FAMILY not in fonts.families():
        raise ValueError(f"font {FAMILY} not found in {folder}: run `make setup`")
    covered: set[int] = set()
    for place in sorted(Path(folder).iterdir()):
        if place.suffix.lower() in (".ttf", ".otf"):
            with TTFont(place, lazy=True) as face:
                covered.update(face.getBestCmap())
    return fonts, frozenset(covered)


def _printable(value, covered: frozenset[int]):
    """Drop control and direction-changing characters, and mark what no font has (PDF/A forbids blanks)."""
    if isinstance(value, dict):
        return {key: _printable(item, covered) for key, item in value.items()}
    if isinstance(value, list):
        return [_printable(item, covered) for item in value]
    text = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\t", " ")
    kept = (c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    return "".join(c if c == "\n" or ord(c) in covered else MISSING for c in kept)


def _qr_code(url: str) -> str:
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="svg", border=0, xmldecl=False)
    return out.getvalue().decode()


def _check_shape(value, shape, place: str) -> None:
    """ValueError naming the first place where ``value`` is not of ``shape`` (a TypedDict, list[…] or str)."""
    if isinstance(shape, GenericAlias):
        if not isinstance(value, list):
            raise ValueError(f"{place}: not a list")
        for number, item in enumerate(value):
            _check_shape(item, shape.__args__[0], f"{place}[{number}]")
    elif shape is str:
        if not isinstance(value, str):
            raise ValueError(f"{place}: not a string")
    else:
        hints = get_type_hints(shape)
        if not isinstance(value, dict) or set(value) != set(hints):
            found = set(value) if isinstance(value, dict) else set()
            raise ValueError(f"{place}: missing {sorted(set(hints) - found)}, unknown {sorted(found - set(hints))}")
        for key, hint in hints.items():
            _check_shape(value[key], hint, f"{place}.{key}")
