"""Make the documents' Chinese fonts: LXGW WenKai (霞鹜文楷) from its npm package, unpacked to TTF.

WOFF unpacks in half a second where WOFF2 takes most of a minute; the glyphs are the same.
"""

import sys
from pathlib import Path

from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "node_modules" / "@fontsource" / "lxgw-wenkai"
TARGET = ROOT / "build" / "fonts"
#: The package has 300, 500 and 700; documents use text and bold.
WEIGHTS = {500: "LXGWWenKai-Regular.ttf", 700: "LXGWWenKai-Bold.ttf"}


def main() -> int:
    """Write every wanted weight and the licence into build/fonts."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for weight, name in WEIGHTS.items():
        font = TTFont(SOURCE / "files" / f"lxgw-wenkai-latin-{weight}-normal.woff", lazy=True)
        font.flavor = None
        font.save(TARGET / f"{name}.new", reorderTables=None)
        (TARGET / f"{name}.new").replace(TARGET / name)
    (TARGET / "LICENSE").write_bytes((SOURCE / "LICENSE").read_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
