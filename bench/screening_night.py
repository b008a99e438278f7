"""How long the supervisor's follower takes over a long history: ``./gongheng bench screening_night``.

20,000 imported tenders of five years with five bids each, in a database of its own: one opening's run, the night over
the last year (4,000 tenders) that stores everything, and the next one that finds nothing new. Then the marks of 2,000
evaluations (5 judges × 5 bidders × 8 factors): parsed from stored results, and learned once.
"""

import os
import platform
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import psycopg

from config.processes import postgres

DATABASE = "gongheng_bench_screening"
TENDERS, FIRMS, BIDDERS, YEARS, MARKETS = 20_000, 4_000, 5, 5, 40
EVALUATIONS, JUDGES, FACTORS = 2_000, 5, 8
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def main() -> int:
    """Print what each run took; 1 when a run with nothing new stores anything."""
    server = postgres.up()
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        admin.execute(f"CREATE DATABASE {DATABASE}")
    try:
        _set_up(server)
        print(f"机器：{platform.machine()}，{os.cpu_count()} 核，Python {platform.python_version()}，"
              f"系统负载 {os.getloadavg()[0]:.1f}")
        made = _runs()
    finally:
        _disconnect()
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    _marks()
    return 0 if made == 0 else 1


def _set_up(server: str) -> None:
    os.environ["DATABASE_URL"] = server.rpartition("/")[0] + f"/{DATABASE}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command

    from gongheng.kernel.keyring import Keyring

    django.setup()
    settings.WITNESS_URL = ""
    settings.VAR = Path(tempfile.mkdtemp())
    settings.KEYRING = Keyring(settings.VAR / "keys")
    call_command("migrate", verbosity=0)


def _disconnect() -> None:
    from django.db import connection

    connection.close()
    connection.close_pool()


def _runs() -> int:
    from gongheng.followers.analytics import actions, queries
    from gongheng.followers.analytics.models import Run, TenderRecord
    from gongheng.kernel.clock import SettableClock
    from gongheng.kernel.roles import THE_CLOCK

    clock = SettableClock(NOW)
    begin = time.perf_counter()
    actions.import_history(_rows(), source="测量", actor=THE_CLOCK, clock=clock)
    print(f"导入 {TENDERS:,} 个项目：{time.perf_counter() - begin:.1f} s")
    newest = TenderRecord.objects.order_by("-opened_at")[:1]
    for name in ("一个项目开标后（首次，含装入算法库）", "一个项目开标后"):
        _timed(name, lambda: actions.screen(newest, moment=Run.Moment.OPENING, clock=clock))
    for name in ("夜间筛查一年（全部新存）", "夜间筛查一年（没有变化）"):
        year = queries.of_the_year(clock.now()).select_related("screening__run")
        run = _timed(name, lambda year=year: actions.screen(year, moment=Run.Moment.NIGHTLY, clock=clock))
        print(f"  {run.tenders:,} 个项目，新存 {run.made:,}")
    return run.made


def _timed(name: str, act):
    wall, busy = time.perf_counter(), time.process_time()
    result = act()
    print(f"{name}：{time.perf_counter() - wall:.1f} s，本进程处理器 {time.process_time() - busy:.1f} s，"
          f"内存峰值 {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
    return result


def _rows() -> list:
    from gongheng.followers.analytics.actions import BidRow, TenderRow
    from gongheng.kernel.numbers import make_uscc

    random = Random(5)
    firms = [make_uscc("9", "1", "371402", 72000000 + number) for number in range(FIRMS)]
    each, rows = FIRMS // MARKETS, []
    for number in range(TENDERS):
        opened = NOW - timedelta(days=YEARS * 365 * (1 - number / TENDERS), hours=1)
        local, cost = firms[number % MARKETS * each:][:each], random.uniform(5e6, 2e7)
        bids = sorted((round(cost * random.lognormvariate(0, 0.05), 2), one) for one in random.sample(local, BIDDERS))
        rows.append(TenderRow(
            code=f"T{number:05d}", name=f"工程{number}", region="371402", trade="A08", buyer=f"招标人{number % 40}",
            agency=f"代理{number % 9}", method="lowest", opened_at=opened, decided_at=opened + timedelta(days=3),
            ceiling=Decimal(f"{cost * 1.15:.2f}"),
            bids=tuple(BidRow(firm, firm, Decimal(f"{price:.2f}"), not place)
                       for place, (price, firm) in enumerate(bids)),
        ))
    return rows


def _marks() -> None:
    from gongheng.followers.analytics.marks import sheets
    from gongheng.screening import judges

    random = Random(7)
    factors = [{"id": f"F{number}", "max": "10"} for number in range(FACTORS)]
    results = []
    for _ in range(EVALUATIONS):
        pids = random.sample(range(400), JUDGES)
        firms = [f"firm{one}" for one in random.sample(range(300), BIDDERS)]
        results.append((
            {
                "method": {"factors": factors, "technical_weight": "80"},
                "sheets": {f"p{pid}": {firm: {one["id"]: f"{random.uniform(5, 10):.2f}" for one in factors}
                                       for firm in firms} for pid in pids},
                "ranking": [{"bidder": firm, "price_score": "18", "technical": "60"} for firm in firms],
            },
            {f"p{pid}": str(pid) for pid in pids},
        ))
    read = _timed(f"读出 {EVALUATIONS:,} 次评标的评分", lambda: [
        sheets(str(number), NOW, *one) for number, one in enumerate(results)
    ])
    scores = [score for one in read for score in one.scores]
    _timed(f"学习 {len(scores):,} 个评分（一个月一次）", lambda: judges.learn(scores))


if __name__ == "__main__":
    raise SystemExit(main())
