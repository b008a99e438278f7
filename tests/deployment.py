"""A whole deployment of its own for the journeys: started once, stopped at the end (演练实例)."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READY = re.compile(r"公衡已启动：(\S+)")


@dataclass
class Instance:
    """A running demonstration: where it serves and where it keeps its state."""

    origin: str
    var: Path
    environment: dict[str, str]

    def command(self, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess:
        """Run ``./gongheng …`` against this instance."""
        return subprocess.run(
            [sys.executable, "-m", "config.commands", *arguments], cwd=ROOT, env=self.environment,
            capture_output=True, text=True, timeout=timeout, check=False,
        )

    @property
    def database(self) -> str:
        """Return the address of the instance's database."""
        password = json.loads((self.var / "pg.json").read_text())["password"]
        port = json.loads((self.var / "ports.json").read_text())["postgres"]
        return f"postgresql://gongheng:{password}@127.0.0.1:{port}/gongheng"

    def policy(self) -> dict:
        """Return the public keys by which receipts and bundles are verified."""
        code = "import json; from gongheng.followers.archive.bundle import policy; print(json.dumps(policy()))"
        asked = self.command("manage", "shell", "-v", "0", "-c", code)
        assert asked.returncode == 0, asked.stderr
        return json.loads(asked.stdout)

    def processes(self, name: str) -> list[int]:
        """List the living processes of one part, grandchildren too, by the mark that the supervisor gave them."""
        mark = f"GONGHENG_PROCESS={self.var}:{name}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def kill(self, name: str, *, only: list[int] | None = None) -> None:
        """End all processes of one part at once, as a power cut would; ``postgres`` is the whole database server."""
        if only is not None:
            victims = only
        elif name == "postgres":
            home = json.loads((self.var / "pg.json").read_text())["home"]
            victims = [int((Path(home) / "data" / "postmaster.pid").read_text().split()[0])]
        else:
            victims = self.processes(name)
        assert victims, f"{name} does not run"
        for pid in victims:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def start(var: Path, **extra: str) -> tuple[Instance, subprocess.Popen]:
    """Start a demonstration in its own state folder and wait until it serves; ``extra`` joins its environment."""
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("GONGHENG_", "DATABASE_URL"))
    } | {"GONGHENG_VAR": str(var), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PYTHONUNBUFFERED": "1"} | extra
    server = subprocess.Popen(
        [sys.executable, "-m", "config.commands", "demo", "--port", "0"], cwd=ROOT, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )
    origin = _origin(server)
    # Nobody reads on: a full pipe would stop the supervisor.
    threading.Thread(target=lambda: [None for _ in server.stdout], daemon=True).start()
    return Instance(origin, var, environment), server


def _origin(server: subprocess.Popen) -> str:
    lines: list[str] = []
    for line in server.stdout:
        lines.append(line)
        if found := READY.search(line):
            return found[1].rstrip("/")
    raise AssertionError("the instance did not start:\n" + "".join(lines[-40:]))
