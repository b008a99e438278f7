"""Ordering, approving and ending a draw (抽取申请、同意、中止、作废)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from gongheng.crypto import canonical, drawing, labels
from gongheng.kernel.calendar import day_of
from gongheng.kernel.clock import Clock
from gongheng.kernel.numbers import check_uscc
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.people.experts.models import Specialty
from gongheng.people.parties.models import Organisation
from gongheng.people.parties.queries import by_uscc
from gongheng.trading.coordination.models import Offer, VenueOrder
from gongheng.trading.coordination.queries import confirmed_order, pending_order
from gongheng.trading.draws import avoidance, pseudonyms, queries, rules, snapshot, travel
from gongheng.trading.draws.lifecycle import outside_window
from gongheng.trading.draws.models import Draw, NamedPerson
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import is_host, is_supervisor
from gongheng.trust.evidence.moving import moving, starting

#: An explanation of less says nothing.
_FEWEST_LETTERS = 4


@dataclass(frozen=True)
class Named:
    """A person whom the host asks to keep out, by employer and name, and why (回避专家)."""

    uscc: str
    name: str
    reason: str  # a key of rules.NAMING_REASONS
    explanation: str


@dataclass(frozen=True)
class Quota:
    """So many seats of a specialty at the venue of an offer (专业席位)."""

    offer: Offer
    specialty: str
    seats: int


def order_draw(
    lot: Lot, *, quotas: list[Quota], avoid: list[tuple[str, str]], reason: str, actor: Actor, clock: Clock,
    kind: str = Draw.Kind.APPOINTMENT, named: Iterable[Named] = (),
) -> Draw:
    """Order a draw (抽取申请) for all venues of the confirmed order at once; its digest is logged.

    ``avoid`` holds (USCC, reason code 1–5); tenderer, agency, supervisor and their groups are always
    avoided. Whether one of the ``named`` is an expert at all is told to nobody. A further attempt and an
    urgent draw need a ``reason``. Raises Refusal PARTY, VENUES, CHANGE, QUOTA, SPECIALTY, USCC, AVOID,
    NAMED, I6, LIVE, REASON, WINDOW.
    """
    if not is_host(lot, actor):
        raise Refusal("PARTY", "您所在的单位不是该标段的招标人或招标代理机构，不能办理。")
    venues = confirmed_order(lot)
    if venues is None:
        raise Refusal("VENUES", "评标场地尚未由全部会场确认，确认后方可申请抽取专家。")
    avoided, persons = _avoided(lot, avoid), _checked(named)
    with transaction.atomic():
        draw = Draw(lot=lot, venue_order=venues, kind=Draw.Kind(kind))
        with starting(draw, actor=actor, clock=clock, verb="order") as step:
            if pending_order(lot) is not None or confirmed_order(lot) != venues:
                raise Refusal("CHANGE", "评标场地的变更或者取消正在办理，请待其办结或撤回后再申请抽取专家。")
            before = lot.draws.order_by("-attempt").first()
            if before is not None and before.state not in queries.OVER:
                raise Refusal("LIVE", "该标段已有进行中的抽取，须先中止或由监督部门作废。")
            if before is not None and not reason.strip():
                raise Refusal("REASON", "再次抽取须说明理由，并由监督部门签名同意。", "reason")
            if kind == Draw.Kind.URGENT:
                if not reason.strip():
                    raise Refusal("REASON", "紧急抽取须说明不能预约抽取的原因，由监督部门同意。", "reason")
                if refusal := outside_window(draw, step.now):
                    raise refusal
            strata = _strata(venues, quotas, rules.travel_time(kind, venues.starts_at, step.now))
            draw.attempt = before.attempt + 1 if before else 1
            draw.order = _order(draw, strata, avoided, persons, reason.strip(), actor)
            draw.order_digest = drawing.order_digest(draw.order)
            draw.ordered_at = step.now
            # Refuse already here what the pool cannot give; the approval checks again on the fixed pool.
            counts = avoidance.counted(draw, day_of(step.now))
            rules.check_guess_bound([(count, one["seats"]) for count, one in zip(counts, strata, strict=True)])
            step.facts |= {"attempt": draw.attempt, "order": draw.order_digest}
        for one in persons:
            NamedPerson.objects.create(
                draw=draw, uscc=one.uscc, name=one.name, reason=one.reason, explanation=one.explanation
            )
    return draw


def approve_draw(draw: Draw, *, actor: Actor, clock: Clock, reason: str = "") -> Draw:
    """Agree to a draw (同意抽取) and fix the pool: from here on only the parties' numbers are open.

    Bidders are avoided without anybody seeing them once they are known; before the opening nobody
    knows them, and the seating finds the relations later. An urgent draw needs the supervisor's
    ``reason``. Raises Refusal PARTY, WINDOW, REASON, I6.
    """
    if not is_supervisor(draw.lot, actor):
        raise Refusal("PARTY", "该标段不归您所在的监督部门监督，不能办理。")
    if draw.kind == Draw.Kind.URGENT:
        _must_say(reason)
    with moving(draw, "approve", actor=actor, clock=clock) as step:
        snapshot.fix(draw, day_of(step.now))
        draw.consent = reason.strip()
        draw.key_digest = canonical.b64(labels.digest(labels.DRAW_PSEUDONYM, pseudonyms.key_of(draw)))
        draw.rules_digest = snapshot.rules_digest()
        step.facts |= {
            "attempt": draw.attempt, "order": draw.order_digest, "pool_root": draw.pool_root,
            "pool_count": draw.pool_count, "avoided": snapshot.avoided_digest(draw.avoided), "key": draw.key_digest,
            "rules": draw.rules_digest,
            "eligible": {name: digest for name, (_, digest) in draw.eligible.items()},
        }
    return draw


def abort_draw(draw: Draw, *, reason: str, actor: Actor, clock: Clock) -> Draw:
    """Abort an attempt (中止) before anybody can know its result; it stays on record and is counted."""
    party_of(draw, actor)
    _must_say(reason)
    with moving(draw, "abort", actor=actor, clock=clock, attempt=draw.attempt, reason=reason.strip()):
        draw.ended_because = reason.strip()
    return draw


def void_draw(draw: Draw, *, reason: str, actor: Actor, clock: Clock) -> Draw:
    """Void an attempt (作废) whose result may be known; only the lot's supervisor, with a reason."""
    if not is_supervisor(draw.lot, actor):
        raise Refusal("PARTY", "该标段不归您所在的监督部门监督，不能办理。")
    _must_say(reason)
    with moving(draw, "void", actor=actor, clock=clock, attempt=draw.attempt, reason=reason.strip()):
        draw.ended_because = reason.strip()
    return draw


