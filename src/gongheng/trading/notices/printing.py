"""What tender documents, notices and clarifications say, as canonical data and as printed pages (公文内容)."""

from datetime import datetime

from django.conf import settings

from gongheng.crypto import canonical
from gongheng.kernel.calendar import in_words
from gongheng.kernel.money import capitals, cents, formatted
from gongheng.kernel.numbers import make_document_number
from gongheng.people.parties.models import Organisation
from gongheng.trading.notices.models import TenderDocument
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import rulebook_of

MEDIA = ["公衡公共资源交易平台"]
OPENING_PLACE = "公衡公共资源交易平台不见面开标大厅"
FACTOR_KINDS = {"RANGE": "酌情打分", "FIXED": "固定分值"}
BASE_POOLS = {"OPENED": "全部已开启的有效投标报价", "PASSED_PRELIM": "通过初步评审的投标报价"}
REVIEWS = (("form", "形式评审"), ("qualification", "资格评审"), ("response", "响应性评审"))
TIE_RULE = "综合得分相同时，投标报价低者优先；报价也相同的，技术得分高者优先；仍相同的，公开抽签确定先后。"
FALLBACKS = {
    "on_bidder_request": "投标人不能自行解密时，经其在开标现场申请，由三方密钥受托人中的任意两方协助开启。",
    "on_platform_fault": "投标人申请时，或者平台故障致使投标人不能解密时，由三方密钥受托人中的任意两方协助开启。",
    "never": "不启用兜底开启；投标人自身原因未解密的，视为撤销其投标文件。",
}
#: Contract and technical chapters are the standard texts; what is special stands in the schedule and attachments.
STANDARD_CHAPTERS = (
    ("合同条款及格式", [
        "采用《建设工程施工合同（示范文本）》（GF—2017—0201）；招标人和中标人不得再行订立背离合同实质性内容的其他协议。",
        "履约保证金不超过中标合同金额的 10%。",
    ]),
    ("技术标准和要求", ["执行国家和山东省现行工程建设标准、规范以及经审查合格的施工图设计文件。"]),
    ("投标文件格式", [
        "投标文件由资格标、技术标、报价标三个信封组成，各为 PDF 文件；"
        "技术标不得出现投标人名称或者其他可识别投标人身份的内容。",
        "投标文件须用平台的封标工具在投标人本机加密后递交；平台在开标前不能打开，也不记录由谁递交。",
    ]),
)


def canonical_data(document: TenderDocument) -> dict:
    """Return the whole tender document as canonical-JSON data; its digest is what every sealed bid binds to.

    A corrigendum carries the digest of the version before it, so that no version can be swapped.
    """
    lot = document.lot
    before = lot.tender_documents.filter(version=document.version - 1).values_list("digest", flat=True).first()
    return {
        "v": 1,
        "lot": str(lot.pk),
        "lot_code": lot.code,
        "deal_code": lot.deal_code,
        "lot_name": lot.name,
        "content": lot.content,
        "period_days": lot.period_days,
        "version": document.version,
        "previous": canonical.b64(bytes(before)) if before else None,
        "corrigendum": document.corrigendum,
        "method": document.method,
        "qualification": document.qualification,
        "ceiling": str(cents(document.ceiling)),
        "deposit": str(cents(document.deposit)),
        "validity_days": document.validity_days,
        "quality": document.quality,
        "sale_starts_at": canonical.timestamp(document.sale_starts_at),
        "sale_ends_at": canonical.timestamp(document.sale_ends_at),
        "bids_due_at": canonical.timestamp(document.bids_due_at),
        "fallback": document.fallback,
        "attachments": [
            {"name": one.document.title, "digest": one.document.digest} for one in attachments(lot)
        ],
    }


def attachments(lot: Lot):
    """Return the lot's attachments with their documents, oldest first."""
    return lot.attachments.select_related("document").order_by("added_at", "pk")


def moment(at: datetime) -> str:
    """Return a moment as official text writes it."""
    return in_words(at)


