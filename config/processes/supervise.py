"""One command, many processes: start them, restart what dies, stop them all (进程守护).

Children carry `GONGHENG_PROCESS` in their environment. It, and not a stored pid, says which
processes belong to an instance: so `down` finds them after the supervisor was killed, finds
grandchildren (web workers) too, and never hits a stranger with a reused pid.
"""

import fcntl
import http.client
import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.processes import media, places, postgres

MARK = "GONGHENG_PROCESS"
LOG_LIMIT = 8 * 2**20
FIRST_PAUSE, LONGEST_PAUSE, STEADY_AFTER = 0.2, 3.0, 10.0


@dataclass(frozen=True)
class Child:
    """One process of the instance: `module` is what must exist, `arguments` follow `python -m`."""

    name: str
    module: str
    arguments: tuple[str, ...]
    is_platform: bool = True
    in_demonstration: tuple[str, ...] = ()


#: Outside parties keep their own time; in a demonstration they follow its one movable clock.
DEMO_CLOCK = ("--demo-clock", "{var}/demonstration-clock.json")


def _trustee(name: str) -> Child:
    arguments = ("tools.trustee", "--name", name, "--store", "{var}/trustees/" + name, "--platform", "{web}")
    return Child(f"trustee-{name}", "tools.trustee.__main__", arguments, False, DEMO_CLOCK)


#: Carries the sound and picture of larger meetings; only where the operator wants it.
MEDIA = Child("media", "config.processes.media", ("config.processes.media", "{media_port}"), False)

#: The parties outside the platform (`is_platform=False`) get neither its database nor its keys.
CHILDREN = (
    Child("web", "config.server", ("config.server", "{web_port}")),
    Child("sequencer", "gongheng.trust.evidence.sequencer", ("config.commands", "sequencer")),
    Child("followers", "gongheng.followers.runner", ("config.commands", "follow")),
    Child("tick", "gongheng.followers.tick", ("config.commands", "tick")),
    Child("callbacks", "gongheng.followers.exchange.sending", ("config.commands", "callbacks")),
    Child(
        "witness",
        "tools.witness.__main__",
        ("tools.witness", "--store", "{var}/witness", "--port", "{witness_port}"),
        False,
        DEMO_CLOCK,
    ),
    _trustee("centre"),
    _trustee("supervisor"),
    _trustee("notary"),
    Child("sms", "tools.sms.__main__", ("tools.sms", "--store", "{var}/sms", "--port", "{sms_port}"), False),
    Child(
        "voice", "tools.voice.__main__", ("tools.voice", "--store", "{var}/voice", "--port", "{voice_port}"), False
    ),
    Child("gate", "tools.gate.__main__", ("tools.gate", "--port", "{gate_port}"), False),
    Child("bank", "tools.bank.__main__", ("tools.bank", "--store", "{var}/bank", "--port", "{bank_port}"), False),
    *((MEDIA,) if media.is_chosen() else ()),
)


class AlreadyRunning(RuntimeError):
    """Another supervisor holds this instance."""


class MissingProgram(RuntimeError):
    """The installation is incomplete: a part of the platform is not there."""