def party_of(draw: Draw, actor: Actor) -> dict:
    """Return the party of the draw for which the actor stands; Refusal PARTY when there is none."""
    party = queries.party_of(draw, actor)
    if party is None:
        raise Refusal("PARTY", "您所在的单位不是本次抽取的参与方。")
    return party


def _strata(venues: VenueOrder, quotas: list[Quota], longest_way: timedelta) -> list[dict]:
    offers = list(venues.offers.select_related("centre").order_by("-is_main", "centre__region"))
    sub_cities = sorted(offer.centre.region for offer in offers if not offer.is_main)
    for offer in offers:
        asked = sum(quota.seats for quota in quotas if quota.offer == offer)
        if asked != offer.seats_wanted:
            raise Refusal(
                "QUOTA",
                f"{offer.centre.short_name}已确认{offer.seats_wanted}个席位，各专业合计应与之相等，现为{asked}个。",
                "quotas",
            )
    known = dict(Specialty.objects.filter(code__in={quota.specialty for quota in quotas}).values_list("code", "name"))
    if len({(quota.offer.pk, quota.specialty) for quota in quotas}) != len(quotas):
        raise Refusal("QUOTA", "同一会场的同一专业只能填写一行。", "quotas")
    strata = []
    for quota in quotas:
        if quota.specialty not in known or quota.seats < 1:
            raise Refusal(
                "SPECIALTY", "专业代码不在《评标专家专业分类标准》中，或席位数不是正数，请重新选择。", "quotas"
            )
        centre = quota.offer.centre
        strata.append({
            "name": f"{centre.region}/{quota.specialty}", "venue": str(centre.pk), "venue_name": centre.short_name,
            "specialty": quota.specialty, "specialty_name": known[quota.specialty], "seats": quota.seats,
            "lives_in": [] if quota.offer.is_main else [centre.region],
            "not_in": sub_cities if quota.offer.is_main else [],
            "within": travel.cities_within(centre.region, longest_way),
        })
    return strata


