"""The expert draw, replayed from pool, order and contributions to every seat (专家抽取复核), security.md 4.b."""

import hmac
from collections import Counter
from collections.abc import Collection

from gongheng.crypto import canonical, certs, drawing, labels, signing
from gongheng.crypto.canonical import b64, unb64
from tools.verify.log import Line, Log
from tools.verify.report import Report, only

HOLDING = ("invited", "accepted")
DRAW_FIELDS = (
    "v",
    "draw_id",
    "lot",
    "attempt",
    "state",
    "order",
    "order_digest",
    "ended_because",
    "key_digest",
    "rules_digest",
    "contributions",
    "pool",
    "seed",
    "lists",
    "result",
    "picks",
)
CONTRIBUTION_FIELDS = (
    "party",
    "certificate",
    "enc_public",
    "commit",
    "committed_at",
    "points",
    "acknowledged",
    "number",
    "is_rebuilt",
    "rebuilding",
    "messages",
)
#: Fields of each phase's message beside those that all have.
PHASES = {
    "commit": ("commit",),
    "points": ("points", "shares"),
    "acknowledge": ("accepted", "refused"),
    "reveal": ("r",),
    "rebuild": ("shares",),
}
#: What stands as the cause when an expert answers or keeps silent; others' causes are in the entry.
#: Causes that the platform found after the pool was fixed; the bundle names them, it cannot prove them.
LATE_CAUSES = ("已不在库", "同一时段已有其他评标任务", "已登记请假", "与投标人存在应当回避的关系")
CAUSES = {"refuse": "专家答复不能参加", "expire": "时限内未答复"}
PICK_FIELDS = ("stratum", "rank", "pid", "venue", "employer", "state", "cause")
#: Move of a draw -> the state it leads to.
DRAW_MOVES = {
    "order": "ordered",
    "approve": "committing",
    "share": "sharing",
    "reveal": "revealing",
    "draw": "filling",
    "complete": "complete",
    "refill": "filling",
    "abort": "aborted",
    "void": "void",
}
#: Move of a pick -> the state it leads to.
MOVES = {
    "invite": "invited",
    "skip": "skipped",
    "accept": "accepted",
    "refuse": "refused",
    "expire": "expired",
    "avoid": "avoided",
    "lose": "lost",
}


def check_draws(draws: dict, roots: list[certs.Certificate], log: Log, report: Report) -> str:
    """Replay every attempt and compare each step with its entry; an attempt that ended early as far as it went."""
    rows = only(draws, "v", "draws")["draws"]
    ordered = [line.subject.removeprefix("draw:") for line in log.all("draw.order")]
    if ordered != [draw["draw_id"] for draw in rows]:
        report.fault("draw.json", "抽取次数或次序与存证不符")
    for draw in rows:
        where = f"draw.json 第 {draw['attempt']} 次抽取"
        replay(draw, where, report)
        _check_entries(draw, where, log, report)
        for one in draw["contributions"]:
            certificate = certs.parse(unb64(one["certificate"]))
            certs.verify_chain(certificate, roots, canonical.parse_timestamp(one["committed_at"]), "sign")
        if draw["lists"] is not None:
            _check_seating(draw, where, log, report)
    done = [draw for draw in rows if draw["lists"] is not None]
    seats = sum(one["state"] == "accepted" for draw in done[-1:] for one in draw["picks"])
    return f"专家抽取：{len(rows)} 次，种子、名单、递补逐一重演相符，落实 {seats} 席"


def replay(draw: dict, where: str, report: Report) -> None:
    """Recompute one attempt from its own data: digests, eligibility, contributions, seed, lists, places."""
    names = set(DRAW_FIELDS) | (draw.keys() & {"key"})
    order = only(draw, *names)["order"]
    if drawing.order_digest(order) != draw["order_digest"] or order["draw"] != draw["draw_id"]:
        report.fault(where, "抽取申请与其摘要不符")
    if draw["pool"] is None:
        return
    _check_pool(draw, where, report)
    context = drawing.DrawContext(draw["draw_id"], draw["pool"]["root"], draw["order_digest"], draw["attempt"])
    scalars = [_check_contribution(draw, context, one, where, report) for one in draw["contributions"]]
    if draw["lists"] is None:
        return
    if [one["party"] for one in draw["contributions"]] != [party["index"] for party in order["parties"]]:
        report.fault(where, "随机贡献不是各方恰好一份")
        return
    seed = drawing.seed_of(context, scalars)
    if b64(seed) != draw["seed"]:
        report.fault(where, "种子与各方随机数重算的结果不符")
    lists = {}
    for stratum in order["strata"]:
        rows, _ = sift(draw, stratum)
        lists[stratum["name"]] = drawing.order_of(seed, stratum["name"], [(row["pid"], row["weight"]) for row in rows])
        if lists[stratum["name"]] != draw["lists"].get(stratum["name"]):
            report.fault(f"{where}（{stratum['name']}）", "名单次序与重算的结果不符")
    if (
        set(lists) != set(draw["lists"])
        or b64(labels.digest(labels.DRAW_RESULT, canonical.encode(lists))) != draw["result"]
    ):
        report.fault(where, "名单摘要不符")
    _check_picks(draw, where, report)


