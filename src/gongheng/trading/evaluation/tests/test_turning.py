"""Reading time page by page: what a seat reports is bounded by the clock, kept sealed, and only the member's own."""

import json
from datetime import timedelta

import pytest
from django.db import connection

from gongheng.kernel.refusal import Refusal
from gongheng.trading.bids.models import BidFile
from gongheng.trading.evaluation.actions import turning
from gongheng.trading.evaluation.actions.turning import Turn
from gongheng.trading.evaluation.models import PageLog
from gongheng.trading.evaluation.queries import attention_of
from gongheng.trading.evaluation.tests.test_pages import of_expert, url


@pytest.fixture
def member(world):
    """A member before his technical sheet; the files under every alias are PDFs of twelve pages."""
    found = world.reviewed()[0]
    BidFile.objects.filter(envelope="E2").update(kind="pdf", pages=12)
    world.clock.advance_to(world.clock.now() + timedelta(minutes=1))
    return found


def form_of(member, label: str = "甲") -> str:
    return f"scores-{member.aliases.get(label=label).pk}"


def test_pages_add_up_and_no_more_than_the_time_that_passed(world, member):
    def note(*turns):
        return turning.note_turns(member, form=form_of(member), turns=turns, clock=world.clock)

    # Pages that no file has prove only a wrong client: they count for nothing.
    assert note(Turn(1, 13, 5), Turn(2, 1, 5), Turn(0, 1, 5), Turn(1, 0, 5)) == 0
    assert not PageLog.objects.exists()
    assert note(Turn(1, 1, 20), Turn(1, 12, 10)) == 30
    world.clock.advance_to(world.clock.now() + timedelta(seconds=15))
    assert note(Turn(1, 12, 600), Turn(1, 3, 5)) == 20  # fifteen seconds and the slack
    told = attention_of(member)[form_of(member)]
    assert (told.seconds, told.pages) == (50, 2)
    assert told.first_at == world.clock.now() - timedelta(seconds=45)
    # A dump must not tell how long a file is: page counts tell bids apart.
    with connection.cursor() as cursor:
        cursor.execute("SELECT seconds FROM evaluation_pagelog")
        assert b"1-12" not in bytes(cursor.fetchone()[0])


def test_only_ones_own_papers_of_the_phase_count(world, member):
    other = next(one for one in member.evaluation.members.all() if one != member)
    for form in (form_of(other), "scores-x", "marks-" + str(world.bids[0].pk), "comment-1"):
        with pytest.raises(Refusal) as refused:
            turning.note_turns(member, form=form, turns=[Turn(1, 1, 3)], clock=world.clock)
        assert refused.value.rule in ("TURNS", "STATE"), form
    assert not PageLog.objects.exists()


def test_the_page_reports_and_strangers_get_404(world, member):
    one, stranger = of_expert(world, world.experts[0]), of_expert(world, world.spare)
    here = url(member.evaluation, "turns/")
    page = one.client.get(url(member.evaluation, "technical/甲/")).content.decode()
    assert f'data-turns-url="{here}"' in page
    assert f'data-form="{form_of(member)}"' in page

    def post(client, body):
        return client.post(here, json.dumps(body), content_type="application/json")

    said = post(one.client, {"form": form_of(member), "turns": [[1, 1, 4]]})
    assert said.json() == {"seconds": 4}
    assert post(stranger.client, {"form": form_of(member), "turns": []}).status_code == 404
    for wrong in ({}, [], {"form": 1, "turns": []}, {"form": "scores-1", "turns": [[1, 1]]},
                  {"form": "scores-1", "turns": [[1, 1, -1]]}, {"form": "scores-1", "turns": [[1, 1, True]]}):
        answer = post(one.client, wrong)
        assert (answer.status_code, answer.json()["rule"]) == (422, "TURNS"), wrong
