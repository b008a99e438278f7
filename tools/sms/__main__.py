"""``python -m tools.sms``: the simulated SMS gateway as a program of its own (短信网关模拟器).

POST /send {"to", "text"} → {"id", "simulator": true}; GET /outbox?to=… → {"messages": […], "simulator": true}.
"""

import argparse
import json
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tools.sms.outbox import Outbox

MOST_BYTES = 4096
MOST_TEXT = 500


def main(argv: list[str] | None = None) -> int:
    """Serve until a signal asks to stop."""
    parser = argparse.ArgumentParser(prog="tools.sms", description="短信网关模拟器：只收存，不发送")
    parser.add_argument("--store", type=Path, required=True, help="保存短信的目录")
    parser.add_argument("--port", type=int, required=True, help="监听端口（仅本机）")
    options = parser.parse_args(argv)
    server = serve(Outbox(options.store), options.port)
    print(f"短信网关模拟器已启动：http://127.0.0.1:{server.server_port}", file=sys.stderr, flush=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop it would interrupt, so it runs beside it.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()
    return 0


def serve(outbox: Outbox, port: int) -> ThreadingHTTPServer:
    """Return a server bound to the loopback port (0 = any), not yet running."""

    class Handler(BaseHTTPRequestHandler):
        """Translates HTTP to the outbox; it decides nothing."""

        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == "/outbox":
                self._answer(200, {"messages": outbox.to(parse_qs(url.query).get("to", [""])[0])})
            else:
                self._answer(404, {"error": "not found"})

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > MOST_BYTES:
                self.close_connection = True
                self._answer(413, {"error": "too large, or no length"})
                return
            message = _message(self.rfile.read(int(length)))
            if self.path != "/send":
                self._answer(404, {"error": "not found"})
            elif message is None:
                self._answer(400, {"error": "to: digits, text: 1 to 500 characters"})
            else:
                self._answer(200, {"id": outbox.take(*message)})

        def _answer(self, status: int, body: dict) -> None:
            data = json.dumps(body | {"simulator": True}, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args) -> None:
            """Keep no access log."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def _message(body: bytes) -> tuple[str, str] | None:
    try:
        sent = json.loads(body)
        to, text = sent["to"], sent["text"]
    except (ValueError, KeyError, TypeError):
        return None
    is_good = isinstance(to, str) and to.isdecimal() and isinstance(text, str) and 0 < len(text) <= MOST_TEXT
    return (to, text) if is_good else None


if __name__ == "__main__":
    sys.exit(main())
