"""Reading venue orders and offers: who sees what, what the published order looks at, statistics."""

from gongheng.trading.coordination.queries.orders import (
    LIVE,
    TONES,
    candidates,
    card,
    confirmed_order,
    held_by_original,
    is_drawn_for,
    lots_to_order,
    offers_visible_to,
    pending_order,
    seats_of,
    sessions_of,
    todos,
    visible_to,
)
from gongheng.trading.coordination.queries.statistics import (
    Tally,
    is_hub,
    month_of,
    months,
    reports,
    statistics,
    total_of,
)

__all__ = [
    "LIVE", "TONES", "Tally", "candidates", "card", "confirmed_order", "held_by_original", "is_drawn_for", "is_hub",
    "lots_to_order", "month_of", "months", "offers_visible_to", "pending_order", "reports", "seats_of", "sessions_of",
    "statistics", "todos", "total_of", "visible_to",
]
