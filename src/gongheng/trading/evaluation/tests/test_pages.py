"""The committee at its workbenches: one whole evaluation through the pages, and who sees what."""

import io
from datetime import timedelta

import pytest
from django.test import Client

from gongheng.crypto import canonical
from gongheng.kernel.roles import Role
from gongheng.people.identity import actions as identity
from gongheng.people.parties.models import Membership
from gongheng.trading.bids.models import BidFile
from gongheng.trading.evaluation import queries
from gongheng.trading.evaluation.actions import scoring
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Alias, Evaluation, Member, ReportSignature
from gongheng.trading.evaluation.sentences import SENTENCES
from gongheng.trading.evaluation.tests.world import ITEMS, World, visitor
from gongheng.trading.projects.lifecycle import State as LotState
from gongheng.trading.projects.tests.building import of
from gongheng.trust.documents import store
from gongheng.trust.documents.tests.foreign_files import pdf
from gongheng.trust.evidence.models import Entry
from gongheng.trust.signatures.nonces import fresh_nonce

HTMX = {"HX-Request": "true"}


def staff(world: World, authority, actor):
    """Sign in somebody who acts for the organisation and in the role of ``actor``."""
    own = of(actor)
    held = authority.issue("某人", own.name, own.uscc, not_after=world.clock.now().replace(year=2027))
    person = identity.register_person("某人", "13900000000", authority.row(held), now=world.clock.now())
    Membership.objects.create(person=person, organisation=own, role=actor.role, since=world.clock.now())
    return visitor(held, world.clock)


def of_expert(world: World, expert):
    return visitor(world.held[str(expert.pk)], world.clock)


@pytest.fixture
def room(world, authority):
    """The world with its visitors signed in: staff of both venues and five experts."""
    world.centre = staff(world, authority, world.who.centre)
    world.sub = staff(world, authority, world.qingdao)
    world.at = [of_expert(world, expert) for expert in world.experts]
    return world


def room_of(room, expert):
    """Return the visitor who works at the expert's venue."""
    return room.centre if expert in room.experts[:3] else room.sub


def done(answer) -> None:
    """The act went through: a refusal would lead back to where it came from."""
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert answer.url != answer.request["PATH_INFO"]


def url(evaluation, rest: str = "") -> str:
    return f"/evaluation/{evaluation.pk}/{rest}"


def lose_the_link_while_signing(evaluation, first, second, clock) -> None:
    """C8: half an hour without a link, while two members sign, leaves one signature of each and none come late."""
    path = url(evaluation, "sign/")

    def signed(seat):
        """Sign in the browser; what comes back is the request that goes over the line."""
        now = clock.now()
        values = {"document": [evaluation.report.digest], "agrees": ["yes"], "dissent": [""]}
        return values | seat.held.act("evaluation.sign", path, fresh_nonce(now), values, at=canonical.timestamp(now))

    def signatures() -> tuple[int, int]:
        return ReportSignature.objects.count(), Entry.objects.filter(verb="report.sign").count()

    # The request arrived, its answer was lost: the browser sends the same again, then the expert signs once more.
    sent = signed(first)
    done(first.client.post(path, sent))
    assert "NONCE" in first.client.post(path, sent, follow=True).content.decode()
    first.client.post(path, signed(first))
    assert signatures() == (1, 1)
    # The request itself was lost for half an hour: late it counts for nothing, signed anew it counts once.
    held_up = signed(second)
    clock.moment += timedelta(minutes=30)
    assert "ACT-TIME" in second.client.post(path, held_up, follow=True).content.decode()
    assert signatures() == (1, 1)
    done(second.client.post(path, signed(second)))
    assert signatures() == (2, 2)
    evaluation.refresh_from_db()
    assert (evaluation.state, evaluation.sign_by - clock.now()) == (State.SIGNING, timedelta(minutes=90))


