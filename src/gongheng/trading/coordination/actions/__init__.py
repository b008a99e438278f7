"""The only writer of venue orders, offers and reports, split by side: the hosts', the centres', the month's."""

from gongheng.trading.coordination.actions.answering import confirm_offer, expire_offer, refuse_offer, remind_centre
from gongheng.trading.coordination.actions.ordering import (
    cancel_order,
    lapse_order,
    request_cancellation,
    request_change,
    request_venues,
)
from gongheng.trading.coordination.actions.reporting import issue_report

__all__ = [
    "cancel_order", "confirm_offer", "expire_offer", "issue_report", "lapse_order", "refuse_offer", "remind_centre",
    "request_cancellation", "request_change", "request_venues",
]
