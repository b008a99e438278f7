"""The pool as it was when a draw was approved (专家库快照): rows without names, root logged, file encrypted."""

import io
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

from gongheng.crypto import canonical, labels, merkle
from gongheng.kernel.calendar import day_of, end_of
from gongheng.kernel.sealed_field import seal, unseal
from gongheng.people.experts.queries import count_eligible, on_leave, pool_rows
from gongheng.people.experts.rules import full_cap, reach_of_caps
from gongheng.trading.draws import pseudonyms, rules
from gongheng.trading.draws.lifecycle import DrawState, PickState
from gongheng.trading.draws.models import Draw, Pick
from gongheng.trust.documents import store

_DAY = timedelta(days=1)


def take(draw: Draw, today: date) -> list[dict]:
    """Return the rows {pid, attributes, weight} of the whole pool, sorted by pid."""
    return rows_of(pool_rows(today), pseudonyms.key_of(draw), busy_experts(draw))


def rows_of(experts: Iterable[dict], key: bytes, busy: Mapping[str, str]) -> list[dict]:
    """Turn the pool's rows into pseudonymous ones; ``busy`` holds the reason code of whoever is not free.

    Cities instead of counties and tokens instead of employers: the rows are published with the
    pids after the award, and must not tell who stood in the pool.
    """
    tokens: dict[str, str] = {}
    pid_of, token_of = pseudonyms.maker(key, "expert"), pseudonyms.maker(key, "employer")

    def token(uscc: str) -> str:
        if uscc not in tokens:
            tokens[uscc] = token_of(uscc)
        return tokens[uscc]

    rows = [
        {
            "pid": pid_of(row["id"]),
            "weight": 1,
            "attributes": {
                "specialties": row["specialties"], "city": f"{row['region'][:4]}00",
                "employer": token(row["employer"]), "past": sorted(map(token, row["past_employers"])),
                "is_in_pool": row["state"] == "in_pool", "is_busy": row["id"] in busy,
                "busy": busy.get(row["id"], ""),
            },
        }
        for row in experts
    ]
    return sorted(rows, key=lambda row: row["pid"])


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


def counted(draw: Draw, today: date) -> list[int]:
    """Return how many are eligible in each stratum as things stand, without making pseudonyms."""
    avoid = {one["uscc"] for one in draw.order["avoid"]}
    return [
        count_eligible(
            specialty=one["specialty"], lives_in=one["lives_in"], not_in=one["not_in"], avoid=avoid, today=today
        )
        for one in draw.order["strata"]
    ]


def tokens_to_avoid(draw: Draw, bidders: Collection[str]) -> list[str]:
    """Return the tokens of the organisations that the order says to avoid, and of the bidders once known."""
    token = pseudonyms.maker(pseudonyms.key_of(draw), "employer")
    return sorted({token(uscc) for uscc in [*(one["uscc"] for one in draw.order["avoid"]), *bidders]})


def avoided(draw: Draw) -> list[str]:
    """Return the tokens that were fixed when the draw was approved."""
    return draw.avoided if draw.avoided is not None else tokens_to_avoid(draw, ())


def encoded(rows: list[dict]) -> list[bytes]:
    """Return the canonical bytes of each row.

    Every text in a row is a code, a digit or base64url, so the form can be written down once; a test
    holds it against canonical.encode. The general way took as long as all the rest of a snapshot.
    """
    return [_line(row["pid"], row["weight"], **row["attributes"]) for row in rows]


def _line(
    pid: str, weight: int, specialties: list[str], city: str, employer: str, past: list[str], is_in_pool: bool,
    is_busy: bool, busy: str,
) -> bytes:
    codes, tokens = _texts(specialties), _texts(past)
    return (
        f'{{"attributes":{{"busy":"{busy}","city":"{city}","employer":"{employer}",'
        f'"is_busy":{"true" if is_busy else "false"},"is_in_pool":{"true" if is_in_pool else "false"},'
        f'"past":[{tokens}],"specialties":[{codes}]}},'
        f'"pid":"{pid}","weight":{weight}}}'
    ).encode("ascii")


def _texts(listed: list[str]) -> str:
    return '"' + '","'.join(listed) + '"' if listed else ""


def root_of(lines: list[bytes]) -> str:
    """Return what drawing.pool_root returns, from the rows' canonical bytes sorted by pid."""
    leaves = [merkle.leaf_hash("sm3", labels.digest(labels.POOL, line)) for line in lines]
    return canonical.b64(merkle.root("sm3", leaves))


def keep(draw: Draw, lines: list[bytes]) -> str:
    """Store the snapshot encrypted and return the digest of the file.

    In clear it would give away the committee: pids stand in the database, and city, employer and
    specialties single out a person.
    """
    plain = b'{"draw":%s,"rows":[%s],"v":1}' % (canonical.encode(str(draw.pk)), b",".join(lines))
    return store.put(io.BytesIO(seal(plain, pseudonyms.file_key(pseudonyms.key_of(draw))))).digest


def keep_eligible(draw: Draw, found: dict[str, list[dict]]) -> str:
    """Store who is eligible in each stratum, encrypted, and return the file's digest.

    The drawing reads these few thousand instead of the whole pool; a replay goes from the whole pool.
    """
    plain = {
        name: [[row["pid"], row["weight"], row["attributes"]["employer"]] for row in rows]
        for name, rows in found.items()
    }
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


def result_digest(lists: dict) -> str:
    """Return the digest of the drawn order of every stratum: {stratum: [pid, …]}."""
    plain = {name: [pid for pid, _ in listed] for name, listed in lists.items()}
    return canonical.b64(labels.digest(labels.DRAW_RESULT, canonical.encode(plain)))


def rules_digest() -> str:
    """Return the digest of the source of the eligibility rules, so that a later change shows."""
    return canonical.b64(labels.digest(labels.FILE, Path(rules.__file__).read_bytes()))