def test_one_whole_evaluation_through_the_pages(room, authority):
    lot = room.lot
    control = f"/sessions/lots/{lot.pk}/"
    assert "签名并启动评标" in room.centre.text(control)
    assert "等待主场启动评标" in room.sub.text(control)
    done(room.centre.sign(f"{control}start/", "sessions.start"))
    evaluation = Evaluation.objects.get(lot=lot)
    session = f"/sessions/{evaluation.session.pk}/"

    for one, expert in zip(room.at, room.experts, strict=True):
        assert "席位签到" in one.text("/desk/")
        shown = one.text(url(evaluation))
        arrival = shown.split("data-arrival>")[1].split("<")[0]
        answer = room_of(room, expert).sign(f"{session}reception/", "sessions.receive", code=arrival)
        assert answer.status_code == 302
        assert "人工核验结论" in room_of(room, expert).text(f"{session}reception/")
        own = evaluation.arrivals.latest("pk")
        decided = {"admits": "yes", "decision": "核对身份证原件，人证一致"}
        path = f"{session}reception/{own.pk}/"
        other = room.sub if expert in room.experts[:3] else room.centre
        assert other.sign(f"{path}decide/", "sessions.decide", **decided).status_code == 404
        done(room_of(room, expert).sign(f"{path}decide/", "sessions.decide", **decided))
        done(room_of(room, expert).client.post(f"{path}phone/", {"locker": f"A{own.pk}"}))
        own.refresh_from_db()
        assert f"{own.seat.room.name} {own.seat.number} 号席位" in one.text(url(evaluation))
        code = room.code_of(own)
        assert code in (room.centre if expert in room.experts[:3] else room.sub).text(control)
        assert code not in (room.sub if expert in room.experts[:3] else room.centre).text(control)
        done(one.sign(url(evaluation, "check-in/"), "evaluation.check_in", seat_code=code))
        assert room.bids[0].bidder_name in one.text(url(evaluation))
        done(one.sign(url(evaluation, "promise/"), "evaluation.promise", confirmed="on"))
    done(room.centre.sign(f"{session}begin/", "sessions.begin"))

    members = list(evaluation.members.order_by("number"))
    for one in room.at:
        assert "推选组长" in one.text(url(evaluation))
        done(one.sign(url(evaluation, "leader/"), "evaluation.vote_leader", choice=str(members[0].pk)))

    for one in room.at:
        for bid in room.bids:
            shown = one.text(url(evaluation, f"preliminary/{bid.pk}/"))
            assert f"{bid.bidder_name}营业执照" in shown
            assert "施工方案第" not in shown
            answer = one.client.post(url(evaluation, f"preliminary/{bid.pk}/"), {"rest": "pass"})
            assert answer.status_code == 302
        done(one.sign(url(evaluation, "preliminary/lock/"), "evaluation.lock_preliminary", failing="0"))

    for one, member in zip(room.at, members, strict=True):
        for label in "甲乙丙丁":
            shown = one.text(url(evaluation, f"technical/{label}/"))
            assert "施工方案第" in shown
            assert not any(bid.bidder_name in shown or bid.uscc in shown or str(bid.pk) in shown for bid in room.bids)
            points = {"F1": "25.5", "F2": "10", "comment": "可行"}
            answer = one.client.post(url(evaluation, f"technical/{label}/"), points)
            assert answer.status_code == 302
        page = one.text(url(evaluation, "technical/lock/"))
        digest = page.split('name="sheet" value="')[1].split('"')[0]
        board = room.centre.text(control)
        assert "35.5" not in board
        done(one.sign(url(evaluation, "technical/lock/"), "evaluation.lock_sheet", sheet=digest))
        member.refresh_from_db()
        assert member.technical_locked_at

    page = room.at[0].text(url(evaluation))
    assert "签名并形成报告" in page
    assert "签名并形成报告" not in room.at[1].text(url(evaluation))
    digest = page.split('name="result" value="')[1].split('"')[0]
    done(room.at[0].sign(url(evaluation, "report/"), "evaluation.report", opinion="", result=digest))

    agency = staff(room, authority, room.who.agency)
    assert agency.status(url(evaluation, "outcome/")) == 404
    assert agency.status(url(evaluation, "report/file/")) == 404
    evaluation.refresh_from_db()
    document = evaluation.report.digest
    for one in room.at:
        assert "签署评标报告" in one.text(url(evaluation))
    lose_the_link_while_signing(evaluation, *room.at[:2], room.clock)
    for one in room.at[2:]:
        done(one.sign(url(evaluation, "sign/"), "evaluation.sign", agrees="yes", dissent="", document=document))
    lot.refresh_from_db()
    evaluation.refresh_from_db()
    assert (evaluation.state, lot.state) == (State.DONE, LotState.REPORTED)
    shown = agency.text(url(evaluation, "outcome/"))
    assert room.bids[0].bidder_name in shown
    assert "评委1" in shown
    assert not any(expert.person.name in shown for expert in room.experts)
    assert agency.client.get(url(evaluation, "report/file/")).content.startswith(b"%PDF-")
    assert "评标已结束" in room.at[0].text(url(evaluation))
    assert {entry.verb for entry in Entry.objects.filter(subject=f"evaluation:{evaluation.pk}")} <= set(SENTENCES)


