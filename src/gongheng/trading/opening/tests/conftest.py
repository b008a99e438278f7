"""Fixtures that the tests below share."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gongheng.trading.bids.tests.world import World, make_world, sequence
from gongheng.trust.certificates.tests.theatre import authority, platform, theatre
from gongheng.trust.evidence import witnessing
from gongheng.trust.evidence.models import Checkpoint
from tools.witness.__main__ import serve
from tools.witness.memory import Witness

__all__ = ["announced", "authority", "closed", "house", "platform", "sealed", "theatre"]


@contextmanager
def witnessed(world: World) -> Iterator[World]:
    """Run a witness; ``world.cosign()`` has the newest head sequenced and cosigned."""
    memory = Witness(world.folder / "witness", "witness.test", lambda: int(world.clock.now().timestamp()))
    server = serve(memory, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    world.settings.WITNESS_URL = f"http://127.0.0.1:{server.server_port}"
    world.cosign = lambda: (sequence(), witnessing.cosign(Checkpoint.objects.order_by("-size").first()))
    yield world
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def announced(theatre) -> World:
    """An announced lot whose trustees have pinned the witness's key and seen the deadline."""
    with witnessed(make_world(theatre.authority, theatre.settings)) as world:
        world.announce()
        world.cosign()
    for name in ("centre", "supervisor", "notary"):
        trustee = world.trustee(name)
        trustee.pin_policy()
        trustee.store.keep_deadline(str(world.lot.pk), world.rules(world.bidder(1))["deadline"])
        trustee.store.keep_plan(str(world.lot.pk), {"due": [], "made": []})
    return world


@pytest.fixture(scope="module")
def sealed(announced) -> World:
    """Three sealed bids behind a witnessed close."""
    with witnessed(announced) as world:
        world.kept = {n: world.bid(n, 1_000_000_000 + n * 10_000_000) for n in (1, 2, 3)}
        world.close()
        world.cosign()
    for player in world.players.values():
        # The session is older than eight hours of legal time by now.
        player.visitor.http.cookies.clear()
    return world


@pytest.fixture
def house(theatre, announced, platform) -> Iterator[World]:
    with witnessed(theatre.anew(announced)) as world:
        yield world


@pytest.fixture
def closed(theatre, sealed, platform) -> Iterator[World]:
    with witnessed(theatre.anew(sealed)) as world:
        yield world
