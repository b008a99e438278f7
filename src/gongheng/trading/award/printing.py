"""What the notices of candidates, award and result say, as plain words and as data for print (公示与中标公文)."""

from collections.abc import Iterable
from datetime import datetime

from gongheng.kernel.calendar import in_words
from gongheng.kernel.money import capitals, formatted
from gongheng.kernel.procedures import contract_due
from gongheng.kernel.roles import ROLE_NAMES, Actor
from gongheng.trading.award.models import Award, Candidate
from gongheng.trading.evaluation.queries import evaluation_of
from gongheng.trading.notices.printing import REVIEWS, common, contact, contacts
from gongheng.trading.notices.queries import current_document
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import rulebook_of

RANKS = {1: "第一名", 2: "第二名", 3: "第三名"}


def candidates(lot: Lot, ranked: Iterable[Candidate], now: datetime, ends_at: datetime) -> dict:
    """Return the data of the candidates' publicity (中标候选人公示), shape Candidates."""
    tender = lot.tender_project
    return _headed(lot, now) | {
        "tenderer": tender.tenderer.name,
        "publicity_from": in_words(now),
        "publicity_to": in_words(ends_at),
        "candidates": [
            {
                "rank": RANKS[one.rank], "bidder": one.bid.bidder_name, "price": formatted(one.bid.total),
                "duration": _duration(one.bid), "quality": one.bid.quality, "manager": one.bid.manager,
                "total": str(one.total),
            }
            for one in ranked
        ],
        "qualification": [f"{one.bid.bidder_name}：{_qualification(lot)}" for one in ranked],
        "rejections": rejections(lot),
        "objection": objection_rule(lot),
        "contacts": contacts(lot),
        "supervision": contact("监督部门", tender.supervisor),
    }


def candidates_text(lot: Lot, ranked: Iterable[Candidate], ends_at: datetime) -> str:
    """Return the publicity in plain words, as lists and other media show it."""
    return "\n".join([
        f"{lot.tender_project.name}（{lot.name}）评标工作已经结束，现将中标候选人公示如下。",
        *(
            f"{RANKS[one.rank]}：{one.bid.bidder_name}，投标报价 {formatted(one.bid.total)} 元，"
            f"工期 {_duration(one.bid)}，质量 {one.bid.quality}，项目负责人 {one.bid.manager}，总得分 {one.total}。"
            for one in ranked
        ),
        *(f"被否决的投标：{row['bidder']}，{row['stage']}，{row['reason']}" for row in rejections(lot)),
        f"公示截止：{in_words(ends_at)}。{objection_rule(lot)}",
    ])


def award_notice(award: Award, now: datetime, signer: Actor) -> dict:
    """Return the data of the award notice (中标通知书), shape AwardNotice; ``signer`` sends it."""
    lot, bid = award.lot, award.candidate.bid
    book = rulebook_of(lot)
    return _headed(lot, now) | {
        "winner": bid.bidder_name,
        "tenderer": lot.tender_project.tenderer.name,
        "opened_at": in_words(lot.bids_due_at),  # the opening is at the very instant of the deadline (T8)
        "price": f"{formatted(bid.total)} 元",
        "price_cn": capitals(bid.total),
        "duration": _duration(bid),
        "quality": bid.quality,
        "manager": bid.manager,
        "contract_due": in_words(contract_due(book, now)),
        "performance_bond": f"按招标文件规定提交，不超过中标合同金额的 {book.rule('PERFORMANCE').value}%",
        "signatures": [signature(signer, now)],
    }


def result_notice(award: Award, now: datetime) -> dict:
    """Return the data of the notice of the result (中标结果公告), shape ResultNotice."""
    lot, bid = award.lot, award.candidate.bid
    tender = lot.tender_project
    return _headed(lot, now) | {
        "tenderer": tender.tenderer.name,
        "agency": tender.agency.name if tender.agency else "自行招标",
        "winner": bid.bidder_name,
        "winner_uscc": bid.uscc,
        "price": f"{formatted(bid.total)} 元",
        "duration": _duration(bid),
        "quality": bid.quality,
        "manager": bid.manager,
        "committee": committee(lot),
        "publicity_from": in_words(lot.publicity.starts_at),
        "publicity_to": in_words(lot.publicity_ends_at),
        "contacts": contacts(lot),
        "supervision": contact("监督部门", tender.supervisor),
    }


def result_text(award: Award) -> str:
    """Return the result in plain words."""
    lot, bid = award.lot, award.candidate.bid
    lines = [
        f"{lot.tender_project.name}（{lot.name}）中标人已经确定，现将中标结果公告如下。",
        f"中标人：{bid.bidder_name}（统一社会信用代码 {bid.uscc}）。",
        f"中标价：{formatted(bid.total)} 元；工期：{_duration(bid)}；质量标准：{bid.quality}；"
        f"项目负责人：{bid.manager}。",
        f"评标委员会成员：{'、'.join(committee(lot))}。",
    ]
    if award.ground != Award.Ground.FIRST:
        lines.append(f"未选择排名第一的中标候选人的事由：{award.get_ground_display()}。{award.reason}")
    return "\n".join(lines)


def rejections(lot: Lot) -> list[dict]:
    """Return why the committee rejected bids (否决投标情况), one row for each failed item."""
    method = current_document(lot).method
    items = {item["id"]: (stage, item) for key, stage in REVIEWS for item in method[key]}
    rows = []
    failed = evaluation_of(lot).conclusions.filter(passes=False).select_related("bid").order_by("bid__position", "item")
    for one in failed:
        stage, item = items[one.item]
        rows.append({
            "bidder": one.bid.bidder_name, "stage": stage, "reason": f"{item['title']}：{one.reasons}",
            "clause": item["clause"],
        })
    return rows


def committee(lot: Lot) -> list[str]:
    """Return the names of the committee, which nobody may learn before the winner is determined (法37)."""
    members = evaluation_of(lot).members.select_related("expert__person").order_by("number")
    return [one.expert.person.name for one in members]


def objection_rule(lot: Lot) -> str:
    """Return how and until when one may object (异议渠道)."""
    book = rulebook_of(lot)
    return (
        "投标人或者其他利害关系人对评标结果有异议的，应当在公示期间通过平台提出；招标人自收到异议之日起 "
        f"{book.length('T6')}内答复，答复前暂停招标投标活动。对答复不满意的，可自知道或者应当知道之日起 "
        f"{book.length('T14')}内向监督部门投诉。"
    )


def signature(actor: Actor, at: datetime) -> dict:
    """Return an electronic signature given in this request as a row of a signature page, shape Signed."""
    return {
        "role": ROLE_NAMES[actor.role], "name": actor.name,
        "serial": actor.act.certificate.serial if actor.act else "", "at": in_words(at),
    }


def _headed(lot: Lot, now: datetime) -> dict:
    return common(lot, now) | {"red_head": lot.tender_project.tenderer.name, "document_number": lot.filing_number}


def _duration(bid) -> str:
    return f"{bid.duration_days} 日历天"


def _qualification(lot: Lot) -> str:
    """Say what the committee found a candidate to fulfil: the document's own items, since all were passed."""
    items = current_document(lot).method["qualification"]
    return "资格评审各项均通过：" + "；".join(item["title"] for item in items) + "。"
