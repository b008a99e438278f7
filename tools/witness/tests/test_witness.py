"""The witness answers as C2SP tlog-witness says, remembers across restarts, and keeps proofs of fraud."""

import base64
import json
import threading

import httpx
import pytest

from gongheng.crypto import cosigning, merkle
from tools.witness.__main__ import demonstration_clock, serve
from tools.witness.memory import Witness

ORIGIN, KEY = "log.example/2026", bytes(range(32))
LEAVES = [merkle.leaf_hash("sha256", str(n).encode()) for n in range(9)]
OTHER = [merkle.leaf_hash("sha256", b"other"), *LEAVES[1:]]


@pytest.fixture
def witness(tmp_path):
    made = Witness(tmp_path / "store", "witness.example/w1", lambda: 1_700_000_000)
    assert made.introduce(cosigning.log_key(ORIGIN, KEY).text().encode()).status == 200
    return made


def note(size, leaves=LEAVES, key=KEY, origin=ORIGIN) -> str:
    return cosigning.sign_checkpoint(origin, size, merkle.root("sha256", leaves[:size]), origin, key)


def request(old, size, leaves=LEAVES, **changes) -> bytes:
    proof = merkle.consistency_proof("sha256", old, size, merkle.from_leaves("sha256", leaves)) if old <= size else []
    lines = [f"old {old}", *(base64.b64encode(one).decode() for one in proof), ""]
    return ("\n".join(lines) + "\n" + note(size, leaves, **changes)).encode()


def test_it_cosigns_what_continues_its_memory(witness):
    key = cosigning.parse_key(witness.key().text.strip())
    for old, size in ((0, 3), (3, 7), (7, 7), (7, 9)):
        answer = witness.add_checkpoint(request(old, size))
        assert answer.status == 200
        told = cosigning.parse(note(size))[0]
        assert cosigning.verify_cosignature(told, answer.text, key) == 1_700_000_000
    assert cosigning.quorum_times(witness.newest(ORIGIN).text, [key], 1) == {"witness.example/w1": 1_700_000_000}


def test_it_remembers_after_a_restart(witness):
    witness.add_checkpoint(request(0, 5))
    again = Witness(witness.store, witness.name, witness.clock)
    assert again.key() == witness.key()
    assert again.add_checkpoint(request(0, 7)).status == 409
    assert again.add_checkpoint(request(5, 7)).status == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (request(3, 7), 409),  # it is at 5
        (request(0, 7), 409),
        (request(7, 5), 400),  # old size beyond the checkpoint
        (request(5, 9, key=bytes(32)), 403),
        (request(5, 9, origin="unknown.example"), 404),
        (request(5, 9).replace(b"old 5", b"old 05"), 400),
        (request(5, 9).replace(b"old 5\n", b""), 400),
        (b"old 5\n\nno note", 400),
        (b"\xff", 400),
        (b"old 5\n" + b"AAAA\n" * 64 + b"\n" + note(9).encode(), 400),
        (b"old 5\n!!\n\n" + note(9).encode(), 400),
        (b"old 5\nAAAA\n\n" + note(9).encode(), 422),
        (request(5, 9, OTHER), 422),
        (request(5, 5, OTHER), 409),
    ],
)
def test_what_it_refuses_leaves_its_memory_as_it_was(witness, body, status):
    witness.add_checkpoint(request(0, 5))
    before = witness.newest(ORIGIN)
    assert witness.add_checkpoint(body).status == status
    assert witness.newest(ORIGIN) == before


def test_a_conflict_names_the_size_it_is_at(witness):
    assert witness.add_checkpoint(request(5, 9)).text == "0\n"
    witness.add_checkpoint(request(0, 5))
    answer = witness.add_checkpoint(request(0, 9))
    assert (answer.text, answer.content_type) == ("5\n", "text/x.tlog.size")


@pytest.mark.parametrize("size", [5, 9])
def test_two_signed_histories_are_kept_as_proof(witness, size):
    witness.add_checkpoint(request(0, 5))
    witness.add_checkpoint(request(5, size, OTHER))
    (kept,) = witness.store.glob("logs/*/fraud-*")
    remembered, offered = kept.read_text().split("\n" + ORIGIN, 1)
    key = cosigning.log_key(ORIGIN, KEY)
    assert cosigning.verify(remembered, key, ORIGIN).root != cosigning.verify(ORIGIN + offered, key, ORIGIN).root


def test_an_unsigned_fork_is_no_proof_and_is_not_kept(witness):
    witness.add_checkpoint(request(0, 5))
    witness.add_checkpoint(request(5, 5, OTHER, key=bytes(32)))
    assert not list(witness.store.glob("logs/*/fraud-*"))


def test_the_first_key_of_an_origin_stays(witness):
    assert witness.introduce(cosigning.log_key(ORIGIN, KEY).text().encode()).status == 200
    assert witness.introduce(cosigning.log_key(ORIGIN, bytes(32)).text().encode()).status == 409
    assert witness.introduce(cosigning.witness_key("w", KEY).text().encode()).status == 400
    assert witness.introduce(b"nonsense").status == 400
    assert witness.newest("unknown.example").status == 404


def test_two_requests_at_once_never_roll_it_back(witness):
    witness.add_checkpoint(request(0, 3))
    statuses = []
    threads = [
        threading.Thread(target=lambda size=size: statuses.append(witness.add_checkpoint(request(3, size)).status))
        for size in (7, 9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409]


def test_it_speaks_http(witness):
    server = serve(witness, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", trust_env=False) as client:
        assert client.get("/newest", params={"origin": ORIGIN}).status_code == 404
        assert client.post("/add-checkpoint", content=request(0, 5)).text.startswith("—")
        assert client.get("/newest", params={"origin": ORIGIN}).text.startswith(f"{ORIGIN}\n5\n")
        assert client.get("/key").text == witness.key().text
        assert client.post("/log", content=b"x").status_code == 400
        assert client.post("/add-checkpoint", content=b"x" * 70_000).status_code == 413
    with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", trust_env=False) as client:
        assert client.get("/store").status_code == client.post("/store").status_code == 404
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_demonstration_clock_follows_the_offset_file(tmp_path, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1000.5)
    clock = demonstration_clock(tmp_path / "clock.json")
    assert clock() == 1000
    (tmp_path / "clock.json").write_text(json.dumps({"offset_seconds": 86400}))
    assert clock() == 87400
