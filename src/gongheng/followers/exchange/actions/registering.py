"""Letting an outside system in, moving its callbacks, shutting it out (登记、停用外部系统)."""

import os

from django.db import transaction

from gongheng.crypto import canonical, signing
from gongheng.crypto.exchange import SECRET_SIZE, SM2
from gongheng.followers.exchange import queries, rules
from gongheng.followers.exchange.lifecycle import ROLES, Kind
from gongheng.followers.exchange.models import OutsideSystem
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import ROLE_NAMES, Actor
from gongheng.people.parties.lifecycle import State
from gongheng.people.parties.models import Organisation
from gongheng.trust.evidence.moving import moving, note, starting


def register_system(
    organisation: Organisation, *, name: str, kind: str, algorithm: str, public_key: str = "", notify_origin: str = "",
    is_sandbox: bool = False, actor: Actor, clock: Clock,
) -> tuple[OutsideSystem, bytes | None]:
    """Register a system (登记接入) and return it with its shared secret, which is never shown again (None for SM2).

    Raises Refusal ROLE, PARTY, KEY, URL.
    """
    if not queries.is_registrar(actor):
        raise Refusal("ROLE", "外部系统由省级交易中心登记接入。")
    roles = ROLES[Kind(kind)]
    if organisation.state != State.ACTIVE or not {str(role) for role in roles} & set(organisation.roles):
        names = "、".join(ROLE_NAMES[role] for role in roles)
        raise Refusal("PARTY", f"{Kind(kind).label}应属于经核验的{names}。", "uscc")
    system = OutsideSystem(
        organisation=organisation, name=name.strip(), kind=kind, algorithm=algorithm, is_sandbox=is_sandbox,
    )
    if notify_origin.strip():
        system.notify_origin = rules.clean_origin(notify_origin, is_demonstration=clock.is_demonstration)
    if algorithm == SM2:
        system.public_key, secret = _public_key(public_key), None
    else:
        system.secret = secret = os.urandom(SECRET_SIZE)
    with transaction.atomic():
        # Two registrations wait for each other here: each gets a number of its own.
        Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation)
        system.system_no = f"{organisation.region}-{kind[0].upper()}{OutsideSystem.objects.count() + 1:03d}"
        with starting(
            system, actor=actor, clock=clock, verb="register", number=system.system_no, kind=system.get_kind_display(),
            algorithm=system.get_algorithm_display(),
        ) as step:
            system.registered_at = step.now
            if secret is None:
                step.facts["key"] = signing.kid(system.public_key)
    return system, secret


def revoke_system(system: OutsideSystem, *, reason: str, actor: Actor, clock: Clock) -> OutsideSystem:
    """Shut a system out at once (停用): its next call is refused and nothing more is sent to it.

    By the provincial centre or the system's own organisation, e.g. when a key was stolen.
    Raises Refusal PARTY, REASON, STATE.
    """
    if not queries.is_registrar(actor) and actor.organisation != str(system.organisation_id):
        raise Refusal("PARTY", "外部系统由省级交易中心或其所属单位停用。")
    if not reason.strip():
        raise Refusal("REASON", "停用须写明理由。", "reason")
    with moving(system, "revoke", actor=actor, clock=clock, reason=reason.strip()) as step:
        system.revoked_at = step.now
    return system


def set_notify_url(system: OutsideSystem, url: str, *, actor: Actor, clock: Clock) -> OutsideSystem:
    """Set where callbacks go, below the origin that was registered (设置回调地址). Raises Refusal URL."""
    if url:
        rules.check_url(url, system.notify_origin)
    with note("exchange.notify_url", system, actor=actor, clock=clock, is_on=bool(url)):
        system.notify_url = url
        system.save(update_fields=["notify_url"])
    return system


def _public_key(text: str) -> bytes:
    try:
        key = canonical.unb64(text.strip())
    except canonical.NotCanonical:
        key = b""
    if not signing.is_point(key):
        raise Refusal("KEY", "公钥应为 65 字节 SM2 公钥（04‖x‖y）的 base64url 文本。", "public_key")
    return key
