"""The heartbeat over HTTP: what was typed goes up, what stands comes down; nobody else's seat answers."""

import json
import uuid

from gongheng.trading.evaluation.models import Draft, Presence
from gongheng.trading.evaluation.tests.test_pages import of_expert, url
from gongheng.trading.projects import actions as projects

WINDOW = str(uuid.UUID(int=1))


def beat(one, evaluation, **sent):
    body = {"window": WINDOW, "form": "", "revisions": {}, "changes": []} | sent
    return one.client.post(url(evaluation, "pulse/"), json.dumps(body), content_type="application/json")


def test_a_beat_brings_the_sheet_up_to_date(world):
    member = world.reviewed()[0]
    evaluation, one = member.evaluation, of_expert(world, world.experts[0])
    form = f"scores-{member.aliases.get(label='甲').pk}"
    change = {"field": "F1", "base": 0, "revision": 1, "text": "31"}
    said = beat(one, evaluation, form=form, changes=[change]).json()
    assert (said["phase"], said["is_held"], said["refusal"]) == ("technical", False, None)
    assert "应在 0 至 30 分之间" in said["problems"]["F1"]
    assert said["fields"] == {"F1": {"revision": 1, "window": WINDOW, "text": "31"}}
    assert beat(one, evaluation, form=form, revisions={"F1": 1}).json()["fields"] == {}
    assert Presence.objects.get(member=member).seen_at == world.clock.now()
    hold = projects.place_hold(
        world.lot, kind="incident", reason="停电", clocks=[], actor=world.who.centre, clock=world.clock
    )
    later = change | {"base": 1, "revision": 2, "text": "30"}
    said = beat(one, evaluation, form=form, changes=[later]).json()
    assert (said["is_held"], said["refusal"]["rule"]) == (True, "HOLD")
    projects.release_hold(hold, release_note="恢复", actor=world.who.centre, clock=world.clock)
    assert beat(one, evaluation, form=form, changes=[later]).json()["problems"] == {}
    assert Draft.objects.get(field="F1").text == "30"


def test_malformed_beats_and_strangers_are_turned_away(world):
    evaluation = world.reviewed()[0].evaluation
    one, stranger = of_expert(world, world.experts[0]), of_expert(world, world.spare)
    assert beat(stranger, evaluation).status_code == 404
    for wrong in ({"window": "x"}, {"form": 1}, {"revisions": []}, {"changes": [1]}, {"changes": {}}):
        answer = beat(one, evaluation, **wrong)
        assert (answer.status_code, answer.json()["rule"]) == (422, "DRAFT"), wrong
    nothing = one.client.post(url(evaluation, "pulse/"), b"\xff", content_type="application/json")
    assert nothing.status_code == 422
