"""Fixtures that the tests below share."""

import threading

import pytest

from gongheng.trading.bids.tests.conftest import authority, platform, world
from gongheng.trading.bids.tests.world import sequence
from gongheng.trust.evidence import witnessing
from gongheng.trust.evidence.models import Checkpoint
from tools.witness.__main__ import serve
from tools.witness.memory import Witness

__all__ = ["authority", "closed", "house", "platform", "witness", "world"]


@pytest.fixture
def witness(world):
    """A running witness; call it to have the newest head cosigned."""
    memory = Witness(world.folder / "witness", "witness.test", lambda: int(world.clock.now().timestamp()))
    server = serve(memory, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    world.settings.WITNESS_URL = f"http://127.0.0.1:{server.server_port}"
    yield lambda: witnessing.cosign(Checkpoint.objects.order_by("-size").first())
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def house(world, witness):
    """An announced lot whose trustees have pinned the witness's key and seen the deadline."""
    world.announce()
    world.cosign = lambda: (sequence(), witness())
    world.cosign()
    for name in ("centre", "supervisor", "notary"):
        trustee = world.trustee(name)
        trustee.pin_policy()
        trustee.store.keep_deadline(str(world.lot.pk), world.rules(world.bidder(1))["deadline"])
        trustee.store.keep_plan(str(world.lot.pk), {"due": [], "made": []})
    return world


@pytest.fixture
def closed(house):
    """Three sealed bids behind a witnessed close."""
    house.kept = {n: house.bid(n, 1_000_000_000 + n * 10_000_000) for n in (1, 2, 3)}
    house.close()
    house.cosign()
    for player in house.players.values():
        # The session is older than eight hours of legal time by now.
        player.visitor.http.cookies.clear()
    return house
