"""A seat's program lets itself in once, reports signed, and its silence or its findings keep the seat back."""

import argparse
import uuid
from datetime import timedelta

import httpx
import pytest
from django.conf import settings
from django.test import Client

from gongheng.crypto import canonical, labels, signing
from gongheng.followers.tick import due_move
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import THE_CLOCK
from gongheng.places.venues import actions, queries
from gongheng.places.venues.lifecycle import FRESH_FOR, SILENCE_COUNTS_BEFORE, AgentState
from gongheng.places.venues.models import PARTS, Seat, SeatAgent
from gongheng.places.venues.sentences import SENTENCES
from gongheng.trust.certificates.tests.issuing import NOW
from gongheng.trust.evidence.models import Entry
from tools.seat_agent import __main__ as program
from tools.seat_agent.platform import Platform, Store

pytestmark = pytest.mark.urls("gongheng.places.venues.tests.routes")
ALL_OK = dict.fromkeys(PARTS, "ok")


@pytest.fixture
def seat(hall, platform):
    return Seat.objects.get(room__name="混一", number="01")


@pytest.fixture
def code(seat, clerk, platform):
    return actions.invite_agent(seat, actor=clerk, clock=platform.CLOCK)[1]


class Machine:
    """A seat's PC whose requests go straight into the platform."""

    def __init__(self, folder):
        self.store = Store(folder)
        self.http = httpx.Client(transport=httpx.MockTransport(self.carry), base_url="http://localhost:8000")
        self.platform = Platform(self.http, self.store.key())

    @staticmethod
    def carry(request: httpx.Request) -> httpx.Response:
        headers = {name: value for name, value in request.headers.items() if name.startswith("x-")}
        answer = Client().generic(
            request.method, request.url.path, request.content, content_type="application/json", headers=headers
        )
        return httpx.Response(answer.status_code, content=answer.content)

    def run(self, **options) -> int:
        asked = {"code": None, "simulate": "ok", "once": True} | options
        return program.run(self.store, self.platform, argparse.Namespace(**asked))


@pytest.fixture
def machine(tmp_path, platform):
    made = Machine(tmp_path / "seat")
    yield made
    made.http.close()


@pytest.fixture
def agent(machine, code, clock):
    """A program that enrolled and has not reported yet."""
    machine.store.keep_enrolment(machine.platform.enrol(code))
    return SeatAgent.objects.get()


def is_fit(seat, ahead=timedelta(0)) -> bool:
    """Say whether the seat may be given out now for a use that starts so much later."""
    now = settings.CLOCK.now()
    return Seat.objects.filter(queries.fit(now + ahead, now), pk=seat.pk).exists()


def report(agent, sent_at=NOW, parts=ALL_OK, clock=None):
    return actions.take_report(agent, sent_at=sent_at, parts=parts, is_simulated=True, clock=clock)


def test_a_program_enrols_and_reports_and_says_that_it_simulates(machine, code, seat):
    assert is_fit(seat)
    assert machine.run(code=code.lower()) == 0
    seat.refresh_from_db()
    assert (seat.camera, seat.tested_at, is_fit(seat)) == ("ok", NOW, True)
    agent = SeatAgent.objects.get()
    assert agent.is_simulated
    assert agent.state == AgentState.FIT
    entries = list(Entry.objects.order_by("id").values_list("verb", flat=True))
    assert entries == ["seat_agent.invite", "seat_agent.enrol", "seat_agent.report_fit"]
    assert set(entries) <= SENTENCES.keys()
    assert code.encode() not in b"".join(bytes(one.body) for one in Entry.objects.all())


def test_only_changes_of_health_become_entries(machine, code, seat, platform):
    machine.run(code=code)
    for minute, broken in enumerate(("ok", "ok", "camera", "camera", "camera,network", "ok"), 1):
        platform.CLOCK.moment = NOW + timedelta(minutes=minute)
        assert machine.run(simulate=broken) == 0
        assert is_fit(seat) == (broken == "ok")
    verbs = [one.verb.removeprefix("seat_agent.") for one in Entry.objects.order_by("id")]
    assert verbs[2:] == ["report_fit", "report_unfit", "report_unfit", "report_fit"]
    assert "摄像头" in queries.history_of(seat)[2]["sentence"]


def test_a_seat_whose_program_falls_silent_is_kept_back_for_soon_until_it_reports_again(
    machine, code, seat, platform, clerk
):
    machine.run(code=code)
    agent = SeatAgent.objects.get()
    assert due_move(agent, NOW + FRESH_FOR - timedelta(seconds=1)) is None
    platform.CLOCK.moment = NOW + timedelta(minutes=10)
    machine.run()
    agent.refresh_from_db()
    assert due_move(agent, NOW + FRESH_FOR) is None
    platform.CLOCK.moment = NOW + timedelta(minutes=25)
    assert due_move(agent, platform.CLOCK.now()) == "fall_silent"
    actions.fall_silent(agent, actor=THE_CLOCK, clock=platform.CLOCK)
    now = platform.CLOCK.now()
    assert not is_fit(seat)
    assert not is_fit(seat, SILENCE_COUNTS_BEFORE - timedelta(seconds=1))
    assert is_fit(seat, SILENCE_COUNTS_BEFORE)
    assert (queries.with_capacity().get().seat_count, queries.with_capacity().get().silent_count) == (11, 1)
    assert queries.silent_and_needed(now) == 0
    hold = {"ends_at": now + timedelta(hours=9), "reference": uuid.uuid4(), "now": now}
    with pytest.raises(Refusal, match="SEAT-FAULT"):
        actions.book_seats([seat], starts_at=now + timedelta(hours=1), **hold)
    actions.book_seats([seat], starts_at=now + timedelta(hours=3), **hold)
    assert queries.silent_and_needed(now) == 0
    assert queries.silent_and_needed(now + timedelta(hours=2)) == 1
    assert queries.why_unfit(Seat.objects.get(pk=seat.pk)) == "自检失联"
    machine.run()
    assert is_fit(seat)