def announcement(document: TenderDocument, now: datetime) -> dict:
    """Return the data of the tender notice (招标公告), shape Notice."""
    lot = document.lot
    tender, book = lot.tender_project, rulebook_of(lot)
    project, starts_at = tender.project, max(now, document.sale_starts_at)
    return common(lot, now) | {
        "red_head": tender.tenderer.name,
        "document_number": lot.filing_number,
        "tenderer": tender.tenderer.name,
        "overview": tender.content,
        "scale": project.scale,
        "location": project.address,
        "funding": project.fund_source,
        "scope": lot.content,
        "ceiling_price": f"{formatted(document.ceiling)} 元",
        "duration": f"{lot.period_days} 日历天",
        "quality": document.quality,
        "method": document.method["title"],
        "qualification": lines(document.qualification),
        "consortium": "本次招标不接受联合体投标。",
        "document_access": [
            f"凡有意参加投标者，请于 {moment(starts_at)} 至 {moment(document.sale_ends_at)} "
            "登录公衡公共资源交易平台免费获取招标文件。",
            "招标文件公开下载，平台不登记也不公布获取单位的数量与名称。",
        ],
        "deposit": _deposit(document),
        "deadlines": [
            {"item": "招标文件获取", "time": f"{moment(starts_at)} 至 {moment(document.sale_ends_at)}",
             "note": f"不少于 {book.length('T1')}"},
            {"item": "提出疑问和异议截止", "time": moment(book.latest("T5", document.bids_due_at)),
             "note": f"投标截止 {book.length('T5')}前"},
            {"item": "澄清、修改截止", "time": moment(book.latest("T4", document.bids_due_at)),
             "note": f"投标截止 {book.length('T4')}前，否则顺延"},
            {"item": "投标截止暨开标", "time": moment(document.bids_due_at), "note": "同一时刻"},
        ],
        "opening_place": OPENING_PLACE,
        "objection": "投标人或者其他利害关系人对招标文件有异议的，"
        f"应当在投标截止时间 {book.length('T5')}前通过平台提出；"
        f"招标人自收到异议之日起 {book.length('T6')}内作出答复，作出答复前暂停招标投标活动。",
        "media": MEDIA,
        "contacts": contacts(lot),
        "supervision": contact("监督部门", tender.supervisor),
    }


def announcement_text(document: TenderDocument) -> str:
    """Return the notice in plain words, as the list and other media show it."""
    lot = document.lot
    tender = lot.tender_project
    return "\n".join([
        f"{tender.name}已具备招标条件，招标人为{tender.tenderer.name}，资金来源为{tender.project.fund_source}，"
        f"现对{lot.name}进行公开招标。",
        f"招标范围：{lot.content}",
        f"建设地点：{tender.project.address}；计划工期：{lot.period_days} 日历天；质量要求：{document.quality}。",
        f"最高投标限价：{formatted(document.ceiling)} 元；评标办法：{document.method['title']}。",
        f"资格要求：{'；'.join(lines(document.qualification))}",
        f"投标截止暨开标时间：{moment(document.bids_due_at)}；开标地点：{OPENING_PLACE}。",
    ])


def tender_document(document: TenderDocument, now: datetime) -> dict:
    """Return the data of the whole tender document (招标文件), shape TenderDocument."""
    lot, method = document.lot, document.method
    tender = lot.tender_project
    return common(lot, now) | {
        "red_head": "",
        "document_number": make_document_number(lot.code, document.version),
        "tenderer": tender.tenderer.name,
        "agency": tender.agency.name if tender.agency else "自行招标",
        "instructions": _instructions(document),
        "method": method["title"],
        "review_items": [
            {"stage": stage, "title": item["title"], "clause": item["clause"]}
            for key, stage in REVIEWS for item in method[key]
        ],
        "technical_weight": method["technical_weight"],
        "price_weight": method["price_weight"],
        "factors": [
            {"name": one["name"], "maximum": one["max"], "kind": FACTOR_KINDS[one["kind"]], "guidance": one["guidance"]}
            for one in method["factors"]
        ],
        "price_rules": price_rules(method["price"]),
        "tie_rule": TIE_RULE,
        "ceiling_price": f"{formatted(document.ceiling)} 元",
        "ceiling_price_cn": capitals(document.ceiling),
        "chapters": _chapters(document),
    }


def clarification(document: TenderDocument, number: int, content: str, due_before: datetime, now: datetime) -> dict:
    """Return the data of a clarification (澄清与修改), shape Clarification; ``document`` is the new version."""
    lot, due_at = document.lot, document.bids_due_at
    changes = [{"clause": f"招标文件第 {document.version - 1} 版", "before": "以原文为准", "after": content}]
    if due_at != due_before:
        changes.append({"clause": "投标截止时间", "before": moment(due_before), "after": moment(due_at)})
        effect = f"投标截止暨开标时间由 {moment(due_before)} 顺延至 {moment(due_at)}。"
    else:
        effect = f"投标截止暨开标时间不变，仍为 {moment(due_at)}。"
    return common(lot, now) | {
        "red_head": "",
        "document_number": make_document_number(lot.code, document.version),
        "kind": "澄清与修改",
        "sequence": str(number),
        "tenderer": lot.tender_project.tenderer.name,
        "answers": [],
        "changes": changes,
        "deadline_effect": effect,
    }


def termination(lot: Lot, reason: str, now: datetime) -> dict:
    """Return the data of a termination notice (终止公告), shape Statement."""
    tender = lot.tender_project
    return common(lot, now) | {
        "red_head": "",
        "document_number": lot.filing_number,
        "heading": "终止公告",
        "issuer": tender.tenderer.name,
        "paragraphs": [
            f"{tender.name}（{lot.name}，标段编号 {lot.code}）因下列原因终止招标：",
            *lines(reason),
            "已收取的招标文件费用和投标保证金及银行同期存款利息，依法及时退还。",
        ],
        "contacts": contacts(lot),
    }


