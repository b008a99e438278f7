"""Experts of outside pools come in by signed batches (外部专家库导入): checked row by row, taken once."""

from dataclasses import dataclass, field

from django.db import transaction

from gongheng.crypto import canonical, labels, signing
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.people.experts import rules
from gongheng.people.experts.models import Batch, Expert, OutsidePool, Practice, Specialty
from gongheng.people.experts.queries import keeps_pool
from gongheng.people.identity.models import Person
from gongheng.trust.evidence.moving import moving, note, starting

MOST_ROWS = 2000
#: Fields that stand in the row of an expert; name and phone stand with his person.
_OWN = ("citizen_id", "region", "employer_uscc", "employer_name", "title", "years")


@dataclass
class Plan:
    """What a batch would do, before anything is written (导入预览)."""

    created: list[dict] = field(default_factory=list)
    updated: list[tuple[Expert, dict]] = field(default_factory=list)
    removed: list[Expert] = field(default_factory=list)
    unchanged: int = 0
    refused: list[dict] = field(default_factory=list)  # {"id", "rule", "message"}

    def counts(self) -> dict:
        """Return the figures that the outside pool gets back; refused rows by its own ids, never by name."""
        return {
            "created": len(self.created), "updated": len(self.updated), "removed": len(self.removed),
            "unchanged": self.unchanged, "refused": self.refused,
        }


def register_pool(name: str, public_key: str, *, actor: Actor, clock: Clock) -> OutsidePool:
    """Register an outside pool with the SM2 key that its batches are signed with. Raises Refusal ROLE, POOL, KEY."""
    if not keeps_pool(actor):
        raise Refusal("ROLE", "外部专家库由省级交易中心（专家库管理单位）登记。")
    try:
        key = canonical.unb64(public_key.strip())
    except canonical.NotCanonical:
        key = b""
    if not signing.is_point(key):
        raise Refusal("KEY", "公钥应为 65 字节 SM2 公钥（04‖x‖y）的 base64url 文本。", "public_key")
    if OutsidePool.objects.filter(name=name.strip()).exists():
        raise Refusal("POOL", "同名的外部专家库已经登记。", "name")
    pool = OutsidePool(name=name.strip(), public_key=key)
    with note("experts.pool", pool, actor=actor, clock=clock, key=signing.kid(key)) as step:
        pool.registered_at = step.now
        pool.save()
    return pool


def receive_batch(pool: OutsidePool, message: bytes, signature: bytes, *, actor: Actor, clock: Clock) -> Batch:
    """Keep a signed batch until the keeper confirms it; nothing enters the pool yet.

    Raises Refusal SIGNATURE, BATCH, TWICE.
    """
    if not keeps_pool(actor):
        raise Refusal("ROLE", "批次由省级交易中心（专家库管理单位）上传。")
    body = read_batch(pool, message, signature)
    digest = digest_of(message)
    _must_be_new(pool, body["batch"], digest)
    with note("experts.receive", pool, actor=actor, clock=clock, digest=digest) as step:
        return Batch.objects.create(
            pool=pool, number=body["batch"], digest=digest, body=message, received_at=step.now
        )


def confirm_batch(batch: Batch, *, actor: Actor, clock: Clock) -> Batch:
    """Take a previewed batch into the pool (确认导入)."""
    if not keeps_pool(actor):
        raise Refusal("ROLE", "批次由省级交易中心（专家库管理单位）确认。")
    if batch.taken_at is not None or batch.body is None:
        raise Refusal("TWICE", "该批次已经导入，没有重复执行。")
    return _take(batch, canonical.decode(bytes(batch.body)), actor, clock)


def take_batch(pool: OutsidePool, message: bytes, signature: bytes, *, clock: Clock) -> Batch:
    """Take a batch that came by the interface; the same batch again returns what it did the first time.

    Raises Refusal SIGNATURE, BATCH, TWICE (the same number with other content).
    """
    body = read_batch(pool, message, signature)
    digest = digest_of(message)
    done = Batch.objects.filter(pool=pool, number=body["batch"]).exclude(taken_at=None).first()
    if done is not None and done.digest == digest:
        return done
    _must_be_new(pool, body["batch"], digest)
    batch = Batch(pool=pool, number=body["batch"], digest=digest)
    return _take(batch, body, Actor(f"pool-{pool.pk.hex}", Role.CENTRE), clock)


def read_batch(pool: OutsidePool, message: bytes, signature: bytes) -> dict:
    """Return the content of a batch signed by the pool's registered key. Raises Refusal SIGNATURE or BATCH."""
    if pool.ended_at is not None or not signing.verify(
        bytes(pool.public_key), message, signature, labels.EXPERT_BATCH
    ):
        raise Refusal("SIGNATURE", "批次签名与该专家库登记的公钥不符。", "file")
    try:
        body = canonical.decode(message)
    except canonical.NotCanonical:
        body = None
    if not isinstance(body, dict) or set(body) != {"v", "pool", "batch", "experts"} or body["v"] != 1:
        raise Refusal("BATCH", "批次应恰有字段 v、pool、batch、experts，版本为 1，并按规范 JSON 编码。", "file")
    if body["pool"] != str(pool.pk):
        raise Refusal("BATCH", "批次不是为该专家库签发的。", "file")
    if not isinstance(body["batch"], str) or not 0 < len(body["batch"]) <= 64:
        raise Refusal("BATCH", "批次编号应为 1 至 64 个字符。", "file")
    if not isinstance(body["experts"], list) or not 0 < len(body["experts"]) <= MOST_ROWS:
        raise Refusal("BATCH", f"一个批次应有 1 至 {MOST_ROWS} 名专家。", "file")
    return body


