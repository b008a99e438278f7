"""A whole tender from registration to archive, through the web, and the bundle that an outsider checks."""

import random
import shutil
from pathlib import Path

import docx
import openpyxl
import pytest

from tests import rehearsing
from tools.rehearse.papers import make
from tools.verify.__main__ import verify

pytestmark = pytest.mark.instance

CHANGES = 50


@pytest.fixture(scope="module")
def rehearsal(instance, tmp_path_factory) -> Path:
    """The folder that one rehearsal left behind; five bidders bring what lies on their disks: PDF, Word and Excel."""
    out, documents = tmp_path_factory.mktemp("rehearsal"), _office_documents(tmp_path_factory.mktemp("资料"))
    played = instance.command("rehearse", "--bidders", "5", "--documents", str(documents), "--out", str(out))
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


def _office_documents(folder: Path) -> Path:
    make(folder, fonts=rehearsing.FONTS, seed="documents", size_mb=0.5)
    letter = docx.Document()
    letter.add_heading("类似项目业绩一览")
    letter.add_paragraph("近五年完成类似房屋建筑工程三项，均验收合格。")
    letter.save(folder / "业绩.docx")
    workbook = openpyxl.Workbook()
    workbook.active.append(["设备", "数量"])
    workbook.active.append(["塔式起重机", 3])
    workbook.save(folder / "施工机械.xlsx")
    (folder / "说明.md").write_text("不在可用于投标的类型之内")
    return folder
