"""A centre that has not answered is reminded by the clock; the SMS says until when, never about what."""

import threading
from datetime import timedelta

import pytest

from gongheng.followers.tick import due_move
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import THE_CLOCK
from gongheng.trading.coordination import actions, notifying
from gongheng.trading.coordination.rules import ANSWER_TIME, LAST_REMINDER
from gongheng.trading.coordination.sentences import SENTENCES
from gongheng.trust.evidence.models import Entry
from tools.sms.__main__ import serve
from tools.sms.outbox import Outbox


@pytest.fixture
def offer(scene):
    return scene.request().offers.get(is_main=True)


@pytest.fixture
def outbox(settings, tmp_path):
    kept = Outbox(tmp_path / "sms")
    server = serve(kept, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.SMS_URL = f"http://127.0.0.1:{server.server_port}"
    yield kept
    server.shutdown()
    server.server_close()
    thread.join()


def entry(verb: str) -> Entry:
    return Entry.objects.filter(verb=verb).latest("id")


def test_the_clock_reminds_at_half_time_and_shortly_before_the_end_and_then_expires(scene, offer):
    made = []
    while offer.state == "sent":
        at = offer.next_due_at
        move = due_move(offer, at)
        made.append((move, at - offer.sent_at))
        if move == "remind":
            with pytest.raises(Refusal, match="EARLY"):
                actions.remind_centre(offer, actor=THE_CLOCK, clock=scene.clock)
        scene.clock.advance_to(at)
        act = {"remind": actions.remind_centre, "expire": actions.expire_offer}[move]
        act(offer, actor=THE_CLOCK, clock=scene.clock)
    assert made == [("remind", ANSWER_TIME / 2), ("remind", ANSWER_TIME - LAST_REMINDER), ("expire", ANSWER_TIME)]


def test_a_clock_that_stood_still_reminds_once_and_still_expires(scene, offer):
    scene.clock.advance_to(offer.confirm_by + timedelta(hours=1))
    assert due_move(offer, scene.clock.now()) == "remind"
    actions.remind_centre(offer, actor=THE_CLOCK, clock=scene.clock)
    assert due_move(offer, scene.clock.now()) == "expire"


def test_the_sms_tells_until_when_and_nothing_of_the_project(scene, offer, outbox):
    notifying.tell_centre(entry("offer.send"))
    scene.clock.advance_to(offer.next_due_at)
    actions.remind_centre(offer, actor=THE_CLOCK, clock=scene.clock)
    notifying.tell_centre(entry("offer.remind"))
    first, second = outbox.to("05311")
    assert "收到一份" in first["text"]
    assert "催办" in second["text"]
    lot, tender = scene.lot, scene.lot.tender_project
    secret = (lot.name, lot.code, tender.name, tender.tenderer.name, tender.agency.name, offer.asked_for.number, "招标")
    assert not any(word in one["text"] for one in (first, second) for word in secret)
    assert Entry.objects.filter(verb="coordination.notified").count() == 2
    assert "coordination.notified" in SENTENCES


def test_what_was_answered_or_is_over_needs_no_telling(scene, offer, outbox):
    told = entry("offer.send")
    scene.confirm(offer, scene.jinan)
    notifying.tell_centre(told)
    late = entry("offer.send")
    assert late != told
    scene.clock.advance_to(scene.clock.now() + ANSWER_TIME)
    notifying.tell_centre(late)
    assert outbox.to("") == []