def plan_batch(pool: OutsidePool, body: dict) -> Plan:
    """Say what a batch would do: bad rows are refused one by one, the others stand."""
    plan, seen = Plan(), set()
    known = set(Specialty.objects.values_list("code", flat=True))
    experts = Expert.objects.filter(pool=pool).select_related("person").prefetch_related("practices")
    there = {expert.outside_id: expert for expert in experts}
    taken = set(map(str, Expert.objects.exclude(pool=pool).values_list("citizen_id", flat=True)))
    for number, row in enumerate(body["experts"], 1):
        told = row.get("id") if isinstance(row, dict) else None
        try:
            rules.check_row(row, known)
            if row["id"] in seen:
                raise Refusal("TWICE", "同一编号在本批次中出现多次。", "id")
            seen.add(row["id"])
            _sort_in(plan, row, there.get(row["id"]), taken)
        except Refusal as refusal:
            plan.refused.append({
                "id": told if isinstance(told, str) else f"第 {number} 行", "rule": refusal.rule,
                "field": refusal.field or "", "message": refusal.message,
            })
    return plan


def _sort_in(plan: Plan, row: dict, expert: Expert | None, taken: set[str]) -> None:
    if expert is None:
        if row["state"] == "removed":
            raise Refusal("ROW", "要退出的专家不在库中。", "state")
        if row["citizen_id"] in taken:
            raise Refusal("PERSON", "该专家已由其他专家库入库，一人只能入库一次。", "citizen_id")
        taken.add(row["citizen_id"])
        plan.created.append(row)
    elif expert.state not in (Expert.State.IN_POOL, Expert.State.SUSPENDED):
        raise Refusal("STATE", f"该专家在本库的状态为“{expert.state_label}”，不能由批次更改。", "state")
    elif row["state"] == "removed":
        plan.removed.append(expert)
    elif _differs(expert, row):
        plan.updated.append((expert, row))
    else:
        plan.unchanged += 1


def _differs(expert: Expert, row: dict) -> bool:
    practices = {one.specialty_id: one.is_main for one in expert.practices.all()}
    return (
        any(getattr(expert, name) != row[name] for name in _OWN)
        or (expert.person.name, expert.person.phone) != (row["name"], row["phone"])
        or practices != {code: code == row["main"] for code in row["specialties"]}
    )


def _take(batch: Batch, body: dict, actor: Actor, clock: Clock) -> Batch:
    with transaction.atomic():
        # Two deliveries of one pool wait for each other: the second finds what the first wrote.
        pool = OutsidePool.objects.select_for_update().get(pk=batch.pool_id)
        _must_be_new(pool, batch.number, batch.digest)
        with note("experts.import", pool, actor=actor, clock=clock, digest=batch.digest) as step:
            plan = plan_batch(pool, body)
            for row in plan.created:
                _enter(pool, row, actor, clock, step.now)
            for expert, row in plan.updated:
                _update(expert, row, actor, clock)
            for expert in plan.removed:
                with moving(expert, "remove", actor=actor, clock=clock, reason="来源专家库已将其退出"):
                    expert.suspended_until = None
            batch.result, batch.body, batch.taken_at = plan.counts(), None, step.now
            batch.received_at = batch.received_at or step.now
            batch.save()
            step.facts |= plan.counts() | {"refused": len(plan.refused)}
    return batch


def _enter(pool: OutsidePool, row: dict, actor: Actor, clock: Clock, now) -> None:
    person = Person.objects.create(name=row["name"], phone=row["phone"], registered_at=now)
    own = {name: row[name] for name in _OWN}
    expert = Expert(person=person, pool=pool, outside_id=row["id"], entered_at=now, **own)
    with starting(expert, actor=actor, clock=clock, verb="apply"):
        pass
    with moving(expert, "admit", actor=actor, clock=clock):
        pass
    _practise(expert, row)


def _update(expert: Expert, row: dict, actor: Actor, clock: Clock) -> None:
    with note("experts.update", f"expert:{expert.pk}", actor=actor, clock=clock):
        for name in _OWN:
            setattr(expert, name, row[name])
        expert.save(update_fields=_OWN)
        expert.person.name, expert.person.phone = row["name"], row["phone"]
        expert.person.save(update_fields=["name", "phone"])
        expert.practices.all().delete()
        _practise(expert, row)


def _practise(expert: Expert, row: dict) -> None:
    Practice.objects.bulk_create([
        Practice(expert=expert, specialty_id=code, is_main=code == row["main"])
        for code in sorted(set(row["specialties"]))
    ])


def _must_be_new(pool: OutsidePool, number: str, digest: str) -> None:
    done = Batch.objects.filter(pool=pool, number=number).exclude(taken_at=None).first()
    if done is not None:
        again = "没有重复执行" if done.digest == digest else "但内容不同，请改用新的批次编号"
        raise Refusal("TWICE", f"批次 {number} 已经导入，{again}。", "file")


def digest_of(message: bytes) -> str:
    """Return the digest by which the log names a batch."""
    return canonical.b64(labels.digest(labels.EXPERT_BATCH, message))
