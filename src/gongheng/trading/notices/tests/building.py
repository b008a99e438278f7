"""Lots with a tender document, before and after the notice, made through the actions (测试布景)."""

from datetime import UTC, datetime
from decimal import Decimal

from gongheng.kernel.clock import Clock
from gongheng.trading.evaluation.method import BUILDING_CONSTRUCTION
from gongheng.trading.notices import actions
from gongheng.trading.notices.models import TenderDocument
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.tests.building import Cast, filed_lot

#: Shanghai 2026-03-27 09:30, 25 days after the tests' Monday.
DUE = datetime(2026, 3, 27, 1, 30, tzinfo=UTC)
DOCUMENT = {
    "method": BUILDING_CONSTRUCTION.to_json(), "qualification": "二级及以上资质\n有安全生产许可证",
    "ceiling": Decimal("11000000.00"), "deposit": Decimal("200000.00"), "validity_days": 90, "quality": "合格",
    "sale_starts_at": datetime(2026, 3, 2, 1, 0, tzinfo=UTC), "sale_ends_at": datetime(2026, 3, 9, 9, 0, tzinfo=UTC),
    "bids_due_at": DUE, "fallback": TenderDocument.Fallback.ON_FAULT,
}


def drafted_lot(who: Cast, clock: Clock, **changes) -> Lot:
    """Bring a lot to where only the notice is missing."""
    lot = filed_lot(who, clock)
    actions.save_tender_document(lot, **DOCUMENT | changes, actor=who.agency, clock=clock)
    return lot


def announced_lot(who: Cast, clock: Clock, **changes) -> Lot:
    """Bring a lot to where it takes bids."""
    lot = drafted_lot(who, clock, **changes)
    actions.publish_notice(lot, actor=who.agency, clock=clock)
    lot.refresh_from_db()
    return lot
