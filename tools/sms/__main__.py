"""``python -m tools.sms``: the simulated SMS gateway as a program of its own (短信网关模拟器).

POST /send {"to", "text"} → {"id", "simulator": true}; GET /outbox?to=… → {"messages": […], "simulator": true}.
"""

import argparse
import json
import sys
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tools.simulator import Simulator, bind, run
from tools.sms.outbox import Outbox

MOST_TEXT = 500


def main(argv: list[str] | None = None) -> int:
    """Serve until a signal asks to stop."""
    parser = argparse.ArgumentParser(prog="tools.sms", description="短信网关模拟器：只收存，不发送")
    parser.add_argument("--store", type=Path, required=True, help="保存短信的目录")
    parser.add_argument("--port", type=int, required=True, help="监听端口（仅本机）")
    options = parser.parse_args(argv)
    server = serve(Outbox(options.store), options.port)
    return run(server, "短信网关模拟器")


def serve(outbox: Outbox, port: int) -> ThreadingHTTPServer:
    """Return a server bound to the loopback port (0 = any), not yet running."""

    class Handler(Simulator):
        """Translates HTTP to the outbox; it decides nothing."""

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == "/outbox":
                self.answer(200, {"messages": outbox.to(parse_qs(url.query).get("to", [""])[0])})
            else:
                self.answer(404, {"error": "not found"})

        def do_POST(self) -> None:
            body = self.body()
            if body is None:
                return
            message = _message(body)
            if self.path != "/send":
                self.answer(404, {"error": "not found"})
            elif message is None:
                self.answer(400, {"error": "to: digits, text: 1 to 500 characters"})
            else:
                self.answer(200, {"id": outbox.take(*message)})

    return bind(Handler, port)


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
