"""Live pages: a commit reaches the browsers of its lot; who may no longer look hears nothing."""

import asyncio
import uuid

import pytest
from django.db import connection
from django.http import Http404

from gongheng.kernel.roles import ANYONE
from gongheng.ui import live

LOT, OTHER = str(uuid.uuid4()), str(uuid.uuid4())
GREETING = "retry: 1000\nid: 0\n\n"


@pytest.fixture(autouse=True)
def rule(monkeypatch):
    allowed = {LOT, OTHER}
    monkeypatch.setattr(live, "may_follow", lambda actor, topic: topic in allowed)
    return allowed


@pytest.fixture
def opened(rf):
    """Open a stream as a browser does and return its chunks."""

    def stream(topic=LOT, **headers):
        request = rf.get(f"/live/{topic}/", headers=headers)
        request.actor = ANYONE
        response = live.follow(request, topic)
        assert response["Content-Type"].startswith("text/event-stream")
        return response._iterator  # Django's own wrapper leaves closing to the garbage collector

    return stream


class Deaf(live.Hub):
    """A hub whose events the test announces itself, without a database."""

    async def _listen(self):
        await asyncio.Event().wait()


def with_hub(story):
    """Run an async story with a hub that hears only the test."""

    async def told():
        hub = live._hubs[asyncio.get_running_loop()] = Deaf()
        await story(hub)

    asyncio.run(told())


async def taken(stream, count):
    return [await anext(stream) for _ in range(count)]


def data(chunk: str) -> str:
    return chunk.split("data: ")[1].strip()


def test_only_the_lot_that_is_followed_is_heard(opened):
    async def story(hub):
        stream = opened()
        assert await anext(stream) == GREETING
        hub.announce(OTHER, "lot.close")
        hub.announce(LOT, "lot.open")
        assert data(await anext(stream)) == "lot.open"
        await stream.aclose()

    with_hub(story)


def test_a_browser_that_was_away_is_told_to_fetch_afresh_once(opened):
    async def story(hub):
        first = opened()
        await anext(first)
        again = opened(**{"Last-Event-ID": "7"})
        assert data((await taken(again, 2))[1]) == live.RESYNC
        hub.announce(LOT, "lot.open")
        assert data(await anext(again)) == "lot.open"
        await first.aclose()
        await again.aclose()

    with_hub(story)


def test_an_event_between_page_and_stream_is_not_missed(opened):
    async def story(hub):
        first = opened(OTHER)
        await anext(first)
        hub.announce(LOT, "lot.open")
        late = opened()
        assert data((await taken(late, 2))[1]) == live.RESYNC
        await first.aclose()
        await late.aclose()

    with_hub(story)


def test_who_may_not_look_does_not_get_a_stream(opened, rule):
    rule.clear()
    with pytest.raises(Http404):
        opened()


def test_the_rule_is_asked_again_at_every_event(opened, rule):
    async def story(hub):
        stream = opened()
        await anext(stream)
        hub.announce(LOT, "lot.open")
        assert data(await anext(stream)) == "lot.open"
        rule.clear()
        hub.announce(LOT, "lot.evaluate")
        with pytest.raises(StopAsyncIteration):
            await anext(stream)

    with_hub(story)


def test_without_a_rule_nothing_is_served(opened, monkeypatch):
    monkeypatch.undo()
    with pytest.raises(RuntimeError):
        opened()


def test_a_slow_browser_is_told_to_fetch_afresh_instead_of_growing_a_queue(opened):
    async def story(hub):
        stream = opened()
        await anext(stream)
        for number in range(live.MOST_WAITING + 1):
            hub.announce(LOT, f"lot.{number}")
        assert data(await anext(stream)) == live.RESYNC
        hub.announce(LOT, "lot.after")
        assert data(await anext(stream)) == "lot.after"
        await stream.aclose()

    with_hub(story)


def test_a_silent_stream_beats(opened, monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)

    async def story(hub):
        stream = opened()
        assert (await taken(stream, 2))[1] == ": heartbeat\n\n"
        await stream.aclose()

    with_hub(story)


def test_the_last_to_leave_frees_everything(opened):
    async def story(hub):
        streams = [opened(), opened(OTHER)]
        for stream in streams:
            await anext(stream)
        assert hub._listening is not None
        for stream in streams:
            await stream.aclose()
        assert hub._listening is None
        assert not hub._queues

    with_hub(story)


@pytest.mark.django_db(transaction=True)
def test_a_commit_in_the_database_reaches_the_browser(opened):
    """The first event is always a resync: from then on LISTEN is sure to be in force."""

    def commit():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('trade', %s)", [f"{LOT} lot.open lot:{LOT}"])
            cursor.execute("SELECT pg_notify('trade', ' log.checkpoint log')")

    async def story():
        stream = opened()
        assert data((await taken(stream, 2))[1]) == live.RESYNC
        await asyncio.get_running_loop().run_in_executor(None, _closing, commit)
        assert data(await asyncio.wait_for(anext(stream), 5)) == "lot.open"
        await stream.aclose()

    asyncio.run(story())


@pytest.mark.django_db(transaction=True)
def test_a_page_that_watches_everything_hears_only_what_concerns_everybody(opened, rule, monkeypatch):
    rule.add(live.EVERYWHERE)
    monkeypatch.setattr(live, "concerns_everybody", lambda verb: verb == "offer.confirm")

    def commit():
        with connection.cursor() as cursor:
            for verb in ("bid.seal", "offer.confirm"):
                cursor.execute("SELECT pg_notify('trade', %s)", [f"{LOT} {verb} thing:1"])

    async def story():
        stream = opened(live.EVERYWHERE)
        assert data((await taken(stream, 2))[1]) == live.RESYNC
        await asyncio.get_running_loop().run_in_executor(None, _closing, commit)
        # The bid was sealed first; had it been announced, it would have come first.
        assert data(await asyncio.wait_for(anext(stream), 5)) == "offer.confirm"
        await stream.aclose()

    asyncio.run(story())


def _closing(work):
    try:
        work()
    finally:
        connection.close()
