"""Each test gets an instance of its own, and leaves none of it running."""

import pytest

from config.processes import places, postgres


@pytest.fixture
def instance(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("GONGHENG_VAR", str(tmp_path / "var"))
    yield places.var()
    postgres.destroy()
