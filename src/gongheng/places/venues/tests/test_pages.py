"""The pages of centres: everybody sees the catalogue, only its own staff see what is broken and change it."""

import io
from datetime import date, datetime, timedelta
from uuid import uuid4

import openpyxl
import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import Http404
from django.test import RequestFactory

from gongheng.kernel.roles import ANYONE
from gongheng.places.venues import actions, queries, schedule
from gongheng.places.venues.models import FeeRule, Room, Seat, SeatAgent
from gongheng.places.venues.views import catalogue, centre, seats
from gongheng.trust.certificates.tests.issuing import NOW

pytestmark = pytest.mark.urls("gongheng.places.venues.tests.routes")


def call(view, actor, *, query: str = "", data: dict | None = None, **kwargs):
    make = RequestFactory()
    request = make.get(f"/{query}") if data is None else make.post("/", data)
    request.actor, request.session = actor, {}
    request._messages = FallbackStorage(request)
    return view(request, **kwargs)


def shown(view, actor, **kwargs) -> str:
    response = call(view, actor, **kwargs)
    assert response.status_code == 200
    return response.content.decode()


def test_the_catalogue_is_public_and_a_spreadsheet(hall, platform):
    FeeRule.objects.create(
        centre=hall, valid_from=date(2026, 3, 1), per_hour=100, remote_allowance=200, overtime_per_hour=150,
        overtime_after=8,
    )
    Seat.objects.filter(number="05").update(fault="黑屏")
    page = shown(catalogue.centres, ANYONE)
    for text in ("济南中心", "周一至周五", "08:30–18:00", "其中混合评标室 3 间", "100.00"):
        assert text in page
    assert "没有符合条件的交易中心" in shown(catalogue.centres, ANYONE, query="?city=370200")
    book = openpyxl.load_workbook(io.BytesIO(call(catalogue.centres, ANYONE, query="?format=xlsx").content))
    head, row = (list(one) for one in book.active.iter_rows(values_only=True))
    told = dict(zip(head, row, strict=True))
    assert (told["评标室"], told["其中混合评标室"], told["席位总数"], told["可用席位"]) == (4, 3, 11, 10)
    assert told["异地补助（元/场）"] == 200


def test_only_its_own_staff_see_what_is_broken(hall, clerk, stranger, platform):
    seat = Seat.objects.get(room__name="混一", number="01")
    actions.report_fault(seat, fault="黑屏", actor=clerk, clock=platform.CLOCK)
    own = shown(catalogue.centre, clerk, pk=hall.pk)
    assert "席位状态" in own
    assert "黑屏" in own
    for other in (ANYONE, stranger):
        page = shown(catalogue.centre, other, pk=hall.pk)
        assert "黑屏" not in page
        assert "新增评标室" not in page
    assert "黑屏" in shown(seats.seat, clerk, pk=seat.pk)
    for view in (seats.seat, seats.fault):
        with pytest.raises(Http404):
            call(view, stranger, pk=seat.pk)


def test_a_code_is_shown_once_and_a_program_can_be_revoked(hall, clerk, platform):
    seat = Seat.objects.get(room__name="混一", number="01")
    answer = call(seats.invite, clerk, pk=seat.pk, data={})
    assert "登记码只显示这一次" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    page = shown(seats.seat, clerk, pk=seat.pk)
    assert "登记码只显示这一次" not in page
    assert "吊销自检程序" in page
    assert call(seats.revoke, clerk, pk=seat.pk, data={}).status_code == 302
    assert SeatAgent.objects.get().state == "revoked"
    with pytest.raises(Http404):
        call(seats.revoke, clerk, pk=seat.pk, data={})


def test_staff_keep_rooms_hours_and_fees(hall, clerk, stranger, platform):
    room = Room.objects.get(name="混一")
    asked = {"name": "甲室", "floor": "3层", "kind": "mixed", "camera_count": 2, "is_enabled": "on"}
    assert call(centre.room, clerk, pk=room.pk, data=asked).status_code == 302
    assert Room.objects.get(pk=room.pk).name == "甲室"
    assert "规则 ROOM" in shown(centre.room, clerk, pk=room.pk, data=asked | {"name": "混二"})
    with pytest.raises(Http404):
        call(centre.room, stranger, pk=room.pk)
    new = {"name": "乙室", "floor": "3层", "kind": "mixed", "seats": 4, "camera_count": 1}
    call(centre.add_room, clerk, data=new)
    assert Room.objects.get(name="乙室").seats.count() == 4
    assert call(
        centre.hours, clerk, data={"weekdays": [1, 2], "opens_at": "09:00", "closes_at": "17:00"}
    ).status_code == 302
    call(centre.close_day, clerk, data={"day": "2026-03-03", "reason": "检修"})
    page = shown(centre.hours, clerk)
    assert "检修" in page
    call(centre.reopen_day, clerk, pk=hall.closed_days.get().pk, data={})
    assert "没有登记停止服务日" in shown(centre.hours, clerk)
    fee = {"per_hour": 1, "remote_allowance": 2, "overtime_per_hour": 3, "overtime_after": 8}
    assert call(centre.fees, clerk, data=fee | {"valid_from": "2026-03-02"}).status_code == 302
    assert "规则 VALID-FROM" in shown(centre.fees, clerk, data=fee | {"valid_from": "2026-03-01"})
    assert "现行" in shown(centre.fees, clerk)


def test_neighbours_are_chosen_from_other_rooms(hall, clerk, platform):
    one, same, other = (
        Seat.objects.get(room__name=room, number=number)
        for room, number in (("混一", "01"), ("混一", "02"), ("混二", "01"))
    )
    call(seats.neighbours, clerk, pk=one.pk, data={"neighbours": [other.pk]})
    assert list(other.neighbours.all()) == [one]
    call(seats.neighbours, clerk, pk=one.pk, data={"neighbours": [same.pk]})
    assert list(one.neighbours.all()) == [other]


def test_the_day_shows_each_session_in_its_half_hours(hall, clerk, platform):
    chosen = queries.propose_seats(hall, NOW, NOW + timedelta(hours=2), 3, NOW)
    actions.book_seats(
        chosen, starts_at=NOW, ends_at=NOW + timedelta(minutes=100), reference=uuid4(), now=NOW
    )
    page = shown(centre.day_plan, clerk, query="?day=2026-03-02")
    assert page.count("场次 1<") == 3
    assert 'colspan="4">场次 1' in page
    assert "本日不接受新的场次：非服务日" in shown(centre.day_plan, clerk, query="?day=2026-03-07")


def test_the_grid_covers_what_is_held_outside_the_service_hours():
    def at(text: str) -> datetime:
        return datetime.fromisoformat(f"2026-03-02T{text}:00+08:00")

    held = [(at("07:40"), at("09:00"), 1), (at("19:00"), at("20:10"), 2)]
    plan = [{"seats": [{"held": held, "is_fit": True}]}]
    half_hours = schedule.slots(date(2026, 3, 2), at("08:30").time(), at("18:00").time(), plan)
    assert (half_hours[0], half_hours[-1]) == (at("07:30"), at("20:00"))
    runs = [(run["number"], run["span"]) for run in schedule.line(held, half_hours) if run["number"]]
    assert runs == [(1, 3), (2, 3)]
    assert sum(one["span"] for one in schedule.heads(half_hours)) == len(half_hours)
    assert schedule.curve(plan, half_hours)["series"][0]["data"].count(1) == 6
