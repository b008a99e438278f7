"""What a seat's PC finds out about itself, on machines with and without the parts."""

import shutil
from collections import namedtuple
from datetime import timedelta

import pytest

from tools.seat_agent import checks

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(("skew", "free", "state"), [
    (30, 1 << 30, "ok"), (-30, 1 << 30, "ok"), (31, 1 << 30, "fault"), (-31, 1 << 30, "fault"),
    (0, (1 << 30) - 1, "fault"),
])
def test_the_pc_needs_a_true_clock_and_room_on_its_disk(monkeypatch, tmp_path, skew, free, state):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(0, 0, free))
    assert checks.pc(timedelta(seconds=skew), tmp_path) == state


def test_the_network_is_judged_by_the_round_trip():
    assert checks.network(timedelta(seconds=1)) == "ok"
    assert checks.network(timedelta(seconds=1.1)) == "fault"


def test_sound_devices_are_those_that_alsa_lists(tmp_path):
    assert checks.sound("capture", tmp_path / "none") == "unknown"
    assert checks.sound("capture", tmp_path) == "fault"
    (tmp_path / "asound").mkdir()
    (tmp_path / "asound" / "pcm").write_text("00-00: ALC : ALC : playback 1\n")
    assert checks.sound("playback", tmp_path) == "ok"
    assert checks.sound("capture", tmp_path) == "fault"


def test_a_camera_is_a_video_device(tmp_path):
    assert checks.camera(tmp_path / "none") == "unknown"
    assert checks.camera(tmp_path) == "fault"
    (tmp_path / "video0").touch()
    assert checks.camera(tmp_path) == "ok"


def test_a_simulation_breaks_what_it_is_told_and_nothing_else():
    assert set(checks.simulated("ok").values()) == {"ok"}
    assert checks.simulated("camera,pc") == checks.simulated("ok") | {"camera": "fault", "pc": "fault"}
    with pytest.raises(ValueError, match="simulate"):
        checks.simulated("screen")
