"""``python -m tools.gate``: simulated gates and identity device as a program of its own; it says so in every answer.

POST /compare {"subject"} → {"score", "live", "simulator": true}; the score follows POST /scenario {"score", "live"}.
POST /pass {"gate", "permit", "zone", "inward"} sends one event to the platform, signed with the gate's own key.
"""

import argparse
import json
import secrets
import sys
import urllib.error
import urllib.request
from http.server import ThreadingHTTPServer

from tools.gate.device import Device, Event, signed
from tools.simulator import Simulator, bind, run


def main(argv: list[str] | None = None) -> int:
    """Serve until a signal asks to stop."""
    parser = argparse.ArgumentParser(prog="tools.gate", description="门禁与人证核验设备模拟器：不控制任何真实的门")
    parser.add_argument("--port", type=int, required=True, help="监听端口（仅本机）")
    parser.add_argument("--platform", default="", help="平台地址；为空则不上报通行记录")
    parser.add_argument("--centre", default="", help="交易中心编号")
    parser.add_argument("--key-id", default="", help="门禁密钥编号")
    parser.add_argument("--key", default="", help="登记门禁时显示的密钥（十六进制）")
    options = parser.parse_args(argv)
    server = serve(
        Device(), options.port, options.platform, options.centre, options.key_id, bytes.fromhex(options.key)
    )
    return run(server, "门禁模拟器")


def serve(
    device: Device, port: int, platform: str = "", centre: str = "", key_id: str = "", key: bytes = b""
) -> ThreadingHTTPServer:
    """Return a server bound to the loopback port (0 = any), not yet running."""

    class Handler(Simulator):
        """Translates HTTP to the device; it decides nothing."""

        def do_POST(self) -> None:
            body = self.body()
            if body is None:
                return
            try:
                status, answer = self._do(json.loads(body))
            except (ValueError, KeyError, TypeError):
                status, answer = 400, {"error": "not what this address takes"}
            self.answer(status, answer)

        def _do(self, sent: dict) -> tuple[int, dict]:
            match self.path:
                case "/compare":
                    return 200, device.compare(str(sent["subject"]))
                case "/scenario":
                    device.set_scenario(sent["score"], sent["live"])
                    return 200, {}
                case "/pass":
                    event = Event(sent["gate"], secrets.token_hex(8), sent["permit"], sent["zone"], sent["inward"])
                    return _report(platform, centre, key_id, key, event)
            return 404, {"error": "not found"}

    return bind(Handler, port)


def _report(platform: str, centre: str, key_id: str, key: bytes, event: Event) -> tuple[int, dict]:
    if not platform:
        return 200, {"reported": False}
    body, mac = signed(event, key)
    request = urllib.request.Request(
        f"{platform}/api/gates/{centre}/", data=body, method="POST",
        headers={"Content-Type": "application/json", "X-Gate-Key": key_id, "X-Gate-Mac": mac},
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
