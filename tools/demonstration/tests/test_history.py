"""The planted ring is found, explained, transferred, decided and fed back; honest firms are not named."""

import pytest

from gongheng.followers.analytics import actions, following, queries
from gongheng.followers.analytics.lifecycle import LeadState
from gongheng.followers.analytics.models import TenderRecord
from gongheng.followers.analytics.rules import CALM, KEY
from gongheng.kernel.roles import Actor, Role
from gongheng.people.parties.models import Organisation
from gongheng.trust.evidence.models import Entry
from tools.demonstration import history, province

pytestmark = pytest.mark.django_db
REASON = "三家使用同一软件许可号，报价等差，轮流中标，保证金由同一账户支付，已排除共用信息价的可能。"


def test_the_planted_ring_goes_the_whole_way(platform, monkeypatch):
    monkeypatch.setattr(history, "PLACES", history.PLACES[-1:])  # the ring's own market is enough here
    platform.IS_DEMONSTRATION = True
    province.load(platform.VAR, platform, experts=2)
    count = history.load(platform)
    assert count > 50
    assert history.load(platform) == 0
    following.look_at_history(Entry.objects.get(verb="history.import"))

    department = Organisation.objects.get(name="山东省住房和城乡建设厅")
    supervisor = Actor("somebody", Role.SUPERVISOR, str(department.pk), "某人")
    agreed = {one.uscc for one in history.ring()}
    assert len(agreed) == 3
    found = queries.month_standings(supervisor, queries.months(supervisor))
    rigged = set(
        TenderRecord.objects.filter(evidence__has_key="traces").order_by("opened_at").values_list("pk", flat=True)
    )
    # Found: what the source kept of the machines makes every tender of the ring stand out.
    assert all(found[pk].band != CALM for pk in rigged)
    named = [set(one.screening.coalition) for one in TenderRecord.objects.filter(pk__in=rigged)]
    assert set.union(*named) == agreed
    keys = [pk for pk, one in found.items() if one.band == KEY]
    assert set(keys) <= rigged

    # Explained: several families that do not depend on each other, with values and sources.
    statutory = [pk for pk in rigged if TenderRecord.objects.get(pk=pk).screening.is_statutory]
    tender = TenderRecord.objects.filter(pk__in=statutory).latest("opened_at")
    assert {"F", "M", "P"} <= set(tender.screening.families)
    assert tender.source == history.SOURCE
    lead = actions.study_tender(tender, actor=supervisor, clock=platform.CLOCK)
    actions.tick_explanations(lead, actions.deciding.explanations(lead)[:2], actor=supervisor, clock=platform.CLOCK)
    lead.refresh_from_db()
    by = {"actor": supervisor, "clock": platform.CLOCK}
    actions.transfer_lead(lead, authority="德州市公安局经济犯罪侦查支队", reason=REASON, **by)
    actions.accept_lead(lead, case_number="德公（经）受案字〔2026〕1号", **by)
    actions.feed_back_lead(lead, outcome="proven", reason=REASON, penalty="", **by)
    assert (lead.state, queries.labels()[0][2]) == (LeadState.FED_BACK, True)
