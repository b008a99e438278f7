"""The commands of `./gongheng`; each imports only what it needs (`verify` runs without Django)."""

import argparse
import hashlib
import importlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

#: The platform's loops: command -> module with `run(stop: threading.Event) -> None`.
LOOPS = {
    "sequencer": "gongheng.trust.evidence.sequencer",
    "follow": "gongheng.followers.runner",
    "tick": "gongheng.followers.tick",
    "callbacks": "gongheng.followers.exchange.sending",
}
#: Programs with `main(argv) -> int` in their `__main__`; they do not get Django.
PROGRAMS = {
    "rehearse": ("tools.rehearse", "公开演练：把一个标段从头走到尾"),
    "verify": ("tools.verify", "离线核验导出的档案包"),
    "bid": ("tools.bid", "命令行投标工具"),
    "screen": ("tools.screen", "围串标筛查：任何市场的报价数据，不需要平台"),
    "seat-agent": ("tools.seat_agent", "席位自检程序（在席位电脑上运行）"),
    "city": ("tools.city", "模拟一个城市的场地管理系统，经数据接口答复要约"),
    "conformance": ("tools.city.conformance", "数据接口符合性检查（平台一侧或对方的回调接收一侧）"),
}
#: Fills a demonstration (safe to run again) and says how to sign in.
DEMONSTRATION = "tools.demonstration"


def main(argv: list[str] | None = None) -> int:
    """Run one command and return the process's exit status."""
    argv = sys.argv[1:] if argv is None else argv
    # These take arguments of their own, which argparse would otherwise claim (--help).
    if argv and argv[0] in PROGRAMS:
        return importlib.import_module(f"{PROGRAMS[argv[0]][0]}.__main__").main(argv[1:])
    if argv and argv[0] == "manage":
        return manage(argv[1:])
    options = _parser().parse_args(argv)
    return options.run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./gongheng", description="公衡公共资源交易平台")
    commands = parser.add_subparsers(required=True, metavar="命令")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run, name=name)
        return added

    for name, run, text in (
        ("serve", serve, "启动平台（数据库、网站与全部后台进程）"),
        ("demo", serve, "启动平台并装入演示数据"),
    ):
        command(name, run, text).add_argument("--port", type=int, default=8000, help="网站端口，0 为任选（默认 8000）")
    command("down", down, "停止平台的全部进程，包括数据库")
    command("status", status, "查看各进程是否在运行")
    command("migrate", migrate, "更新数据库结构")
    command("manage", None, "Django 管理命令")
    for name, (_, text) in PROGRAMS.items():
        command(name, None, text)
    command("bench", bench, "运行一项性能测量").add_argument("what", nargs="?", help="bench/ 中的名称")
    for name in LOOPS:
        command(name, loop, "后台进程（由 serve 启动）")
    return parser


def serve(options: argparse.Namespace) -> int:
    """Run the platform in the foreground; as `demo`, with demonstration data."""
    from config.processes import places, postgres, supervise

    is_demonstration = options.name == "demo"
    kind = places.var() / "kind"
    if not kind.exists():
        kind.write_text("demonstration" if is_demonstration else "real")
    if is_demonstration and kind.read_text() != "demonstration":
        # A demonstration may move legal time; a real instance never.
        print("这是正式实例，不能作为演示启动；请用 GONGHENG_VAR 指定另一个目录。", file=sys.stderr)
        return 1
    _mark_demonstration()
    filling = []

    def prepare(environment: dict[str, str]) -> None:
        _migrate_apart(environment)
        if is_demonstration:
            # While the site starts: it needs the database only, and finds it full at any later start.
            filling.append(subprocess.Popen([sys.executable, "-m", DEMONSTRATION], env=environment))

    def when_ready(url: str, environment: dict[str, str]) -> None:
        if any(one.wait() != 0 for one in filling):
            print("演示数据没有装好，原因见上。", flush=True)
        print(f"\n公衡已启动：{url}    （停止：Ctrl-C，或另开终端运行 ./gongheng down）", flush=True)

    try:
        supervise.serve(options.port, prepare=prepare, when_ready=when_ready)
    except (supervise.MissingProgram, supervise.AlreadyRunning, postgres.PostgresError) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError:
        print("数据库结构没有更新成功，原因见上。", file=sys.stderr)
        return 1
    return 0


def _migrate_apart(environment: dict[str, str]) -> None:
    # In a process of its own, so that the supervisor stays small and without Django.
    subprocess.run([sys.executable, "-m", "config.commands", "migrate"], env=environment, check=True)


def _mark_demonstration() -> None:
    """Let every process of a demonstration know that it is one, also after a restart."""
    from config.processes import places

    kind = places.var() / "kind"
    if kind.exists() and kind.read_text() == "demonstration":
        os.environ["GONGHENG_DEMO"] = "1"


def down(options: argparse.Namespace) -> int:
    """Stop everything, however it was started."""
    from config.processes import supervise

    supervise.down()
    print("已全部停止。")
    return 0


def status(options: argparse.Namespace) -> int:
    """Print what runs."""
    from config.processes import supervise

    print("\n".join(supervise.status()))
    return 0


def _prepare_django() -> None:
    from config.processes import places, postgres

    _mark_demonstration()
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ.setdefault("DATABASE_URL", postgres.up())
    if "web" in (known := places.read_json(places.var() / "ports.json")):
        os.environ.setdefault("GONGHENG_ORIGIN", f"http://localhost:{known['web']}")


def manage(argv: list[str]) -> int:
    """Run a Django management command against this instance."""
    _prepare_django()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["./gongheng manage", *argv])
    return 0


def migrate(options: argparse.Namespace) -> int:
    """Apply migrations, unless the very same files were applied to the very same database before."""
    from config.processes import places

    _prepare_django()
    done = places.var() / "migrated"
    digest = hashlib.sha256(os.environ["DATABASE_URL"].encode())
    for path in _migrations():
        digest.update(str(path).encode() + path.read_bytes())
    if done.exists() and done.read_text() == digest.hexdigest():
        return 0
    manage(["migrate", "--verbosity", "0"])
    done.write_text(digest.hexdigest())
    return 0


def _migrations() -> list[Path]:
    from config.processes import places

    ours = (places.ROOT / "src" / "gongheng").glob("**/migrations/*.py")
    return sorted([*ours, places.ROOT / "config" / "settings.py", places.ROOT / "uv.lock"])


def loop(options: argparse.Namespace) -> int:
    """Run one of the platform's loops until SIGTERM."""
    _prepare_django()
    import django

    django.setup()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    importlib.import_module(LOOPS[options.name]).run(stop)
    return 0


def bench(options: argparse.Namespace) -> int:
    """Run bench/<what>.py, or list what there is."""
    from config.processes import places

    known = sorted(path.stem for path in (places.ROOT / "bench").glob("*.py") if path.stem != "__init__")
    if options.what not in known:
        print("可用的测量：" + ("、".join(known) or "（尚无）"))
        return 0 if options.what is None else 1
    return importlib.import_module(f"bench.{options.what}").main()


if __name__ == "__main__":
    sys.exit(main())
