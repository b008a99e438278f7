"""The data of the evaluation report (评标报告), ready to print; members appear by number, names stay secret (法38)."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings

from gongheng.crypto import canonical
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.money import formatted
from gongheng.trading.bids.models import Bid
from gongheng.trading.evaluation import rules
from gongheng.trading.evaluation.method import EvaluationMethod, Item
from gongheng.trading.evaluation.models import Alias, CompetitionVote, Conclusion, Evaluation, Member, ReportSignature
from gongheng.trading.evaluation.pricing import PriceTable
from gongheng.trading.evaluation.queries import (
    bids_under_review,
    confirmed_order,
    deviations,
    method_of,
    passed_bids,
)
from gongheng.trust.documents.shapes.base import Candidate, Rejection, Signed
from gongheng.trust.documents.shapes.evaluating import (
    Dissent,
    EvaluationReport,
    Incident,
    Matrix,
    PersonalSheet,
    PriceRow,
    TechnicalRow,
    TotalRow,
)
from gongheng.trust.documents.shapes.evaluating import Member as PrintedMember

RANKS = ("第一名", "第二名", "第三名")
DECIDED_BY = {
    rules.DecidedBy.PRICE: "总分相同，报价低者优先", rules.DecidedBy.TECHNICAL: "总分、报价相同，技术分高者优先",
    rules.DecidedBy.LOTS: "总分、报价、技术分均相同，按截标时已固定的随机种子抽签确定",
}


def report(evaluation: Evaluation, when: datetime) -> EvaluationReport:
    """Return the whole report of an evaluation whose result is fixed."""
    lot, method = evaluation.lot, method_of(evaluation.lot)
    tender = lot.tender_project
    members = list(evaluation.members.select_related("centre", "seat__room", "expert").order_by("number"))
    bids = list(bids_under_review(evaluation))
    order = confirmed_order(lot)
    venues = [
        f"{offer.centre}（{'主场' if offer.is_main else '副场'}）"
        for offer in order.offers.select_related("centre__organisation").order_by("-is_main", "centre__region")
    ]
    return {
        "issued_at": canonical.timestamp(when), "red_head": "", "document_number": "",
        "project_name": tender.name, "project_code": tender.code, "lot_name": lot.name, "lot_code": lot.code,
        "public_url": f"{settings.ORIGIN}/lots/{lot.pk}/",
        "tenderer": tender.tenderer.name, "opened_at": moment(lot.opening.started_at),
        "started_at": moment(evaluation.started_at), "ended_at": moment(evaluation.reported_at),
        "venues": "、".join(venues),
        "method": f"{method.title}（技术 {_short(method.technical_weight)} 分，报价 {_short(method.price_weight)} 分）",
        "committee": [_member(evaluation, member, main=order.offers.get(is_main=True).centre_id) for member in members],
        "preliminary": _preliminary(evaluation, method, bids),
        "preliminary_results": _preliminary_results(evaluation, method, bids),
        "questions": [],
        "technical_experts": [member.label for member in members],
        "technical_rule": _technical_rule(method, len(members)),
        "personal_sheets": [_sheet(evaluation, method, member) for member in members],
        **report_figures(evaluation),
        "incidents": _incidents(evaluation),
        "conclusion": conclusion(evaluation),
        "signatures": _signatures(evaluation),
        "dissents": _dissents(evaluation),
    }


def report_figures(evaluation: Evaluation) -> dict:
    """Return the tables of the report that pages show as well: scores, calculation, ranking, rejections."""
    return {
        "technical_rows": _technical(evaluation, list(evaluation.members.order_by("number"))),
        "price_steps": price_steps(evaluation), "price_rows": _price_rows(evaluation), "totals": _totals(evaluation),
        "candidates": candidates(evaluation), "rejections": rejections(evaluation),
    }


def moment(at: datetime | None) -> str:
    """Return a moment as reports print it, in Beijing time to the second."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if at else ""


def ground(method: EvaluationMethod, item: str) -> str:
    """Return the article under which failing an item rejects a bid (否决依据, 条例51)."""
    if item == Conclusion.CEILING:
        return "条例第五十一条第（五）项：报价高于最高投标限价"
    if item in {one.id for one in method.qualification}:
        return "条例第五十一条第（三）项：不符合资格条件"
    return "条例第五十一条第（六）项：未对实质性要求和条件作出响应"


def names_of(result: dict) -> dict[str, str]:
    """Return {uscc: bidder's name} of a stored result."""
    return {uscc: row["name"] for uscc, row in result["bids"].items()}


def price_table(evaluation: Evaluation) -> PriceTable:
    """Return the price table again from what the stored result was computed from."""
    result = evaluation.result
    prices = {uscc: Decimal(row["price"]) for uscc, row in result["bids"].items()}
    passed = frozenset(uscc for uscc, row in result["bids"].items() if row["passed"])
    return rules.score_prices(
        EvaluationMethod.from_json(result["method"]), prices, passed, Decimal(result["coefficient"])
    )


