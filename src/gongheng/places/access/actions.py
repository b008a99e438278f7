"""The only writer of visits and passages."""

import secrets
import uuid
from datetime import datetime

from django.db import IntegrityError, transaction

from gongheng.crypto import canonical
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.places.access import queries, rules
from gongheng.places.access.gates import Comparison
from gongheng.places.access.models import GateKey, Passage, Visit
from gongheng.places.venues.models import Centre
from gongheng.trust.evidence.moving import moving, note, starting


def check_identity(
    centre: Centre, *, reference: uuid.UUID, subject: str, label: str, zones: list[str], opens_at: datetime,
    closes_at: datetime, comparison: Comparison, actor: Actor, clock: Clock,
) -> Visit:
    """Note what the comparison of face and document found (人证核验); a clear match admits at once."""
    _must_work_at(centre, actor)
    result = rules.judge(comparison.score, comparison.is_live)
    visit = Visit(
        centre=centre, reference=reference, subject=subject, label=label, zones=zones, opens_at=opens_at,
        closes_at=closes_at, result=result, score=comparison.score, permit=canonical.b64(secrets.token_bytes(32)),
    )
    with transaction.atomic():
        with starting(visit, actor=actor, clock=clock, verb="check", result=result) as step:
            visit.checked_at = step.now
        if result is rules.Result.PASS:
            with moving(visit, "admit", actor=actor, clock=clock):
                pass
    return visit


def admit(visit: Visit, *, decision: str, actor: Actor, clock: Clock) -> Visit:
    """Admit by hand (人工准入) whom the machine did not recognise; what was looked at must be written down."""
    return _decide(visit, "admit", decision, actor, clock)


def refuse(visit: Visit, *, decision: str, actor: Actor, clock: Clock) -> Visit:
    """Turn somebody away (不予准入): a person's decision with its reason, never a machine's."""
    visit = _decide(visit, "refuse", decision, actor, clock)
    visit.result = rules.Result.FAIL
    visit.save(update_fields=["result"])
    return visit


def allow_zone(visit: Visit, *, zone: str) -> Visit:
    """Open one more zone to an admitted person, inside the transaction of the act that gives it to him."""
    visit.zones = [*visit.zones, zone]
    visit.save(update_fields=["zones"])
    return visit


def store_phone(visit: Visit, *, locker: str, actor: Actor, clock: Clock) -> Visit:
    """Note in which locker the phone lies (手机存放)."""
    _must_work_at(visit.centre, actor)
    if not locker.strip():
        raise Refusal("LOCKER", "请填写储物柜编号。", "locker")
    try:
        with note("access.store_phone", visit, actor=actor, clock=clock):
            visit.locker = locker.strip()
            visit.save(update_fields=["locker"])
    except IntegrityError as error:
        raise Refusal("LOCKER", "该储物柜已被占用，请另选一个。", "locker") from error
    return visit


def enrol_gate(centre: Centre, *, gate: str, actor: Actor, clock: Clock) -> GateKey:
    """Let one gate report (登记门禁); its key is shown once and put into the gate by hand."""
    _must_work_at(centre, actor)
    name = gate.strip()
    if not 0 < len(name) <= 20:
        raise Refusal("GATE", "请填写门禁名称，不超过20个字。", "gate")
    try:
        with note("access.enrol_gate", f"centre:{centre.pk}", actor=actor, clock=clock, gate=name) as step:
            return GateKey.objects.create(centre=centre, gate=name, enrolled_at=step.now)
    except IntegrityError as error:
        raise Refusal("GATE", "该门禁已有有效密钥，请先吊销再重新登记。", "gate") from error


def revoke_gate(key: GateKey, *, actor: Actor, clock: Clock) -> GateKey:
    """Stop believing a gate (吊销门禁密钥); what it reported before stays."""
    _must_work_at(key.centre, actor)
    with note("access.revoke_gate", f"centre:{key.centre_id}", actor=actor, clock=clock, gate=key.gate) as step:
        if not GateKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=step.now):
            raise Refusal("GATE", "该门禁密钥已经吊销。")
    key.refresh_from_db()
    return key


def leave(visit: Visit, *, actor: Actor, clock: Clock) -> Visit:
    """End a permit when the person hands the badge back (离场)."""
    _must_work_at(visit.centre, actor)
    with moving(visit, "leave", actor=actor, clock=clock) as step:
        visit.left_at = step.now
    return visit


def record_passage(
    centre: Centre, *, gate: str, number: str, permit: str, zone: str, is_inward: bool, at: datetime, clock: Clock,
) -> Passage:
    """Take in one event of a gate (通行); the same event sent again counts once. Only alarms are evidence."""
    known = Passage.objects.filter(centre=centre, gate=gate, number=number).first()
    if known is not None:
        return known
    visit = Visit.objects.filter(centre=centre, permit=permit).first()
    is_permitted = visit is not None and (visit.state == "admitted" or not is_inward)
    alarm = rules.alarm_of(
        zones=visit.zones if is_permitted else None, zone=zone, is_inward=is_inward,
        inside=queries.whereabouts(visit) if visit else None,
        window=(visit.opens_at, visit.closes_at) if is_permitted else None, at=at,
    )
    row = Passage(
        centre=centre, gate=gate, number=number, visit=visit, zone=zone, is_inward=is_inward, passed_at=at,
        alarm=alarm or "",
    )
    with transaction.atomic():
        row.save()
        if alarm:
            device = Actor("gate", Role.CENTRE, str(centre.organisation_id))
            with note("access.alarm", f"passage:{row.pk}", actor=device, clock=clock, zone=zone, alarm=alarm):
                pass
    return row


def _decide(visit: Visit, move: str, decision: str, actor: Actor, clock: Clock) -> Visit:
    _must_work_at(visit.centre, actor)
    if not decision.strip():
        raise Refusal("DECISION", "请写明核对了何种证件和判断的依据。", "decision")
    with moving(visit, move, actor=actor, clock=clock, decision=decision.strip()):
        visit.decision = decision.strip()
    return visit


def _must_work_at(centre: Centre, actor: Actor) -> None:
    if actor.role != Role.CENTRE or actor.organisation != str(centre.organisation_id):
        raise Refusal("ROLE", "只能办理本中心的准入。")
