"""The supervisor restarts what dies, and `down` ends an instance whose supervisor was killed."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from config.processes import places, postgres, supervise

PROGRAM = """
from config.processes.supervise import Child, serve
serve(
    0,
    prepare=lambda environment: print("prepared", flush=True),
    when_ready=lambda url, environment: print("ready", url, flush=True),
    children=(
        Child("web", "http.server", ("http.server", "{web_port}", "--bind", "127.0.0.1")),
        Child("idle", "tests.processes.idle", ("tests.processes.idle",)),
    ),
)
"""


def until(condition, patience=20.0):
    """Wait for a condition that another process brings about."""
    end = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < end, "the other process did not do it in time"
        os.sched_yield()
    return found


@pytest.fixture
def supervisor(instance):
    environment = dict(os.environ) | {"PYTHONPATH": f"{places.ROOT / 'src'}:{places.ROOT}"}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=places.ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    seen = []
    for line in process.stdout:
        seen.append(line)
        if line.startswith("ready"):
            break
    yield process, "".join(seen)
    supervise.down()
    process.wait()
    process.stdout.close()


def idle() -> int | None:
    path = places.folder("run") / "idle.pid"
    text = path.read_text().strip() if path.exists() else ""
    return int(text) if text else None


def is_gone(pid: int) -> bool:
    """Say whether a process ended; where nobody reaps orphans it stays as a zombie."""
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z"


def test_a_dead_child_and_a_dead_database_come_back_and_sigterm_ends_all(supervisor):
    process, seen = supervisor
    assert "prepared" in seen
    url = seen.rsplit("ready ", 1)[1].strip()
    assert urllib.request.urlopen(url).status == 200

    first = idle()
    os.kill(first, signal.SIGKILL)
    assert "idle 意外结束" in process.stdout.readline()
    until(lambda: idle() != first)

    home = places.read_json(places.var() / "pg.json")["home"]
    with open(f"{home}/data/postmaster.pid") as file:
        os.kill(int(file.readline()), signal.SIGKILL)
    assert "数据库意外停止" in process.stdout.readline()
    until(postgres.is_running)

    second = idle()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0
    assert is_gone(second)
    assert not postgres.is_running()


def test_down_works_after_the_supervisor_was_killed(supervisor):
    process, _ = supervisor
    child = idle()
    process.kill()
    process.wait()
    assert not is_gone(child)
    assert postgres.is_running()
    supervise.down()
    assert not postgres.is_running()
    assert is_gone(child)


def test_a_second_supervisor_is_refused(supervisor):
    with pytest.raises(supervise.AlreadyRunning):
        supervise.serve(0, prepare=lambda environment: None, when_ready=lambda url, environment: None, children=())


def test_an_incomplete_installation_does_not_start(instance):
    missing = supervise.Child("missing", "tests.processes.nowhere", ("tests.processes.nowhere",))
    with pytest.raises(supervise.MissingProgram, match=r"tests\.processes\.nowhere"):
        supervise.serve(
            0, prepare=lambda environment: None, when_ready=lambda url, environment: None, children=(missing,)
        )
    assert not postgres.is_running()
