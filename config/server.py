"""The web server's entry: pages through Django's WSGI handler in threads, live streams through ASGI.

Django serves synchronous pages several times faster under WSGI than under ASGI, and server-sent
events need ASGI; one port does both.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

pages = get_wsgi_application()
streams = get_asgi_application()

LIVE = "/live/"
THREADS = 8
IN_MEMORY = 2**20
LARGEST_BODY = 256 * 2**20
CHUNK = 64 * 2**10

_pool = ThreadPoolExecutor(THREADS, thread_name_prefix="page")

Receive = Callable[[], Awaitable[dict]]
Send = Callable[[dict], Awaitable[None]]


async def application(scope: dict, receive: Receive, send: Send) -> None:
    """Answer one request (ASGI)."""
    if scope["type"] != "http":
        return
    if scope["path"].startswith(LIVE):
        await streams(scope, receive, send)
        return
    with _spooled() as body, _spooled() as answer:
        size = await _take_in(receive, body)
        if size is None:
            return
        if size > LARGEST_BODY:
            await send({"type": "http.response.start", "status": 413, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        # The thread writes into a file and is free again; a slow client cannot hold it.
        loop = asyncio.get_running_loop()
        start = await loop.run_in_executor(_pool, _answer, environ(scope, body, size), answer)
        await send(start)
        while chunk := answer.read(CHUNK):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _spooled() -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)


async def _take_in(receive: Receive, body: IO[bytes]) -> int | None:
    """Read the request's body into a file; its size, or None when the client went away."""
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size > LARGEST_BODY:
            return size
        body.write(part)
        if not message.get("more_body"):
            body.seek(0)
            return size


def environ(scope: dict, body: IO[bytes], size: int) -> dict:
    """Return the WSGI environment of an ASGI request whose body was read already."""
    host, port = scope.get("server") or ("localhost", None)
    values = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        # WSGI wants bytes disguised as latin-1.
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        # An underscore would let a client pose as a header that a proxy sets with a dash.
        if "_" in name or name.lower() == "content-length":
            continue
        key = name.upper().replace("-", "_")
        key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
        joint = "; " if key == "HTTP_COOKIE" else ","
        values[key] = f"{values[key]}{joint}{value}" if key in values else value
    # Measured, not believed: a chunked request says nothing, and a page must read to the end.
    values["CONTENT_LENGTH"] = str(size)
    return values


def _answer(environment: dict, answer: IO[bytes]) -> dict:
    """Run a page in this thread; the ASGI start message, with the body in `answer`."""
    start: dict = {"type": "http.response.start"}

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable:
        start["status"] = int(status.split(" ", 1)[0])
        start["headers"] = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return answer.write

    response = pages(environment, start_response)
    try:
        for part in response:
            answer.write(part)
    finally:
        # Ends the request for Django: the database connection goes back to the pool.
        response.close()
    answer.seek(0)
    return start


def main(port: int) -> None:
    """Serve on a loopback port with two workers until told to stop."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "config.server:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGINL,
        workers=2,
        websockets=False,
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=3,
    ).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))
