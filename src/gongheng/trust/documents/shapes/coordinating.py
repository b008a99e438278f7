"""Documents of the hub between centres (远程异地评标协调文书)."""

from gongheng.trust.documents.shapes.base import Common
from gongheng.trust.documents.shapes.evaluating import Matrix


class OfferReport(Common):
    """offer_report.typ (要约统计月报); it is of no lot, so the facts of the lot are empty."""

    period: str  # "2026年3月"
    issuer: str
    counts: Matrix  # quantity: one row per centre, the last one is the total
    responses: Matrix  # quality and response, likewise
    notes: list[str]  # how each figure is counted
