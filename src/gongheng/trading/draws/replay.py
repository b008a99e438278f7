"""Everything from which an outsider recomputes a draw (复核数据); crypto.drawing is all he needs."""

from gongheng.crypto import canonical
from gongheng.trading.draws import pseudonyms, snapshot
from gongheng.trading.draws.models import Contribution, Draw


def replay_bundle(draw: Draw, *, with_key: bool = False) -> dict:
    """Return order, pool, contributions, seed, lists and every place reached, as canonical-JSON values.

    For auditors and for the bundle after the award. ``with_key`` adds k_draw, which resolves every
    pseudonym; it is for supervisors and courts. An attempt that ended early carries what it had.
    """
    bundle = {
        "v": 1, "draw_id": str(draw.pk), "lot": str(draw.lot_id), "attempt": draw.attempt, "state": draw.state,
        "order": draw.order, "order_digest": draw.order_digest, "ended_because": draw.ended_because,
        "key_digest": draw.key_digest, "rules_digest": draw.rules_digest,
        "contributions": [_contribution(one) for one in draw.contributions.select_related("certificate")],
        "pool": None, "seed": None, "lists": None, "result": None,
        "picks": [
            {
                "stratum": one.stratum, "rank": one.rank, "pid": one.pid, "venue": str(one.centre_id),
                "employer": one.employer, "state": one.state, "cause": one.cause,
            }
            for one in draw.picks.order_by("stratum", "rank")
        ],
    }
    if draw.pool_root:
        bundle["pool"] = {
            "root": draw.pool_root, "count": draw.pool_count, "rows": snapshot.read(draw),
            "avoided": draw.avoided,
            "eligible": {
                name: {"count": count, "digest": digest}
                | ({"kept_out": draw.kept_out[name]} if draw.kept_out is not None else {})
                for name, (count, digest) in draw.eligible.items()
            },
        }
    if draw.lists is not None:
        bundle |= {
            "seed": canonical.b64(bytes(draw.seed)), "result": snapshot.result_digest(draw.lists),
            "lists": {name: [pid for pid, _ in listed] for name, listed in draw.lists.items()},
        }
    if with_key:
        bundle["key"] = canonical.b64(pseudonyms.key_of(draw))
    return bundle


def _contribution(one: Contribution) -> dict:
    return {
        "party": one.party, "certificate": canonical.b64(bytes(one.certificate.der)),
        "enc_public": canonical.b64(bytes(one.enc_public)), "commit": one.commit,
        "committed_at": canonical.timestamp(one.committed_at),
        "points": one.points, "acknowledged": one.acknowledged, "number": one.number, "is_rebuilt": one.is_rebuilt,
        "rebuilding": one.rebuilding, "messages": one.messages,
    }
