"""What a seat's PC can find out about itself (部件自检): each part is "ok", "fault" or "unknown"."""

import shutil
from datetime import timedelta
from pathlib import Path

OK, FAULT, UNKNOWN = "ok", "fault", "unknown"
PARTS = ("pc", "network", "microphone", "speaker", "camera")

#: Recordings carry the clock's time, so it must be nearly right; they wait on the disk when the line is down.
MOST_SKEW = timedelta(seconds=30)
LEAST_DISK = 1 << 30
#: Beyond a second speech breaks up.
MOST_ROUND_TRIP = timedelta(seconds=1)


def pc(skew: timedelta, folder: Path) -> str:
    """Look at the clock, against the platform's, and at the free space of the disk."""
    return OK if abs(skew) <= MOST_SKEW and shutil.disk_usage(folder).free >= LEAST_DISK else FAULT


def network(round_trip: timedelta) -> str:
    """Look at how long the platform took to answer."""
    return OK if round_trip <= MOST_ROUND_TRIP else FAULT


def sound(direction: str, proc: Path = Path("/proc")) -> str:
    """Look whether ALSA lists a device that plays ("playback") or records ("capture")."""
    listing = proc / "asound" / "pcm"
    if not proc.is_dir():
        return UNKNOWN  # no Linux: nothing was looked at, and that is what is said
    return OK if listing.exists() and direction in listing.read_text() else FAULT


def camera(dev: Path = Path("/dev")) -> str:
    """Look whether a video device is there."""
    if not dev.is_dir():
        return UNKNOWN
    return OK if any(dev.glob("video*")) else FAULT


def look(skew: timedelta, round_trip: timedelta, folder: Path) -> dict[str, str]:
    """Test all parts of this machine."""
    return {
        "pc": pc(skew, folder), "network": network(round_trip), "microphone": sound("capture"),
        "speaker": sound("playback"), "camera": camera(),
    }


def simulated(broken: str) -> dict[str, str]:
    """Return the parts as told: "ok", or the broken ones with commas between; ValueError for any other word."""
    names = set() if broken == OK else set(broken.split(","))
    if not names <= set(PARTS):
        raise ValueError(f"--simulate 只能是 ok 或部件名（{'、'.join(PARTS)}），多个用逗号分隔")
    return {part: FAULT if part in names else OK for part in PARTS}
