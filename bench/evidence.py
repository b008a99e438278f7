"""How many entries per second the sequencer places, signs and publishes, and how soon one is published.

Run: ``./gongheng bench evidence``. It makes a database of its own on the instance's server and drops it.
"""

import os
import platform
import statistics
import threading
import time
import uuid

import psycopg

ENTRIES = 50_000
SINGLE = 200
BODY_BYTES = 400
DATABASE = "bench_evidence"


def main() -> int:
    """Print both figures with the machine and the method; 1 when the claim of 5,000 entries/s fails."""
    from config.processes import postgres

    server = postgres.up()
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        admin.execute(f"CREATE DATABASE {DATABASE}")
    try:
        _set_up(server)
        rate, delays = _throughput(), _delays()
    finally:
        _disconnect()
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    print(f"机器：{platform.machine()}，{os.cpu_count()} 核，Python {platform.python_version()}")
    print(f"定序速率：{rate:,.0f} 条/秒（预先写入 {ENTRIES:,} 条，每条 {BODY_BYTES} 字节，双树双签，每批至多 1024 条）")
    print(
        f"公布时延：中位 {statistics.median(delays) * 1000:.0f} ms，"
        f"p99 {statistics.quantiles(delays, n=100)[98] * 1000:.0f} ms"
        f"（逐条提交 {SINGLE} 条，自提交至日志头公布）"
    )
    return 0 if rate >= 5000 else 1


def _set_up(server: str) -> None:
    os.environ["DATABASE_URL"] = server.rpartition("/")[0] + f"/{DATABASE}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    # The witness has a thread of its own in the sequencer and never delays a position.
    settings.WITNESS_URL = ""
    call_command("migrate", "evidence", verbosity=0)


def _disconnect() -> None:
    from django.db import connection

    connection.close()
    connection.close_pool()


def _throughput() -> float:
    from gongheng.trust.evidence import sequencer
    from gongheng.trust.evidence.models import Entry

    body = b"x" * (BODY_BYTES - 36)
    for _ in range(ENTRIES // 5000):
        Entry.objects.bulk_create(Entry(body=body + str(uuid.uuid4()).encode()) for _ in range(5000))
    start = time.perf_counter()
    while sequencer.step():
        pass
    return ENTRIES / (time.perf_counter() - start)


def _delays() -> list[float]:
    from django.db import transaction

    from gongheng.kernel.clock import SystemClock
    from gongheng.kernel.roles import THE_CLOCK
    from gongheng.trust.evidence import sequencer
    from gongheng.trust.evidence.models import Checkpoint
    from gongheng.trust.evidence.recording import record

    stop = threading.Event()
    worker = threading.Thread(target=sequencer.run, args=(stop,))
    worker.start()
    delays = []
    for number in range(SINGLE):
        with transaction.atomic():
            entry = record(
                "bench.entry", "bench", lot=None, actor=THE_CLOCK, at=SystemClock().now(), facts={"n": number}
            )
        start = time.perf_counter()
        while not _is_published(entry, Checkpoint):
            time.sleep(0.002)
        delays.append(time.perf_counter() - start)
    stop.set()
    worker.join()
    return delays


def _is_published(entry, checkpoints) -> bool:
    from gongheng.trust.evidence.models import Leaf

    index = Leaf.objects.filter(entry=entry).values_list("index", flat=True).first()
    return index is not None and checkpoints.objects.filter(size__gt=index).exists()


if __name__ == "__main__":
    raise SystemExit(main())
