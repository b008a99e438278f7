"""The only writer of organisations and memberships."""

import uuid
from dataclasses import replace

from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import region as region_row
from gongheng.kernel.roles import Actor, Role
from gongheng.people.identity.actions import bind_certificate, register_person
from gongheng.people.identity.models import Person
from gongheng.people.parties import rules
from gongheng.people.parties.models import Control, Membership, Organisation
from gongheng.trust.certificates.actions import examine_certificate
from gongheng.trust.certificates.models import Certificate
from gongheng.trust.evidence.moving import moving, note, starting


def register_organisation(
    certificate: Certificate, *, roles: list[str], region: str, legal_representative: str, address: str,
    contact: str, phone: str, actor: Actor, clock: Clock,
) -> Organisation:
    """Register an organisation by its own certificate (主体登记); a centre verifies it afterwards.

    Code and names are those of the certificate, never typed. The person named by the certificate
    becomes its first member. Raises Refusal CERT-PARTY, USCC, PARTY-ROLE, PARTY-EXISTS, REGION.
    """
    uscc = rules.check_certificate(certificate.uscc, certificate.organisation_name)
    wanted = rules.check_roles(roles)
    region_row(region, "region")
    if Organisation.objects.filter(uscc=uscc).exists():
        raise Refusal("PARTY-EXISTS", "该单位已经登记，请由本单位已登记的人员在“单位信息”中添加您的证书。")
    organisation = Organisation(
        uscc=uscc, name=certificate.organisation_name, region=region, roles=wanted,
        legal_representative=legal_representative, address=address, contact=contact, phone=phone,
    )
    person_id = uuid.uuid4()
    who = _as_person(actor, person_id)
    with starting(organisation, actor=who, clock=clock, verb="register", uscc=uscc, roles=wanted) as step:
        organisation.registered_at = step.now
        organisation.save(force_insert=True)
        person = register_person(certificate.subject_name, phone, certificate, now=step.now, person_id=person_id)
        _join(person, organisation, wanted, step.now)
        step.facts["certificate"] = certificate.kid
    return organisation


def _as_person(actor: Actor, person_id: uuid.UUID) -> Actor:
    """Return the applicant's actor under the id that he gets by this very act."""
    act = replace(actor.act, signer=str(person_id)) if actor.act is not None else None
    return replace(actor, id=str(person_id), act=act)


def accept_organisation(organisation: Organisation, *, actor: Actor, clock: Clock) -> None:
    """Pass the verification of a registration (核验通过)."""
    rules.check_competence(_region_of(actor), organisation.region)
    with moving(organisation, "accept", actor=actor, clock=clock):
        pass


def return_organisation(organisation: Organisation, *, reason: str, actor: Actor, clock: Clock) -> None:
    """Send a registration back with a reason (退回补正)."""
    rules.check_competence(_region_of(actor), organisation.region)
    if not reason.strip():
        raise Refusal("REASON", "退回补正须写明理由和需要补正的内容。", "reason")
    with moving(organisation, "return", actor=actor, clock=clock, reason=reason.strip()):
        pass


def resubmit_organisation(
    organisation: Organisation, *, roles: list[str], region: str, legal_representative: str, address: str,
    contact: str, phone: str, actor: Actor, clock: Clock,
) -> None:
    """Hand in a returned registration again with what was to be corrected (重新提交)."""
    wanted = rules.check_roles(roles)
    region_row(region, "region")
    with moving(organisation, "resubmit", actor=actor, clock=clock, roles=wanted) as step:
        organisation.roles, organisation.region = wanted, region
        organisation.legal_representative, organisation.address = legal_representative, address
        organisation.contact, organisation.phone = contact, phone
        for membership in organisation.memberships.filter(ended_at=None).exclude(role__in=wanted):
            membership.ended_at = step.now
            membership.save(update_fields=["ended_at"])
        for person in Person.objects.filter(memberships__organisation=organisation).distinct():
            _join(person, organisation, wanted, step.now)


def suspend_organisation(organisation: Organisation, *, reason: str, actor: Actor, clock: Clock) -> None:
    """Suspend an organisation (暂停资格): its people lose every capacity with their next request."""
    if not reason.strip():
        raise Refusal("REASON", "暂停资格须写明事实和依据。", "reason")
    with moving(organisation, "suspend", actor=actor, clock=clock, reason=reason.strip()):
        pass


def resume_organisation(organisation: Organisation, *, actor: Actor, clock: Clock) -> None:
    """End a suspension (恢复资格)."""
    with moving(organisation, "resume", actor=actor, clock=clock):
        pass


