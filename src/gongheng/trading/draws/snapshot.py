"""The pool as it was when a draw was approved (专家库快照): rows without names, root logged, file encrypted."""

import gc
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from gongheng.crypto import canonical, drawing, labels
from gongheng.kernel.calendar import day_of, end_of
from gongheng.kernel.sealed_field import seal, unseal
from gongheng.people.experts.queries import PoolRow, on_leave, pool_rows
from gongheng.people.experts.rules import full_cap, reach_of_caps
from gongheng.trading.draws import avoidance, pseudonyms, rules
from gongheng.trading.draws.lifecycle import DrawState, PickState
from gongheng.trading.draws.models import Draw, Pick
from gongheng.trading.draws.rules import Row
from gongheng.trust.documents import store

_DAY = timedelta(days=1)


def fix(draw: Draw, today: date) -> None:
    """Fix the pool of a draw (固定候选库): its root and file, who is eligible, and how many each ground keeps out.

    Raises Refusal I6 when the committee could be guessed.
    """
    with _no_collection():
        rows = rows_of(pool_rows(today), pseudonyms.key_of(draw), busy_experts(draw))
        draw.avoided = avoidance.grounds_of(draw)
        found: dict[str, list[Row]] = {}
        draw.kept_out = {}
        for one in draw.order["strata"]:
            found[one["name"]], draw.kept_out[one["name"]] = rules.sift(rows, one, draw.avoided)
        rules.check_guess_bound([(len(found[one["name"]]), one["seats"]) for one in draw.order["strata"]])
        lines = rules.encoded(rows)
        # Encrypting millions of bytes leaves the interpreter to the hashing of the leaves.
        with ThreadPoolExecutor(1) as aside:
            kept = aside.submit(keep, draw, lines)
            draw.pool_root, draw.pool_count = drawing.root_of_lines(lines), len(rows)
            draw.eligible = {name: [len(some), pids_digest([row.pid for row in some])] for name, some in found.items()}
            draw.eligible_file, draw.pool_file = keep_eligible(draw, found), kept.result()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the cycle collector out of a burst of rows: it finds nothing there, and took a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def rows_of(experts: Iterable[PoolRow], key: bytes, busy: Mapping[str, str]) -> list[Row]:
    """Turn the pool's rows into pseudonymous ones; ``busy`` holds the reason code of whoever is not free.

    Cities instead of counties and tokens instead of employers: the rows are published with the
    pids after the award, and must not tell who stood in the pool.
    """
    experts = list(experts)
    pids = pseudonyms.many(key, "expert", [one.id for one in experts])
    usccs = list({one.employer for one in experts}.union(*{one.past for one in experts}))
    token = dict(zip(usccs, pseudonyms.many(key, "employer", usccs), strict=True))
    rows = [
        Row(
            pid, specialties, f"{place[:4]}00", token[employer], tuple(sorted([token[one] for one in past])),
            state == "in_pool", busy.get(expert, ""),
        )
        for pid, (expert, specialties, place, employer, past, state) in zip(pids, experts, strict=True)
    ]
    rows.sort()
    return rows


def busy_experts(draw: Draw) -> dict[str, str]:
    """Return {expert id: reason code} of who is not free: another seat, leave, or a cap on frequency that is full."""
    order = draw.venue_order
    first_day, last_day = day_of(order.starts_at), day_of(order.ends_at)
    sat_on: dict[str, list[date]] = {}
    for expert, starts_at in _seats_near(draw):
        sat_on.setdefault(expert, []).append(day_of(starts_at))
    busy = {expert: code for expert, days in sat_on.items() if (code := full_cap(days, first_day))}
    busy |= dict.fromkeys(on_leave(first_day, last_day), "LEAVE")
    return busy | dict.fromkeys(seated_elsewhere(draw), "SEAT")


