"""What the contract and the report to the supervisor say, as data for print (合同与书面报告)."""

from datetime import datetime

from gongheng.kernel.calendar import in_words
from gongheng.kernel.money import capitals, formatted
from gongheng.people.parties.models import Organisation
from gongheng.trading.award.models import Award
from gongheng.trading.award.printing import RANKS, rejections
from gongheng.trading.bids.models import Bid
from gongheng.trading.contracts.models import Contract
from gongheng.trading.evaluation.queries import evaluation_of
from gongheng.trading.notices.printing import MEDIA, common, contacts
from gongheng.trading.notices.queries import current_document

#: What together makes up the contract, in order of precedence (合同文件的优先顺序).
DOCUMENTS = [
    "本协议书；", "中标通知书；", "投标函及其附录；", "专用合同条款；", "通用合同条款；", "技术标准和要求；", "图纸；",
    "已标价工程量清单。",
]


def contract(agreed: Contract, now: datetime) -> dict:
    """Return the data of the contract (合同协议书), shape Contract; signatures as far as they are given."""
    lot, bid = agreed.lot, agreed.award.candidate.bid
    tenderer = lot.tender_project.tenderer
    return common(lot, now) | {
        "red_head": "",
        "document_number": agreed.number,
        "employer": _party(tenderer),
        "contractor": _party(bid.organisation),
        "scope": lot.content,
        "location": lot.tender_project.project.address,
        "duration": f"工期总日历天数 {agreed.duration_days} 天，开工日期以开工通知载明的日期为准。",
        "quality": agreed.quality,
        "price": formatted(agreed.price),
        "price_cn": capitals(agreed.price),
        "manager": agreed.manager,
        "documents": DOCUMENTS,
        "clauses": [
            {"title": "履约担保", "paragraphs": [_bond(agreed)]},
            {"title": "承诺", "paragraphs": [
                "发包人承诺按照法律规定履行项目审批手续、筹集工程建设资金并按照合同约定的期限和方式支付合同价款。",
                "承包人承诺按照法律规定及合同约定组织完成工程施工，确保工程质量和安全，不进行转包及违法分包。",
                "双方承诺不再订立背离本合同实质性内容的其他协议。",
            ]},
        ],
        "signatures": [
            {"role": role, "name": f"{party} {signer}", "serial": serial, "at": in_words(at)}
            for role, party, signer, serial, at in (
                ("发包人", tenderer.name, agreed.tenderer_signer, agreed.tenderer_serial, agreed.tenderer_signed_at),
                ("承包人", bid.bidder_name, agreed.winner_signer, agreed.winner_serial, agreed.winner_signed_at),
            ) if at is not None
        ],
    }


def supervision_report(award: Award, summary: str, now: datetime) -> dict:
    """Return the data of the written report (招标投标情况书面报告, 30号令65), shape Statement."""
    lot = award.lot
    tender = lot.tender_project
    issuer = tender.agency or tender.tenderer
    return common(lot, now) | {
        "red_head": "",
        "document_number": lot.filing_number,
        "heading": "招标投标情况书面报告",
        "issuer": issuer.name,
        "paragraphs": [f"{tender.supervisor.name}：", *account(award), *summary.splitlines()],
        "contacts": contacts(lot),
    }


def account(award: Award) -> list[str]:
    """Return what the platform knows of the tender and puts into the report by itself."""
    lot, bid = award.lot, award.candidate.bid
    tender, document = lot.tender_project, current_document(lot)
    opened = lot.bids.filter(state=Bid.State.OPENED).count()
    members = evaluation_of(lot).members.count()
    rejected = {row["bidder"] for row in rejections(lot)}
    ranked = "；".join(
        f"{RANKS[one.rank]}{one.bid.bidder_name}（{formatted(one.bid.total)} 元，{one.total} 分）"
        for one in lot.candidates.select_related("bid")
    )
    held = lot.result_objections.count()
    result = f"确定中标人为{bid.bidder_name}，中标价 {formatted(bid.total)} 元，工期 {bid.duration_days} 日历天。"
    if award.ground != Award.Ground.FIRST:
        result += f"未选择排名第一的候选人的事由：{award.get_ground_display()}。{award.reason}"
    return [
        f"一、招标范围：{lot.content}",
        f"二、招标方式：{tender.get_mode_display()}（{tender.get_form_display()}）；发布公告的媒介：{'、'.join(MEDIA)}。",
        f"三、招标文件：共 {document.version} 版，载有投标人资格要求、技术条款、评标标准和方法、合同主要条款；"
        f"评标办法为{document.method['title']}。",
        f"四、开标：{in_words(lot.bids_due_at)}，开启有效投标文件 {opened} 份。",
        f"五、评标：评标委员会由 {members} 人组成，评标报告完成于 {in_words(evaluation_of(lot).finished_at)}；否决投标 "
        f"{len(rejected)} 份；中标候选人：{ranked}。",
        f"六、公示与异议：公示期 {in_words(lot.publicity.starts_at)} 至 {in_words(lot.publicity_ends_at)}，"
        + (f"收到对评标结果的异议 {held} 件，均已答复。" if held else "未收到对评标结果的异议。"),
        f"七、中标结果：{in_words(award.decided_at)}{result}",
    ]


def _party(organisation: Organisation) -> dict:
    return {
        "name": organisation.name, "uscc": organisation.uscc, "address": organisation.address,
        "representative": organisation.legal_representative, "phone": organisation.phone,
        # Accounts are agreed between the parties; the platform does not keep them.
        "bank": "", "account": "",
    }


def _bond(agreed: Contract) -> str:
    if not agreed.performance_bond:
        return "本合同不要求履约担保。"
    return f"承包人在签订本合同前向发包人提交履约担保，金额为人民币 {formatted(agreed.performance_bond)} 元。"
