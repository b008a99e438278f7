"""Pages of remote evaluation: ordering venues, answering offers, figures of the month."""

from gongheng.trading.coordination.views.figures import make_report, report, reports, statistics
from gongheng.trading.coordination.views.offers import confirm, offer, refuse
from gongheng.trading.coordination.views.orders import (
    ask_cancellation,
    cancel,
    change,
    choice,
    detail,
    order,
    orders,
)

__all__ = [
    "ask_cancellation", "cancel", "change", "choice", "confirm", "detail", "make_report", "offer", "order", "orders",
    "refuse", "report", "reports", "statistics",
]
