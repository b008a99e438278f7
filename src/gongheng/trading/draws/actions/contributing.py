"""The three closed phases in which the parties make the joint seed (随机贡献), security.md 4.b steps 4–6.

Every message is canonical JSON {v, draw_id, attempt, party, phase, …} signed by the party's own
certificate; the platform only keeps, checks and passes on.
"""

from django.db import transaction

from gongheng.crypto import canonical, drawing, labels, signing
from gongheng.crypto.refused import ProofRefused
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.people.identity.queries import encryption_certificate
from gongheng.trading.draws import queries, rules, snapshot
from gongheng.trading.draws.actions.ordering import party_of
from gongheng.trading.draws.actions.seating import fill_seats
from gongheng.trading.draws.lifecycle import DrawState
from gongheng.trading.draws.models import Contribution, Draw
from gongheng.trust.certificates import trusted
from gongheng.trust.certificates.models import Certificate
from gongheng.trust.evidence.moving import Step, moving, note

_KEYS = {
    "commit": {"commit"}, "points": {"points", "shares"}, "acknowledge": {"accepted", "refused"},
    "reveal": {"r"}, "rebuild": {"shares"},
}


def take_message(
    draw: Draw, *, message: bytes, signature: bytes, phases: tuple[str, ...], certificate: Certificate | None,
    actor: Actor, clock: Clock,
) -> Draw:
    """Take one party's message of one of ``phases``; the last of a phase opens the next.

    Raises Refusal PARTY, DRAW-MESSAGE, DRAW-SIGNATURE, DRAW-PHASE, TWICE, CERT-… or the reason code
    of a proof that does not hold (COMMIT, POINT, SHARE, REVEAL).
    """
    party = party_of(draw, actor)["index"]
    body = _read(draw, party, message, phases)
    if certificate is None:
        raise Refusal("CERT-UNKNOWN", "参与抽取须先用数字证书登录，请登录后重试。")
    trusted.verify(certificate, clock.now(), "sign")
    if not signing.verify(bytes(certificate.public_key), message, signature, labels.DRAW_PARTY):
        raise Refusal("DRAW-SIGNATURE", "消息签名与登录证书不符，请使用登录时的同一张证书。")
    kept = {"message": canonical.b64(message), "signature": canonical.b64(signature)}
    with transaction.atomic():
        if body["phase"] == "points" and queries.is_ready_to_share(draw):
            with moving(draw, "share", actor=actor, clock=clock, attempt=draw.attempt):
                pass
        verb, handle = _HANDLERS[body["phase"]]
        with note(
            verb, draw, lot=draw.lot, actor=actor, clock=clock, attempt=draw.attempt, party=party,
            message=canonical.b64(labels.digest(labels.DRAW_PARTY, message)),
        ) as step:
            draw.refresh_from_db(fields=["state", "reveal_by"])
            row = None if body["phase"] == "commit" else _own(draw, party, actor)
            try:
                row = handle(draw, party, row, body, step, certificate, actor)
            except (ProofRefused, ValueError, KeyError, TypeError) as error:
                raise _refusal(error) from error
            row.messages[body["phase"]] = kept
            if row.pk is not None:
                row.save()
        if row.pk is None:
            row.commit_entry = step.entry
            row.save()
        _go_on(draw, body, actor, clock)
    return draw


def _take_commit(draw, party, row, body, step: Step, certificate, actor) -> Contribution:
    _must_be(draw, DrawState.COMMITTING)
    if draw.contributions.filter(party=party).exists():
        raise Refusal("TWICE", "本方已经作出承诺，不能更改。")
    encryption = encryption_certificate(actor.id)
    if encryption is None:
        raise Refusal("CERT-ENC", "参与抽取须有加密证书，请先办理加密证书。")
    if len(canonical.unb64(body["commit"])) != 32:
        raise ValueError("not a digest")
    step.facts["commit"] = body["commit"]
    return Contribution(
        draw=draw, party=party, person=actor.id, certificate=certificate, enc_public=bytes(encryption.public_key),
        commit=body["commit"], committed_at=step.now,
    )


