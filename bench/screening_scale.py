"""How long screening a province takes, on made data: ``./gongheng bench screening_scale``.

First 7,000 tenders of five bids, then a year of 83,559 tenders over five years of history read from Parquet. Only
the families that need nothing but bids are measured: prices, history, their combination, and the market's graph.
``python -m bench.screening_scale small`` stops after the first.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from gongheng.screening import combination, communities, neighbours, reading
from gongheng.screening.findings import Family, Said
from gongheng.screening.history import History
from gongheng.screening.history import findings as history_findings
from gongheng.screening.markets import Tender
from gongheng.screening.prices import Peers
from gongheng.screening.prices import findings as price_findings
from gongheng.screening.schema import UNIX, Schema

_COLUMNS = ("tender", "firm", "value", "ceiling", "opened", "won", "region", "trade", "buyer")
_SCHEMA = Schema({one: one for one in _COLUMNS}, opened=UNIX)
_DAY, _START = 86_400, 1_577_836_800
_YEAR = 365 * _DAY


def main(arguments: Sequence[str] = ()) -> int:
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.parquet"
        make(small, tenders=7_000, firms=20_000, bids=5, years=1)
        _run("7,000 个项目 × 5 家", small, since=_START, limit=60)
        if "small" not in arguments:
            large = Path(folder) / "large.parquet"
            make(large, tenders=5 * 83_559, firms=80_000, bids=None, years=5)
            _run("五年 × 83,559 个项目，评第五年", large, since=_START + 4 * _YEAR, limit=600)
    return 0


def make(path: Path, *, tenders: int, firms: int, bids: int | None, years: int) -> None:
    """Write a made market: 16 regions, 8 trades, each firm at home in one; 3 to 9 bids where `bids` is None."""
    import duckdb

    count = str(bids) if bids else "3 + hash(t, 'n') % 7"
    duckdb.sql(f"""
        COPY (
            WITH tender AS (
                SELECT t, {_START} + (t * {years * _YEAR} // {tenders}) AS opened, hash(t, 'region') % 16 AS region,
                    hash(t, 'trade') % 8 AS trade, exp(11 + 4 * (hash(t, 'size') % 1000) / 1000.0) AS ceiling,
                    hash(t, 'buyer') % 40 AS buyer, {count} AS n
                FROM range({tenders}) AS every(t)
            ), bid AS (
                SELECT DISTINCT ON (t, firm) tender.*, k,
                    (hash(t, k, 'firm') % {max(firms // 128, 12)}) * 128 + region * 8 + trade AS firm,
                    round(ceiling * (0.82 + 0.16 * (hash(t, k, 'price') % 100000) / 100000.0), 2) AS value
                FROM tender, range(9) AS every(k) WHERE k < n ORDER BY t, firm, k
            )
            SELECT 'T' || t AS tender, 'F' || firm AS firm, value, round(ceiling, 2) AS ceiling, opened,
                CASE WHEN row_number() OVER (PARTITION BY t ORDER BY value, firm) = 1 THEN '1' ELSE '0' END AS won,
                'R' || region AS region, 'K' || trade AS trade, 'B' || region || '-' || buyer AS buyer
            FROM bid ORDER BY t, firm
        ) TO '{path}' (FORMAT parquet)
    """)


def _run(title: str, path: Path, *, since: float, limit: float) -> None:
    print(f"== {title}")
    began = time.process_time(), time.perf_counter()
    market = _timed("读取与核对", lambda: reading.read(path, _SCHEMA))
    history = _timed("历史关系索引", lambda: History(market.tenders))
    year = [one for one in market.tenders if one.opened >= since]
    peers = _timed("同类分位", lambda: Peers(one for one in market.tenders if one.opened >= since - _YEAR))
    values = _timed("逐个项目：报价、历史、合成", lambda: [_index(one, history, peers) for one in year])
    found = _timed("全市场群落", lambda: communities.communities(market.tenders))
    cpu, wall = time.process_time() - began[0], time.perf_counter() - began[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"   报价 {market.rows:,}，项目 {len(market.tenders):,}，评 {len(year):,} 个，指数 60 以上 "
          f"{sum(one >= combination.WARNING for one in values)} 个，群落 {len(found)} 个")
    print(f"   合计 CPU {cpu:.0f} 秒（历时 {wall:.0f} 秒，限 {limit:.0f} 秒），内存峰值 {peak:.2f} GiB", flush=True)


def _index(tender: Tender, history: History, peers: Peers) -> float:
    prices, places = price_findings(tender, peers), neighbours.findings(tender, history)
    said = {
        Family.PRICE: Said((*prices.findings, *places.findings), (*prices.unknown, *places.unknown)),
        Family.HISTORY: history_findings(tender, history),
    }
    return combination.index(said, prior=0.01).value


def _timed(title: str, work: Callable):
    began = time.process_time()
    result = work()
    print(f"   {title}：CPU {time.process_time() - began:.1f} 秒", flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
