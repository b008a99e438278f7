"""``python -m tools.bank``: the simulated bank as a program of its own (银行代发模拟器); no money moves.

POST /batches {"payments": [{"id", "payee", "fen"}]} → {"payments": [{"id", "state", "receipt", "problem"}]};
POST /refuse and /accept {"payee"} let an account fail or work; GET /total → {"fen"}. Every answer says "simulator".
"""

import argparse
import json
import sys
from http.server import ThreadingHTTPServer
from pathlib import Path

from tools.bank.ledger import Ledger
from tools.simulator import Simulator, bind, run


def main(argv: list[str] | None = None) -> int:
    """Serve until a signal asks to stop."""
    parser = argparse.ArgumentParser(prog="tools.bank", description="银行代发模拟器：只记账，不付款")
    parser.add_argument("--store", type=Path, required=True, help="保存支付记录的目录")
    parser.add_argument("--port", type=int, required=True, help="监听端口（仅本机）")
    options = parser.parse_args(argv)
    server = serve(Ledger(options.store), options.port)
    return run(server, "银行代发模拟器")


def serve(ledger: Ledger, port: int) -> ThreadingHTTPServer:
    """Return a server bound to the loopback port (0 = any), not yet running."""

    class Handler(Simulator):
        """Translates HTTP to the ledger; it decides nothing."""

        most_bytes = 2**20

        def do_GET(self) -> None:
            known = self.path == "/total"
            self.answer(200 if known else 404, {"fen": ledger.total()} if known else {"error": "not found"})

        def do_POST(self) -> None:
            body = self.body()
            if body is None:
                return
            try:
                self.answer(*_done(ledger, self.path, json.loads(body)))
            except (ValueError, KeyError, TypeError):
                self.answer(400, {"error": "not what this address takes"})

    return bind(Handler, port)


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