def add_member(organisation: Organisation, der: bytes, *, phone: str, actor: Actor, clock: Clock) -> Person:
    """Add a colleague by his organisation certificate; a member's further certificate is a renewal (换证).

    Raises Refusal CERT-… and "CERT-PARTY" when the certificate is another organisation's.
    """
    certificate = examine_certificate(der, usage="sign", now=clock.now())
    if certificate.uscc != organisation.uscc:
        raise Refusal("CERT-PARTY", "该证书不是本单位的证书（统一社会信用代码不一致），不能添加。", "certificate")
    with note(
        "parties.add_member", organisation, actor=actor, clock=clock, certificate=certificate.kid
    ) as step:
        known = [
            one for one in Person.objects.filter(memberships__organisation=organisation).distinct()
            if one.name == certificate.subject_name
        ]
        if known:
            person = known[0]
            bind_certificate(person, certificate, now=step.now)
        else:
            person = register_person(certificate.subject_name, phone, certificate, now=step.now)
        _join(person, organisation, organisation.roles, step.now)
        step.facts["person"] = str(person.pk)
    return person


def declare_control(
    organisation: Organisation, *, other_uscc: str, other_name: str, is_upper: bool, kind: str, actor: Actor,
    clock: Clock,
) -> Control:
    """Declare that another organisation holds or manages this one, or the reverse (登记控股、管理关系).

    Experts tied to a group are kept out of its members' evaluations. ``is_upper``: the other is the upper one.
    Raises Refusal PARTY, USCC, CONTROL, TWICE.
    """
    _must_speak_for(organisation, actor)
    other = rules.check_control(organisation.uscc, other_uscc)
    if kind not in Control.Kind.values or not other_name.strip():
        raise Refusal("CONTROL", "请填写对方单位名称并选择关系种类。", "other_name")
    sides = [(organisation.uscc, organisation.name), (other, other_name.strip())]
    (upper, upper_name), (lower, lower_name) = reversed(sides) if is_upper else sides
    with note(
        "parties.control", organisation, actor=actor, clock=clock, upper=upper, lower=lower,
        kind=Control.Kind(kind).label,
    ) as step:
        if Control.objects.filter(upper_uscc=upper, lower_uscc=lower, kind=kind, ended_at=None).exists():
            raise Refusal("TWICE", "这项关系已经登记。", "other_uscc")
        return Control.objects.create(
            upper_uscc=upper, upper_name=upper_name, lower_uscc=lower, lower_name=lower_name, kind=kind,
            declared_by=organisation, declared_at=step.now,
        )


def end_control(control: Control, *, actor: Actor, clock: Clock) -> None:
    """Note that a relation has ended (终止控股、管理关系). Raises Refusal PARTY, STATE."""
    _must_speak_for(control.declared_by, actor)
    with note(
        "parties.end_control", control.declared_by, actor=actor, clock=clock, upper=control.upper_uscc,
        lower=control.lower_uscc, kind=control.get_kind_display(),
    ) as step:
        if not Control.objects.filter(pk=control.pk, ended_at=None).update(ended_at=step.now):
            raise Refusal("STATE", "这项关系已经终止。")


def _must_speak_for(organisation: Organisation, actor: Actor) -> None:
    if actor.role != Role.SUPERVISOR and actor.organisation != str(organisation.pk):
        raise Refusal("PARTY", "控股、管理关系由本单位或者行政监督部门登记。")


def end_membership(membership: Membership, *, actor: Actor, clock: Clock) -> None:
    """Take a colleague's capacity back (停用成员); nobody can lock himself out by it."""
    if str(membership.person_id) == actor.id:
        raise Refusal("PARTY-SELF", "不能停用您本人的身份，请由本单位其他成员办理。")
    with note(
        "parties.end_membership", membership.organisation, actor=actor, clock=clock,
        person=str(membership.person_id), role=membership.role,
    ) as step:
        row = Membership.objects.select_for_update().get(pk=membership.pk)
        if row.ended_at is not None:
            raise Refusal("STATE", "该成员身份已经停用。")
        row.ended_at = step.now
        row.save(update_fields=["ended_at"])


def _join(person: Person, organisation: Organisation, roles: list[str], now) -> None:
    for role in roles:
        Membership.objects.get_or_create(
            person=person, organisation=organisation, role=role, ended_at=None, defaults={"since": now}
        )


def _region_of(actor: Actor) -> str:
    return Organisation.objects.values_list("region", flat=True).get(pk=actor.organisation)
