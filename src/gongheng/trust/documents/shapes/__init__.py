"""The exact data that each official document is typeset from (公文数据), one TypedDict per template.

Every value is a string that is ready to print ("12,345,678.90", "2026年3月5日 9:30"); tables are
lists of dicts. The only value a machine reads is ``issued_at``: "YYYY-MM-DDThh:mm:ss.mmmZ" (UTC).
An empty string or list means "not there": the row or the section is then left out.
"""

from gongheng.trust.documents.shapes.awarding import (
    ArchiveIndex,
    AwardNotice,
    Candidates,
    Contract,
    FailureNotice,
    ResultNotice,
    Statement,
)
from gongheng.trust.documents.shapes.coordinating import OfferReport
from gongheng.trust.documents.shapes.evaluating import (
    DrawRecord,
    EvaluationReport,
    FeeStatement,
    IncidentDecision,
    Offer,
    OpeningRecord,
)
from gongheng.trust.documents.shapes.tendering import Clarification, Notice, Receipt, TenderDocument

SHAPES: dict[str, type] = {
    "notice": Notice,
    "tender_document": TenderDocument,
    "clarification": Clarification,
    "offer": Offer,
    "draw_record": DrawRecord,
    "opening_record": OpeningRecord,
    "evaluation_report": EvaluationReport,
    "candidates": Candidates,
    "award_notice": AwardNotice,
    "result_notice": ResultNotice,
    "failure_notice": FailureNotice,
    "statement": Statement,
    "contract": Contract,
    "receipt": Receipt,
    "archive_index": ArchiveIndex,
    "offer_report": OfferReport,
    "incident_decision": IncidentDecision,
    "fee_statement": FeeStatement,
}
