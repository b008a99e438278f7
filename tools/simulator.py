"""What every simulated outside service is made of: JSON over loopback HTTP that says it is simulated (模拟器)."""

import json
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Simulator(BaseHTTPRequestHandler):
    """Reads a bounded body and answers JSON; what the service does is its subclass's business."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    most_bytes = 4096

    def body(self) -> bytes | None:
        """Return the request's body; None when it was refused for its length, with that answer sent."""
        length = self.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) <= self.most_bytes:
            return self.rfile.read(int(length))
        self.close_connection = True
        self.answer(413, {"error": "too large, or no length"})
        return None

    def answer(self, status: int, body: dict) -> None:
        """Send a JSON object, marked as a simulator's."""
        data = json.dumps(body | {"simulator": True}, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args) -> None:
        """Keep no access log."""


def bind(handler: type[Simulator], port: int) -> ThreadingHTTPServer:
    """Return a server on the loopback port (0 = any), not yet running."""
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


def run(server: ThreadingHTTPServer, name: str) -> int:
    """Serve until a signal asks to stop; ``name`` is what the operator reads."""
    print(f"{name}已启动：http://127.0.0.1:{server.server_port}", file=sys.stderr, flush=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop it would interrupt, so it runs beside it.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()
    return 0