def _avoided(lot: Lot, avoid: list[tuple[str, str]]) -> list[dict]:
    tender = lot.tender_project
    always = [(tender.tenderer, "4"), (tender.supervisor, "3")] + ([(tender.agency, "4")] if tender.agency else [])
    rows = {one.uscc: {"uscc": one.uscc, "name": one.name, "reason": code} for one, code in always}
    for text, code in avoid:
        uscc = check_uscc(text, "avoid")
        if code not in rules.AVOIDANCE_REASONS:
            raise Refusal("AVOID", f"回避原因代码应为1至5，“{code}”不正确。", "avoid")
        known = by_uscc(uscc)
        rows.setdefault(uscc, {"uscc": uscc, "name": known.name if known else "", "reason": code})
    return [rows[uscc] for uscc in sorted(rows)]


def _checked(named: Iterable[Named]) -> list[Named]:
    persons = list(named)
    if len(persons) > rules.MOST_NAMED:
        raise Refusal("NAMED", f"提出回避的专家不能超过{rules.MOST_NAMED}人，不得以回避变相指定专家。", "named")
    for one in persons:
        check_uscc(one.uscc, "named")
        if one.reason not in rules.NAMING_REASONS or not one.name or len(one.explanation) < _FEWEST_LETTERS:
            raise Refusal(
                "NAMED", "每位回避专家须写明工作单位代码、姓名、原因代码（1至4）和不少于四个字的说明。", "named"
            )
    if len({(one.uscc, one.name) for one in persons}) != len(persons):
        raise Refusal("NAMED", "同一位回避专家只能填写一行。", "named")
    return persons


def _order(
    draw: Draw, strata: list[dict], avoided: list[dict], persons: list[Named], reason: str, actor: Actor
) -> dict:
    venues, tender, key = draw.venue_order, draw.lot.tender_project, pseudonyms.key_of(draw)
    main = venues.offers.select_related("centre__organisation").get(is_main=True).centre.organisation
    host = tender.agency if tender.agency and actor.role == Role.AGENCY else tender.tenderer
    members = ((Role.CENTRE, main), (Role.SUPERVISOR, tender.supervisor), (actor.role, host))
    return {
        "v": 2, "draw": str(draw.pk), "kind": str(draw.kind), "lot": str(draw.lot_id), "lot_code": draw.lot.code,
        "venue_order": venues.number,
        "starts_at": canonical.timestamp(venues.starts_at), "ends_at": canonical.timestamp(venues.ends_at),
        "parties": [_party(index, role, one) for index, (role, one) in enumerate(members, 1)],
        "strata": strata, "avoid": avoided, "reason": reason,
        "avoid_persons": sorted(
            ({"person": pseudonyms.person_token(key, one.uscc, one.name), "reason": one.reason} for one in persons),
            key=lambda one: one["person"],
        ),
    }


def _party(index: int, role: Role, organisation: Organisation) -> dict:
    return {"index": index, "role": str(role), "organisation": str(organisation.pk), "name": organisation.name}


def _must_say(reason: str) -> None:
    if not reason.strip():
        raise Refusal("REASON", "须说明理由。", "reason")