def price_steps(evaluation: Evaluation) -> list[dict]:
    """Return the calculation of the base price in words and figures, bidders by name."""
    names = names_of(evaluation.result)

    def named(text: str) -> str:
        for uscc, name in names.items():
            text = text.replace(uscc, name)
        return text

    return [
        {"label": step.title, "formula": named(step.formula), "value": step.result}
        for step in price_table(evaluation).steps()
    ]


def candidates(evaluation: Evaluation) -> list[Candidate]:
    """Return the recommended candidates, at most three (条例53)."""
    bids = {bid.uscc: bid for bid in bids_under_review(evaluation)}
    return [
        {
            "rank": RANKS[row["rank"] - 1], "bidder": bids[row["bidder"]].bidder_name,
            "price": formatted(Decimal(row["price"])), "duration": f"{bids[row['bidder']].duration_days} 日历天",
            "quality": bids[row["bidder"]].quality, "manager": bids[row["bidder"]].manager, "total": row["total"],
        }
        for row in evaluation.result["ranking"][:3]
    ]


def rejections(evaluation: Evaluation) -> list[Rejection]:
    """Return every rejected bid with the stage, the reason and the clause (否决投标情况)."""
    method = method_of(evaluation.lot)
    stages = {item.id: title for title, items in _stages(method) for item in items}
    clauses = {item.id: item.clause for item in method.items}
    titles = {item.id: item.title for item in method.items}
    rows = Conclusion.objects.filter(evaluation=evaluation, passes=False).select_related("bid")
    return [
        {
            "bidder": row.bid.bidder_name, "stage": stages.get(row.item, "响应性评审"),
            "reason": f"{titles[row.item]}：{row.reasons}" if row.item in titles else row.reasons,
            "clause": "；".join(filter(None, (clauses.get(row.item), ground(method, row.item)))),
        }
        for row in rows.order_by("bid__position", "pk")
    ]


def conclusion(evaluation: Evaluation) -> str:
    """Return the committee's conclusion in one paragraph, with the leader's words at its end."""
    recommended = "；".join(
        f"{row['rank']}：{row['bidder']}，投标报价 {row['price']} 元，总得分 {row['total']} 分"
        for row in candidates(evaluation)
    )
    return (
        f"评标委员会按照招标文件规定的评标标准和方法完成评审，推荐中标候选人依次为：{recommended}。{evaluation.opinion}"
    )


