"""How long a year's draws take to be replayed and verified again: ``./gongheng bench draws_year``.

The whole year is replayed, every draw of it anew, by one process for each core; GONGHENG_DRAWS=5000 replays fewer and
then extrapolates, and says so. What one replay does: the order's digest; every party's four signed messages against
its key; points against the commitment, numbers against the points; the seed; the eligible lists against their logged
digests; each list as far down as the seats came (a third of the invitations refused). The pools: 7 seats from 3,000 and
400 eligible experts, the strata of security.md 4.b in a provincial pool of 60,000. What it leaves out: the root of the
whole pool (bench draw measures it) and the log's own proofs (bench evidence, verify).

Every process makes DISTINCT records of its own and goes through them in turn: each replay is real, its bytes come back.
PEOPLE sign all of them, as few do in a real year. The seed of 261,014 counts experts drawn (人次); taken as draws here,
the figure is the stricter one.
"""

import functools
import hashlib
import multiprocessing
import os
import platform
import random
import sys
import time

from gongheng.crypto import canonical, drawing, labels, signing
from gongheng.crypto.canonical import b64, unb64
from tools.verify.draw import digest_of

A_YEAR = 261_014
DRAWS = int(os.environ.get("GONGHENG_DRAWS", A_YEAR))
DISTINCT, PEOPLE = 100, 60
WORKERS = os.cpu_count() or 1
STRATA = (("370100/A0801", 5, 3000), ("370200/A0801", 2, 400))
PHASES = ("commit", "points", "acknowledge", "reveal")


def main() -> int:
    """Print what was measured, and an extrapolation only where not all was; 1 when anything does not agree."""
    shares = [DRAWS // WORKERS + (number < DRAWS % WORKERS) for number in range(WORKERS)]
    load = os.getloadavg()[0]
    with multiprocessing.Pool(WORKERS) as workers:
        done = workers.starmap(_replay_share, enumerate(shares), chunksize=1)
    sound, took = sum(one for one, _, _ in done), max(wall for _, wall, _ in done)
    busy = sum(seconds for _, _, seconds in done)
    broken = _record(0) | {"seed": b64(bytes(32))}
    print(f"机器：{platform.machine()}，{WORKERS} 核，Python {platform.python_version()}，SM2：{signing.BACKEND}")
    print(
        f"实测：{DRAWS:,} 次复核（每进程 {DISTINCT} 份不同记录轮流），{WORKERS} 个进程，{took / 60:.1f} 分钟，"
        f"全部相符 {sound:,}；每次占用处理器 {busy / DRAWS * 1000:.2f} ms；"
        f"系统负载 {load:.1f} 至 {os.getloadavg()[0]:.1f}"
    )
    if DRAWS < A_YEAR:
        print(
            f"推算（非实测）：一年 {A_YEAR:,} 次，按本次墙钟 {took / DRAWS * A_YEAR / 60:.1f} 分钟；"
            f"{WORKERS} 核空闲时按处理器时间 {busy / DRAWS * A_YEAR / WORKERS / 60:.1f} 分钟"
        )
    return 0 if sound == DRAWS and not _agrees(broken) else 1


def _replay_share(worker: int, share: int) -> tuple[int, float, float]:
    """Replay one process's part of the year; return how many agree, the seconds taken and those of the processor."""
    records = [_record(worker * DISTINCT + number) for number in range(DISTINCT)]
    begin, busy = time.perf_counter(), time.process_time()
    sound = sum(_agrees(records[number % DISTINCT]) for number in range(share))
    return sound, time.perf_counter() - begin, time.process_time() - busy


@functools.cache
def _person(number: int) -> tuple[bytes, bytes]:
    return signing.generate()


def _record(number: int) -> dict:
    """Make one draw's record as a year's archive keeps it; pids are digests, so that making it costs little."""
    chance = random.Random(number)
    strata = [{"name": name, "seats": seats} for name, seats, _ in STRATA]
    order = {"v": 1, "draw": f"d{number}", "strata": strata}
    context = drawing.DrawContext(f"d{number}", b64(chance.randbytes(32)), drawing.order_digest(order), 1)
    eligible = {
        name: sorted(b64(hashlib.sha256(f"{number}/{name}/{one}".encode()).digest()) for one in range(count))
        for name, _, count in STRATA
    }
    parties = [_party(context, index, _person(number * 3 % PEOPLE + index)) for index in (1, 2, 3)]
    seed = drawing.seed_of(context, [int.from_bytes(unb64(one["number"])) for one in parties])
    reached = {
        name: drawing.order_of(
            seed, name, [(pid, 1) for pid in eligible[name]], seats + seats // 3 + chance.randint(0, 3)
        )
        for name, seats, _ in STRATA
    }
    return {
        "order": order, "context": context, "parties": parties, "seed": b64(seed), "eligible": eligible,
        "digests": {name: digest_of(pids) for name, pids in eligible.items()}, "reached": reached,
    }


def _party(context: drawing.DrawContext, index: int, keys: tuple[bytes, bytes]) -> dict:
    private, public = keys
    made = drawing.Contribution.make(index, 3)
    number = b64(made.r.to_bytes(32))
    points = [b64(point) for point in made.points]
    said = {"commit": made.commit(context), "points": points, "acknowledge": [1, 2, 3], "reveal": number}
    messages = {}
    for phase in PHASES:
        body = {"v": 1, "draw_id": context.draw_id, "party": index, "phase": phase, "said": said[phase]}
        message = canonical.encode(body)
        messages[phase] = (message, signing.sign(private, message, labels.DRAW_PARTY))
    return {"index": index, "public": public, "points": points, "number": number, "messages": messages}


def _agrees(record: dict) -> bool:
    context = record["context"]
    if drawing.order_digest(record["order"]) != context.order_digest:
        return False
    scalars = []
    for one in record["parties"]:
        said = {}
        for phase, (message, signature) in one["messages"].items():
            if not signing.verify(one["public"], message, signature, labels.DRAW_PARTY):
                return False
            said[phase] = canonical.decode(message)["said"]
        points = [unb64(point) for point in one["points"]]
        number = int.from_bytes(unb64(one["number"]))
        drawing.check_points(context, one["index"], points, said["commit"])
        drawing.check_reveal(one["index"], points, number)
        scalars.append(number)
    seed = drawing.seed_of(context, scalars)
    if b64(seed) != record["seed"]:
        return False
    for name, pids in record["eligible"].items():
        reached = record["reached"][name]
        if digest_of(pids) != record["digests"][name]:
            return False
        if drawing.order_of(seed, name, [(pid, 1) for pid in pids], len(reached)) != reached:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
