"""The pages of the award show each side what is its own, and one tender goes through them to the notice."""

import pytest
from django.test import Client

from gongheng.trading.award.models import Award, ResultObjection
from gongheng.trading.award.tests.building import BIDS, MEMBERS, reported_lot, visitor
from gongheng.trading.projects.lifecycle import State
from gongheng.trust.signatures.models import Signature

pytestmark = [pytest.mark.django_db, pytest.mark.urls("gongheng.trading.award.tests.routes")]


@pytest.fixture
def stage(clock):
    return reported_lot(clock)


def test_before_the_publicity_only_host_and_supervisor_see_the_stage(stage, clock, authority):
    page = f"/award/lots/{stage.lot.pk}/"
    assert Client().get(page).status_code == 404
    assert visitor(authority, stage.bidders[0], clock).status(page) == 404
    assert "公示中标候选人" in visitor(authority, stage.who.agency, clock).text(page)
    assert visitor(authority, stage.who.supervisor, clock).status(page) == 200


def test_a_tender_goes_through_the_pages_to_the_award_notice(stage, clock, authority):
    lot = stage.lot
    page = f"/award/lots/{lot.pk}/"
    agency, tenderer = (visitor(authority, one, clock) for one in (stage.who.agency, stage.who.tenderer))
    loser, winner = visitor(authority, stage.bidders[1], clock), visitor(authority, stage.bidders[0], clock)

    assert BIDS[0][0] in agency.text(f"{page}publicise/")
    short = agency.sign(f"{page}publicise/", "award.publicise", publicity_ends_at="2026-03-28T09:00")
    assert "公示期不得少于" in short.content.decode()
    assert agency.sign(f"{page}publicise/", "award.publicise", publicity_ends_at="2026-03-31T00:00").status_code == 302
    shown = Client().get(page).content.decode()
    assert BIDS[0][0] in shown
    assert BIDS[4][0] in shown
    assert BIDS[3][0] not in shown

    assert agency.status(f"{page}object/") == 404
    assert loser.sign(f"{page}object/", "award.object", text="报价得分计算有误").status_code == 302
    objection = ResultObjection.objects.get()
    assert "报价得分计算有误" in loser.text(page)
    assert "报价得分计算有误" in agency.text(page)
    assert "报价得分计算有误" not in winner.text(page) + Client().get(page).content.decode()
    answer = f"/award/objections/{objection.pk}/answer/"
    assert "报价得分计算有误" in agency.text(answer)
    assert agency.sign(answer, "award.answer", answer="经复核无误").status_code == 302
    assert "经复核无误" in loser.text(page)

    lot.refresh_from_db()
    first = lot.candidates.get(rank=1)
    assert "公示期至" in tenderer.text(f"{page}decide/")
    clock.advance_to(lot.publicity_ends_at)
    wrong = tenderer.sign(
        f"{page}decide/", "award.decide", candidate=str(first.pk), ground="gave_up", reason="放弃"
    )
    assert "应当确定排名第一的中标候选人" in wrong.content.decode()
    assert agency.status(f"{page}decide/") == 404
    done = tenderer.sign(f"{page}decide/", "award.decide", candidate=str(first.pk), ground="first", reason="")
    assert done.status_code == 302
    assert MEMBERS[0] in agency.text(f"{page}notify/")
    assert agency.sign(f"{page}notify/", "award.notify").status_code == 302

    assert b"".join(winner.client.get(f"{page}award-notice.pdf").streaming_content)[:5] == b"%PDF-"
    assert loser.status(f"{page}award-notice.pdf") == 404
    lot.refresh_from_db()
    assert lot.state == State.NOTIFIED
    assert Award.objects.get().candidate == first
    kept = set(Signature.objects.values_list("verb", flat=True))
    assert {"lot.publicise", "award.objection", "award.answer", "lot.award", "lot.notify"} <= kept
