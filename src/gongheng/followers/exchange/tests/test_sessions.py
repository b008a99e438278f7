"""A session run by the main venue's own system, disturbed by the sub venue's."""

from datetime import timedelta

import pytest

from gongheng.followers.exchange.following import HANDLERS
from gongheng.followers.exchange.models import Callback
from gongheng.followers.exchange.operations import EVENTS
from gongheng.followers.exchange.schema import check
from gongheng.followers.exchange.tests.city import deliver_all, follow, listening
from gongheng.followers.exchange.tests.conftest import Hub
from gongheng.kernel.roles import Actor, Role
from gongheng.trading.coordination.queries import confirmed_order
from gongheng.trading.coordination.tests.scene import organisation
from gongheng.trading.evaluation.actions import reporting
from gongheng.trading.evaluation.queries import compute_result, evaluation_of, result_digest
from gongheng.trading.evaluation.tests.conftest import authority, opened, platform, theatre, world
from gongheng.trading.sessions.models import Incident, Session
from gongheng.trust.evidence.models import Entry
from tools.city.client import Refused

__all__ = ["authority", "opened", "platform", "theatre", "world"]

FAULT = {"cause": "NETWORK", "description": "副场专线中断"}


@pytest.fixture
def venues(world):
    """The systems of the main and of the sub venue, both told of what happens."""
    province = organisation(90, "山东省公共资源交易中心", "370000", Role.CENTRE)
    hub = Hub(world, Actor("p-hub", Role.CENTRE, str(province.pk)))
    joined = hub.join(world.who.centre, "venue"), hub.join(world.qingdao, "venue")
    for one in joined:
        one.client.call("set_notify_url", {"url": "http://127.0.0.1:1/x"})
    return joined


def refusal(client, op: str, data: dict) -> str:
    before = Session.objects.count(), Incident.objects.count()
    with pytest.raises(Refused) as caught:
        client.call(op, data)
    assert (Session.objects.count(), Incident.objects.count()) == before
    return caught.value.rule


def test_only_the_main_venue_runs_the_session(world, venues):
    main, sub = venues
    order = {"number": confirmed_order(world.lot).number}
    assert refusal(main.client, "eval_end", order) == "STATE"
    assert refusal(sub.client, "eval_start", order) == "MAIN-VENUE"
    assert main.client.call("eval_start", order) == order | {"session": "running"}
    assert refusal(main.client, "eval_start", order) == "STATE"
    assert refusal(sub.client, "eval_pause", order | FAULT) == "MAIN-VENUE"
    assert refusal(sub.client, "eval_end", order) == "MAIN-VENUE"
    assert sub.client.call("exception", order | FAULT) == order | {"session": "running"}
    assert main.client.call("eval_pause", order | FAULT) == order | {"session": "paused"}
    assert refusal(main.client, "eval_start", order) == "DECISION"
    assert refusal(sub.client, "eval_start", order | {"decision": "已恢复"}) == "MAIN-VENUE"
    assert main.client.call("eval_start", order | {"decision": "专线已恢复"}) == order | {"session": "running"}
    assert refusal(main.client, "eval_end", order) == "STATE"  # the report is not signed yet
    assert refusal(main.client, "exception", order | FAULT | {"cause": "RAIN"}) == "FIELD"


def test_a_city_goes_through_a_whole_session(world, venues):
    """Started, disturbed, paused, resumed and ended by systems alone, while the committee does its work."""
    main, sub = venues
    order, heard = {"number": confirmed_order(world.lot).number}, []
    with listening(sub, world.clock, lambda event, data: heard.append((event, data["what"]))) as origin:
        sub.system.notify_origin = origin
        sub.system.save()
        sub.client.call("set_notify_url", {"url": f"{origin}/callbacks"})
        main.client.call("set_notify_url", {"url": ""})
        before = Entry.objects.latest("id").pk
        main.client.call("eval_start", order)
        sub.client.call("exception", order | FAULT)
        main.client.call("eval_pause", order | FAULT)
        world.clock.moment += timedelta(minutes=4)
        main.client.call("eval_start", order | {"decision": "专线已恢复"})
        _sign_the_report(world)
        assert main.client.call("eval_end", order)["session"] == "ended"
        follow(before)
        deliver_all(world.clock)
    assert sorted(heard) == sorted(
        ("session", what) for what in ("start", "report", "report", "pause", "resume", "end")
    )
    assert not sub.system.callbacks.filter(acknowledgement=None).exists()
    assert refusal(main.client, "eval_end", order) == "STATE"


def _sign_the_report(world) -> None:
    session = Session.objects.get()
    world.opened = lambda: session.evaluation
    members = world.scored()
    leader, evaluation = members[0], members[0].evaluation
    evaluation.result = compute_result(evaluation)
    world.clock.moment += timedelta(minutes=130)
    reporting.make_report(
        leader, opinion="", result=result_digest(evaluation), actor=world.of(leader), clock=world.clock
    )
    document = evaluation_of(world.lot).report.digest
    for member in world.fresh(members):
        reporting.sign_report(
            member, agrees=True, dissent="", document=document, actor=world.of(member), clock=world.clock
        )


def test_both_venues_are_told(world, venues):
    main, sub = venues
    order = {"number": confirmed_order(world.lot).number}
    main.client.call("eval_start", order)
    sub.client.call("exception", order | FAULT)
    for entry in Entry.objects.filter(verb__in=HANDLERS, verb__regex="^(session|incident)").order_by("id"):
        HANDLERS[entry.verb](entry)
    for one in venues:
        told = one.system.callbacks.filter(event="session").order_by("made_at")
        assert sorted(each.data["what"] for each in told) == ["report", "start"]
    for callback in Callback.objects.all():
        check(callback.data, EVENTS[callback.event].data)
        assert "中断" not in str(callback.data)
