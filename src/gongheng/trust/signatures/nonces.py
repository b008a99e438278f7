"""Challenges that are fresh, for one purpose and used once (一次性随机数).

A challenge is not stored when it is given out, only when it is used: its own MAC says that it is
ours and how old it is. A used one names nobody.
"""

import hmac
import os
from datetime import UTC, datetime, timedelta

from django.conf import settings

from gongheng.crypto import canonical, hashing
from gongheng.kernel.refusal import Refusal
from gongheng.trust.signatures.models import Nonce

_TIME, _RANDOM, _MAC = 8, 16, 16


def fresh_nonce(now: datetime | None = None, purpose: str = "act") -> str:
    """Return a new challenge for "act" or "login"."""
    now = now or settings.CLOCK.now()
    body = int(now.timestamp() * 1000).to_bytes(_TIME, "big") + os.urandom(_RANDOM)
    return canonical.b64(body + _mac(body, purpose))


def use_nonce(text: str, *, now: datetime, purpose: str, lasts: timedelta) -> None:
    """Use up a challenge; raise Refusal "NONCE" when it is not ours, too old or used before."""
    try:
        nonce = canonical.unb64(text)
    except canonical.NotCanonical as error:
        raise Refusal("NONCE", "签名随机数格式不符，请刷新页面后重新签名。") from error
    body, mac = nonce[: _TIME + _RANDOM], nonce[_TIME + _RANDOM :]
    if not hmac.compare_digest(mac, _mac(body, purpose)):
        raise Refusal("NONCE", "签名随机数不是本平台为此事项发出的，请刷新页面后重新签名。")
    given_at = datetime.fromtimestamp(int.from_bytes(body[:_TIME], "big") / 1000, UTC)
    if not timedelta(0) <= now - given_at <= lasts:
        raise Refusal("NONCE", "页面停留过久，签名随机数已失效，请刷新页面后重新签名。")
    _, is_new = Nonce.objects.get_or_create(digest=hashing.digest(nonce), defaults={"used_at": now})
    if not is_new:
        raise Refusal("NONCE", "该签名已经使用过，不能重复提交；如需再次办理，请刷新页面后重新签名。")


def _mac(body: bytes, purpose: str) -> bytes:
    return hashing.hmac(settings.KEYRING.secret("nonce"), purpose.encode() + b"\n" + body)[:_MAC]
