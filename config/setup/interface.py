"""Write docs/openapi.json from the operations: ``PYTHONPATH=src:. python -m config.setup.interface`` (接口描述)."""

import json
import os
from pathlib import Path

import django

PAGE = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def text() -> str:
    """Return the whole document as it is kept; the address is an example."""
    from gongheng.followers.exchange.openapi import document

    return json.dumps(document("https://platform.example"), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    PAGE.write_text(text())
