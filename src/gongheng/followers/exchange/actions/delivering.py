"""Telling outside systems (回调): rows made while the log is followed, sent until they are acknowledged."""

import secrets

import httpx
from django.conf import settings
from django.db.models import F

from gongheng.crypto import canonical, exchange, labels, signing
from gongheng.followers.exchange import queries, rules
from gongheng.followers.exchange.models import Callback, OutsideSystem
from gongheng.kernel.clock import Clock
from gongheng.kernel.roles import THE_CLOCK
from gongheng.trust.evidence.moving import note

_PATIENCE_SECONDS = 5
_MOST_ANSWER_BYTES = 16 * 1024


def queue_callback(system: OutsideSystem, event: str, data: dict, *, clock: Clock) -> Callback:
    """Have the system told; called by a follower, whose position commits with the row."""
    return Callback.objects.create(system=system, event=event, data=data, made_at=clock.now())


def deliver_next(system: OutsideSystem, *, clock: Clock) -> bool:
    """Send what waits for the system next; True when something was delivered. Raises httpx.HTTPError when it fails.

    A receiver that acknowledged and was not heard gets the same id again, under a fresh time and nonce.
    """
    callback = queries.next_callback(system, clock.now())
    if callback is None:
        return False
    body = canonical.encode({
        "v": 1, "system": system.system_no, "event": callback.event, "id": str(callback.pk),
        "at": canonical.timestamp(clock.now()), "nonce": secrets.token_urlsafe(24), "data": callback.data,
    })
    try:
        answer, signature = _post(system.notify_url, body)
    except httpx.HTTPError as error:
        Callback.objects.filter(pk=callback.pk).update(tries=F("tries") + 1, problem=_words(error))
        raise
    proof = _proof(system, callback, body, answer, signature)
    with note(
        "exchange.deliver", system, actor=THE_CLOCK, clock=clock, event=callback.event,
        digest=rules.digest(labels.EXCHANGE_CALLBACK, body),
        acknowledgement=rules.digest(labels.EXCHANGE_ACK, answer) if proof else None,
    ) as step:
        callback.delivered_at, callback.sent = step.now, body
        if proof:
            callback.acknowledgement, callback.acknowledgement_signature = answer, proof
        callback.save(update_fields=["delivered_at", "sent", "acknowledgement", "acknowledgement_signature"])
    return True


def _post(url: str, body: bytes) -> tuple[bytes, str]:
    """Return (answer, its proof). Redirects are not followed: the registrar checked one origin."""
    private, _ = settings.KEYRING.signing_key("exchange")
    headers = {
        "Content-Type": "application/json",
        "X-Gongheng-Signature": canonical.b64(signing.sign(private, body, labels.EXCHANGE_CALLBACK)),
    }
    with httpx.Client(timeout=_PATIENCE_SECONDS, trust_env=False) as client, client.stream(
        "POST", url, content=body, headers=headers
    ) as response:
        response.raise_for_status()
        answer = b""
        for part in response.iter_raw():
            answer += part
            if len(answer) > _MOST_ANSWER_BYTES:
                break
        return answer[:_MOST_ANSWER_BYTES], response.headers.get("X-Gongheng-Signature", "")


def _proof(system: OutsideSystem, callback: Callback, body: bytes, answer: bytes, signature: str) -> bytes | None:
    """Return the proof of an acknowledgement that names this very message; None where there is no such thing."""
    try:
        said, proof = canonical.decode(answer), canonical.unb64(signature)
    except canonical.NotCanonical:
        return None
    expected = {
        "system": system.system_no, "id": str(callback.pk), "digest": rules.digest(labels.EXCHANGE_CALLBACK, body)
    }
    is_about_this = isinstance(said, dict) and all(said.get(name) == value for name, value in expected.items())
    is_proved = exchange.is_proved(system.algorithm, system.key, answer, proof, labels.EXCHANGE_ACK)
    return proof if is_about_this and is_proved else None


def _words(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"对方答复状态 {error.response.status_code}"
    return "连接超时" if isinstance(error, httpx.TimeoutException) else "连接不上"
