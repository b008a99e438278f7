"""Sends callbacks (发送回调) in a process of its own: a receiver that is away must not keep the legal clock waiting."""

from functools import partial

from django.conf import settings

from gongheng.followers.attempts import Attempts
from gongheng.followers.exchange import queries
from gongheng.followers.exchange.actions import deliver_next

POLL_SECONDS = 0.5
#: Receivers that are told at the same time.
WORKERS = 4


def run(stop) -> None:
    """Send what waits until ``stop`` is set; a system that cannot be reached rests longer each time, up to 30 s."""
    attempts = Attempts(WORKERS)
    while not stop.is_set():
        clock = settings.CLOCK
        jobs = {
            system.system_no: partial(deliver_next, system, clock=clock)
            for system in queries.with_callbacks_to_send(clock.now())
        }
        if not attempts.run(jobs):
            stop.wait(POLL_SECONDS)
    attempts.close()
