"""Reading an evaluation: who may see what, sheets and results, the progress board."""

from gongheng.trading.evaluation.queries.access import (
    alias_of,
    bids_under_review,
    ceiling_of,
    confirmed_order,
    evaluation_of,
    expert_of_actor,
    is_main_venue,
    member_of,
    method_of,
    passed_bids,
    seat_code,
    sessions_of,
    sheet_of,
    visible_to,
)
from gongheng.trading.evaluation.queries.boards import board, card, deviation_board, is_scored, seats_at, todos
from gongheng.trading.evaluation.queries.results import (
    Deviation,
    Standing,
    compute_result,
    deviations,
    result,
    result_digest,
    unexplained_deviations,
)

__all__ = [
    "Deviation", "Standing", "alias_of", "bids_under_review", "board", "card", "ceiling_of", "compute_result",
    "confirmed_order", "deviation_board", "deviations", "evaluation_of", "expert_of_actor", "is_main_venue",
    "is_scored", "member_of", "method_of", "passed_bids", "result", "result_digest", "seat_code", "seats_at",
    "sessions_of", "sheet_of", "todos", "unexplained_deviations", "visible_to",
]
