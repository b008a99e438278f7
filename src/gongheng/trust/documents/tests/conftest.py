"""Fixtures for documents: the house fonts and a store of its own, without the rest of the settings."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from gongheng.trust.documents import store, typesetting

ROOT = Path(__file__).resolve().parents[5]


@pytest.fixture
def house_fonts(monkeypatch):
    """Typeset with the fonts that set-up made (GONGHENG_FONTS names another folder)."""
    folder = Path(os.environ.get("GONGHENG_FONTS", ROOT / "build" / "fonts"))
    monkeypatch.setattr(typesetting, "settings", SimpleNamespace(FONTS=folder))


@pytest.fixture
def files(monkeypatch, tmp_path):
    """An empty file store."""
    monkeypatch.setattr(store, "settings", SimpleNamespace(FILES=tmp_path / "files"))
    return tmp_path / "files"
