"""What the month's figures and report say adds up to what a plain recount of the offers says."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.trading.coordination import actions, printing, queries, views
from gongheng.trading.coordination.models import MonthlyReport, Offer
from gongheng.trading.coordination.queries.statistics import SUMS
from gongheng.trading.coordination.tests.scene import centre, organisation
from gongheng.trust.documents import store
from gongheng.trust.evidence.models import Entry

MARCH = date(2026, 3, 1)


@pytest.fixture
def month(scene):
    """A month in which offers were confirmed, refused, passed on, changed, withdrawn and cancelled."""
    zibo = organisation(11, "淄博中心", "370300", Role.CENTRE)
    centre(zibo, 2, 4)
    actor = Actor("p-zibo", Role.CENTRE, str(zibo.pk))
    order = scene.request()
    scene.clock.advance_to(scene.clock.now() + timedelta(minutes=40))
    scene.confirm(order.offers.get(is_main=True), scene.jinan)
    scene.clock.advance_to(scene.clock.now() + timedelta(minutes=10))
    offer = queries.offers_visible_to(scene.qingdao).get()
    actions.refuse_offer(offer, reason="检修", actor=scene.qingdao, clock=scene.clock)
    scene.clock.advance_to(scene.clock.now() + timedelta(minutes=31))
    scene.confirm(order.offers.get(is_main=False), actor)
    order.refresh_from_db()
    ended = actions.request_cancellation(order, reason="调整", actor=scene.agency, clock=scene.clock)
    for one in (scene.jinan, actor):
        asked = queries.offers_visible_to(one).get(asked_for=ended)
        actions.confirm_offer(asked, seats=[], actor=one, clock=scene.clock)
    withdrawn = scene.request()
    actions.cancel_order(withdrawn, reason="改期", actor=scene.agency, clock=scene.clock)
    scene.confirmed()
    return actor


def rows():
    return {row.centre: row for row in queries.statistics(MARCH)}


def test_each_centre_is_counted_by_outcome_and_response(scene, month):
    jinan, qingdao, zibo = (rows()[name] for name in ("济南中心", "青岛中心", "淄博中心"))
    assert (jinan.initiated, jinan.sent, jinan.confirmed, jinan.called_off, jinan.withdrawn) == (3, 3, 1, 1, 1)
    assert (qingdao.sent, qingdao.refused, qingdao.confirmed, qingdao.passed_out) == (2, 1, 1, 1)
    assert (zibo.sent, zibo.called_off, zibo.passed_in, zibo.mean_minutes) == (1, 1, 1, 31)
    assert (jinan.mean_minutes, jinan.slow_minutes) == (20, 40)
    assert (jinan.seats, jinan.hours) == (3, Decimal("6.0"))


def test_the_outcomes_add_up_to_what_was_sent_and_the_total_to_a_raw_recount(scene, month):
    found = queries.statistics(MARCH)
    for row in found:
        outcomes = (row.confirmed, row.refused, row.expired, row.changed, row.called_off, row.withdrawn, row.waiting)
        assert row.sent == sum(outcomes)
    total = queries.total_of(found)
    # Counted again by the database, from the rows themselves.
    sent = Offer.objects.filter(sent_at__isnull=False, asked_for__kind__in=["SQ", "BG"])
    confirmed = sent.filter(state="confirmed")
    assert total["sent"] == sent.count()
    assert total["confirmed"] == confirmed.count()
    assert total["refused"] == sent.filter(state="refused").count() == 1
    assert total["passed_in"] == total["passed_out"] == sent.filter(replaces__isnull=False).count()
    assert total["called_off"] == sent.filter(state="cancelled", decided_at__isnull=False).count()
    assert total["seats"] == sum(confirmed.values_list("seats_wanted", flat=True))
    hours = [one.asked_for.ends_at - one.asked_for.starts_at for one in confirmed]
    assert total["hours"] == Decimal(sum(hours, timedelta()) // timedelta(hours=1))


def test_only_the_offers_sent_in_the_month_count(scene, month):
    assert queries.statistics(date(2026, 4, 1)) == []
    assert queries.statistics(MARCH) == queries.statistics()
    last = Offer.objects.filter(asked_for__kind="SQ").latest("sent_at")
    # 1 April 00:00 in Beijing is still March in Greenwich.
    Offer.objects.filter(pk=last.pk).update(sent_at="2026-03-31T16:00:00Z")
    assert sum(row.sent for row in queries.statistics(date(2026, 4, 1))) == 1
    Offer.objects.filter(pk=last.pk).update(sent_at="2026-03-31T15:59:59Z")
    assert queries.statistics(date(2026, 4, 1)) == []


def test_the_report_prints_the_total_of_each_column(scene, month):
    found = queries.statistics(MARCH)
    data = printing.data(MARCH, found, scene.clock.now())
    for matrix, columns in ((data["counts"], printing.COUNTS), (data["responses"], printing.RESPONSES)):
        *lines, last = matrix["rows"]
        assert last["label"] == "合计"
        for column, (_, name) in enumerate(columns):
            cells = [Decimal(line["cells"][column]) for line in lines if line["cells"][column] != "—"]
            assert last["cells"][column] == (str(sum(cells)) if name in SUMS else "—")


def test_a_report_is_made_once_the_month_is_over_and_only_by_those_who_look_after_the_province(scene, month):
    hub = organisation(30, "省中心", "370000", Role.CENTRE)
    centre(hub, 1, 1)
    chief = Actor("p-hub", Role.CENTRE, str(hub.pk))
    entries = Entry.objects.count()
    for actor, rule in ((scene.jinan, "PARTY"), (scene.agency, "PARTY"), (chief, "MONTH")):
        with pytest.raises(Refusal, match=rule):
            actions.issue_report(MARCH, actor=actor, clock=scene.clock)
    assert (MonthlyReport.objects.count(), Entry.objects.count()) == (0, entries)
    scene.clock.advance_to(scene.clock.now() + timedelta(days=31))
    report = actions.issue_report(MARCH, actor=chief, clock=scene.clock)
    assert queries.reports(scene.supervisor).get() == report
    assert not queries.reports(scene.jinan).exists()
    with store.open(report.document.digest) as stream:
        text = "".join(page.extract_text() for page in PdfReader(BytesIO(stream.read())).pages)
    assert "2026年3月" in text.replace(" ", "")
    assert scene.lot.name not in text
    assert Entry.objects.get(verb="coordination.report").actor == chief.id


def test_months_run_from_the_first_offer_to_the_present_one(scene, month):
    scene.clock.advance_to(scene.clock.now() + timedelta(days=62))
    assert queries.months(scene.clock.now()) == [date(2026, 5, 1), date(2026, 4, 1), MARCH]
    assert queries.month_of("all", scene.clock.now()) is None
    assert queries.month_of("2026-13", scene.clock.now()) == date(2026, 5, 1)


def test_the_spreadsheet_says_the_same(scene, month, rf):
    request = rf.get("/?format=xlsx&month=2026-03")
    request.actor = scene.jinan
    sheet = load_workbook(BytesIO(views.statistics(request).content)).active
    assert sheet.max_row == 5
    total = queries.total_of(queries.statistics(MARCH))
    assert [cell.value for cell in sheet[5]][:4] == ["合计", total["initiated"], total["sent"], total["confirmed"]]