def _check_pool(draw: dict, where: str, report: Report) -> None:
    pool = only(draw["pool"], "root", "count", "rows", "avoided", "eligible")
    if drawing.pool_root(pool["rows"]) != pool["root"] or len(pool["rows"]) != pool["count"]:
        report.fault(where, "专家库快照与其根或人数不符")
    for stratum in draw["order"]["strata"]:
        rows, kept_out = sift(draw, stratum)
        pids = [row["pid"] for row in rows]
        told = {"count": len(pids), "digest": digest_of(pids)}
        if draw["order"]["v"] > 1:
            told["kept_out"] = kept_out
        if pool["eligible"].get(stratum["name"]) != told:
            report.fault(f"{where}（{stratum['name']}）", "符合条件的专家或者各项回避人数与按规则筛选的结果不符")
    if "key" in draw:
        key = unb64(draw["key"])
        # Beside them stand the bidders, where the lot was open already when the pool was fixed.
        tokens = {_token(key, one["uscc"]) for one in draw["order"]["avoid"]}
        if b64(labels.digest(labels.DRAW_PSEUDONYM, key)) != draw["key_digest"] or not tokens <= set(pool["avoided"]):
            report.fault(where, "代号密钥或回避单位代号不符")


def digest_of(value: list[str] | dict[str, str]) -> str:
    """Return the digest of a list of pseudonyms or tokens, or of tokens with their grounds."""
    return b64(labels.digest(labels.ELIGIBLE, canonical.encode(value)))


def sift(draw: dict, stratum: dict) -> tuple[list[dict], dict[str, int]]:
    """Return who of the specialty and the place may be drawn, and how many each ground kept out."""
    avoided = draw["pool"]["avoided"]
    if not isinstance(avoided, dict):  # orders of version 1 told no grounds
        avoided = dict.fromkeys(avoided, "EMPLOYER")
    found: list[dict] = []
    kept_out: Counter[str] = Counter()
    for row in draw["pool"]["rows"]:
        person = row["attributes"]
        if (
            any(code.startswith(stratum["specialty"]) for code in person["specialties"])
            and (not stratum["lives_in"] or person["city"] in stratum["lives_in"])
            and person["city"] not in stratum["not_in"]
        ):
            ground = _barred_by(row["pid"], person, stratum, avoided)
            if ground is None:
                found.append(row)
            else:
                kept_out[ground] += 1
    return found, dict(kept_out)


def _barred_by(pid: str, person: dict, stratum: dict, avoided: dict[str, str]) -> str | None:
    """Return the first ground that keeps an expert out: state, busy, way, himself, employer, earlier relations."""
    if not person["is_in_pool"]:
        return "STATE"
    if person["is_busy"]:
        return person.get("busy", "BUSY")
    if person["city"] not in stratum.get("within", [person["city"]]):
        return "TRAVEL"
    if pid in avoided or person["employer"] in avoided:
        return avoided.get(pid) or avoided[person["employer"]]
    past = next((avoided[token] for token in person["past"] if token in avoided), None)
    return "PAST" if past == "EMPLOYER" else past


