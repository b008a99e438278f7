"""``python -m tools.gate``: simulated gates and identity device as a program of its own; it says so in every answer.

POST /compare {"subject"} → {"score", "live", "simulator": true}; the score follows POST /scenario {"score", "live"}.
POST /pass {"gate", "permit", "zone", "inward"} sends one event to the platform, signed with the centre's gate key.
"""

import argparse
import json
import secrets
import signal
import sys
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tools.gate.device import Device, Event, signed

MOST_BYTES = 4096


def main(argv: list[str] | None = None) -> int:
    """Serve until a signal asks to stop."""
    parser = argparse.ArgumentParser(prog="tools.gate", description="门禁与人证核验设备模拟器：不控制任何真实的门")
    parser.add_argument("--port", type=int, required=True, help="监听端口（仅本机）")
    parser.add_argument("--platform", default="", help="平台地址；为空则不上报通行记录")
    parser.add_argument("--centre", default="", help="交易中心编号")
    parser.add_argument("--key", default="", help="该中心的门禁密钥（十六进制）")
    options = parser.parse_args(argv)
    server = serve(Device(), options.port, options.platform, options.centre, bytes.fromhex(options.key))
    print(f"门禁模拟器已启动：http://127.0.0.1:{server.server_port}", file=sys.stderr, flush=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for the loop it would interrupt, so it runs beside it.
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    server.server_close()
    return 0


def serve(device: Device, port: int, platform: str = "", centre: str = "", key: bytes = b"") -> ThreadingHTTPServer:
    """Return a server bound to the loopback port (0 = any), not yet running."""

    class Handler(BaseHTTPRequestHandler):
        """Translates HTTP to the device; it decides nothing."""

        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > MOST_BYTES:
                self.close_connection = True
                self._answer(413, {"error": "too large, or no length"})
                return
            try:
                sent = json.loads(self.rfile.read(int(length)))
                status, body = self._do(sent)
            except (ValueError, KeyError, TypeError):
                status, body = 400, {"error": "not what this address takes"}
            self._answer(status, body)

        def _do(self, sent: dict) -> tuple[int, dict]:
            match self.path:
                case "/compare":
                    return 200, device.compare(str(sent["subject"]))
                case "/scenario":
                    device.set_scenario(sent["score"], sent["live"])
                    return 200, {}
                case "/pass":
                    event = Event(sent["gate"], secrets.token_hex(8), sent["permit"], sent["zone"], sent["inward"])
                    return _report(platform, centre, key, event)
            return 404, {"error": "not found"}

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


def _report(platform: str, centre: str, key: bytes, event: Event) -> tuple[int, dict]:
    if not platform:
        return 200, {"reported": False}
    body, mac = signed(event, key)
    request = urllib.request.Request(
        f"{platform}/api/gates/{centre}/", data=body, method="POST",
        headers={"Content-Type": "application/json", "X-Gate-Mac": mac},
    )
    # Never through a proxy: a gate stands beside its platform.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return 200, {"reported": True, "platform": json.load(answer)}
    except urllib.error.URLError as error:
        return 502, {"reported": False, "error": str(error)}


if __name__ == "__main__":
    sys.exit(main())