def test_a_program_is_not_called_silent_early(agent, platform):
    report(agent, clock=platform.CLOCK)
    agent.refresh_from_db()
    with pytest.raises(Refusal, match="EARLY"):
        actions.fall_silent(agent, actor=THE_CLOCK, clock=platform.CLOCK)


def test_an_enrolled_program_that_never_reported_keeps_the_seat_back(agent, seat):
    assert agent.state == AgentState.SILENT
    assert not is_fit(seat)


def test_what_a_program_found_broken_is_not_given_out_for_any_day(machine, code, seat):
    machine.run(code=code, simulate="camera")
    assert not is_fit(seat, timedelta(days=30))


def test_a_code_works_once_and_not_for_ever(machine, code, platform, tmp_path, capsys):
    platform.CLOCK.moment = NOW + actions.CODE_LASTS
    assert machine.run(code=code) == 1
    assert "登记码不正确或已失效" in capsys.readouterr().err
    platform.CLOCK.moment = NOW
    assert machine.run(code=code) == 0
    other = Machine(tmp_path / "thief")
    assert other.run(code=code) == 1
    assert "登记码不正确或已失效" in capsys.readouterr().err
    assert other.run(code="AAAA") == 1
    assert other.run() == 1
    other.http.close()
    assert bytes(SeatAgent.objects.get().public_key) == signing.public_of(machine.store.key())


@pytest.mark.parametrize(("changes", "rule"), [
    ({"sent_at": NOW - timedelta(minutes=5, seconds=1)}, "TIME"), ({"sent_at": NOW + timedelta(minutes=6)}, "TIME"),
    ({"parts": {"pc": "ok"}}, "PARTS"), ({"parts": ALL_OK | {"pc": "fine"}}, "PARTS"),
])
def test_a_report_that_is_not_right_changes_nothing(agent, platform, seat, changes, rule):
    before = Entry.objects.count()
    with pytest.raises(Refusal, match=rule):
        report(agent, clock=platform.CLOCK, **changes)
    seat.refresh_from_db()
    assert (seat.tested_at, Entry.objects.count()) == (None, before)


def test_no_report_counts_twice(agent, platform):
    report(agent, clock=platform.CLOCK)
    for sent_at in (NOW, NOW - timedelta(seconds=1)):
        with pytest.raises(Refusal, match="REPLAY"):
            report(agent, sent_at=sent_at, parts=ALL_OK | {"pc": "fault"}, clock=platform.CLOCK)
    assert SeatAgent.objects.get().state == AgentState.FIT


def test_only_the_device_key_speaks_for_its_seat(machine, agent, platform, client):
    body = canonical.encode({
        "v": 1, "agent": str(agent.pk), "at": canonical.timestamp(NOW), "parts": ALL_OK, "is_simulated": False,
    })
    address = f"/api/seats/{agent.pk}/report"

    def send(private: bytes, data: bytes = body, label: str = labels.SEAT_REPORT):
        signature = canonical.b64(signing.sign(private, data, label))
        return client.post(
            address, data, content_type="application/json", headers={"X-Seat-Signature": signature}
        )

    thief, own = signing.generate()[0], machine.store.key()
    assert send(thief).json()["rule"] == "SIGNATURE"
    assert send(own, label=labels.SEAT_ENROL).json()["rule"] == "SIGNATURE"
    other = canonical.encode(canonical.decode(body) | {"agent": "another"})
    assert send(own, other).json()["rule"] == "FIELDS"
    assert send(own, b'{"v": 1}').json()["rule"] == "JSON"
    assert not Entry.objects.filter(verb="seat_agent.report_fit").exists()
    assert send(own).status_code == 201
    assert send(own).json()["rule"] == "REPLAY"


def test_a_revoked_program_is_refused_and_its_seat_is_judged_by_staff_again(machine, agent, seat, clerk, platform):
    machine.run(simulate="camera")
    actions.revoke_agent(agent, actor=clerk, clock=platform.CLOCK)
    platform.CLOCK.moment = NOW + timedelta(minutes=1)
    assert machine.run() == 1
    assert is_fit(seat)
    seat.refresh_from_db()
    assert (seat.camera, seat.tested_at) == ("unknown", None)


def test_a_seat_has_one_program_and_only_its_centre_invites_and_revokes(seat, code, clerk, stranger, platform):
    before = Entry.objects.count()
    with pytest.raises(Refusal, match="AGENT"):
        actions.invite_agent(seat, actor=clerk, clock=platform.CLOCK)
    with pytest.raises(Refusal, match="ROLE"):
        actions.invite_agent(seat, actor=stranger, clock=platform.CLOCK)
    with pytest.raises(Refusal, match="ROLE"):
        actions.revoke_agent(SeatAgent.objects.get(), actor=stranger, clock=platform.CLOCK)
    assert (SeatAgent.objects.count(), Entry.objects.count()) == (1, before)