def _take_points(draw, party, row, body, step: Step, certificate, actor) -> Contribution:
    _must_be(draw, DrawState.SHARING)
    if row.points is not None:
        raise Refusal("TWICE", "本方已经公布承诺点，不能更改。")
    drawing.check_points(queries.context_of(draw), party, [canonical.unb64(one) for one in body["points"]], row.commit)
    others = {str(index) for index in queries.indexes(draw) if index != party}
    if set(body["shares"]) != others or not all(canonical.unb64(blob) for blob in body["shares"].values()):
        raise ValueError("one wrapped share for each other party")
    row.points = {"points": body["points"], "shares": body["shares"]}
    step.facts["points"] = body["points"]
    return row


def _take_acknowledgement(draw, party, row, body, step: Step, certificate, actor) -> Contribution:
    _must_be(draw, DrawState.SHARING)
    if row.acknowledged is not None or draw.contributions.filter(points__isnull=True).exists():
        raise Refusal("DRAW-PHASE", "现在不能确认份额：本方已确认，或尚有参与方未公布承诺点。")
    others = sorted(index for index in queries.indexes(draw) if index != party)
    if sorted([*body["accepted"], *body["refused"]]) != others:
        raise ValueError("every other party is accepted or refused")
    row.acknowledged = sorted(body["accepted"])
    step.facts |= {"accepted": row.acknowledged, "refused": sorted(body["refused"])}
    return row


def _take_number(draw, party, row, body, step: Step, certificate, actor) -> Contribution:
    _must_be(draw, DrawState.REVEALING)
    if row.number:
        raise Refusal("TWICE", "本方的随机数已经揭示。")
    drawing.check_reveal(party, _points(row), _scalar(body["r"]))
    row.number = body["r"]
    step.facts["number"] = body["r"]
    return row


def _take_shares(draw, party, row, body, step: Step, certificate, actor) -> Contribution:
    _must_be(draw, DrawState.REVEALING)
    missing = queries.missing(draw)
    if step.now < draw.reveal_by or not missing or party in missing or row.rebuilding is not None:
        raise Refusal("DRAW-PHASE", "现在不需要本方提供重建份额。")
    if set(body["shares"]) != set(map(str, missing)):
        raise ValueError("one share for each silent party")
    for silent in draw.contributions.filter(party__in=missing):
        drawing.check_share(silent.party, party, _points(silent), _scalar(body["shares"][str(silent.party)]))
    row.rebuilding = body["shares"]
    step.facts["shares"] = body["shares"]
    return row


_HANDLERS = {
    "commit": ("draws.commit", _take_commit), "points": ("draws.points", _take_points),
    "acknowledge": ("draws.acknowledge", _take_acknowledgement), "reveal": ("draws.number", _take_number),
    "rebuild": ("draws.rebuild", _take_shares),
}


def _go_on(draw: Draw, body: dict, actor: Actor, clock: Clock) -> None:
    """Open the next phase when this message was the last that was awaited."""
    if body["phase"] == "acknowledge":
        if body["refused"]:
            reason = f"有参与方的份额与承诺不符（参与方 {'、'.join(map(str, sorted(body['refused'])))}）"
            with moving(draw, "abort", actor=actor, clock=clock, attempt=draw.attempt, reason=reason):
                draw.ended_because = reason
        elif not draw.contributions.filter(acknowledged__isnull=True).exists():
            with moving(draw, "reveal", actor=actor, clock=clock, attempt=draw.attempt) as step:
                draw.reveal_by = step.now + rules.REVEAL_TIME
    if body["phase"] == "rebuild":
        _rebuild(draw, actor, clock)
    if draw.state == DrawState.REVEALING and not queries.missing(draw):
        _make_lists(draw, actor, clock)