def _short(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


def _stages(method: EvaluationMethod) -> tuple[tuple[str, tuple[Item, ...]], ...]:
    return ("形式评审", method.form), ("资格评审", method.qualification), ("响应性评审", method.response)


def _member(evaluation: Evaluation, member: Member, *, main) -> PrintedMember:
    practice = member.expert.practices.filter(is_main=True).select_related("specialty").first()
    return {
        "seat": str(member.number), "name": member.label, "kind": "评标专家",
        "specialty": practice.specialty.name if practice else "",
        "venue": f"{member.centre.short_name}{'主场' if member.centre_id == main else '副场'}",
        "duty": "组长" if member.pk == evaluation.leader_id else "成员", "signed_in_at": moment(member.checked_in_at),
    }


def _preliminary(evaluation: Evaluation, method: EvaluationMethod, bids: list[Bid]) -> Matrix:
    found = {
        (row.bid_id, row.item): row for row in Conclusion.objects.filter(evaluation=evaluation)
    }

    def cell(bid: Bid, item: Item) -> str:
        row = found[bid.pk, item.id]
        mark = "√" if row.passes else "×"
        return f"{mark}（{row.against} 人认为不通过）" if row.passes and row.against else mark

    return {
        "corner": "评审因素", "columns": [bid.bidder_name for bid in bids],
        "rows": [{"label": item.title, "cells": [cell(bid, item) for bid in bids]} for item in method.items],
    }


def _preliminary_results(evaluation: Evaluation, method: EvaluationMethod, bids: list[Bid]) -> list[dict]:
    titles = {item.id: item.title for item in method.items} | {Conclusion.CEILING: "最高投标限价"}
    rows = list(Conclusion.objects.filter(evaluation=evaluation))
    results = []
    for bid in bids:
        own = [row for row in rows if row.bid_id == bid.pk]
        failed = [row for row in own if not row.passes]
        noted = failed or [row for row in own if row.against]
        text = "；".join(f"{titles[row.item]}：{row.reasons}" for row in noted)
        results.append({
            "bidder": bid.bidder_name, "result": "不通过" if failed else "通过",
            "reason": text if failed or not text else f"少数意见（记录在案）：{text}",
        })
    return results


def _technical(evaluation: Evaluation, members: list[Member]) -> list[TechnicalRow]:
    """Every member had names and an order of his own, so each figure carries the name it was given under."""
    names, technical = names_of(evaluation.result), evaluation.result["technical"]
    usccs = {str(bid.pk): bid.uscc for bid in passed_bids(evaluation)}
    seen_as = {
        member.pid: {usccs[alias.bid_sealed]: alias.label for alias in member.aliases.all()} for member in members
    }
    return [
        {
            "code": "各异", "bidder": names[uscc],
            "scores": [
                f"{seen_as[member.pid][uscc]} {row['totals'][member.pid]}"
                f"{'（去除）' if member.pid in row['dropped'] else ''}"
                for member in members
            ],
            "mean": row["score"],
        }
        for uscc, row in technical.items()
    ]


def _technical_rule(method: EvaluationMethod, size: int) -> str:
    trims = method.drops_extremes and size >= rules.TRIMMING_COMMITTEE
    how = "去掉一个最高分和一个最低分后" if trims else ""
    return (
        f"技术标实行暗标评审，每位评委看到的编号和顺序各不相同，全部评委提交评分后揭示对应关系。"
        f"各投标人的技术得分为评委评分{how}的算术平均值，四舍五入保留两位小数。"
    )


def _sheet(evaluation: Evaluation, method: EvaluationMethod, member: Member) -> PersonalSheet:
    names = {str(bid.pk): bid.bidder_name for bid in passed_bids(evaluation)}
    aliases = list(Alias.objects.filter(member=member).order_by("pk").prefetch_related("scores"))
    points = [{score.factor: score.points for score in alias.scores.all()} for alias in aliases]
    rows = [
        {"label": f"{factor.name}（{_short(factor.max)} 分）", "cells": [f"{row[factor.id]:.2f}" for row in points]}
        for factor in method.factors
    ]
    rows.append({"label": "合计", "cells": [f"{sum(row.values(), Decimal(0)):.2f}" for row in points]})
    if any(alias.comment for alias in aliases):
        rows.append({"label": "评审意见", "cells": [alias.comment or "—" for alias in aliases]})
    columns = [f"{alias.label} {names[alias.bid_sealed]}" for alias in aliases]
    return {"expert": member.label, "table": {"corner": "评分因素", "columns": columns, "rows": rows}}


def _price_rows(evaluation: Evaluation) -> list[PriceRow]:
    names = names_of(evaluation.result)
    return [
        {
            "bidder": names[row.bidder], "price": formatted(row.price),
            "pooled": "去除" if row.is_trimmed else "参与" if row.in_pool else "不参与",
            "deviation": f"{row.delta:+.2f}", "score": f"{row.score:.2f}",
        }
        for row in price_table(evaluation).rows
    ]


def _totals(evaluation: Evaluation) -> list[TotalRow]:
    names = names_of(evaluation.result)
    return [
        {
            "rank": str(row["rank"]), "bidder": names[row["bidder"]], "price": formatted(Decimal(row["price"])),
            "technical": row["technical"], "price_score": row["price_score"], "total": row["total"],
        }
        for row in evaluation.result["ranking"]
    ]


def _incidents(evaluation: Evaluation) -> list[Incident]:
    lot = evaluation.lot
    rows: list[Incident] = [
        {
            "at": moment(hold.placed_at), "event": f"暂停：{hold.reason}",
            "handling": f"{moment(hold.released_at)} 恢复：{hold.release_note}" if hold.released_at else "未解除",
        }
        for hold in lot.holds.filter(placed_at__gte=evaluation.started_at).order_by("placed_at")
    ]
    rows += [
        {
            "at": "", "handling": vote.reason,
            "event": f"竞争性判断：{vote.member.label}认为{'具有' if vote.competes else '明显缺乏'}竞争",
        }
        for vote in CompetitionVote.objects.filter(member__evaluation=evaluation).select_related("member")
    ]
    rows += [
        {
            "at": "", "handling": f"评委说明：{one.reason}",
            "event": f"{one.member.label}对{one.bid.bidder_name}的技术评分 {one.total:.2f} 分，"
                     f"{one.direction}评委平均分 {one.mean:.2f} 分 {one.away:.2f}%",
        }
        for one in deviations(evaluation)
    ]
    names = names_of(evaluation.result)
    rows += [
        {"at": "", "event": f"第{row['rank']}名 {names[row['bidder']]}", "handling": DECIDED_BY[row["decided_by"]]}
        for row in evaluation.result["ranking"] if row["decided_by"] in DECIDED_BY
    ]
    return rows


def _signed_rows(evaluation: Evaluation):
    rows = ReportSignature.objects.filter(member__evaluation=evaluation).select_related("member")
    return rows.order_by("member__number")


def _signatures(evaluation: Evaluation) -> list[Signed]:
    return [
        {
            "role": "组长" if row.member_id == evaluation.leader_id else "成员",
            "name": f"{row.member.label}（{_word(row)}）",
            # The serial number of a certificate would tell who it is; it is in the evidence bundle after the award.
            "serial": "", "at": moment(row.signed_at),
        }
        for row in _signed_rows(evaluation)
    ]


def _word(row: ReportSignature) -> str:
    return "视为同意" if row.is_deemed else "同意" if row.agrees else "保留不同意见"


def _dissents(evaluation: Evaluation) -> list[Dissent]:
    return [
        {"member": row.member.label, "opinion": row.dissent, "at": moment(row.signed_at)}
        for row in _signed_rows(evaluation) if not row.agrees
    ]
