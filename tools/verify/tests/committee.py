"""A draw of experts in memory: three parties, one of them silent, one expert who refuses (测试抽取)."""

import hmac
import os

from gongheng.crypto import canonical, drawing, labels, signing
from gongheng.crypto.canonical import b64
from tools.verify.tests.platform import LOT, Platform


def play_draw(platform: Platform) -> tuple[dict, list[str]]:
    """Play one draw of three seats with a silent party and a refusal; return its replay data and the seated pids."""
    note, draw_id, key = platform.note, "draw-1", os.urandom(32)
    subject = f"draw:{draw_id}"
    order = {
        "v": 1,
        "draw": draw_id,
        "lot": LOT,
        "parties": [{"index": index} for index in (1, 2, 3)],
        "strata": [
            {"name": "370100/A08", "venue": "v-1", "specialty": "A08", "seats": 3, "lives_in": [], "not_in": []}
        ],
        "avoid": [{"uscc": "91370000000000000X"}],
    }

    def token(uscc: str) -> str:
        return b64(hmac.new(key, f"employer\n{uscc}".encode(), "sm3").digest())

    rows = sorted(
        (
            {
                "pid": b64(os.urandom(32)),
                "weight": 1,
                "attributes": {
                    "specialties": ["A0801"] if number % 5 else ["B01"],
                    "city": "370100",
                    "past": [],
                    "is_in_pool": True,
                    "employer": token("91370000000000000X" if number == 7 else f"E{number % 6}"),
                    "is_busy": number == 8,
                },
            }
            for number in range(60)
        ),
        key=lambda row: row["pid"],
    )
    avoided = [token("91370000000000000X")]
    eligible = [
        row
        for row in rows
        if row["attributes"]["specialties"] == ["A0801"]
        and not row["attributes"]["is_busy"]
        and row["attributes"]["employer"] != avoided[0]
    ]
    pids = [row["pid"] for row in eligible]
    name, root, digest = "370100/A08", drawing.pool_root(rows), drawing.order_digest(order)
    told = {name: {"count": len(pids), "digest": b64(labels.digest(labels.ELIGIBLE, canonical.encode(pids)))}}
    key_digest = b64(labels.digest(labels.DRAW_PSEUDONYM, key))
    note("draw.order", subject, signed=True, attempt=1, order=digest)
    note(
        "draw.approve",
        subject,
        role="supervisor",
        signed=True,
        attempt=1,
        order=digest,
        pool_root=root,
        pool_count=60,
        key=key_digest,
        rules="r",
        eligible={name: told[name]["digest"]},
    )
    context = drawing.DrawContext(draw_id, root, digest, 1)
    parties = [_Party(platform, context, index) for index in (1, 2, 3)]
    for phase, verb in (
        ("commit", "draws.commit"),
        ("points", "draws.points"),
        ("acknowledge", "draws.acknowledge"),
    ):
        for party in parties:
            note(verb, subject, attempt=1, party=party.made.party, **party.say(phase))
    for party in parties[:2]:
        note("draws.number", subject, attempt=1, party=party.made.party, **party.say("reveal"))
    for party in parties[:2]:
        party.row["rebuilding"] = {"3": b64(parties[2].made.shares[party.made.party].to_bytes(32))}
        note("draws.rebuild", subject, attempt=1, party=party.made.party, **party.say("rebuild"))
    parties[2].row |= {"number": b64(parties[2].made.r.to_bytes(32)), "is_rebuilt": True}
    note("draws.rebuilt", subject, attempt=1, party=3, number=parties[2].row["number"])
    seed = drawing.seed_of(context, [party.made.r for party in parties])
    listed = drawing.order_of(seed, name, [(pid, 1) for pid in pids])
    result = b64(labels.digest(labels.DRAW_RESULT, canonical.encode({name: listed})))
    note("draw.draw", subject, attempt=1, seed=b64(seed), result=result)
    draw = {
        "v": 1,
        "draw_id": draw_id,
        "lot": LOT,
        "attempt": 1,
        "state": "complete",
        "order": order,
        "order_digest": digest,
        "ended_because": "",
        "key_digest": key_digest,
        "rules_digest": "r",
        "key": b64(key),
        "contributions": [party.row for party in parties],
        "seed": b64(seed),
        "result": result,
        "lists": {name: listed},
        "pool": {"root": root, "count": 60, "rows": rows, "avoided": avoided, "eligible": told},
        "picks": [],
    }
    employers = {row["pid"]: row["attributes"]["employer"] for row in rows}
    return draw, _seat(platform, draw, name, listed, employers)


def _seat(platform: Platform, draw: dict, name: str, listed: list[str], employers: dict[str, str]) -> list[str]:
    note, held = platform.note, {}
    for rank, pid in enumerate(listed, start=1):
        subject, cause = f"pick:{rank}", ""
        note("pick.reach", subject, pid=pid, stratum=name, rank=rank)
        if employers[pid] in held.values():
            state, cause = "skipped", "与已抽中专家同一工作单位"
            note("pick.skip", subject, pid=pid, cause=cause)
        else:
            note("pick.invite", subject, pid=pid)
            state, cause = ("refused", "专家答复不能参加") if rank == 1 else ("accepted", "")
            note("pick.refuse" if rank == 1 else "pick.accept", subject, role="expert", pid=pid)
            held |= {pid: employers[pid]} if rank > 1 else {}
        draw["picks"].append(
            {
                "stratum": name,
                "rank": rank,
                "pid": pid,
                "venue": "v-1",
                "employer": employers[pid],
                "state": state,
                "cause": cause,
            }
        )
        if len(held) == 3:
            break
    return list(held)


class _Party:
    """One party of the draw: its number, and the messages that it signs."""

    def __init__(self, platform: Platform, context: drawing.DrawContext, index: int):
        self.made, self.context = drawing.Contribution.make(index, 3), context
        self.private, certificate = platform.certificate(name="抽取方")
        self.row = {
            "party": index,
            "certificate": b64(certificate),
            "enc_public": "",
            "commit": self.made.commit(context),
            "committed_at": canonical.timestamp(platform.now),
            "points": None,
            "acknowledged": None,
            "number": "",
            "is_rebuilt": False,
            "rebuilding": None,
            "messages": {},
        }

    def say(self, phase: str) -> dict:
        """Sign one message; return the facts that its entry holds."""
        points = [b64(point) for point in self.made.points]
        others = [index for index in (1, 2, 3) if index != self.made.party]
        body, facts = {
            "commit": ({"commit": self.row["commit"]}, {"commit": self.row["commit"]}),
            "points": ({"points": points, "shares": {str(index): "AA" for index in others}}, {"points": points}),
            "acknowledge": ({"accepted": others, "refused": []}, {"accepted": others, "refused": []}),
            "reveal": ({"r": b64(self.made.r.to_bytes(32))}, {"number": b64(self.made.r.to_bytes(32))}),
            "rebuild": ({"shares": self.row["rebuilding"]}, {"shares": self.row["rebuilding"]}),
        }[phase]
        message = canonical.encode(
            {
                "v": 1,
                "draw_id": self.context.draw_id,
                "attempt": 1,
                "party": self.made.party,
                "phase": phase,
                **body,
            }
        )
        signature = signing.sign(self.private, message, labels.DRAW_PARTY)
        self.row["messages"][phase] = {"message": b64(message), "signature": b64(signature)}
        if phase == "points":
            self.row["points"] = body
        if phase == "acknowledge":
            self.row["acknowledged"] = others
        if phase == "reveal":
            self.row["number"] = body["r"]
        return facts | {"message": b64(labels.digest(labels.DRAW_PARTY, message))}