def test_what_is_typed_is_saved_at_once_and_what_is_wrong_is_said(world):
    member = world.reviewing()[0]
    evaluation, one, bid = member.evaluation, of_expert(world, world.experts[0]), world.bids[0]
    path = url(evaluation, f"preliminary/{bid.pk}/")
    marks = {ITEMS[0]: "pass", ITEMS[1]: "fail", f"{ITEMS[1]}-reason": ""}
    said = one.client.post(path, marks, headers=HTMX)
    assert "判定不通过须写明理由" in said.content.decode()
    assert list(member.marks.values_list("item", "passes")) == [(ITEMS[0], True)]
    said = one.client.post(path, marks | {f"{ITEMS[1]}-reason": "过期"}, headers=HTMX)
    assert "已自动保存" in said.content.decode()
    assert "已评 2/3，不通过 1" in said.content.decode()


def test_a_score_sheet_saves_cell_by_cell(world):
    member = world.reviewed()[0]
    one = of_expert(world, world.experts[0])
    path = url(member.evaluation, "technical/乙/")
    said = one.client.post(path, {"F1": "31", "F2": "10"}, headers=HTMX).content.decode()
    assert "应在 0 至 30 分之间" in said
    assert queries.sheet_of(member)["乙"] == {"F2": 10}
    said = one.client.post(path, {"F1": "二十", "F2": ""}, headers=HTMX).content.decode()
    assert "不是数字" in said
    assert queries.sheet_of(member)["乙"] == {}
    said = one.client.post(path, {"F1": "28.25"}, headers=HTMX).content.decode()
    assert "28.25" in said
    assert "已评 1/2" in said
    assert one.status(url(member.evaluation, "technical/戊/")) == 404


def test_a_sheet_changed_in_another_window_is_not_the_one_that_was_signed(world):
    member = world.reviewed()[0]
    world.score_all(member, {})
    one = of_expert(world, world.experts[0])
    answer = one.sign(url(member.evaluation, "technical/lock/"), "evaluation.lock_sheet", sheet="x")
    assert answer.status_code == 302
    member.refresh_from_db()
    assert member.technical_locked_at is None


