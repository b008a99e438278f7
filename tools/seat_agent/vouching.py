"""What a seat's program vouches for (席位登录证明): that a browser on this very machine asked, with the device key."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from gongheng.crypto import canonical, labels, signing

#: The platform sends browsers here; it is bound to the loopback, so only this machine's come through.
PORT = 18731
_BACK = re.compile(r"/[a-z0-9/-]*")


def proof(private: bytes, agent: str, nonce: str, until: str) -> str:
    """Sign the platform's nonce; whom and what it is for only the platform knows."""
    body = canonical.encode({"v": 1, "agent": agent, "nonce": nonce, "until": until})
    return f"{canonical.b64(body)}.{canonical.b64(signing.sign(private, body, labels.SEAT_LOGIN))}"


def way_back(platform: str, private: bytes, agent: str, query: str) -> str | None:
    """Return where to send the browser with its proof; None for whatever was not asked of this seat's program."""
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    if set(asked) != {"agent", "nonce", "until", "back"} or asked["agent"] != agent:
        return None
    # Back to our own platform and nowhere else: a strange page gets no proof.
    if not _BACK.fullmatch(asked["back"]) or asked["back"].startswith("//"):
        return None
    signed = proof(private, agent, asked["nonce"], asked["until"])
    return f"{platform.rstrip('/')}{asked['back']}?{urlencode({'proof': signed})}"


def serve(platform: str, private: bytes, seat: dict, port: int = PORT) -> ThreadingHTTPServer:
    """Answer the browsers of this machine until the program ends. Raises OSError when the port is taken."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # A strange name that points to this machine is no browser that the platform sent.
            is_own = self.headers.get("Host") == f"127.0.0.1:{self.server.server_address[1]}"
            back = way_back(platform, private, seat["agent"], urlsplit(self.path).query) if is_own else None
            if back is None:
                self._refuse()
                return
            self.send_response(303)
            self.send_header("Location", back)
            self.send_header("Cache-Control", "no-store")
            self.end_headers()

        def _refuse(self) -> None:
            here = f"{seat['centre']} {seat['room']} {seat['number']} 号席位"
            text = f"<!doctype html><meta charset=utf-8><p>本机是{here}，不是系统为您抽取的席位，请到您的席位上验证。"
            self.send_response(403)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args) -> None:
            """Keep quiet: what a browser asked names a session of the evaluation."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
