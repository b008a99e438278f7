"""What screening does when something happened (筛查的跟随): the handlers of config/wiring.py."""

from django.conf import settings

from gongheng.followers.analytics import actions, queries
from gongheng.followers.analytics.models import Alert, Run, TenderRecord
from gongheng.people.parties.models import Organisation
from gongheng.trading.bids.models import Bid
from gongheng.trading.draws import pseudonyms
from gongheng.trading.draws.models import Pick
from gongheng.trading.evaluation.models import Evaluation
from gongheng.trading.opening.models import Attendance, Opening
from gongheng.trading.projects.models import Lot
from gongheng.trust.evidence.models import Entry


def look_at_opening(entry: Entry) -> None:
    """Take the opened tender into history and screen it."""
    opening = Opening.objects.select_related("lot__tender_project").get(pk=_key(entry))
    tender = actions.record_opening(opening.lot)
    actions.take_traces(opening.lot)
    actions.screen([tender], moment=Run.Moment.OPENING, clock=settings.CLOCK)
    actions.plan_night(clock=settings.CLOCK)


def look_at_evaluation(entry: Entry) -> None:
    """Screen a tender again once its scores are signed."""
    evaluation = Evaluation.objects.select_related("lot__tender_project").get(pk=_key(entry))
    tender = TenderRecord.objects.filter(lot=evaluation.lot).first()
    # A lot that was opened before this follower existed has no record.
    tender = tender or actions.record_opening(evaluation.lot)
    actions.take_traces(evaluation.lot)
    actions.screen([tender], moment=Run.Moment.EVALUATED, clock=settings.CLOCK)


def look_at_history(entry: Entry) -> None:
    """Screen what was imported and never looked at."""
    tenders = TenderRecord.objects.filter(screening=None).select_related("screening__run")
    actions.screen(tenders, moment=Run.Moment.NIGHTLY, clock=settings.CLOCK)
    actions.reckon_trade(clock=settings.CLOCK, afresh=True)
    actions.plan_night(clock=settings.CLOCK)


def look_by_night(entry: Entry) -> None:
    """Screen the tenders of the last year again and plan the next night."""
    tenders = queries.of_the_year(settings.CLOCK.now()).select_related("screening__run")
    actions.screen(tenders, moment=Run.Moment.NIGHTLY, clock=settings.CLOCK)
    actions.reckon_trade(clock=settings.CLOCK)
    actions.plan_night(clock=settings.CLOCK)


def note_award(entry: Entry) -> None:
    """Learn who won."""
    actions.record_award(Lot.objects.get(pk=entry.lot))


def watch_sign_in(entry: Entry) -> None:
    """Alert when a listed firm signs in to an opening hall."""
    opening = Opening.objects.select_related("lot").get(pk=_key(entry))
    came = Attendance.objects.filter(opening=opening, signed_in_at=entry.at).values("organisation")
    _alert_firms(Organisation.objects.filter(pk__in=came), Alert.Kind.SIGNED_IN, opening.lot, entry)


def watch_bid(entry: Entry) -> None:
    """Alert when a listed firm's bid is opened."""
    bid = Bid.objects.select_related("lot").get(pk=_key(entry))
    _alert_firms(Organisation.objects.filter(pk=bid.organisation_id), Alert.Kind.OPENED, bid.lot, entry)


def watch_draw(entry: Entry) -> None:
    """Alert when a listed expert is drawn; only the department that listed him is told."""
    pick = Pick.objects.select_related("draw__lot").get(pk=_key(entry))
    for listing in queries.listed().exclude(expert=None).select_related("expert"):
        # The pseudonym of the draw is made again for each listed expert: no list of names is opened.
        if pseudonyms.pid_of(pick.draw, listing.expert) == pick.pid:
            actions.raise_alert(listing, Alert.Kind.DRAWN, pick.draw.lot, entry)


def _alert_firms(firms, kind: str, lot: Lot, entry: Entry) -> None:
    for listing in queries.listed().filter(firm__in=firms):
        actions.raise_alert(listing, kind, lot, entry)


def _key(entry: Entry) -> str:
    return entry.subject.partition(":")[2]


#: verb -> handler, for config/wiring.py; two followers, so that a long run of the engine delays no alert.
SCREENING = {
    "opening.finish": look_at_opening, "evaluation.finish": look_at_evaluation, "history.import": look_at_history,
    "night.call": look_by_night, "award.determined": note_award,
}
WATCH = {"opening.sign_in": watch_sign_in, "bid.open": watch_bid, "pick.invite": watch_draw}
