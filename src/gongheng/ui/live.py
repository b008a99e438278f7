"""Live pages (实时推送): what commits in the trade is pushed to the browsers that follow its lot.

One LISTEN connection per process fans out to a queue per browser. An event says only *that*
something happened (its verb); the page then asks for what its reader may see.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection
from django.http import Http404, HttpRequest, StreamingHttpResponse

from gongheng.kernel.roles import Actor, Role
from gongheng.ui.pages import page

log = logging.getLogger("gongheng.live")

CHANNEL = "trade"
HEARTBEAT_SECONDS = 15.0
RECONNECT_SECONDS = 1.0
RECENT_SECONDS = 10.0
MOST_WAITING = 64
#: The topic of pages that watch the whole trade at once, such as the dispatch board; no lot has this id.
EVERYWHERE = str(UUID(int=0))
#: Tells the page that it may have missed something and should fetch everything afresh.
RESYNC = "resync"


def may_follow(actor: Actor, topic: str) -> bool:
    """Say whether ``actor`` may follow the lot ``topic``; the desks put their rule here when ready."""
    raise RuntimeError("no rule says who may follow a lot: live pages cannot serve")


def concerns_everybody(verb: str) -> bool:
    """Say whether pages that watch the whole trade hear of ``verb``; the desks put their rule here when ready.

    Nothing, until they do: the mere rhythm of some acts, such as sealing bids, is a secret.
    """
    return False


@page("live.follow", Role.PUBLIC)
def follow(request: HttpRequest, topic) -> StreamingHttpResponse:
    """Stream the events of one lot; a browser that was away gets one ``resync`` first."""
    topic = str(topic)
    if not may_follow(request.actor, topic):
        raise Http404
    events = _stream(topic, request.actor, was_away="Last-Event-ID" in request.headers)
    # A stream lives for hours; the connection that the checks used must not wait with it.
    close_old_connections()
    return StreamingHttpResponse(
        events,
        content_type="text/event-stream; charset=utf-8",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(topic: str, actor: Actor, *, was_away: bool) -> AsyncIterator[str]:
    hub = _hub()
    queue = hub.subscribe(topic, was_away=was_away)
    try:
        # The id makes the browser send Last-Event-ID when it comes back, even before any event.
        yield "retry: 1000\nid: 0\n\n"
        while True:
            try:
                serial, verb = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
            except TimeoutError:
                yield ": heartbeat\n\n"
                continue
            if not await hub.permits(actor, topic, serial):
                return
            yield f"id: {serial}\ndata: {verb}\n\n"
    finally:
        hub.unsubscribe(topic, queue)


class Hub:
    """The listeners of one process (one event loop), and its one LISTEN connection."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue]] = {}
        self._recent: dict[str, float] = {}
        self._verdicts: dict[tuple[Actor, str], asyncio.Task] = {}
        self._serial = 0
        self._judged = 0
        self._listening: asyncio.Task | None = None

    def subscribe(self, topic: str, *, was_away: bool) -> asyncio.Queue:
        """Return a new queue of (serial, verb) for one browser."""
        queue: asyncio.Queue = asyncio.Queue(MOST_WAITING)
        self._queues.setdefault(topic, set()).add(queue)
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        # An event may have fallen between the rendering of the page and this moment.
        elif was_away or time.monotonic() - self._recent.get(topic, -RECENT_SECONDS) < RECENT_SECONDS:
            queue.put_nowait((self._next(), RESYNC))
        return queue

    def unsubscribe(self, topic: str, queue: asyncio.Queue) -> None:
        """Forget a browser that left; the last one to leave closes the connection."""
        self._queues[topic].discard(queue)
        if not self._queues[topic]:
            del self._queues[topic]
        if not self._queues and self._listening is not None:
            self._listening.cancel()
            self._listening = None
            self._recent.clear()

    def announce(self, topic: str, verb: str) -> None:
        """Put an event into the queue of everybody who follows the topic."""
        now = time.monotonic()
        self._recent = {one: at for one, at in self._recent.items() if now - at < RECENT_SECONDS} | {topic: now}
        self._push(self._queues.get(topic, ()), verb)

    async def permits(self, actor: Actor, topic: str, serial: int) -> bool:
        """Ask the rule again at every event; equal readers of one event share one answer."""
        if serial > self._judged:
            self._verdicts.clear()
            self._judged = serial
        verdict = self._verdicts.get((actor, topic))
        if verdict is None:
            verdict = self._verdicts[actor, topic] = asyncio.create_task(_ask(actor, topic))
        return await asyncio.shield(verdict)

    def _push(self, queues, verb: str) -> None:
        serial = self._next()
        for queue in queues:
            if queue.full():
                # Too slow to hear everything: forget the rest and have the page fetched afresh.
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait((serial, RESYNC))
            else:
                queue.put_nowait((serial, verb))

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(autocommit=True, **_address()) as listener:
                    await listener.execute(f"LISTEN {CHANNEL}")
                    # Whoever subscribed before this moment may have missed something.
                    for queues in list(self._queues.values()):
                        self._push(queues, RESYNC)
                    async for notice in listener.notifies():
                        lot, verb, _ = notice.payload.split(" ", 2)
                        self.announce(lot, verb)
                        if concerns_everybody(verb):
                            self.announce(EVERYWHERE, verb)
            except psycopg.OperationalError as error:
                log.warning("live pages lost the database: %s", type(error).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def _hub() -> Hub:
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


async def _ask(actor: Actor, topic: str) -> bool:
    return await sync_to_async(_judged_in_thread, thread_sensitive=False)(actor, topic)


def _judged_in_thread(actor: Actor, topic: str) -> bool:
    close_old_connections()
    try:
        return may_follow(actor, topic)
    finally:
        close_old_connections()


def _address() -> dict:
    known = connection.settings_dict
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {ours: known[theirs] for ours, theirs in named.items() if known[theirs]}
