"""The web server hands pages to WSGI and streams to ASGI, on one port, whatever the body's size."""

import hashlib
import os
import subprocess
import sys
import time

import httpx
import pytest

from config.processes import places


@pytest.fixture(scope="module")
def site():
    port = places.free_port()
    environment = dict(os.environ) | {
        "PYTHONPATH": f"{places.ROOT / 'src'}:{places.ROOT}",
        "DJANGO_SETTINGS_MODULE": "tests.processes.bare_site",
    }
    process = subprocess.Popen([sys.executable, "-m", "config.server", str(port)], cwd=places.ROOT, env=environment)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        end = time.monotonic() + 20
        while True:
            try:
                client.get("/")
                break
            except httpx.TransportError:
                assert process.poll() is None
                assert time.monotonic() < end
        yield client
    process.terminate()
    process.wait()


def test_a_page_sees_path_headers_and_cookies(site):
    headers = [("X-Role", "host"), ("X_Role", "forged"), ("Cookie", "a=1"), ("Cookie", "b=2")]
    answer = site.get("/echo/标段/", headers=headers)
    assert answer.text == "标段|host|0|2"
    assert answer.headers["X-Seen"] == "yes"


@pytest.mark.parametrize("size", [0, 1000, 3 * 2**20])
def test_a_body_arrives_whole_in_memory_or_spooled(site, size):
    body = os.urandom(size)
    answer = site.post("/measure/", content=body)
    assert (answer.status_code, answer.text) == (201, hashlib.sha256(body).hexdigest())


def test_a_chunked_body_without_length_arrives_whole(site):
    answer = site.post("/measure/", content=iter([b"one", b"two"]))
    assert answer.text == hashlib.sha256(b"onetwo").hexdigest()


def test_live_addresses_stream(site):
    with site.stream("GET", "/live/ticks/") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert "".join(answer.iter_text()) == "data: 0\n\ndata: 1\n\ndata: 2\n\n"
