"""``python -m tools.voice``: the simulated voice carrier as a program of its own (语音通知模拟器).

POST /calls {"key", "to", "text"} → {"id"}; GET /calls/<id> → {"state", "outcome", "digits", …};
POST /behaviour {"to", "behaviour"}; GET /calls?to=… → {"calls": […]}. Every answer says "simulator": true.
"""

import argparse
import json
import sys
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tools.simulator import Simulator, bind, run
from tools.voice.exchange import BEHAVIOURS, Exchange

MOST_TEXT = 500


def main(argv: list[str] | None = None) -> int:
    """Serve until a signal asks to stop."""
    parser = argparse.ArgumentParser(prog="tools.voice", description="语音通知模拟器：按剧本应答，不拨打任何电话")
    parser.add_argument("--store", type=Path, required=True, help="保存话单的目录")
    parser.add_argument("--port", type=int, required=True, help="监听端口（仅本机）")
    parser.add_argument("--scenario", type=Path, help=f"JSON：号码 -> 表现（{'、'.join(BEHAVIOURS)}）")
    parser.add_argument("--ring", type=float, default=1, help="振铃秒数")
    options = parser.parse_args(argv)
    behaviours = json.loads(options.scenario.read_text()) if options.scenario else {}
    server = serve(Exchange(options.store, behaviours, ring_seconds=options.ring), options.port)
    return run(server, "语音通知模拟器")


def serve(exchange: Exchange, port: int) -> ThreadingHTTPServer:
    """Return a server bound to the loopback port (0 = any), not yet running."""

    class Handler(Simulator):
        """Translates HTTP to the exchange; it decides nothing."""

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            told = exchange.report(url.path.removeprefix("/calls/")) if url.path.startswith("/calls/") else None
            if url.path == "/calls":
                self.answer(200, {"calls": exchange.to(parse_qs(url.query).get("to", [""])[0])})
            elif told is not None:
                self.answer(200, told)
            else:
                self.answer(404, {"error": "not found"})

        def do_POST(self) -> None:
            body = self.body()
            if body is None:
                return
            sent = _object(body)
            if self.path == "/calls" and _is_call(sent):
                self.answer(200, {"id": exchange.place(sent["key"], sent["to"], sent["text"])})
            elif self.path == "/behaviour" and _is_behaviour(sent):
                exchange.behave(sent["to"], sent["behaviour"])
                self.answer(200, {})
            else:
                known = self.path in ("/calls", "/behaviour")
                self.answer(400 if known else 404, {"error": "fields missing or of another form"})

    return bind(Handler, port)


def _object(body: bytes) -> dict:
    try:
        sent = json.loads(body)
    except ValueError:
        return {}
    return sent if isinstance(sent, dict) else {}


def _is_call(sent: dict) -> bool:
    key, to, text = (sent.get(name) for name in ("key", "to", "text"))
    return (
        isinstance(key, str) and 0 < len(key) <= 64 and isinstance(to, str) and to.isdecimal()
        and isinstance(text, str) and 0 < len(text) <= MOST_TEXT
    )


def _is_behaviour(sent: dict) -> bool:
    told = sent.get("behaviour")
    told = [told] if isinstance(told, str) else told
    to = sent.get("to")
    return (
        isinstance(to, str) and (to.isdecimal() or to == "default")
        and isinstance(told, list) and bool(told) and all(one in BEHAVIOURS for one in told)
    )


if __name__ == "__main__":
    sys.exit(main())
