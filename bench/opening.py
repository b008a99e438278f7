"""How long it takes to open 20 bids of 20 MB each at the opening, from the first secret to the last open bid.

Run: ``./gongheng bench opening``. Everything goes through the site's own HTTP pages, in two threads as a web worker
has them; the database and the folder are made for the measurement and removed.
"""

import io
import os
import platform as machine
import time
from concurrent.futures import ThreadPoolExecutor

BIDS = 20
MEGABYTES = 20
CLAIM_SECONDS = 10


def main() -> int:
    """Print the time with the machine and the method; 1 when it takes longer than claimed."""
    from bench.stage import platform

    with platform("bench_opening") as world:
        from gongheng.trading.bids.models import Bid
        from tools.bid import client

        kept = _seal(world)
        world.close()
        from gongheng.trading.opening import actions

        actions.start_opening(world.lot, actor=world.players["代理"].actor, clock=world.clock)
        for number in kept:
            # The sessions of the sealed phase have expired by the legal clock.
            world.bidder(number).visitor.http.cookies.clear()
            world.bidder(number)

        def open_one(number: int) -> None:
            client.open_own(world.bidder(number).visitor, kept[number], world.bidder(number).key)

        start = time.perf_counter()
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(open_one, kept))
        seconds = time.perf_counter() - start
        opened = Bid.objects.filter(state="opened").count()
    print(f"机器：{machine.machine()}，{os.cpu_count()} 核，Python {machine.python_version()}")
    print(f"开启 {opened} 份、每份 {MEGABYTES} MB 的投标文件：{seconds:.1f} 秒（逐份核对密钥、校验、解密、入库、存证）")
    return 0 if opened == BIDS and seconds <= CLAIM_SECONDS else 1


def _seal(world) -> dict:
    from gongheng.trading.bids.tests.world import PDF
    from tools.bid import client

    world.announce()
    kept = {}
    for number in range(1, BIDS + 1):
        player = world.bidder(number)
        technical = PDF + os.urandom(MEGABYTES * 2**20)
        kept[number] = client.seal_and_submit(
            player.visitor, world.rules(player), player.key, world.offer(1_000_000_000 + number),
            [("营业执照.pdf", io.BytesIO(PDF))], [("施工组织设计.pdf", io.BytesIO(technical))],
        )
    return kept
