"""Answering a call (应答调用): prove who asks, refuse what is stale or repeated, perform, sign the answer.

Whatever the outcome, both sides are left with a proof: the caller holds an answer that the platform signed over
the digest of its bytes, the log holds an entry with the same digest.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from gongheng.crypto import canonical, exchange, labels, signing
from gongheng.followers.exchange import performing, rules
from gongheng.followers.exchange.lifecycle import SystemState
from gongheng.followers.exchange.models import Call, Nonce, OutsideSystem
from gongheng.followers.exchange.operations import Operation
from gongheng.followers.exchange.rules import Envelope
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.trust.evidence.models import Entry
from gongheng.trust.evidence.moving import note, subject_of


@dataclass(frozen=True)
class Reply:
    """What goes back: HTTP status, canonical bytes, and the platform's signature over them."""

    status: int
    body: bytes
    signature: bytes


@dataclass(frozen=True)
class _Outcome:
    """What an answer says, before it is signed."""

    digest: str  # of the bytes that came
    system: str = ""
    id: str = ""
    data: dict | None = None
    refusal: Refusal | None = None
    is_sandbox: bool = False
    is_repeated: bool = False


def answer_call(op: str, body: bytes, signature: str, *, clock: Clock) -> Reply:
    """Answer one call. A refusal is an answer too; nothing but the call itself is written then."""
    outcome, system = _Outcome(rules.digest(labels.EXCHANGE_CALL, body)), None
    try:
        envelope = rules.read_call(body, op)
        outcome = replace(outcome, system=envelope.system, id=str(envelope.id))
        system = OutsideSystem.objects.filter(system_no=envelope.system).first()
        proof = _must_be_proved(system, body, signature)
        operation = rules.check_operation(envelope, system.kind)
        return _answer_once(system, envelope, operation, body, proof, outcome, clock)
    except Refusal as refusal:
        if system is not None:
            _log_refused(system, outcome.digest, refusal.rule, clock)
        return _signed(replace(outcome, refusal=refusal), clock.now())


def _answer_once(
    system: OutsideSystem, envelope: Envelope, operation: Operation, body: bytes, proof: bytes, outcome: _Outcome,
    clock: Clock,
) -> Reply:
    """Answer a proved call under the system's lock: of two copies that arrive together one is the repetition."""
    with transaction.atomic():
        locked = OutsideSystem.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation")
        system = locked.get(pk=system.pk)
        now = clock.now()
        if system.state != SystemState.ACTIVE:
            raise Refusal("REVOKED", "该系统已停用，如需恢复请向省级交易中心重新登记。", "system")
        rules.check_time(envelope.at, now)
        _use_nonce(system, envelope.nonce, now)
        outcome = replace(outcome, is_sandbox=system.is_sandbox)
        before = Call.objects.filter(system=system, call_id=envelope.id).first()
        if before is not None:
            return _again(before, envelope, outcome, now)
        outcome = replace(outcome, **_perform(system, operation, envelope.data, clock))
        reply = _signed(outcome, now)
        rule = outcome.refusal.rule if outcome.refusal else ""
        with note(
            "exchange.answer", system, actor=system.actor, clock=clock, op=operation.name, digest=outcome.digest,
            reply=rules.digest(labels.EXCHANGE_REPLY, reply.body), outcome=rule or "ok", is_sandbox=system.is_sandbox,
        ):
            Call.objects.create(
                system=system, call_id=envelope.id, op=operation.name, content=envelope.content, request=body,
                signature=proof, reply=reply.body, reply_signature=reply.signature, rule=rule,
                is_rehearsal=system.is_sandbox and operation.changes, answered_at=now,
            )
        return reply


def _perform(system: OutsideSystem, operation: Operation, data: dict, clock: Clock) -> dict:
    """Perform the operation in a savepoint of its own, which a refusal or a sandbox undoes."""
    try:
        with transaction.atomic():
            answer = performing.perform(system, operation.name, data, clock)
            transaction.set_rollback(system.is_sandbox and operation.changes)
    except Refusal as refusal:
        return {"refusal": refusal}
    return {"data": answer}


def _again(before: Call, envelope: Envelope, outcome: _Outcome, now) -> Reply:
    """Give the first answer again, over the digest of the new message."""
    if before.content != envelope.content:
        raise Refusal("ID", "该 id 已用于内容不同的报文；重试须内容相同，新事项请换新的 id。", "id")
    said = canonical.decode(bytes(before.reply))
    refusal = said["error"] and Refusal(**said["error"])
    return _signed(replace(outcome, data=said["data"], refusal=refusal, is_repeated=True), now)


def _must_be_proved(system: OutsideSystem | None, body: bytes, signature: str) -> bytes:
    if system is None:
        raise Refusal("SYSTEM", "没有登记该系统编号，请核对后重发。", "system")
    try:
        proof = canonical.unb64(signature)
    except canonical.NotCanonical:
        proof = b""
    if not exchange.is_proved(system.algorithm, system.key, body, proof, labels.EXCHANGE_CALL):
        raise Refusal("SIGNATURE", "报文的签名或鉴别码与该系统登记的密钥不符，请核对密钥、标签和所签的字节。")
    return proof


def _use_nonce(system: OutsideSystem, nonce: str, now) -> None:
    used = Nonce.objects.filter(system=system)
    # Twice the window: a message from the near future stays valid longer than one window from now.
    used.filter(used_at__lt=now - 2 * rules.WINDOW).delete()
    if used.filter(nonce=nonce).exists():
        raise Refusal("NONCE", "该 nonce 已用过：报文是重放的，没有执行；重试请换新的 nonce 和 at。", "nonce")
    Nonce.objects.create(system=system, nonce=nonce, used_at=now)


def _log_refused(system: OutsideSystem, digest: str, rule: str, clock: Clock) -> None:
    newest = Entry.objects.filter(subject=subject_of(system), verb="exchange.refuse").order_by("-id")
    last = list(newest.values_list("at", flat=True)[: rules.MOST_REFUSED_A_MINUTE])
    if len(last) == rules.MOST_REFUSED_A_MINUTE and last[-1] > clock.now() - timedelta(minutes=1):
        return
    with note("exchange.refuse", system, actor=system.actor, clock=clock, digest=digest, rule=rule):
        pass


def _signed(outcome: _Outcome, now) -> Reply:
    refusal = outcome.refusal
    body = canonical.encode({
        "v": 1, "system": outcome.system, "id": outcome.id, "digest": outcome.digest, "at": canonical.timestamp(now),
        "status": "refused" if refusal else "ok", "is_sandbox": outcome.is_sandbox,
        "is_repeated": outcome.is_repeated, "data": outcome.data,
        "error": refusal and {"rule": refusal.rule, "message": refusal.message, "field": refusal.field},
    })
    private, _ = settings.KEYRING.signing_key("exchange")
    status = rules.STATUS.get(refusal.rule, 422) if refusal else 200
    return Reply(status, body, signing.sign(private, body, labels.EXCHANGE_REPLY))