def _check_contribution(draw: dict, context: drawing.DrawContext, one: dict, where: str, report: Report) -> int:
    """Check one party's messages and number; return the number, 0 when the attempt ended before it."""
    where = f"{where}（参与方 {only(one, *CONTRIBUTION_FIELDS)['party']}）"
    public = certs.parse(unb64(one["certificate"])).public
    said = {}
    for phase, kept in one["messages"].items():
        message = unb64(only(kept, "message", "signature")["message"])
        said[phase] = only(canonical.decode(message), "v", "draw_id", "attempt", "party", "phase", *PHASES[phase])
        if not signing.verify(public, message, unb64(kept["signature"]), labels.DRAW_PARTY):
            report.fault(where, f"{phase} 消息的签名无效")
        head = {"v": 1, "draw_id": draw["draw_id"], "attempt": draw["attempt"], "party": one["party"], "phase": phase}
        if any(said[phase].get(name) != value for name, value in head.items()):
            report.fault(where, f"{phase} 消息不是为本次抽取作出的")
    if said["commit"]["commit"] != one["commit"]:
        report.fault(where, "承诺与其签名消息不符")
    if one["points"] is None:
        return 0
    if one["points"] != {name: said["points"][name] for name in ("points", "shares")}:
        report.fault(where, "承诺点与其签名消息不符")
    points = [unb64(point) for point in one["points"]["points"]]
    drawing.check_points(context, one["party"], points, one["commit"])
    if one["acknowledged"] is not None and sorted(said["acknowledge"]["accepted"]) != one["acknowledged"]:
        report.fault(where, "份额确认与其签名消息不符")
    if one["rebuilding"] is not None and said["rebuild"]["shares"] != one["rebuilding"]:
        report.fault(where, "重建份额与其签名消息不符")
    if not one["number"]:
        return 0
    number = int.from_bytes(unb64(one["number"]))
    drawing.check_reveal(one["party"], points, number)
    if not one["is_rebuilt"] and said["reveal"]["r"] != one["number"]:
        report.fault(where, "随机数与其签名消息不符")
    if one["is_rebuilt"]:
        held = {
            other["party"]: int.from_bytes(unb64(other["rebuilding"][str(one["party"])]))
            for other in draw["contributions"]
            if other["rebuilding"] and str(one["party"]) in other["rebuilding"]
        }
        drawing.rebuild(one["party"], points, held)
    return number


def _check_picks(draw: dict, where: str, report: Report) -> None:
    employers = {row["pid"]: row["attributes"]["employer"] for row in draw["pool"]["rows"]}
    strata = {stratum["name"] for stratum in draw["order"]["strata"]}
    if not all(only(one, *PICK_FIELDS)["stratum"] in strata for one in draw["picks"]):
        report.fault(where, "有抽中者不属于任何专业")
    for stratum in draw["order"]["strata"]:
        listed, place = draw["lists"][stratum["name"]], f"{where}（{stratum['name']}）"
        picks = [one for one in draw["picks"] if one["stratum"] == stratum["name"]]
        if [(one["rank"], one["pid"]) for one in picks] != list(enumerate(listed[: len(picks)], start=1)):
            report.fault(place, "抽中者没有从名单首位起依次递补")
        if any(one["venue"] != stratum["venue"] or one["employer"] != employers[one["pid"]] for one in picks):
            report.fault(place, "抽中者的会场或单位代号不符")
        seated = sum(one["state"] == "accepted" for one in picks)
        if seated > stratum["seats"] or (draw["state"] == "complete" and seated != stratum["seats"]):
            report.fault(place, f"应有 {stratum['seats']} 席，落实 {seated} 席")


def _check_entries(draw: dict, where: str, log: Log, report: Report) -> None:
    """Compare each step with the entry that was made when it was taken."""
    lines = [line for line in log.lines if line.subject == f"draw:{draw['draw_id']}"]

    def told(verb: str, facts: dict, party: int | None = None) -> Line | None:
        found = [line for line in lines if line.verb == verb and (party is None or line.facts["party"] == party)]
        if not found or any(found[0].facts.get(name) != value for name, value in facts.items()):
            report.fault(found[0].place if found else where, f"{verb} 存证缺失或与抽取数据不符")
        return found[0] if found else None

    moves = [line.verb.removeprefix("draw.") for line in lines if line.verb.startswith("draw.")]
    if draw["state"] != DRAW_MOVES[moves[-1]] or draw["lot"] != draw["order"]["lot"]:
        report.fault(where, "抽取的状态或标段与存证不符")
    ended = [line.facts["reason"] for line in lines if line.verb in ("draw.abort", "draw.void")]
    if [draw["ended_because"]] != (ended or [""]):
        report.fault(where, "中止或作废的理由与存证不符")
    told("draw.order", {"attempt": draw["attempt"], "order": draw["order_digest"]})
    pool = draw["pool"]
    if pool is None:
        return
    told(
        "draw.approve",
        {
            "pool_root": pool["root"],
            "pool_count": pool["count"],
            "key": draw["key_digest"],
            "rules": draw["rules_digest"],
            "eligible": {name: one["digest"] for name, one in pool["eligible"].items()},
            "order": draw["order_digest"],
        },
    )
    for line in lines:
        if line.verb == "draw.approve" and line.facts.get("avoided", digest_of(pool["avoided"])) != digest_of(
            pool["avoided"]
        ):
            report.fault(line.place, "回避单位代号与存证不符")
    phases: list[tuple[Line, Line]] = []
    for one in draw["contributions"]:
        first = told("draws.commit", {"commit": one["commit"]} | _message(one, "commit"), one["party"])
        if one["points"] is not None:
            second = told("draws.points", {"points": one["points"]["points"]} | _message(one, "points"), one["party"])
            phases.append((first, second))
        if one["number"]:
            told("draws.rebuilt" if one["is_rebuilt"] else "draws.number", {"number": one["number"]}, one["party"])
    numbers = [line.index for line in lines if line.verb in ("draws.number", "draws.rebuild")]
    points = [second.index for _, second in phases if second]
    if points and max(first.index for first, _ in phases if first) > min(points):
        report.fault(where, "有参与方在他人全部承诺之前公布了承诺点")
    if numbers and points and max(points) > min(numbers):
        report.fault(where, "有参与方在他人全部公布承诺点之前揭示了随机数")
    if draw["lists"] is not None:
        told("draw.draw", {"seed": draw["seed"], "result": draw["result"]})