@dataclass
class _Running:
    child: Child
    environment: dict[str, str]
    arguments: list[str]
    process: subprocess.Popen | None = None
    pause: float = FIRST_PAUSE
    started: float = 0.0
    due: float = 0.0
    pid_file: Path = field(init=False)

    def __post_init__(self) -> None:
        self.pid_file = places.folder("run") / f"{self.child.name}.pid"

    def start(self) -> None:
        log = places.folder("log") / f"{self.child.name}.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        # Straight into the file: a pipe through the supervisor would break the child when it dies.
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=places.ROOT,
                env=self.environment,
                start_new_session=True,
            )
        self.started = time.monotonic()
        self.pid_file.write_text(f"{self.process.pid}\n")

    def look_after(self) -> None:
        """Restart the process when it has died, later each time it dies young."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
        elif (code := self.process.poll()) is not None:
            if now - self.started > STEADY_AFTER:
                self.pause = FIRST_PAUSE
            name = self.child.name
            print(f"{name} 意外结束（{code}），{self.pause:.1f} 秒后重启；见 log/{name}.log", flush=True)
            _end(name)
            self.process, self.due = None, now + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE)


def serve(
    port: int,
    *,
    prepare: Callable[[dict[str, str]], None],
    when_ready: Callable[[str, dict[str, str]], None],
    children: tuple[Child, ...] = CHILDREN,
) -> None:
    """Run the instance in the foreground until SIGTERM or SIGINT; port 0 picks a free one.

    `prepare(environment)` runs between database and children, `when_ready(url, environment)` once
    the web server answers; `environment` is what a process of the platform runs with. Raises
    MissingProgram, AlreadyRunning, PostgresError and what `prepare` raises.
    """
    check(children)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with _sole_supervisor():
        _end()
        found_running = postgres.is_running()
        address = postgres.up()
        environment = _environment(port)
        platform = environment | {"DATABASE_URL": address, MARK: _mark("preparation")}
        running: list[_Running] = []
        try:
            prepare(platform)
            running = _assemble(children, environment, platform)
            _run(running, stop, lambda: when_ready(environment["GONGHENG_ORIGIN"], platform))
        finally:
            _end()
            for one in running:
                one.pid_file.unlink(missing_ok=True)
            if not found_running:
                postgres.down()


def down() -> None:
    """Stop everything of this instance, whether or not its supervisor still lives."""
    with open(_lock_path(), "a+") as handle:
        patience = time.monotonic() + 30
        while not _try_lock(handle):
            handle.seek(0)
            supervisor = int(handle.read() or 0)
            # The lock is held, so the pid inside is that of a living supervisor.
            if supervisor:
                os.kill(supervisor, signal.SIGTERM if time.monotonic() < patience else signal.SIGKILL)
            time.sleep(0.2)
        _end()
    for name in places.folder("run").glob("*.pid"):
        name.unlink()
    postgres.down()


def status() -> list[str]:
    """Return one line per part of the instance, for the operator."""
    lines = [postgres.status()]
    for child in CHILDREN:
        alive = _processes(child.name)
        lines.append(f"{child.name}：{'运行中' if alive else '未运行'}")
    return lines


def _run(running: list[_Running], stop: threading.Event, ready: Callable[[], None]) -> None:
    announced = False
    database_due = 0.0
    while not stop.is_set():
        for one in running:
            one.look_after()
        if time.monotonic() >= database_due:
            if not os.environ.get("DATABASE_URL") and not postgres.is_alive():
                print("数据库意外停止，正在恢复。", flush=True)
                postgres.up()
            database_due = time.monotonic() + 1
        if not announced and _answers(places.port("web")):
            announced = True
            # In a thread: demonstration data takes a while and children still need looking after.
            threading.Thread(target=ready, daemon=True).start()
        stop.wait(0.1)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        connection.request("HEAD", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _assemble(children: tuple[Child, ...], environment: dict[str, str], platform: dict[str, str]) -> list[_Running]:
    values = {
        "var": str(places.var()),
        "web": f"http://127.0.0.1:{places.port('web')}",
        **{
            f"{name}_port": str(places.port(name))
            for name in ("web", "witness", "sms", "voice", "media", "gate", "bank")
        },
    }
    ready = []
    for child in children:
        own = (platform if child.is_platform else environment) | {MARK: _mark(child.name)}
        extra = child.in_demonstration if os.environ.get("GONGHENG_DEMO") == "1" else ()
        ready.append(_Running(child, own, [part.format(**values) for part in (*child.arguments, *extra)]))
    return ready


def check(children: tuple[Child, ...]) -> None:
    """Refuse an instance with a part missing: without a trustee or the witness its proofs would be void."""
    if missing := [child.module for child in children if not exists(child.module)]:
        raise MissingProgram(f"安装不完整，缺少 {'、'.join(missing)}；请重新获取完整的程序。")


def exists(module: str) -> bool:
    """Say whether a module can be found, without running it."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _environment(port: int) -> dict[str, str]:
    """Return what every child runs with, after choosing the instance's ports."""
    places.remember_port("web", port or places.free_port())
    if not places.is_free(places.port("web")):
        raise postgres.PostgresError(f"端口 {port} 已被占用，请用 --port 另选一个。")
    environment = dict(os.environ)
    environment.pop("DATABASE_URL", None)
    return environment | {
        "GONGHENG_VAR": str(places.var()),
        "GONGHENG_ORIGIN": os.environ.get("GONGHENG_ORIGIN") or f"http://localhost:{places.port('web')}",
        "GONGHENG_WITNESS_URL": f"http://127.0.0.1:{places.port('witness', usable=True)}",
        "GONGHENG_SMS_URL": f"http://127.0.0.1:{places.port('sms', usable=True)}",
        "GONGHENG_VOICE_URL": f"http://127.0.0.1:{places.port('voice', usable=True)}",
        "GONGHENG_GATE_URL": f"http://127.0.0.1:{places.port('gate', usable=True)}",
        "GONGHENG_BANK_URL": f"http://127.0.0.1:{places.port('bank', usable=True)}",
        "GONGHENG_JANUS_URL": (
            f"http://127.0.0.1:{places.port('media', usable=True)}/janus" if media.is_chosen() else ""
        ),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": f"{places.ROOT / 'src'}:{places.ROOT}",
        "PYTHONUNBUFFERED": "1",
    }


def _lock_path() -> Path:
    return places.folder("run") / "supervisor.lock"


def _try_lock(handle: object) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _sole_supervisor() -> Iterator[None]:
    with open(_lock_path(), "a+") as handle:
        if not _try_lock(handle):
            raise AlreadyRunning(f"本实例已在运行：http://localhost:{places.port('web')}（停止：./gongheng down）")
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)


def _mark(name: str) -> str:
    return f"{places.var()}:{name}"


def _processes(name: str | None = None) -> list[int]:
    """List the living processes of this instance, or of one child of it."""
    mark = f"{MARK}={_mark(name or '')}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            variables = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(one == mark or (name is None and one.startswith(mark)) for one in variables):
            found.append(int(entry.name))
    return found


def _end(name: str | None = None) -> None:
    """Ask the processes of the instance to end, and after 8 s make them."""
    asked: set[int] = set()
    patience = time.monotonic() + 8
    while alive := _processes(name):
        for pid in alive:
            late = time.monotonic() > patience
            if late or pid not in asked:
                asked.add(pid)
                _signal(pid, signal.SIGKILL if late else signal.SIGTERM)
        time.sleep(0.05)


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
