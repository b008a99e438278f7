"""Where one instance keeps its state, and which local ports it was given.

`GONGHENG_VAR` selects the instance; two instances share nothing but the code.
"""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def var() -> Path:
    """Return the state folder of this instance, made when missing."""
    folder = Path(os.environ.get("GONGHENG_VAR") or ROOT / "var").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def folder(name: str) -> Path:
    """Return a subfolder of the state folder, made when missing."""
    path = var() / name
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold an instance-wide lock; the kernel frees it however the holder ends."""
    with open(folder("run") / f"{name}.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def write_private(path: Path, value: object) -> None:
    """Replace a JSON file in one step, readable by its owner only."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        json.dump(value, handle, indent=1, sort_keys=True)
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(path)


def read_json(path: Path) -> dict:
    """Return the object kept in a file, empty when there is no file."""
    return json.loads(path.read_text()) if path.exists() else {}


def is_free(port: int) -> bool:
    """Say whether a loopback port can be listened on now."""
    with socket.socket() as probe:
        # A server that just ended leaves its port in TIME_WAIT; servers reuse such a port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def port(name: str, *, usable: bool = False) -> int:
    """Return the port remembered for a process; with `usable`, a new one if it is taken."""
    with locked("ports"):
        path = var() / "ports.json"
        known = read_json(path)
        if name not in known or (usable and not is_free(known[name])):
            known[name] = free_port()
            while list(known.values()).count(known[name]) > 1:
                known[name] = free_port()
            write_private(path, known)
        return known[name]


def remember_port(name: str, number: int) -> None:
    """Record a port that was chosen by the operator."""
    with locked("ports"):
        path = var() / "ports.json"
        write_private(path, read_json(path) | {name: number})
