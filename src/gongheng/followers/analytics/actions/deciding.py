"""What a department makes of a tender that stood out (线索办理): study it, close it, transfer it, hear of it."""

from collections.abc import Iterable

from gongheng.followers.analytics import printing, rules
from gongheng.followers.analytics.lifecycle import LeadState, Outcome
from gongheng.followers.analytics.models import Lead, TenderRecord
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.trust.documents.actions import issue_document
from gongheng.trust.evidence.moving import moving, note, starting


def study_tender(tender: TenderRecord, *, actor: Actor, clock: Clock) -> Lead:
    """Begin to study a tender (开始研判); its newest screening is what the lead begins with."""
    if tender.screening is None:
        raise Refusal("SCREENING", "该项目尚未筛查，不能开始研判。")
    lead = Lead(
        tender=tender, screening=tender.screening, organisation_id=actor.organisation, opened_by=actor.id
    )
    with starting(lead, actor=actor, clock=clock, verb="study") as step:
        # Two of the department may press the button at once: the row lock of the tender puts them in order.
        TenderRecord.objects.select_for_update().get(pk=tender.pk)
        if Lead.objects.filter(tender=tender).exists():
            raise Refusal("STATE", "该项目已经开始研判。")
        lead.opened_at, lead.due_at = step.now, rules.due("decide", step.now)
    return lead


def tick_explanations(lead: Lead, ticks: Iterable[str], *, actor: Actor, clock: Clock) -> None:
    """Note which innocent explanations were looked into and do not explain it (无辜解释核查): "P7-0" …"""
    wanted, known = set(ticks), set(explanations(lead))
    if not wanted <= known:
        raise Refusal("TICKS", "提交的核查项与筛查结果不符，请刷新页面。")
    with note("lead.check", lead, actor=actor, clock=clock, checked=len(wanted)) as step:
        fresh = Lead.objects.select_for_update().get(pk=lead.pk)
        if fresh.state != LeadState.STUDYING:
            raise Refusal("STATE", "只有研判中的线索可以登记核查情况。")
        stamp = [actor.name, step.now.isoformat()]
        lead.ticks = {key: fresh.ticks.get(key, stamp) for key in sorted(wanted)}
        Lead.objects.filter(pk=lead.pk).update(ticks=lead.ticks)


def explanations(lead: Lead) -> list[str]:
    """Return the keys of all innocent explanations of the lead's newest screening."""
    said = lead.tender.screening.result
    codes = sorted({one["indicator"] for part in said["index"]["families"] for one in part["findings"]})
    return [f"{code}-{place}" for code in codes for place, _ in enumerate(said["indicators"][code]["innocent"])]


def dismiss_lead(lead: Lead, *, reason: str, actor: Actor, clock: Clock) -> Lead:
    """Dismiss a lead (排除): an innocent explanation holds; the reason is a label."""
    _must_own(lead, actor)
    reason = rules.check_reason(reason)
    with moving(lead, "dismiss", actor=actor, clock=clock) as step:
        _decide(lead, reason, actor, step.now)
        lead.due_at, lead.closed_at = None, step.now
    return lead


def shelve_lead(lead: Lead, *, reason: str, actor: Actor, clock: Clock) -> Lead:
    """Shelve a lead for want of evidence (证据不足，存查); it says nothing either way, so it is no label."""
    _must_own(lead, actor)
    reason = rules.check_reason(reason)
    with moving(lead, "shelve", actor=actor, clock=clock) as step:
        _decide(lead, reason, actor, step.now)
        lead.due_at, lead.closed_at = None, step.now
    return lead


def reopen_lead(lead: Lead, *, reason: str, actor: Actor, clock: Clock) -> Lead:
    """Study a closed lead again (重新研判), e.g. because a later tender shows more."""
    _must_own(lead, actor)
    reason = rules.check_reason(reason)
    with moving(lead, "reopen", actor=actor, clock=clock) as step:
        _decide(lead, reason, actor, step.now)
        lead.due_at, lead.closed_at = rules.due("decide", step.now), None
    return lead


def transfer_lead(lead: Lead, *, authority: str, reason: str, actor: Actor, clock: Clock) -> Lead:
    """Transfer a lead to the authority that investigates (移送), with the letter and what it rests on."""
    _must_own(lead, actor)
    reason, authority = rules.check_reason(reason), authority.strip()
    if not authority:
        raise Refusal("AUTHORITY", "请写明移送到哪个机关。", "authority")
    with moving(lead, "transfer", actor=actor, clock=clock) as step:
        _decide(lead, reason, actor, step.now)
        lead.authority, lead.transferred_at, lead.due_at = authority, step.now, rules.due("accept", step.now)
        lead.letter = issue_document(
            "transfer_letter", f"线索移送函（{lead.tender.code}）", "statement",
            printing.transfer_letter(lead, actor, step.now), lot=None, is_public=False, now=step.now,
        )
        step.facts["document"] = lead.letter.digest
    return lead


def accept_lead(lead: Lead, *, case_number: str, actor: Actor, clock: Clock) -> Lead:
    """Note that the authority took the case (登记受理)."""
    _must_own(lead, actor)
    case_number = case_number.strip()
    if not case_number:
        raise Refusal("CASE", "请填写受理机关的文号或案号。", "case_number")
    with moving(lead, "accept", actor=actor, clock=clock) as step:
        lead.case_number, lead.accepted_at = case_number, step.now
        lead.due_at = rules.due("feed_back", step.now)
    return lead


def feed_back_lead(lead: Lead, *, outcome: str, reason: str, penalty: str, actor: Actor, clock: Clock) -> Lead:
    """Note what the authority found (登记反馈); the outcome becomes a label for calibration."""
    _must_own(lead, actor)
    reason = rules.check_reason(reason)
    if outcome not in Outcome.values:
        raise Refusal("OUTCOME", "请选择查处结果。", "outcome")
    with moving(lead, "feed_back", actor=actor, clock=clock, outcome=outcome) as step:
        _decide(lead, reason, actor, step.now)
        lead.outcome, lead.penalty = outcome, penalty.strip()
        lead.due_at, lead.closed_at = None, step.now
    return lead


def _must_own(lead: Lead, actor: Actor) -> None:
    if actor.organisation != str(lead.organisation_id):
        raise Refusal("PARTY", "该线索由其他监督部门办理。")


def _decide(lead: Lead, reason: str, actor: Actor, now) -> None:
    lead.reason, lead.decided_by, lead.decided_at = reason, actor.id, now
