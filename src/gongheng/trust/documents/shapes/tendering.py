"""Data of the documents up to the bid deadline: notice, tender document, clarification, receipt (招标投标阶段)."""

from typing import TypedDict

from gongheng.trust.documents.shapes.base import Chapter, Common, Contact, Signed


class Deadline(TypedDict):
    item: str
    time: str
    note: str


class Notice(Common):
    """notice.typ (招标公告)."""

    tenderer: str
    overview: str  # 项目概况
    scale: str  # 建设规模
    location: str
    funding: str  # 资金来源
    scope: str  # 招标范围
    ceiling_price: str  # 最高投标限价, with unit
    duration: str  # 计划工期
    quality: str
    method: str  # 评标办法
    qualification: list[str]
    consortium: str  # 是否接受联合体
    document_access: list[str]
    deposit: str  # 投标保证金
    deadlines: list[Deadline]
    opening_place: str
    objection: str  # how to object, one paragraph
    media: list[str]
    contacts: list[Contact]
    supervision: Contact


class Instruction(TypedDict):
    number: str  # 条款号 "3.4.1"
    item: str
    content: str


class Factor(TypedDict):
    name: str
    maximum: str
    kind: str  # 酌情打分 / 固定分值
    guidance: str


class ReviewItem(TypedDict):
    stage: str  # 形式评审 / 资格评审 / 响应性评审
    title: str
    clause: str  # the criterion, with its clause


class TenderDocument(Common):
    """tender_document.typ (招标文件)."""

    tenderer: str
    agency: str
    instructions: list[Instruction]  # 须知前附表
    method: str
    review_items: list[ReviewItem]
    technical_weight: str
    price_weight: str
    factors: list[Factor]
    price_rules: list[str]  # how the base price and the price score are computed
    tie_rule: str
    ceiling_price: str
    ceiling_price_cn: str  # 大写
    chapters: list[Chapter]  # contract terms, technical standards …


class Answer(TypedDict):
    question: str
    answer: str


class Change(TypedDict):
    clause: str
    before: str
    after: str


class Clarification(Common):
    """clarification.typ (澄清/修改)."""

    kind: str  # 澄清 / 修改 / 澄清与修改
    sequence: str  # "1"
    tenderer: str
    answers: list[Answer]
    changes: list[Change]
    deadline_effect: str  # whether the bid deadline moves, and to when


class ReceiptPart(TypedDict):
    envelope: str  # 资格标 / 技术标 / 报价标 …
    size: str
    root: str


class Receipt(Common):
    """receipt.typ (投标回执)."""

    receipt_number: str
    bidder: str
    version: str  # 第 n 次提交
    sealed_at: str
    deadline: str
    digest: str  # D, the digest of the bid manifest
    parts: list[ReceiptPart]
    log_position: str
    log_leaf: str
    checkpoint: str  # root of the checkpoint that covers it
    witnesses: list[str]
    fallback: str  # "3/3"
    signatures: list[Signed]
