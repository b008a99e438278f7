"""How many bids per second the platform seals in the last seconds before a deadline, and that none is late.

Run: ``./gongheng bench seals``. The containers are uploaded beforehand, as bidders' clients do; what is measured is
the last act, the action behind ``POST seal``, in as many processes as there are cores, while the close comes.
"""

import multiprocessing
import os
import platform as machine
import statistics
import time
from datetime import datetime, timedelta

CONTAINERS = 2_000
LEAD_SECONDS = 8.0
CLAIM_PER_SECOND = 100


class RunningClock:
    """Legal time that runs from ``start`` at the real pace, the same in every process."""

    is_demonstration = True

    def __init__(self, start: datetime):
        self.start, self.began = start, time.monotonic()

    def now(self) -> datetime:
        return self.start + timedelta(seconds=time.monotonic() - self.began)


def main() -> int:
    """Print rate and delays with the machine and the method; 1 when a bid is late or the rate is below the claim."""
    from bench.stage import platform

    cores = os.cpu_count() or 1
    with platform("bench_seals") as world:
        ready = _upload(world)
        from django.db import connections

        from gongheng.trading.bids import actions
        from gongheng.trading.bids.models import Seal
        from gongheng.trading.projects.models import Lot
        from gongheng.trust.evidence.models import Entry

        clock = RunningClock(world.lot.bids_due_at - timedelta(seconds=LEAD_SECONDS))
        connections.close_all()
        connections["default"].close_pool()
        with multiprocessing.get_context("fork").Pool(cores) as pool:
            jobs = pool.map_async(_Sealer(world.lot.pk, clock), [ready[n::cores] for n in range(cores)])
            time.sleep(LEAD_SECONDS)
            _close(world, clock)
            delays = [delay for part in jobs.get() for delay in part]
        lot = Lot.objects.get(pk=world.lot.pk)
        seals = list(Seal.objects.order_by("sealed_at"))
        closing = Entry.objects.get(verb="lot.close").pk
        late = sum(seal.entry_id > closing or seal.sealed_at >= lot.bids_due_at for seal in seals)
        is_root_right = bytes(lot.closing_root) == actions.closing_root([bytes(seal.digest) for seal in seals])
        rate = len(seals) / (seals[-1].sealed_at - seals[0].sealed_at).total_seconds()
    print(f"机器：{machine.machine()}，{cores} 核，Python {machine.python_version()}")
    print(
        f"封标速率：{rate:,.0f} 份/秒（{len(seals):,} 份，{cores} 个进程，截标前 {LEAD_SECONDS:.0f} 秒内，"
        f"含签名验证、锁、存证）；时延中位 {statistics.median(delays) * 1000:.0f} ms，"
        f"p99 {statistics.quantiles(delays, n=100)[98] * 1000:.0f} ms；"
        f"迟到被收 {late} 份；封存根{'相符' if is_root_right else '不符'}"
    )
    return 0 if late == 0 and is_root_right and rate >= CLAIM_PER_SECOND else 1


class _Sealer:
    """Seals its share of the containers and returns how long each took; stops at the first that is late."""

    def __init__(self, lot, clock):
        self.lot, self.clock = lot, clock

    def __call__(self, ready: list[tuple]) -> list[float]:
        from gongheng.kernel.refusal import Refusal
        from gongheng.trading.bids import actions
        from gongheng.trading.bids.models import Upload
        from gongheng.trading.projects.models import Lot

        delays = []
        for upload, digest, signature in ready:
            start = time.perf_counter()
            try:
                actions.seal_bid(
                    Upload.objects.get(pk=upload), Lot.objects.get(pk=self.lot), digest=digest,
                    otk_signature=signature, supersedes=None, supersedes_signature=None, clock=self.clock,
                )
            except Refusal:
                break
            delays.append(time.perf_counter() - start)
        return delays


def _close(world, clock) -> None:
    from gongheng.kernel.refusal import Refusal
    from gongheng.kernel.roles import THE_CLOCK
    from gongheng.trading.bids import actions
    from gongheng.trading.projects.models import Lot

    while True:
        try:
            actions.close_lot(Lot.objects.get(pk=world.lot.pk), actor=THE_CLOCK, clock=clock)
            return
        except Refusal:
            continue


def _another(row: dict) -> dict:
    """Return an envelope's row over other bytes: equal roots would be refused as a copied bid."""
    from gongheng.crypto import canonical, sealing

    digests = [os.urandom(32) for _ in row["parts"]]
    return row | {"parts": [canonical.b64(one) for one in digests], "root": canonical.b64(sealing.parts_root(digests))}


def _upload(world) -> list[tuple]:
    """Seal and upload one container, then clone its parts under fresh headers: making is not what is measured."""
    import uuid

    from gongheng.crypto import canonical, labels, signing
    from gongheng.trading.bids import actions
    from gongheng.trading.bids.models import Part
    from gongheng.trading.bids.tests.test_sealing import sealed_here
    from tools.bid import client

    world.announce()
    player = world.bidder(1)
    _, container = sealed_here(world, player)
    parts = list(Part.objects.filter(upload=client.upload_parts(player.visitor, str(world.lot.pk), container)))
    ready, copies = [], []
    for _ in range(CONTAINERS):
        private, public = signing.generate()
        envelopes = [_another(row) if row["id"] == "E1" else row for row in container.manifest["envelopes"]]
        manifest = canonical.encode(container.manifest | {"otk": canonical.b64(public), "envelopes": envelopes})
        digest = labels.digest(labels.BID_MANIFEST, manifest)
        upload = actions.start_upload(
            manifest=manifest, signature=signing.sign(private, digest, labels.BID_OTK), clock=world.clock
        )
        message = canonical.encode({"v": 1, "act": "seal", "lot": str(world.lot.pk), "D": canonical.b64(digest)})
        ready.append((upload.pk, digest, signing.sign(private, message, labels.SEAL)))
        copies += [
            Part(upload=upload, envelope=part.envelope, number=part.number, size=part.size, object_name=uuid.uuid4())
            for part in parts
        ]
    Part.objects.bulk_create(copies)
    return ready