def price_rules(price: dict) -> list[str]:
    """Return the price part of an evaluation method in sentences; ``price`` is PriceParameters.to_json()."""
    choices = "、".join(f"{k}%" for k in price["k_choices"])
    return [
        f"参与评标基准价计算的报价为{BASE_POOLS[price['base_pool']]}；多于 3 家时去掉一个最高价和一个最低价后"
        "取算术平均值 A，不多于 3 家时不去除。",
        f"评标基准价 = A ×（1 − K），K 在开标时从 {choices} 中以可核验的公开随机数抽取。",
        "偏差率 =（投标报价 − 评标基准价）÷ 评标基准价 × 100%，四舍五入保留两位小数。",
        f"报价得分 = {price['full_score']} − |偏差率| × E：高于基准价每 1% 扣 {price['above']} 分，"
        f"低于基准价每 1% 扣 {price['below']} 分，扣完为止，保留两位小数。",
    ]


def common(lot: Lot, now: datetime) -> dict:
    """Return what every document about a lot carries, but for its head (red_head, document_number)."""
    project = lot.tender_project.project
    return {
        "issued_at": canonical.timestamp(now),
        "project_name": lot.tender_project.name,
        "project_code": project.code,
        "lot_name": lot.name,
        "lot_code": lot.code,
        "public_url": f"{settings.ORIGIN}/lots/{lot.pk}/",
    }


def contacts(lot: Lot) -> list[dict]:
    """Return tenderer and agency as parties to call."""
    tender = lot.tender_project
    called = [contact("招标人", tender.tenderer)]
    return [*called, contact("招标代理机构", tender.agency)] if tender.agency else called


def contact(role: str, organisation: Organisation) -> dict:
    """Return an organisation as a party to call, shape Contact."""
    return {
        "role": role, "name": organisation.name, "address": organisation.address, "person": organisation.contact,
        "phone": organisation.phone,
    }


def lines(text: str) -> list[str]:
    """Return the non-empty lines of a text field."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _deposit(document: TenderDocument) -> str:
    if not document.deposit:
        return ""
    return (
        f"人民币 {formatted(document.deposit)} 元；形式：银行转账（须自基本账户转出）、银行保函、保证保险或者担保保函。"
        "有效期与投标有效期一致。"
    )


def _instructions(document: TenderDocument) -> list[dict]:
    lot = document.lot
    tender, book = lot.tender_project, rulebook_of(lot)
    rows = [
        ("1.1.2", "招标人", tender.tenderer.name),
        ("1.1.3", "招标代理机构", tender.agency.name if tender.agency else "自行招标"),
        ("1.1.5", "建设地点", tender.project.address),
        ("1.2.1", "资金来源", tender.project.fund_source),
        ("1.3.1", "招标范围", lot.content),
        ("1.3.2", "计划工期", f"{lot.period_days} 日历天"),
        ("1.3.3", "质量要求", document.quality),
        ("1.4.1", "投标人资格要求", "\n".join(lines(document.qualification))),
        ("1.4.2", "联合体投标", "不接受"),
        ("2.2.1", "提出疑问和异议的截止时间", moment(book.latest("T5", document.bids_due_at))),
        ("3.2.3", "最高投标限价", f"{formatted(document.ceiling)} 元；不设最低投标限价"),
        ("3.3.1", "投标有效期", f"{document.validity_days} 日（自投标截止之日起算）"),
        ("3.4.1", "投标保证金", _deposit(document) or "不要求"),
        ("4.1.1", "投标文件加密", "用平台的封标工具在投标人本机加密；未按要求加密的，平台拒收并提示。"),
        ("4.2.1", "投标截止时间", moment(document.bids_due_at)),
        ("5.1", "开标时间和地点", f"{moment(document.bids_due_at)}，{OPENING_PLACE}"),
        ("5.2.3", "不能解密时的补救", FALLBACKS[document.fallback]),
        ("7.1.1", "评标委员会", "由招标人代表和评标专家组成，五人以上单数，专家不少于三分之二，随机抽取。"),
    ]
    if document.corrigendum:
        rows.insert(0, ("0", f"第 {document.version - 1} 号澄清与修改", document.corrigendum))
    return [{"number": number, "item": item, "content": content} for number, item, content in rows]


def _chapters(document: TenderDocument) -> list[dict]:
    chapters = [{"title": title, "paragraphs": list(paragraphs)} for title, paragraphs in STANDARD_CHAPTERS]
    files = attachments(document.lot)
    if files:
        chapters.append({
            "title": "附件",
            "paragraphs": [f"{one.document.title}（SM3 摘要 {one.document.digest}）" for one in files],
        })
    return chapters
