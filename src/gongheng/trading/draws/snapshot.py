"""The pool as it was when a draw was approved (专家库快照): rows without names, root logged, file encrypted."""

import io
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from gongheng.crypto import canonical, labels
from gongheng.kernel.sealed_field import seal, unseal
from gongheng.people.experts.queries import pool_rows
from gongheng.trading.draws import pseudonyms, rules
from gongheng.trading.draws.lifecycle import DrawState, PickState
from gongheng.trading.draws.models import Draw, Pick
from gongheng.trust.documents import store


def take(draw: Draw, today: date) -> list[dict]:
    """Return the rows {pid, attributes, weight} of the whole pool, sorted by pid."""
    return rows_of(pool_rows(today), pseudonyms.key_of(draw), busy_experts(draw))


def rows_of(experts: Iterable[dict], key: bytes, busy: set[str]) -> list[dict]:
    """Turn the pool's rows into pseudonymous ones.

    Cities instead of counties and tokens instead of employers: the rows are published with the
    pids after the award, and must not tell who stood in the pool.
    """
    tokens: dict[str, str] = {}

    def token(uscc: str) -> str:
        if uscc not in tokens:
            tokens[uscc] = pseudonyms.token(key, uscc)
        return tokens[uscc]

    rows = [
        {
            "pid": pseudonyms.pseudonym(key, row["id"]),
            "weight": 1,
            "attributes": {
                "specialties": sorted(row["specialties"]), "city": f"{row['region'][:4]}00",
                "employer": token(row["employer"]), "past": sorted(map(token, row["past_employers"])),
                "is_in_pool": row["state"] == "in_pool", "is_busy": row["id"] in busy,
            },
        }
        for row in experts
    ]
    return sorted(rows, key=lambda row: row["pid"])


def busy_experts(draw: Draw) -> set[str]:
    """Return the ids of experts who hold a seat of another draw at the same time."""
    order = draw.venue_order
    others = Draw.objects.filter(
        state__in=[DrawState.FILLING, DrawState.COMPLETE],
        venue_order__starts_at__lt=order.ends_at, venue_order__ends_at__gt=order.starts_at,
    ).exclude(lot=draw.lot_id)
    busy: set[str] = set()
    for other in others:
        held = Pick.objects.filter(draw=other, state__in=[PickState.INVITED, PickState.ACCEPTED])
        busy |= set(pseudonyms.resolve(other, set(held.values_list("pid", flat=True))).values())
    return busy


def avoided(draw: Draw) -> list[str]:
    """Return the tokens of the organisations that the order says to avoid."""
    key = pseudonyms.key_of(draw)
    return sorted(pseudonyms.token(key, one["uscc"]) for one in draw.order["avoid"])


def keep(draw: Draw, rows: list[dict]) -> str:
    """Store the snapshot encrypted and return the digest of the file.

    In clear it would give away the committee: pids stand in the database, and city, employer and
    specialties single out a person.
    """
    plain = canonical.encode({"v": 1, "draw": str(draw.pk), "rows": rows})
    return store.put(io.BytesIO(seal(plain, pseudonyms.file_key(pseudonyms.key_of(draw))))).digest


def read(draw: Draw) -> list[dict]:
    """Return the rows of a kept snapshot. Raises ValueError when the file was changed."""
    with store.open(draw.pool_file) as stream:
        plain = unseal(stream.read(), pseudonyms.file_key(pseudonyms.key_of(draw)))
    # Not canonical.decode: our own bytes, authenticated just now, and tens of megabytes of them.
    return json.loads(plain)["rows"]


def pids_digest(pids: list[str]) -> str:
    """Return the digest of a list of pids."""
    return canonical.b64(labels.digest(labels.ELIGIBLE, canonical.encode(pids)))


def result_digest(lists: dict) -> str:
    """Return the digest of the drawn order of every stratum: {stratum: [pid, …]}."""
    plain = {name: [pid for pid, _ in listed] for name, listed in lists.items()}
    return canonical.b64(labels.digest(labels.DRAW_RESULT, canonical.encode(plain)))


def rules_digest() -> str:
    """Return the digest of the source of the eligibility rules, so that a later change shows."""
    return canonical.b64(labels.digest(labels.FILE, Path(rules.__file__).read_bytes()))


