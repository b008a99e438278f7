"""The only writer of tender records, screenings, leads and the watch-list."""

from gongheng.followers.analytics.actions.deciding import (
    accept_lead,
    dismiss_lead,
    feed_back_lead,
    reopen_lead,
    shelve_lead,
    study_tender,
    tick_explanations,
    transfer_lead,
)
from gongheng.followers.analytics.actions.keeping import (
    BidRow,
    TenderRow,
    import_history,
    record_award,
    record_opening,
    take_traces,
)
from gongheng.followers.analytics.actions.looking import note_look
from gongheng.followers.analytics.actions.reckoning import reckon_trade
from gongheng.followers.analytics.actions.reporting import issue_report, issue_yearbook
from gongheng.followers.analytics.actions.running import call_night, plan_night, screen
from gongheng.followers.analytics.actions.watching import (
    enter_listing,
    lapse_listing,
    raise_alert,
    remove_listing,
    see_alerts,
)

__all__ = [
    "BidRow",
    "TenderRow",
    "accept_lead",
    "call_night",
    "dismiss_lead",
    "enter_listing",
    "feed_back_lead",
    "import_history",
    "issue_report",
    "issue_yearbook",
    "lapse_listing",
    "note_look",
    "plan_night",
    "raise_alert",
    "reckon_trade",
    "record_award",
    "record_opening",
    "remove_listing",
    "reopen_lead",
    "screen",
    "see_alerts",
    "shelve_lead",
    "study_tender",
    "take_traces",
    "tick_explanations",
    "transfer_lead",
]