def test_pages_of_a_technical_file_are_bare_pictures_and_only_while_scoring(world):
    member = world.reviewed()[0]
    bid = Alias.objects.get(member=member, label="甲").bid_sealed
    kept = store.put(io.BytesIO(pdf(pages=2)))
    BidFile.objects.filter(bid=bid, envelope="E2").update(digest=kept.digest)
    one, evaluation = of_expert(world, world.experts[0]), member.evaluation
    shown = one.text(url(evaluation, "technical/甲/"))
    assert shown.count("<img src=") == 2
    answer = one.client.get(url(evaluation, "technical/甲/1/2/"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert one.status(url(evaluation, "technical/甲/1/3/")) == 404
    assert one.status(url(evaluation, "technical/甲/2/1/")) == 404
    assert one.status(url(evaluation, f"preliminary/{bid}/1/1/")) == 404
    Evaluation.objects.filter(pk=evaluation.pk).update(state=State.RESULT)
    assert one.status(url(evaluation, "technical/甲/1/2/")) == 404


def test_outsiders_find_no_evaluation(world, authority):
    evaluation = world.scored()[0].evaluation
    strangers = [
        of_expert(world, world.spare),
        *(
            staff(world, authority, one)
            for one in (world.who.agency, world.who.tenderer, world.who.bidder, world.who.outsider)
        ),
    ]
    paths = ("", "wait/", "check-in/", "promise/", "leader/", "preliminary/", "technical/", "technical/甲/", "result/",
             "sign/", "report/file/", "board/", "monitor/", "outcome/")
    for one in strangers:
        assert {one.status(url(evaluation, path)) for path in paths} == {404}
    nobody = Client()
    assert nobody.get(url(evaluation)).status_code == 302
    for one in (Role.CENTRE, Role.SUPERVISOR):
        actor = world.who.centre if one == Role.CENTRE else world.who.supervisor
        watcher = staff(world, authority, actor)
        assert watcher.status(url(evaluation, "result/")) == 404
        assert watcher.status(url(evaluation, "outcome/")) == 404
        assert watcher.status(url(evaluation, "board/")) == 200


def test_the_supervisor_sees_progress_and_deviations_only_after_the_lock(world, authority):
    members = world.reviewed()
    watcher = staff(world, authority, world.who.supervisor)
    for member in members:
        world.score_all(member, {}, "15" if member.number == 3 else None)
    page = watcher.text(url(members[0].evaluation, "monitor/"))
    assert "评分中" in page
    assert "24.24" not in page
    for member in members:
        scoring.lock_sheet(member, actor=world.of(member), clock=world.clock)
    page = watcher.text(url(members[0].evaluation, "monitor/"))
    assert "-24.24" in page
    odd = of_expert(world, world.experts[2])
    assert odd.text(url(members[0].evaluation, "result/")).count("签名并提交") == 4
    done(odd.sign(
        url(members[0].evaluation, f"result/{world.bids[0].pk}/explain/"), "evaluation.explain", reason="缺少专项方案"
    ))
    assert "缺少专项方案" in watcher.text(url(members[0].evaluation, "monitor/"))


def test_the_waiting_page_leads_on_by_itself(world):
    members = world.seated()
    evaluation, first = members[0].evaluation, of_expert(world, world.experts[0])
    first.sign(url(evaluation, "leader/"), "evaluation.vote_leader", choice=str(members[0].pk))
    assert "请稍候" in first.text(url(evaluation))
    answer = first.client.get(url(evaluation, "wait/"), headers=HTMX)
    assert "HX-Redirect" not in answer
    for member, expert in zip(members[1:], world.experts[1:], strict=True):
        of_expert(world, expert).sign(url(evaluation, "leader/"), "evaluation.vote_leader", choice=str(members[0].pk))
        assert Member.objects.get(pk=member.pk)
    answer = first.client.get(url(evaluation, "wait/"), headers=HTMX)
    assert answer["HX-Redirect"] == url(evaluation, "preliminary/")


def test_the_card_and_the_list_of_things_to_do(world, authority):
    lot, clock = world.lot, world.clock
    venue, host, expert = world.who.centre, world.who.agency, world.as_expert(world.experts[0])
    assert [todo.title for todo in queries.todos(venue, clock.now())] == ["组织评标"]
    assert queries.card(lot, host, clock.now()) is None
    assert queries.card(lot, venue, clock.now()).status == "待开始"
    evaluation = world.opened()
    assert [todo.title for todo in queries.todos(expert, clock.now())] == ["到席位签到"]
    assert [todo.title for todo in queries.todos(venue, clock.now())] == ["委员到齐后开始评标"]
    world.check_in(evaluation, world.experts[0])
    assert [todo.title for todo in queries.todos(expert, clock.now())] == ["签到核验"]
    assert queries.card(lot, host, clock.now()) is None
    assert queries.card(lot, world.who.supervisor, clock.now()).status == "签到核验"
    assert queries.todos(world.qingdao, clock.now()) == []
