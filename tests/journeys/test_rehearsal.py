"""A whole tender from registration to archive, through the web, and the bundle that an outsider checks."""

import random
import shutil
from pathlib import Path

import pytest

from tools.verify.__main__ import verify

pytestmark = pytest.mark.instance

CHANGES = 50


@pytest.fixture(scope="module")
def rehearsal(instance, tmp_path_factory) -> Path:
    """The folder that one rehearsal with five bidders left behind."""
    out = tmp_path_factory.mktemp("rehearsal")
    played = instance.command("rehearse", "--bidders", "5", "--size", "1", "--out", str(out))
    assert played.returncode == 0, played.stdout + played.stderr
    return out


def test_the_rehearsal_leaves_a_bundle_that_verifies(rehearsal):
    assert "核验通过" in (rehearsal / "核验报告.txt").read_text()
    report = verify(rehearsal / "存证包")
    assert report.is_clean, report.text()
    assert len(report.lines) > 10
    assert sorted(path.suffix for path in (rehearsal / "文书").iterdir()).count(".pdf") >= 3


def test_any_changed_byte_of_the_bundle_is_found(rehearsal, tmp_path):
    """Fifty places drawn anew each time; a place that goes unnoticed prints its seed."""
    seed = random.SystemRandom().randrange(2**32)
    dice, copy = random.Random(seed), tmp_path / "存证包"
    shutil.copytree(rehearsal / "存证包", copy)
    files = sorted(path for path in copy.rglob("*") if path.is_file())
    for _ in range(CHANGES):
        victim = dice.choice(files)
        before = victim.read_bytes()
        at = dice.randrange(len(before))
        changed = bytearray(before)
        changed[at] ^= 1 << dice.randrange(8)
        victim.write_bytes(changed)
        report = verify(copy)
        assert not report.is_clean, f"seed {seed}: {victim.relative_to(copy)} byte {at}"
        victim.write_bytes(before)
    assert verify(copy).is_clean
