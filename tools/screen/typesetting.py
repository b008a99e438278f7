"""Typeset an explanation as PDF with Typst (排版): no system fonts, no clock, no network; equal words, equal bytes."""

import json
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import typst

from tools.screen.refusing import Unreadable

_TEMPLATE = Path(__file__).with_name("explanation.typ")
FAMILY = "LXGW WenKai"
#: PDF files carry a date; the day of the run would make every run another file.
_DATED = datetime(2000, 1, 1, tzinfo=UTC)


class Typesetter:
    """Holds the fonts of one folder."""

    def __init__(self, fonts: Path):
        self._fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)])
        if FAMILY not in self._fonts.families():
            raise Unreadable(
                f"--fonts {fonts}", f"文件夹中要有字体“{FAMILY}”", "运行 make setup 取得字体，或用 --fonts 指定文件夹"
            )

    def pdf(self, told: dict) -> bytes:
        """Return the PDF of one explanation."""
        return typst.compile(
            _TEMPLATE, root=_TEMPLATE.parent, font_paths=self._fonts, ignore_system_fonts=True, format="pdf",
            sys_inputs={"data": json.dumps(_printable(told), ensure_ascii=False, sort_keys=True)}, timestamp=_DATED,
        )


def _printable(value):
    """Drop control and direction-changing characters from the words of others."""
    if isinstance(value, dict):
        return {key: item if key == "svg" else _printable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if not isinstance(value, str):
        return value
    kept = (one for one in value if one == "\n" or unicodedata.category(one) not in ("Cc", "Cf", "Cs"))
    return unicodedata.normalize("NFC", "".join(kept))
