"""Data of the documents of opening and evaluation: offer, draw, opening record, report (开标评标阶段)."""

from typing import TypedDict

from gongheng.trust.documents.shapes.base import Candidate, Common, Rejection, Signed


class SeatRequest(TypedDict):
    specialty: str
    count: str
    venue: str
    note: str


class VenueReply(TypedDict):
    venue: str
    reply: str  # 已确认 / 已拒绝 / 待确认 / 已过期
    room: str
    seats: str
    by: str
    at: str


class Offer(Common):
    """offer.typ (远程异地评标要约单)."""

    offer_number: str
    initiator: str  # 主场
    targets: str  # 副场, joined
    starts_at: str
    ends_at: str
    confirm_by: str
    service_contact: str
    emergency_contact: str
    fee_rule: str
    seats: list[SeatRequest]
    replies: list[VenueReply]
    signatures: list[Signed]


class DrawSeat(TypedDict):
    seat: str  # "1"
    stratum: str  # 专业
    venue: str
    pid: str  # pseudonym, never a name
    order: str  # place in the drawn order


class DrawSkip(TypedDict):
    pid: str
    stratum: str
    order: str
    cause: str


class DrawContribution(TypedDict):
    party: str
    commitment: str
    at: str
    revealed: str  # 已揭示 / 由他方重建


class DrawRecord(Common):
    """draw_record.typ (评标专家抽取记录); pseudonyms only, so that it can be shown before the award."""

    attempt: str
    drawn_at: str
    pool_count: str
    pool_root: str
    order_digest: str
    seed: str
    algorithm: str
    guess_bound: str  # the smallest number of equally likely lists, in words
    conditions: list[str]
    contributions: list[DrawContribution]
    seats: list[DrawSeat]
    skips: list[DrawSkip]
    signatures: list[Signed]


class OpenedBid(TypedDict):
    number: str
    bidder: str
    price: str
    duration: str
    quality: str
    manager: str
    way: str  # 自行解密 / 兜底开启 / 开启失败
    note: str


class OpeningObjection(TypedDict):
    bidder: str
    objection: str
    reply: str
    at: str


class OpeningRecord(Common):
    """opening_record.typ (开标记录)."""

    tenderer: str
    opened_at: str
    place: str
    host: str
    ceiling_price: str
    closing_root: str
    bids: list[OpenedBid]
    withdrawn: list[str]  # bids withdrawn or deemed withdrawn, one sentence each
    coefficient: str  # the drawn coefficient; "" when the method has none
    coefficient_basis: str  # how it was drawn
    objections: list[OpeningObjection]
    signatures: list[Signed]


class Member(TypedDict):
    seat: str
    name: str  # a name, or the seat code while names are secret
    kind: str  # 评标专家 / 招标人代表
    specialty: str
    venue: str
    duty: str  # 组长 / 成员
    signed_in_at: str


class Row(TypedDict):
    label: str
    cells: list[str]  # as many as the table has columns


class Matrix(TypedDict):
    corner: str  # heading of the first column
    columns: list[str]
    rows: list[Row]


class PersonalSheet(TypedDict):
    expert: str
    table: Matrix


class PreliminaryResult(TypedDict):
    bidder: str
    result: str  # 通过 / 不通过
    reason: str


class TechnicalRow(TypedDict):
    code: str  # anonymous number under which it was scored
    bidder: str
    scores: list[str]  # one per expert, in the order of technical_experts
    mean: str


class CalculationStep(TypedDict):
    label: str
    formula: str
    value: str


class PriceRow(TypedDict):
    bidder: str
    price: str
    pooled: str  # 参与 / 不参与 / 去除
    deviation: str  # "+0.83"
    score: str


class TotalRow(TypedDict):
    rank: str
    bidder: str
    price: str
    technical: str
    price_score: str
    total: str


class BidQuestion(TypedDict):
    bidder: str
    question: str
    answer: str
    at: str


class Incident(TypedDict):
    at: str
    event: str
    handling: str


class Dissent(TypedDict):
    member: str
    opinion: str
    at: str


class IncidentDecision(Common):
    """incident_decision.typ (处置决定书)."""

    kind: str  # 恢复评标 / 评标延期 / …
    order_number: str
    venues: str
    place: str  # where it happened
    cause: str
    description: str
    course: list[Incident]  # from the report to the decision
    decision: str
    basis: list[str]
    consequences: list[str]
    decided_by: str
    signatures: list[Signed]  # none where the clock decided


class Attendance(TypedDict):
    """One session that an expert attended (出席)."""

    day: str
    venue: str
    since: str
    until: str
    hours: str
    base: str
    overtime: str
    remote: str
    total: str
    state: str


class FeeStatement(Common):
    """fee_statement.typ (劳务报酬与出席情况说明); it names no lot, for the committee may still be secret."""

    holder: str
    period: str
    sessions: list[Attendance]
    total: str
    total_cn: str
    paid: str
    notes: list[str]
    issuer: str


class EvaluationReport(Common):
    """evaluation_report.typ (评标报告)."""

    tenderer: str
    opened_at: str
    started_at: str
    ended_at: str
    venues: str
    method: str
    committee: list[Member]
    preliminary: Matrix
    preliminary_results: list[PreliminaryResult]
    questions: list[BidQuestion]  # 澄清
    technical_experts: list[str]
    technical_rows: list[TechnicalRow]
    technical_rule: str  # how the mean is formed
    personal_sheets: list[PersonalSheet]
    price_steps: list[CalculationStep]
    price_rows: list[PriceRow]
    totals: list[TotalRow]
    candidates: list[Candidate]
    rejections: list[Rejection]
    incidents: list[Incident]
    conclusion: str
    signatures: list[Signed]
    dissents: list[Dissent]
