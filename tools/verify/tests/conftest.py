"""One played tender for all tests of the verifier; each works on a copy of its folder."""

import shutil
from pathlib import Path

import pytest

from tools.verify.tests.tender import Tender


@pytest.fixture(scope="session")
def tender() -> Tender:
    return Tender().play()


@pytest.fixture(scope="session")
def written(tender, tmp_path_factory) -> Path:
    return tender.write(tmp_path_factory.mktemp("bundles") / "full")


@pytest.fixture
def bundle(written, tmp_path) -> Path:
    """A bundle of one's own to spoil."""
    return Path(shutil.copytree(written, tmp_path / "bundle"))
