"""The only writer of contracts and supervision reports."""

from decimal import Decimal

from django.db import transaction

from gongheng.kernel import procedures
from gongheng.kernel.clock import Clock
from gongheng.kernel.money import formatted
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.trading.award.models import Award
from gongheng.trading.contracts import printing
from gongheng.trading.contracts.models import Contract, SupervisionReport
from gongheng.trading.contracts.queries import contract_due, report_due
from gongheng.trading.projects import actions as projects
from gongheng.trading.projects.lifecycle import State as LotState
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import is_host, rulebook_of
from gongheng.trust.documents.actions import issue_document
from gongheng.trust.evidence.moving import moving, note, starting


def draft_contract(
    lot: Lot, *, price: Decimal, duration_days: int, quality: str, manager: str, performance_bond: Decimal,
    actor: Actor, clock: Clock,
) -> Contract:
    """Draft the contract (拟定合同); terms that differ from the bid in substance are refused (法46, 条例57)."""
    _must_host(lot, actor)
    book = rulebook_of(lot)
    contract = Contract(
        lot=lot, number=f"HT-{lot.code}", price=price, duration_days=duration_days, quality=quality, manager=manager,
        performance_bond=performance_bond,
    )
    with starting(contract, actor=actor, clock=clock, verb="draft", number=contract.number) as step:
        # The lot is locked here: what is read before could have changed.
        award = Award.objects.select_related("candidate__bid").filter(lot=lot).first()
        if lot.state != LotState.NOTIFIED or award is None:
            raise Refusal("STATE", "发出中标通知书后方可拟定合同。")
        if Contract.objects.filter(lot=lot).exists():
            raise Refusal("STATE", "该标段的合同已经拟定。")
        _must_match(contract, award.candidate.bid)
        procedures.check_performance_bond(book, performance_bond, price)
        contract.award = award
        contract.document = issue_document(
            "contract_draft", f"{lot.name}合同（待签署）", "contract", printing.contract(contract, step.now),
            lot=lot.pk, is_public=False, now=step.now,
        )
        step.facts["document"] = contract.document.digest
    return contract


def sign_contract(contract: Contract, *, document: str, actor: Actor, clock: Clock) -> Contract:
    """Sign the contract (签订合同): first the tenderer, then the winner; with both the lot is contracted (T11).

    ``document`` is the digest of the text that the signer saw, so that the signed act names it.
    """
    move = "sign_tenderer" if actor.role == Role.TENDERER else "sign_winner"
    lot = contract.lot
    party = lot.tender_project.tenderer_id if move == "sign_tenderer" else contract.award.candidate.bid.organisation_id
    if actor.organisation != str(party):
        raise Refusal("PARTY", "只有招标人和中标人可以签订合同。")
    if document != contract.document.digest:
        raise Refusal("DOCUMENT", "签署的合同文本与平台保存的文本不一致，请刷新页面，核对合同文本后重新签署。")
    serial = actor.act.certificate.serial if actor.act else ""
    with transaction.atomic():
        with moving(contract, move, actor=actor, clock=clock, text=document) as step:
            step.facts["in_time"] = step.now <= contract_due(lot, step.now)
            if move == "sign_tenderer":
                contract.tenderer_signed_at, contract.tenderer_signer = step.now, actor.name
                contract.tenderer_serial = serial
            else:
                contract.winner_signed_at, contract.winner_signer = step.now, actor.name
                contract.winner_serial = serial
                contract.signed_document = issue_document(
                    "contract", f"{lot.name}合同", "contract", printing.contract(contract, step.now), lot=lot.pk,
                    is_public=False, now=step.now,
                )
                step.facts["document"] = contract.signed_document.digest
        if move == "sign_winner":
            projects.advance_lot(lot, "contract", actor=actor, clock=clock)
    return contract


def submit_report(lot: Lot, *, summary: str, actor: Actor, clock: Clock) -> SupervisionReport:
    """Hand the written report to the supervisor (书面报告), within 15 days of the decision (T13)."""
    _must_host(lot, actor)
    award = Award.objects.select_related("candidate__bid").filter(lot=lot).first()
    if award is None:
        raise Refusal("STATE", "确定中标人后方可提交书面报告。")
    report = SupervisionReport(lot=lot, summary=summary.strip())
    with note("supervision_report.submit", lot, lot=lot, actor=actor, clock=clock) as step:
        if SupervisionReport.objects.filter(lot=lot).exists():
            raise Refusal("STATE", "该标段的书面报告已经提交。")
        report.submitted_at, report.due_at = step.now, report_due(lot, step.now)
        report.document = issue_document(
            "supervision_report", f"{lot.name}招标投标情况书面报告", "statement",
            printing.supervision_report(award, report.summary, step.now), lot=lot.pk, is_public=False, now=step.now,
        )
        report.save(force_insert=True)
        step.facts |= {"in_time": step.now <= report.due_at, "document": report.document.digest}
    return report


def _must_host(lot: Lot, actor: Actor) -> None:
    if not is_host(lot, actor):
        raise Refusal("PARTY", "您所在的单位不是该标段的招标人或招标代理机构，不能办理。")


def _must_match(contract: Contract, bid) -> None:
    for field, title, theirs, shown in (
        ("price", "合同价", bid.total, f"{formatted(bid.total)} 元"),
        ("duration_days", "工期", bid.duration_days, f"{bid.duration_days} 日历天"),
        ("quality", "质量标准", bid.quality, bid.quality),
        ("manager", "项目经理", bid.manager, bid.manager),
    ):
        if getattr(contract, field) != theirs:
            raise Refusal("法46", f"{title}应与中标人的投标文件一致（{shown}），不得背离合同实质性内容。", field)
