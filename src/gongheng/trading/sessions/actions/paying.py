"""Fees of the experts (专家劳务费): computed by rule, confirmed by both venues, paid through the bank."""

import hmac
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from gongheng.crypto.canonical import b64
from gongheng.kernel.calendar import day_of
from gongheng.kernel.clock import Clock
from gongheng.kernel.money import to_fen
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.places.venues.models import Centre
from gongheng.places.venues.queries import centre_in, fee_rule
from gongheng.trading.evaluation.models import Member
from gongheng.trading.evaluation.queries import is_main_venue
from gongheng.trading.sessions import bank, rules
from gongheng.trading.sessions.lifecycle import FeeState
from gongheng.trading.sessions.models import Fee, Session
from gongheng.trust.evidence.moving import moving, starting


def compute_fees(session: Session, *, actor: Actor, clock: Clock) -> list[Fee]:
    """Compute each member's fee from check-in to signature (计费), inside the end of the session.

    A member is paid under the terms of his own pool's centre or of the venue, whichever pay more (就高不就低). A
    venue without published terms gives none: what cannot be computed is not invented.
    """
    main = session.order.offers.get(is_main=True).centre_id
    fees = []
    members = session.evaluation.members.select_related("expert", "centre", "report_signature").order_by("number")
    for member in members:
        found = _terms(member, session)
        if not found:
            continue
        hours = rules.half_hours(member.checked_in_at, _until(member, session))
        best, sheet = rules.higher_fee([terms for _, terms in found], hours, member.centre_id != main)
        fee = Fee(
            session=session, expert=member.expert, label=member.label, centre=member.centre, terms_of=found[best][0],
            since=member.checked_in_at, until=_until(member, session), hours=hours, base=sheet.base,
            overtime=sheet.overtime, remote=sheet.remote, total=sheet.total,
        )
        with starting(fee, actor=actor, clock=clock, verb="compute", pid=member.pid):
            pass
        fees.append(fee)
    return fees


def attest_fee(fee: Fee, *, actor: Actor, clock: Clock) -> Fee:
    """Attest attendance and hours (会场确认) as the venue where the expert sat."""
    if actor.organisation != str(fee.centre.organisation_id):
        raise Refusal("VENUE", "该评委不在本会场，应由其所在会场确认评审时间。")
    with moving(fee, "attest", actor=actor, clock=clock):
        pass
    return fee


def confirm_fee(fee: Fee, *, actor: Actor, clock: Clock) -> Fee:
    """Confirm the fee as the main venue (主场确认), which pays."""
    _must_pay(fee, actor)
    with moving(fee, "confirm", actor=actor, clock=clock):
        pass
    return fee


@dataclass(frozen=True)
class Outcome:
    """What became of a batch: so many paid, failed, and without an answer yet."""

    paid: int
    failed: int
    unanswered: int


def pay_fees(session: Session, *, actor: Actor, clock: Clock) -> Outcome:
    """Hand in all confirmed, failed and unanswered fees of a session (提交银行).

    The bank is asked between two transactions: no lock waits for it, and a payment whose answer was lost is
    handed in again under its own id, which the bank never pays twice. Raises Refusal BANK, FEES, MAIN-VENUE.
    """
    bank.check_connected()
    with transaction.atomic():
        fees = list(session.fees.filter(state__in=[FeeState.CONFIRMED, FeeState.FAILED, FeeState.SENT]))
        if not fees:
            raise Refusal("FEES", "没有待支付的劳务费。")
        for fee in fees:
            _must_pay(fee, actor)
            if fee.state != FeeState.SENT:
                with moving(fee, "send", actor=actor, clock=clock):
                    fee.problem = ""
    try:
        answers = bank.pay([bank.Payment(str(fee.pk), payee_of(fee), to_fen(fee.total)) for fee in fees])
    except bank.Unanswered:
        return Outcome(0, 0, len(fees))
    by_id = {str(fee.pk): fee for fee in fees}
    for answer in answers:
        fee = by_id[answer.id]
        if answer.is_paid:
            with moving(fee, "pay", actor=actor, clock=clock) as step:
                fee.receipt, fee.paid_at = answer.receipt[:40], step.now
        else:
            with moving(fee, "fail", actor=actor, clock=clock):
                fee.problem = answer.problem[:200]
    paid = sum(answer.is_paid for answer in answers)
    return Outcome(paid, len(answers) - paid, 0)


def payee_of(fee: Fee) -> str:
    """Return by what the bank knows the payee: never a name, never the id that the pool knows."""
    return b64(hmac.digest(settings.KEYRING.secret("payee"), fee.expert_id.bytes, "sm3"))


def _until(member: Member, session: Session):
    signature = getattr(member, "report_signature", None)
    return signature.signed_at if signature else session.evaluation.finished_at


def _terms(member: Member, session: Session) -> list[tuple[Centre, rules.FeeTerms]]:
    day = day_of(session.order.starts_at)
    centres = {centre.pk: centre for centre in (member.centre, centre_in(member.expert.region)) if centre is not None}
    found = []
    for centre in centres.values():
        rule = fee_rule(centre, day)
        if rule is not None:
            found.append((centre, rules.FeeTerms(
                rule.per_hour, rule.remote_allowance, rule.overtime_per_hour, rule.overtime_after
            )))
    return found


def _must_pay(fee: Fee, actor: Actor) -> None:
    if not is_main_venue(fee.session.lot, actor):
        raise Refusal("MAIN-VENUE", "劳务费由主场交易中心确认和支付。")
