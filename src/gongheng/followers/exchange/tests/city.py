"""What a city needs around its receiver: the follower, a port, the sender (回调测试场景)."""

import threading
from contextlib import contextmanager

from gongheng.followers.exchange import actions, queries
from gongheng.followers.exchange.following import HANDLERS
from gongheng.trust.evidence.models import Entry
from tools.city.receiver import Receiver, serve


def follow(after: int = 0) -> int:
    """Hand the log to the follower's handlers, as the runner does; return the last entry's id."""
    for entry in Entry.objects.filter(id__gt=after, verb__in=HANDLERS).order_by("id"):
        HANDLERS[entry.verb](entry)
    return Entry.objects.order_by("-id").values_list("id", flat=True).first()


@contextmanager
def listening(joined, clock, heard):
    """Run the receiver of a city on a port of its own; yield its address."""
    receiver = Receiver(joined.system.system_no, joined.client.key, joined.client.platform_key, heard, clock.now)
    server = serve(receiver, 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def deliver_all(clock) -> int:
    sent = 0
    while waiting := list(queries.with_callbacks_to_send(clock.now())):
        for system in waiting:
            sent += actions.deliver_next(system, clock=clock)
    return sent
