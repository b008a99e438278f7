"""One failing handler or move never stops the others (隔离): it is logged whole and tried again."""

import logging
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections

from gongheng.kernel.refusal import Refusal

log = logging.getLogger("gongheng.followers")

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0


class Attempts:
    """Runs named jobs in threads of their own; a job that failed rests longer each time."""

    def __init__(self, workers: int):
        self._pool = ThreadPoolExecutor(workers, "follower")
        self._rests: dict[Hashable, tuple[float, float]] = {}  # name -> (until, pause)

    def run(self, jobs: dict[Hashable, Callable[[], bool]]) -> bool:
        """Run all jobs that are not resting, wait for them; True when one reports that it did something."""
        now = time.monotonic()
        ready = {name: job for name, job in jobs.items() if self._rests.get(name, (0.0, 0.0))[0] <= now}
        running = {name: self._pool.submit(_with_connection, job) for name, job in ready.items()}
        # A future hands over whatever the job raised, so nothing needs to be caught blindly.
        failures = {name: future.exception() for name, future in running.items()}
        for name, failure in failures.items():
            if failure is None:
                self._rests.pop(name, None)
            else:
                self._rest(name, failure)
        return any(failures[name] is None and running[name].result() for name in running)

    def close(self) -> None:
        self._pool.shutdown()

    def _rest(self, name: Hashable, failure: BaseException) -> None:
        pause = min(self._rests.get(name, (0.0, FIRST_PAUSE_SECONDS / 2))[1] * 2, LONGEST_PAUSE_SECONDS)
        if isinstance(failure, Refusal):
            log.info("%s is refused for now: %s", name, failure)
            pause = FIRST_PAUSE_SECONDS
        else:
            log.error("%s failed, next try in %.0f s", name, pause, exc_info=failure)
        self._rests[name] = (time.monotonic() + pause, pause)


def _with_connection(job: Callable[[], bool]) -> bool:
    close_old_connections()
    try:
        return job()
    finally:
        close_old_connections()
