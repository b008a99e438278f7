"""A client that behaves as the islands do when the line or the server fails: it sends the same thing again (重试)."""

from collections.abc import Callable

import httpx

from tools.rehearse.stages import until
from tools.visitor import Page, Refused, SoftCertificate, Visitor

#: Longer than a cold start on a busy machine, and than the five minutes that an opening waits for a trustee
#: that cannot declare its covers (opening.actions.COVER_PATIENCE).
SECONDS = 420


def persistently(act: Callable[[], object], what: str = "平台恢复"):
    """Return what ``act`` returns, again while the platform is away; a refusal is an answer and comes through."""

    def tried() -> tuple | None:
        try:
            return (act(),)
        except httpx.TransportError:
            return None
        except Refused as refused:
            if refused.status < 500:
                raise
            return None

    return until(tried, what, seconds=SECONDS)[0]


class Patient(Visitor):
    """A visitor whose program repeats every request that got no answer."""

    def __init__(self, origin: str, certificate: SoftCertificate):
        super().__init__(origin, certificate, timeout=30)

    def get(self, path: str) -> Page:
        return persistently(lambda: Visitor.get(self, path))

    def get_json(self, path: str) -> dict:
        return persistently(lambda: Visitor.get_json(self, path))

    def post_json(self, path: str, data: dict) -> dict:
        return persistently(lambda: Visitor.post_json(self, path, data))

    def put_bytes(self, path: str, data: bytes, headers: dict[str, str]) -> None:
        persistently(lambda: Visitor.put_bytes(self, path, data, headers))

    def act_until(self, is_done: Callable[[], object], path: str, **fields) -> None:
        """Fill in and sign a form until its effect shows: what was done although the answer was lost, is done."""
        refusals: list[Refused] = []

        def tried() -> bool:
            if is_done():
                return True
            try:
                self.act(path, **fields)
            except httpx.TransportError:
                return False
            except Refused as refused:
                # The page had not caught up, or the act was done already: what counts is what shows.
                refusals.append(refused)
            return bool(is_done())

        try:
            until(tried, f"{path} {fields.get('form', '')}", seconds=SECONDS)
        except TimeoutError as late:
            raise late from (refusals[-1] if refusals else None)
