"""Proof that a browser runs on the PC of a seat (席位登录证明), signed by the device key of the seat's program.

The platform gives a browser a nonce that only it can have made for this login session, this booking and a few minutes;
the browser carries it to the program on its own machine, the program signs it and sends the browser back.
"""

import hmac
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings

from gongheng.crypto import canonical, labels, signing
from gongheng.kernel.refusal import Refusal
from gongheng.places.venues.models import Booking, SeatAgent

#: Where a seat's program listens on its own machine, and nobody else's.
AGENT_AT = "http://127.0.0.1:18731/"
#: Long enough to sign in with a certificate, too short for a link that is passed on.
PROOF_LASTS = timedelta(minutes=5)
_FIELDS = {"v", "agent", "nonce", "until"}


def link(agent: SeatAgent, booking: Booking, session: bytes, *, back: str, now: datetime) -> str:
    """Return the address that leads a browser through the program of its own machine and back to ``back``."""
    until = canonical.timestamp(now + PROOF_LASTS)
    asked = {"agent": agent.pk, "nonce": _nonce(agent, booking, session, until), "until": until, "back": back}
    return f"{AGENT_AT}?{urlencode(asked)}"


def check(agent: SeatAgent, booking: Booking, session: bytes, proof: str, now: datetime) -> None:
    """Accept the proof that this session's browser came through the program of this seat.

    Raises Refusal SEAT-DEVICE (no proof, another seat's, not signed by its key), SEAT-WINDOW or SEAT-BROWSER.
    """
    if not proof:
        raise Refusal("SEAT-DEVICE", "该席位装有自检程序，请在该席位的电脑上点击“验证本席位设备”后签到。")
    try:
        body, signature = (canonical.unb64(part) for part in proof.split("."))
        said = canonical.decode(body)
        if set(said) != _FIELDS or said["v"] != 1:
            raise ValueError("not the fields of a proof")
        until = canonical.parse_timestamp(said["until"])
    except (ValueError, TypeError):
        raise Refusal("SEAT-DEVICE", "席位设备证明的格式不正确，请重新验证本席位设备。") from None
    key = bytes(agent.public_key)
    if said["agent"] != str(agent.pk) or not signing.verify(key, body, signature, labels.SEAT_LOGIN):
        raise Refusal("SEAT-DEVICE", "设备证明不是为您抽取的席位的设备签署的，请到您的席位上验证。")
    if now >= until:
        raise Refusal("SEAT-WINDOW", "设备证明已过期（5分钟内有效），请重新验证本席位设备。")
    if not hmac.compare_digest(said["nonce"], _nonce(agent, booking, session, said["until"])):
        raise Refusal("SEAT-BROWSER", "设备证明不是本次登录、本场次取得的，请在席位电脑上重新验证，他处的链接无效。")


def _nonce(agent: SeatAgent, booking: Booking, session: bytes, until: str) -> str:
    what = canonical.encode({
        "v": 1, "agent": str(agent.pk), "booking": str(booking.pk), "session": canonical.b64(session), "until": until,
    })
    return canonical.b64(hmac.digest(settings.KEYRING.secret("seat-login"), what, "sm3"))
