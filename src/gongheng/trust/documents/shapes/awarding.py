"""Data of the documents after evaluation: publicity, award, contract, archive (定标归档阶段)."""

from typing import TypedDict

from gongheng.trust.documents.shapes.base import Candidate, Chapter, Common, Contact, Rejection, Signed


class Candidates(Common):
    """candidates.typ (中标候选人公示)."""

    tenderer: str
    publicity_from: str
    publicity_to: str
    candidates: list[Candidate]
    qualification: list[str]  # 候选人响应的资格能力条件
    rejections: list[Rejection]
    objection: str
    contacts: list[Contact]
    supervision: Contact


class AwardNotice(Common):
    """award_notice.typ (中标通知书)."""

    winner: str
    tenderer: str
    opened_at: str
    price: str
    price_cn: str
    duration: str
    quality: str
    manager: str
    contract_due: str  # last day for signing the contract
    performance_bond: str
    signatures: list[Signed]


class ResultNotice(Common):
    """result_notice.typ (中标结果公告)."""

    tenderer: str
    agency: str
    winner: str
    winner_uscc: str
    price: str
    duration: str
    quality: str
    manager: str
    committee: list[str]  # names, public once the winner is determined
    publicity_from: str
    publicity_to: str
    contacts: list[Contact]
    supervision: Contact


class FailureNotice(Common):
    """failure_notice.typ (招标失败公告)."""

    tenderer: str
    agency: str
    reason: str
    consequence: str  # what follows by law
    contacts: list[Contact]
    supervision: Contact


class Statement(Common):
    """statement.typ: a plain official statement in paragraphs (终止公告、书面报告等)."""

    heading: str
    issuer: str
    paragraphs: list[str]
    contacts: list[Contact]


class Party(TypedDict):
    name: str
    uscc: str
    address: str
    representative: str
    phone: str
    bank: str
    account: str


class Contract(Common):
    """contract.typ (合同协议书)."""

    employer: Party  # 发包人
    contractor: Party  # 承包人
    scope: str
    location: str
    duration: str
    quality: str
    price: str
    price_cn: str
    manager: str
    documents: list[str]  # 合同文件组成, in order of precedence
    clauses: list[Chapter]
    signatures: list[Signed]


class ArchiveItem(TypedDict):
    number: str  # "2.4"
    title: str
    responsible: str
    date: str
    format: str
    size: str
    digest: str


class ArchiveStage(TypedDict):
    stage: str
    items: list[ArchiveItem]


class PropertyCheck(TypedDict):
    property: str  # 真实性 …
    item: str
    result: str
    evidence: str


class ArchiveIndex(Common):
    """archive_index.typ (归档目录)."""

    archive_number: str
    retention: str
    tenderer: str
    agency: str
    item_count: str
    byte_count: str
    package_digest: str
    stages: list[ArchiveStage]
    checks: list[PropertyCheck]  # 四性检测
    signatures: list[Signed]