def seated_elsewhere(draw: Draw) -> set[str]:
    """Return the ids of experts who hold a seat of another lot at the same time."""
    order = draw.venue_order
    held = _held(draw).filter(draw__venue_order__starts_at__lt=order.ends_at,
                              draw__venue_order__ends_at__gt=order.starts_at)
    return set(held.values_list("expert", flat=True))


def _seats_near(draw: Draw) -> Iterable[tuple]:
    """Yield (expert id, start of the session) of the seats that the caps of the session's day count."""
    first, last = reach_of_caps(day_of(draw.venue_order.starts_at))
    return _held(draw).filter(
        draw__venue_order__starts_at__gte=end_of(first) - _DAY, draw__venue_order__starts_at__lt=end_of(last),
    ).values_list("expert", "draw__venue_order__starts_at")


def _held(draw: Draw):
    return Pick.objects.filter(
        state__in=[PickState.INVITED, PickState.ACCEPTED], expert__isnull=False,
        draw__state__in=[DrawState.FILLING, DrawState.COMPLETE],
    ).exclude(draw__lot=draw.lot_id).order_by()


def keep(draw: Draw, lines: list[bytes]) -> str:
    """Store the snapshot encrypted and return the digest of the file.

    In clear it would give away the committee: pids stand in the database, and city, employer and
    specialties single out a person.
    """
    plain = b'{"draw":%s,"rows":[%s],"v":1}' % (canonical.encode(str(draw.pk)), b",".join(lines))
    return store.put(io.BytesIO(seal(plain, pseudonyms.file_key(pseudonyms.key_of(draw))))).digest


def keep_eligible(draw: Draw, found: dict[str, list[Row]]) -> str:
    """Store who is eligible in each stratum, encrypted, and return the file's digest.

    The drawing reads these few thousand instead of the whole pool; a replay goes from the whole pool.
    """
    plain = {name: [[row.pid, 1, row.employer] for row in rows] for name, rows in found.items()}
    key = pseudonyms.file_key(pseudonyms.key_of(draw))
    return store.put(io.BytesIO(seal(json.dumps(plain).encode(), key))).digest


def read_eligible(draw: Draw) -> dict[str, list]:
    """Return {stratum: [[pid, weight, employer], …]}. Raises ValueError when it is not what the approval logged."""
    with store.open(draw.eligible_file) as stream:
        found = json.loads(unseal(stream.read(), pseudonyms.file_key(pseudonyms.key_of(draw))))
    for name, (count, digest) in draw.eligible.items():
        if len(found[name]) != count or pids_digest([pid for pid, _, _ in found[name]]) != digest:
            raise ValueError(f"the eligible experts of {name} were changed")
    return found


def read(draw: Draw) -> list[dict]:
    """Return the rows of a kept snapshot. Raises ValueError when the file was changed."""
    with store.open(draw.pool_file) as stream:
        plain = unseal(stream.read(), pseudonyms.file_key(pseudonyms.key_of(draw)))
    # Not canonical.decode: our own bytes, authenticated just now, and tens of megabytes of them.
    return json.loads(plain)["rows"]


def pids_digest(pids: list[str]) -> str:
    """Return the digest of a list of pids."""
    return canonical.b64(labels.digest(labels.ELIGIBLE, canonical.encode(pids)))


def avoided_digest(avoided: dict[str, str]) -> str:
    """Return the digest of {token or pid: ground} of whom a draw avoids."""
    return canonical.b64(labels.digest(labels.ELIGIBLE, canonical.encode(avoided)))


def result_digest(lists: dict) -> str:
    """Return the digest of the drawn order of every stratum: {stratum: [pid, …]}."""
    plain = {name: [pid for pid, _ in listed] for name, listed in lists.items()}
    return canonical.b64(labels.digest(labels.DRAW_RESULT, canonical.encode(plain)))


def rules_digest() -> str:
    """Return the digest of the source of the eligibility rules, so that a later change shows."""
    return canonical.b64(labels.digest(labels.FILE, Path(rules.__file__).read_bytes()))


