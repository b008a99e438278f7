"""The media server of larger meetings: Debian's Janus with a configuration of our own (媒体转发服务器).

Chosen with ``GONGHENG_MEDIA=janus``; without it meetings go from browser to browser. Only the loopback HTTP interface
is on, guarded by a secret in the instance folder; the only plugin is videoroom.
"""

import os
import secrets
import shutil
import sys
from pathlib import Path

from config.processes import places

#: UDP ports of the media themselves, which browsers must reach.
PORTS = os.environ.get("GONGHENG_MEDIA_PORTS", "20000-20999")
_UNUSED_TRANSPORTS = ",".join(
    f"libjanus_{name}.so" for name in ("websockets", "pfunix", "mqtt", "nanomsg", "rabbitmq")
)
_UNUSED_PLUGINS = ",".join(
    f"libjanus_{name}.so"
    for name in (
        "audiobridge", "duktape", "echotest", "lua", "nosip", "recordplay", "sip", "streaming", "textroom", "videocall",
        "voicemail",
    )
)


def is_chosen() -> bool:
    """Say whether the operator wants the media server."""
    return os.environ.get("GONGHENG_MEDIA") == "janus"


def program() -> str | None:
    """Return where Janus is installed, if it is."""
    return shutil.which("janus")


def configure(port: int) -> Path:
    """Write the configuration folder and a fresh secret; return the folder."""
    folder = places.folder("janus")
    secret = secrets.token_hex(24)
    with open(os.open(folder / "secret", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(secret)
    _write(folder / "janus.jcfg", f"""
general: {{
  api_secret = "{secret}"
  debug_level = 3
  debug_timestamps = true
  session_timeout = 60
  hide_dependencies = true
}}
media: {{ rtp_port_range = "{PORTS}" }}
nat: {{ nice_debug = false, ice_lite = false, full_trickle = false }}
plugins: {{ disable = "{_UNUSED_PLUGINS}" }}
transports: {{ disable = "{_UNUSED_TRANSPORTS}" }}
events: {{ broadcast = false }}
""")
    _write(folder / "janus.transport.http.jcfg", f"""
general: {{ json = "compact", base_path = "/janus", http = true, port = {port}, ip = "127.0.0.1", https = false }}
admin: {{ admin_http = false, admin_https = false }}
""")
    _write(folder / "janus.plugin.videoroom.jcfg", "general: { string_ids = true }\n")
    return folder


def _write(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(text.lstrip())


def main(port: int) -> None:
    """Become Janus, so that the supervisor watches the server itself."""
    found = program()
    if found is None:
        sys.exit("GONGHENG_MEDIA=janus，但未安装 janus。Debian: apt-get install janus")
    os.execv(found, [found, f"--configs-folder={configure(port)}", "--disable-colors"])


if __name__ == "__main__":
    main(int(sys.argv[1]))
