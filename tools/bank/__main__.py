"""``python -m tools.bank``: the simulated bank as a program of its own (银行代发模拟器); no money moves.

POST /batches {"payments": [{"id", "payee", "fen"}]} → {"payments": [{"id", "state", "receipt", "problem"}]};
POST /refuse and /accept {"payee"} let an account fail or work; GET /total → {"fen"}. Every answer says "simulator".
"""

import argparse
import json
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tools.bank.ledger import Ledger

MOST_BYTES = 2**20


def main(argv: list[str] | None = None) -> int:
    """Serve until a signal asks to stop."""
    parser = argparse.ArgumentParser(prog="tools.bank", description="银行代发模拟器：只记账，不付款")
    parser.add_argument("--store", type=Path, required=True, help="保存支付记录的目录")
    parser.add_argument("--port", type=int, required=True, help="监听端口（仅本机）")
    options = parser.parse_args(argv)
    server = serve(Ledger(options.store), options.port)
    print(f"银行代发模拟器已启动：http://127.0.0.1:{server.server_port}", file=sys.stderr, flush=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop it would interrupt, so it runs beside it.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()
    return 0


def serve(ledger: Ledger, port: int) -> ThreadingHTTPServer:
    """Return a server bound to the loopback port (0 = any), not yet running."""

    class Handler(BaseHTTPRequestHandler):
        """Translates HTTP to the ledger; it decides nothing."""

        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            known = self.path == "/total"
            self._answer(200 if known else 404, {"fen": ledger.total()} if known else {"error": "not found"})

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > MOST_BYTES:
                self.close_connection = True
                self._answer(413, {"error": "too large, or no length"})
                return
            try:
                self._answer(*_done(ledger, self.path, json.loads(self.rfile.read(int(length)))))
            except (ValueError, KeyError, TypeError):
                self._answer(400, {"error": "not what this address takes"})

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


def _done(ledger: Ledger, path: str, sent: dict) -> tuple[int, dict]:
    match path:
        case "/batches":
            rows = [(str(one["id"]), str(one["payee"]), one["fen"]) for one in sent["payments"]]
            if any(type(fen) is not int or fen <= 0 for _, _, fen in rows):
                raise ValueError("an amount is a positive number of 分")
            return 200, {"payments": [ledger.pay(*row) for row in rows]}
        case "/refuse":
            ledger.refuse(str(sent["payee"]))
        case "/accept":
            ledger.accept(str(sent["payee"]))
        case _:
            return 404, {"error": "not found"}
    return 200, {}


if __name__ == "__main__":
    sys.exit(main())