def _message(one: dict, phase: str) -> dict:
    return {"message": b64(labels.digest(labels.DRAW_PARTY, unb64(one["messages"][phase]["message"])))}


def _check_seating(draw: dict, where: str, log: Log, report: Report) -> None:
    """Walk through the entries of the seats in the order of the log, deciding each skip again."""
    strata = {one["name"]: one for one in draw["order"]["strata"]}
    picks = {(one["stratum"], one["rank"]): one for one in draw["picks"]}
    employers = {row["pid"]: row["attributes"]["employer"] for row in draw["pool"]["rows"]}
    mine = {pid for listed in draw["lists"].values() for pid in listed}
    reached: dict[str, list[str]] = {name: [] for name in strata}
    subjects: dict[str, tuple[str, int]] = {}
    state: dict[str, str] = {}
    causes: dict[str, str | None] = {}
    said: dict[str, str] = {}
    for line in log.lines:
        app, _, move = line.verb.partition(".")
        if app != "pick" or line.facts["pid"] not in mine:
            continue
        if move == "reach":
            name, pid = line.facts["stratum"], line.facts["pid"]
            holding = [subject for subject, now in state.items() if now in HOLDING]
            if draw["lists"][name][len(reached[name])] != pid or line.facts["rank"] != len(reached[name]) + 1:
                report.fault(line.place, "没有按名单次序递补")
            if sum(subjects[subject][0] == name for subject in holding) >= strata[name]["seats"]:
                report.fault(line.place, "席位已满仍继续抽取")
            before = {one for pids in reached.values() for one in pids}
            held = {employers[draw["lists"][subjects[one][0]][subjects[one][1] - 1]] for one in holding}
            causes[line.subject] = _skip_cause(pid, employers[pid], before, held)
            reached[name].append(pid)
            subjects[line.subject], state[line.subject] = (name, line.facts["rank"]), "reached"
            continue
        cause = causes[line.subject]
        if move == "skip" and cause is None and line.facts["cause"] in LATE_CAUSES:
            cause = line.facts["cause"]
        if move in ("invite", "skip") and (move == "skip") != (cause is not None):
            report.fault(line.place, "应当顺延的没有顺延，或不应顺延的被顺延")
        if move == "skip" and line.facts["cause"] != cause:
            report.fault(line.place, f"顺延原因应为“{cause}”")
        state[line.subject] = MOVES[move]
        said[line.subject] = CAUSES.get(move) or line.facts.get("cause", "")
    final = {subjects[subject]: (now, said.get(subject, "")) for subject, now in state.items()}
    for place in sorted(final.keys() | picks.keys()):
        if place not in picks or final.get(place) != (picks[place]["state"], picks[place]["cause"]):
            report.fault(f"{where}（{place[0]} 第 {place[1]} 位）", "最终状态或原因与存证不符")


def _skip_cause(pid: str, employer: str, reached: Collection[str], employers: Collection[str]) -> str | None:
    if pid in reached:
        return "已在其他专业中抽到"
    if employer in employers:
        return "与已抽中专家同一工作单位"
    return None


def _token(key: bytes, uscc: str) -> str:
    return b64(hmac.new(key, f"employer\n{uscc}".encode(), "sm3").digest())
