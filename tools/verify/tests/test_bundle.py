"""A sound bundle passes; one changed byte anywhere is found and named (security.md F4)."""

import os
import random
import shutil
from pathlib import Path

import pytest

from gongheng.crypto import canonical
from tools.verify.__main__ import main, verify
from tools.verify.log import Line, Log
from tools.verify.scoring import standing_report
from tools.verify.tests.tender import Tender

#: GONGHENG_FLIPS=500 for the figure of the yardstick.
FLIPS = int(os.environ.get("GONGHENG_FLIPS", "16"))


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def flip(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)


def test_a_sound_bundle_passes(bundle, tender):
    report = verify(bundle, tender.platform.policy())
    assert report.faults == []
    assert len(report.lines) == 16


class Resumed(Tender):
    """A tender whose first committee was dissolved after it had written a report."""

    def _evaluate(self) -> None:
        self._document("evaluation_report", "评标报告", b"first", "evaluation.report", "evaluation:0", result="first")
        self.platform.note("evaluation.dissolve", "evaluation:0", role="centre", signed=True, reason="停电", attempt=1)
        super()._evaluate()


def test_the_report_of_a_dissolved_committee_does_not_stand_and_the_next_one_does(tmp_path):
    resumed = Resumed().play()
    assert verify(resumed.write(tmp_path / "resumed"), resumed.platform.policy()).faults == []


def line(index: int, verb: str, attempt: int) -> Line:
    return Line(index, verb, f"evaluation:{attempt}", "2026-03-02T01:00:00.000Z", {}, {})


def test_exactly_one_report_must_stand():
    first, dissolved, second = (
        line(1, "evaluation.report", 1), line(2, "evaluation.dissolve", 1), line(3, "evaluation.report", 2)
    )
    assert standing_report(Log([first])) == first
    assert standing_report(Log([first, dissolved, second])) == second
    for lines in ([], [first, dissolved], [first, second], [first, dissolved, second, line(4, "evaluation.report", 3)]):
        with pytest.raises(LookupError):
            standing_report(Log(lines))


def test_one_flipped_bit_in_any_file_is_found_and_the_file_is_named(written, bundle):
    rng = random.Random(20260302)
    # One file of each name first, then any.
    files = list({path.name: path for path in files_of(written)}.values())
    picked = files + rng.choices(files_of(written), k=max(FLIPS - len(files), 0))
    for original in picked:
        name = original.relative_to(written).as_posix()
        flip(bundle / name, rng)
        faults = verify(bundle).faults
        assert any(name in fault or ("MANIFEST" in name and "MANIFEST" in fault) for fault in faults), (name, faults)
        shutil.copyfile(original, bundle / name)
    assert verify(bundle).is_clean


@pytest.mark.parametrize("name", ["bundle.json", "log.json", "MANIFEST.json"])
def test_white_space_that_changes_no_meaning_is_found(bundle, name):
    (bundle / name).write_bytes((bundle / name).read_bytes() + b"\n")
    assert any(name in fault and "规范格式" in fault for fault in verify(bundle).faults)


def test_a_broken_signature_is_told_as_such(bundle):
    flip(bundle / "MANIFEST.sig", random.Random(1))
    assert verify(bundle).faults == [
        "MANIFEST.sig（或 MANIFEST.json、policy.json）：清单签名无效：清单、签名或平台公钥被改动"
    ]


def test_files_added_removed_or_linked_are_named(bundle):
    (bundle / "acts.json").unlink()
    (bundle / "extra.txt").write_text("x")
    (bundle / "link.txt").symlink_to(bundle / "bundle.json")
    faults = verify(bundle).faults
    assert "acts.json：文件缺失" in faults
    assert any(fault.startswith("extra.txt：清单中没有此文件") for fault in faults)
    assert any(fault.startswith("link.txt：是符号链接") for fault in faults)


def test_a_file_that_the_format_does_not_know_is_named_even_when_listed(bundle, tender):
    (bundle / "hidden.bin").write_bytes(b"x")
    tender.platform.seal_folder(bundle)
    assert verify(bundle).faults == ["hidden.bin：存证包格式中没有此文件，任何核对都未用到它"]


def test_another_platforms_keys_do_not_pass_a_pinned_policy(bundle, tender):
    policy = tender.platform.policy()
    policy["witnesses"] = []
    assert any("信任根不一致" in fault for fault in verify(bundle, policy).faults)


def test_the_command_says_what_it_found_and_its_status_tells(bundle, tender, tmp_path, capsys):
    pinned = tmp_path / "policy.json"
    pinned.write_bytes(canonical.encode(tender.platform.policy()))
    assert main([str(bundle), "--policy", str(pinned)]) == 0
    assert "结论：核验通过。" in capsys.readouterr().out
    flip(bundle / "bids.json", random.Random(2))
    assert main([str(bundle)]) == 1
    out = capsys.readouterr().out
    assert "✗ bids.json" in out
    assert "演示时钟" in out
    assert main([str(tmp_path / "nowhere")]) == 2
