"""Asking the witness (见证方): it remembers our newest head and cosigns only what continues it."""

import base64
import functools
import logging
from datetime import UTC, datetime

import httpx
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from gongheng.crypto import cosigning, merkle
from gongheng.crypto.refused import ProofRefused
from gongheng.kernel.roles import THE_CLOCK
from gongheng.trust.evidence import publishing, tiles
from gongheng.trust.evidence.models import Checkpoint
from gongheng.trust.evidence.publishing import LogDamaged
from gongheng.trust.evidence.recording import record

log = logging.getLogger("gongheng.witness")

TIMEOUT_SECONDS = 3.0
POLL_SECONDS = 0.1
AWAY_SECONDS = 1.0


class WitnessAway(ConnectionError):
    """The witness does not answer, or answers with what it cannot have signed."""


def run(stop) -> None:
    """Have every newest checkpoint cosigned until ``stop`` is set; raises LogDamaged on a fork.

    It runs beside the sequencer, so that a slow witness never delays a position.
    """
    was_away = False
    while not stop.is_set():
        try:
            newest = Checkpoint.objects.order_by("-size").first() if settings.WITNESS_URL else None
            if newest is None or newest.cosigned_at is not None:
                stop.wait(POLL_SECONDS)
                continue
            cosign(newest)
            was_away = False
        except (WitnessAway, OperationalError, InterfaceError) as error:
            if not was_away:
                log.warning("heads stay without cosignature for now: %s", error)
                was_away = True
            connection.close()
            stop.wait(AWAY_SECONDS)
    connection.close()


def fresh_cosignature() -> datetime | None:
    """Have the newest head cosigned again and return the witness's time, None while it is away.

    The second clock of the two-clock rule at the close (security.md 4.0.4). It calls over the
    network: never inside a transaction that holds a lock. Raises LogDamaged on a fork.
    """
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is None or not settings.WITNESS_URL:
        return None
    try:
        return cosign(newest)
    except WitnessAway:
        return None


def cosign(checkpoint: Checkpoint) -> datetime:
    """Submit a head, keep the first and the latest cosignature line, and return the witness's time.

    Raises WitnessAway, or LogDamaged when the witness calls it a fork.
    """
    checkpoint, line, moment = _submitted(checkpoint)
    with transaction.atomic():
        row = Checkpoint.objects.select_for_update().get(pk=checkpoint.pk)
        row.cosignatures = [*row.cosignatures[:1], line]
        row.cosigned_at = moment
        row.save(update_fields=["cosignatures", "cosigned_at"])
    return moment


def newest() -> cosigning.Checkpoint | None:
    """Return the head the witness saw last of this log, None when it saw nothing or there is no witness.

    Raises WitnessAway, or LogDamaged when that head is not signed with our key.
    """
    if not settings.WITNESS_URL:
        return None
    answer = _call("GET", "/newest", params={"origin": settings.LOG_ORIGIN})
    if answer.status_code == httpx.codes.NOT_FOUND:
        return None
    if answer.status_code != httpx.codes.OK:
        raise WitnessAway(f"the witness answered {answer.status_code}")
    head = publishing.signed_head(answer.text)
    if head is None:
        raise LogDamaged("见证方所存的日志头不是本机密钥签发的：日志密钥已更换，或日志名称与他人重复。")
    return head


def _submitted(checkpoint: Checkpoint) -> tuple[Checkpoint, str, datetime]:
    """Return the line and time of the witness, with the head they belong to: a newer one, if it had that."""
    key = _pinned_key()
    old = _last_cosigned_size(checkpoint.size)
    # Lawful answers before the cosignature: "who are you", and "I am elsewhere" when another
    # process was faster or an earlier answer was lost.
    for _ in range(5):
        answer = _call("POST", "/add-checkpoint", content=_request(old, checkpoint))
        match answer.status_code:
            case httpx.codes.OK:
                return checkpoint, *_cosignature(checkpoint, answer.text, key)
            case httpx.codes.NOT_FOUND:
                _call("POST", "/log", content=publishing.verifier_key().encode())
            case httpx.codes.CONFLICT:
                asked, old = old, _size_of_conflict(answer.text)
                if asked == old == checkpoint.size:
                    raise LogDamaged(f"见证方在 {old} 条处见过另一个日志头，拒绝继续签名。")
                if old > checkpoint.size:
                    checkpoint = _newer(old)
            case httpx.codes.UNPROCESSABLE_ENTITY | httpx.codes.FORBIDDEN:
                raise LogDamaged(f"见证方拒绝 {checkpoint.size} 条处的日志头：与其所见不一致。")
            case other:
                raise WitnessAway(f"the witness answered {other}")
    raise WitnessAway("the witness keeps moving")


def _newer(size: int) -> Checkpoint:
    """Another process was faster with a newer head; if we have none, ours is a restored past."""
    newest = Checkpoint.objects.order_by("-size").first()
    if newest.size < size:
        raise LogDamaged(f"见证方已见证 {size} 条，本地只有 {newest.size} 条：数据库可能由旧备份恢复。")
    return newest


def _last_cosigned_size(size: int) -> int:
    known = Checkpoint.objects.filter(cosigned_at__isnull=False, size__lte=size).order_by("-size")
    return known.values_list("size", flat=True).first() or 0


def _request(old: int, checkpoint: Checkpoint) -> bytes:
    proof = merkle.consistency_proof("sha256", old, checkpoint.size, tiles.reader("sha256")) if old else []
    lines = [f"old {old}", *(base64.b64encode(one).decode() for one in proof), ""]
    return ("\n".join(lines) + "\n" + checkpoint.note).encode()


def _cosignature(checkpoint: Checkpoint, text: str, key: str) -> tuple[str, datetime]:
    for line in text.splitlines(keepends=True):
        seconds = publishing.cosigned_at(checkpoint.note, line, key)
        if seconds is not None:
            return line, datetime.fromtimestamp(seconds, UTC)
    raise WitnessAway("the witness answered without a valid cosignature")


def _size_of_conflict(text: str) -> int:
    if not text.strip().isdecimal():
        raise WitnessAway("the witness answered a conflict without a size")
    return int(text)


def _pinned_key() -> str:
    """Return the witness's key, which the operator placed or the first answer gave.

    It is pinned in a file outside the database, and the log tells for ever which key it was.
    """
    if key := publishing.witness_key():
        return key
    answer = _call("GET", "/key")
    try:
        with transaction.atomic():
            record(
                "log.witness", "log", lot=None, actor=THE_CLOCK, at=settings.CLOCK.now(),
                facts={"key": answer.text.strip()},
            )
            publishing.pin_witness_key(answer.text)
    except (ProofRefused, FileExistsError) as error:
        raise WitnessAway("the witness shows no valid key, or another process pinned it just now") from error
    return publishing.witness_key()


def _call(method: str, path: str, **request) -> httpx.Response:
    try:
        return _client().request(method, settings.WITNESS_URL.rstrip("/") + path, **request)
    except httpx.HTTPError as error:
        raise WitnessAway(f"the witness does not answer ({type(error).__name__})") from error


@functools.cache
def _client() -> httpx.Client:
    # The operator's proxy variables are not for the witness: it is named by its own address.
    return httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)
