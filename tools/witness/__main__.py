"""``python -m tools.witness``: a witness of other people's logs (见证方), a program without Django or database."""

import argparse
import json
import signal
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tools.witness.memory import MOST_BYTES, Answer, Witness


def main(argv: list[str] | None = None) -> int:
    """Serve until a signal asks to stop."""
    parser = argparse.ArgumentParser(prog="tools.witness", description="公衡存证日志的见证方")
    parser.add_argument("--store", type=Path, required=True, help="见证方自己的目录：密钥与见过的日志头")
    parser.add_argument("--port", type=int, required=True, help="监听端口（仅本机）")
    parser.add_argument("--name", default="witness.demo", help="见证方名称，写入每条联署")
    parser.add_argument("--demo-clock", type=Path, help="演示部署的时间偏移文件；真实部署不得使用")
    options = parser.parse_args(argv)
    clock = demonstration_clock(options.demo_clock) if options.demo_clock else own_clock
    witness = Witness(options.store, options.name, clock)
    server = serve(witness, options.port)
    print(f"见证方 {options.name} 已启动：http://127.0.0.1:{server.server_port}", file=sys.stderr, flush=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop it would interrupt, so it runs beside it.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()
    return 0


def own_clock() -> int:
    """Return the witness's own time in Unix seconds."""
    return int(time.time())


def demonstration_clock(path: Path) -> Callable[[], int]:
    """Return a clock that follows the offset file of a demonstration."""

    def now() -> int:
        offset = json.loads(path.read_text())["offset_seconds"] if path.exists() else 0
        return int(time.time() + offset)

    return now


def serve(witness: Witness, port: int) -> ThreadingHTTPServer:
    """Return a server bound to the loopback port (0 = any), not yet running."""

    class Handler(BaseHTTPRequestHandler):
        """Translates HTTP to the witness; it decides nothing."""

        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            if url.path == "/key":
                self._answer(witness.key())
            elif url.path == "/newest":
                self._answer(witness.newest(parse_qs(url.query).get("origin", [""])[0]))
            else:
                self._answer(Answer(404, "not found\n"))

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > MOST_BYTES:
                self.close_connection = True
                self._answer(Answer(413, "too large, or no length\n"))
                return
            body = self.rfile.read(int(length))
            if self.path == "/add-checkpoint":
                self._answer(witness.add_checkpoint(body))
            elif self.path == "/log":
                self._answer(witness.introduce(body))
            else:
                self._answer(Answer(404, "not found\n"))

        def _answer(self, answer: Answer) -> None:
            data = answer.text.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args) -> None:
            """Keep no access log."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    sys.exit(main())
