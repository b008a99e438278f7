"""A log of its own for each test: keys in a temporary folder, and a witness on a loopback port."""

import threading
import uuid

import pytest
from django.db import transaction

from gongheng.kernel.keyring import Keyring
from gongheng.kernel.roles import Actor, Role
from gongheng.trust.evidence import sequencer
from gongheng.trust.evidence.models import Entry
from gongheng.trust.evidence.recording import record
from tools.witness.__main__ import serve
from tools.witness.memory import Witness

AGENT = Actor("p-agent", Role.AGENCY)


@pytest.fixture(autouse=True)
def own_log(settings, tmp_path, clock):
    settings.VAR = tmp_path
    settings.KEYRING = Keyring(tmp_path / "keys")
    settings.WITNESS_URL = ""
    settings.CLOCK = clock


@pytest.fixture
def write(clock):
    """Write one entry, as an action would."""

    def written(verb="lot.announce", lot: uuid.UUID | None = None, **facts) -> Entry:
        with transaction.atomic():
            return record(verb, f"lot:{lot}", lot=lot, actor=AGENT, at=clock.now(), facts=facts)

    return written


@pytest.fixture
def witness(settings, tmp_path, clock):
    """A running witness that has never seen our log; ``witness.refuse`` makes it answer 503."""
    memory = Witness(tmp_path / "witness", "witness.test", lambda: int(clock.now().timestamp()))
    server = serve(memory, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.WITNESS_URL = f"http://127.0.0.1:{server.server_port}"
    yield memory
    server.shutdown()
    server.server_close()
    thread.join()


def sequence_all() -> None:
    """Let the sequencer work until it has nothing to do."""
    while sequencer.step():
        pass