def _rebuild(draw: Draw, actor: Actor, clock: Clock) -> None:
    givers = [one for one in draw.contributions.all() if one.rebuilding is not None]
    for silent in draw.contributions.filter(number=""):
        key = str(silent.party)
        held = {one.party: _scalar(one.rebuilding[key]) for one in givers if key in one.rebuilding}
        if len(held) < drawing.THRESHOLD:
            continue
        number = drawing.rebuild(silent.party, _points(silent), held)
        with note("draws.rebuilt", draw, lot=draw.lot, actor=actor, clock=clock, attempt=draw.attempt,
                  party=silent.party) as step:
            silent.number, silent.is_rebuilt = canonical.b64(number.to_bytes(32, "big")), True
            silent.save()
            step.facts["number"] = silent.number


def _make_lists(draw: Draw, actor: Actor, clock: Clock) -> None:
    """Compute the seed and the order of every stratum, then come to the first of each list."""
    scalars = [_scalar(one.number) for one in draw.contributions.order_by("party")]
    with moving(draw, "draw", actor=actor, clock=clock, attempt=draw.attempt) as step:
        found = snapshot.read_eligible(draw)
        draw.seed = drawing.seed_of(queries.context_of(draw), scalars)
        draw.lists = {one["name"]: _list(draw.seed, one, found[one["name"]]) for one in draw.order["strata"]}
        draw.drawn_at = step.now
        step.facts |= {"seed": canonical.b64(draw.seed), "result": snapshot.result_digest(draw.lists)}
    fill_seats(draw, actor=actor, clock=clock)


def _list(seed: bytes, stratum: dict, found: list[list]) -> list[list[str]]:
    employers = {pid: employer for pid, _, employer in found}
    drawn = drawing.order_of(seed, stratum["name"], [(pid, weight) for pid, weight, _ in found])
    return [[pid, employers[pid]] for pid in drawn]


def _read(draw: Draw, party: int, message: bytes, phases: tuple[str, ...]) -> dict:
    try:
        body = canonical.decode(message)
        phase = body["phase"]
        if set(body) != {"v", "draw_id", "attempt", "party", "phase"} | _KEYS[phase] or body["v"] != 1:
            raise canonical.NotCanonical("fields of another version")
    except (canonical.NotCanonical, KeyError, TypeError) as error:
        raise Refusal("DRAW-MESSAGE", "抽取消息格式不符，请刷新页面后重试。") from error
    if (body["draw_id"], body["attempt"], body["party"]) != (str(draw.pk), draw.attempt, party) or phase not in phases:
        raise Refusal("DRAW-MESSAGE", "抽取消息不是为本次抽取、本方、本阶段作出的，已拒绝。")
    return body


def _own(draw: Draw, party: int, actor: Actor) -> Contribution:
    row = draw.contributions.filter(party=party).first()
    if row is None:
        raise Refusal("DRAW-PHASE", "本方尚未作出承诺。")
    if row.person != actor.id:
        raise Refusal("PARTY", "本方已由另一位工作人员参与，本次抽取须由其完成。")
    return row


def _must_be(draw: Draw, state: DrawState) -> None:
    if draw.state != state:
        raise Refusal("DRAW-PHASE", f"抽取当前为“{draw.state_label}”，该消息不属于这一阶段。")


def _points(row: Contribution) -> list[bytes]:
    return [canonical.unb64(one) for one in row.points["points"]]


def _scalar(text: str) -> int:
    raw = canonical.unb64(text)
    if len(raw) != 32:
        raise ValueError("a scalar has 32 bytes")
    return int.from_bytes(raw, "big")


def _refusal(error: BaseException) -> Refusal:
    if isinstance(error, ProofRefused):
        return Refusal(error.code, error.message)
    return Refusal("DRAW-MESSAGE", "抽取消息的内容不符合要求，已拒绝。")
