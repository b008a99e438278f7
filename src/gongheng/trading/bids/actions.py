"""The only writer of trustee keys, uploads, seals, share checks and covers; nothing here stores who acts."""

import hmac
import io
from collections.abc import Iterable
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from gongheng.crypto import canonical, labels, merkle, signing
from gongheng.crypto.container import Container
from gongheng.crypto.sealing import ContainerRefused, part_digest
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.kernel.sealed_field import seal, unseal
from gongheng.trading.bids import rules
from gongheng.trading.bids.models import Cover, CoverReport, Part, Seal, ShareCheck, TrusteeKey, Upload
from gongheng.trading.notices.models import TenderDocument
from gongheng.trading.projects import actions as projects
from gongheng.trading.projects.models import Lot
from gongheng.trust.documents import store
from gongheng.trust.evidence.moving import note
from gongheng.trust.evidence.recording import phase_key, record_blinded


def enrol_trustee_key(
    lot: Lot, *, index: int, trustee: str, public_key: bytes, signature: bytes, actor: Actor, clock: Clock
) -> TrusteeKey:
    """Take a trustee's fresh public key for a lot; its signature was checked at the door."""
    kid = signing.kid(public_key)
    with note(
        "trustee_key.enrol", lot, lot=lot, actor=actor, clock=clock, trustee=trustee, index=index, kid=kid
    ) as step:
        if lot.trustee_keys.filter(index=index).exists():
            raise Refusal("TRUSTEE", "该受托人已为本标段登记密钥。")
        step.facts["public_key"] = canonical.b64(public_key)
        step.facts["signature"] = canonical.b64(signature)
        return TrusteeKey.objects.create(
            lot=lot, index=index, trustee=trustee, kid=kid, public_key=public_key, signature=signature,
            enrolled_at=step.now,
        )


def start_upload(*, manifest: bytes, signature: bytes, clock: Clock) -> Upload:
    """Begin an upload; the manifest is parsed for form only and stored under the lot's phase key.

    Raises Refusal with the container's own reason code, LOT for an unknown lot.
    """
    container = _container(manifest, signature, None)
    _checked(container.check_header)
    lot = _lot(container.core["lot"])
    document = TenderDocument.objects.exclude(published_at=None).filter(lot=lot).latest("version")
    refusal = _mismatch(container.core, lot, document) or rules.too_late(clock.now(), lot.bids_due_at, lot.closed_at)
    if refusal:
        raise refusal
    envelopes = container.manifest["envelopes"]
    return Upload.objects.create(
        manifest_sealed=seal(_frame(manifest, signature), phase_key(lot.pk)),
        digest=container.digest,
        otk_public=container.otk_public,
        parts_wanted=sum(len(row["parts"]) for row in envelopes),
        parts_mark=_keyed("parts-mark", "".join(row["root"] for row in envelopes).encode()),
        fit=_fit(lot.pk, bytes(document.digest)),
        # The day is enough to clear away what was abandoned; the minute would tell a slow line from a cover.
        started_at=clock.now().replace(hour=0, minute=0, second=0, microsecond=0),
    )


def store_part(upload: Upload, lot: Lot, *, envelope: str, number: int, stream: BinaryIO, digest: str) -> None:
    """Store one part under a random name; storing it again changes nothing. Checks digest and size only."""
    container = open_manifest(upload, lot)
    row = container.envelope(envelope)
    if not 0 <= number < len(row["parts"]):
        raise Refusal("PART", "分片编号超出范围。")
    data = stream.read(container.part_size(envelope, number) + 1)
    if len(data) != container.part_size(envelope, number):
        raise Refusal("PART", "分片长度与清单不符，请重新上传该分片。")
    if canonical.b64(part_digest(data)) != row["parts"][number] or digest != row["parts"][number]:
        raise Refusal("PART", "分片摘要与清单不符，请重新上传该分片。")
    part = Part(upload=upload, envelope=envelope, number=number, size=len(data))
    store.put_sealed(part.object_name.hex, io.BytesIO(data))
    try:
        with transaction.atomic():
            part.save(force_insert=True)
    except IntegrityError:
        store.remove_sealed(part.object_name.hex)


def missing_parts(upload: Upload, lot: Lot) -> list[list]:
    """List [envelope, number] of the parts that have not arrived."""
    return _missing(upload, open_manifest(upload, lot))


def seal_bid(
    upload: Upload, lot: Lot, *, digest: bytes, otk_signature: bytes, supersedes: bytes | None,
    supersedes_signature: bytes | None, clock: Clock,
) -> tuple[Seal, datetime]:
    """Seal a bid (封标): the last, tiny act, decided by the time read after the lot's lock is held.

    Nothing is parsed here: the container was checked when its upload began. Raises Refusal LATE,
    VERSION, PARTS, SIGNATURE, COPIED, SUPERSEDES; nothing is written then.
    """
    message = {"v": 1, "act": "seal", "lot": str(lot.pk), "D": canonical.b64(digest)}
    if supersedes is not None:
        message["supersedes"] = canonical.b64(supersedes)
    message = canonical.encode(message)
    if digest != bytes(upload.digest) or not signing.verify(
        bytes(upload.otk_public), message, otk_signature, labels.SEAL
    ):
        raise Refusal("SIGNATURE", "封标请求的一次性密钥签名无效。")
    old = None if supersedes is None else _replaced(lot, supersedes, message, supersedes_signature)
    is_complete = upload.parts.count() == upload.parts_wanted
    key = phase_key(lot.pk)
    try:
        with transaction.atomic():
            due_at, closed_at, document = _share_lock(lot.pk)
            now = clock.now()
            if refusal := rules.too_late(now, due_at, closed_at):
                return _repeated(upload, digest, refusal)
            if bytes(upload.fit) != _fit(lot.pk, bytes(document)):
                newer = Refusal("VERSION", "招标文件已有新的澄清修改，请按最新版本重新封标。")
                return _repeated(upload, digest, newer)
            if not is_complete:
                raise Refusal("PARTS", "投标文件尚未上传完整，请继续上传后再封标。")
            entry = record_blinded(
                "bid.seal", lot=lot.pk, at=now, phase_key=key,
                facts={"D": canonical.b64(digest)} | ({"supersedes": canonical.b64(supersedes)} if supersedes else {}),
            )
            row = Seal.objects.create(
                lot_blind=lot_blind(lot.pk), digest=digest, upload=upload, parts_mark=bytes(upload.parts_mark),
                sealed_at=now, entry_id=entry.pk,
            )
            if old is not None and not Seal.objects.filter(pk=old.pk, superseded_by=None, withdrawn_at=None).update(
                superseded_by=digest
            ):
                raise Refusal("SUPERSEDES", "要替换的投标文件已被替换或撤回。")
    except IntegrityError:
        # The unique digest, upload or parts mark stood in the way: the same act again, or a copy.
        copied = Refusal("COPIED", "该投标文件的内容与已封标的另一份文件相同，属于复制他人投标文件，不予接收。")
        return _repeated(upload, digest, copied)
    return row, now


def _repeated(upload: Upload, digest: bytes, refusal: Refusal) -> tuple[Seal, datetime]:
    """Return the seal that this very upload already has (the first answer may have been lost), else refuse."""
    before = Seal.objects.filter(digest=digest, upload=upload).first()
    if before is None:
        raise refusal
    return before, before.sealed_at


def _replaced(lot: Lot, digest: bytes, message: bytes, signature: bytes | None) -> Seal:
    old = Seal.objects.select_related("upload").filter(digest=digest, lot_blind=lot_blind(lot.pk)).first()
    if old is None:
        raise Refusal("UNKNOWN", "本标段没有这份投标文件。")
    if not signing.verify(bytes(old.upload.otk_public), message, signature or b"", labels.SEAL):
        raise Refusal("SUPERSEDES", "替换旧投标文件的签名无效，只有旧文件的封标人可以替换它。")
    return old


def withdraw_bid(lot: Lot, *, digest: bytes, otk_signature: bytes, clock: Clock) -> None:
    """Withdraw a sealed bid before the deadline (撤回投标), by its one-time key."""
    row, container = find_seal(lot, digest)
    message = canonical.encode({"v": 1, "act": "withdraw", "lot": str(lot.pk), "D": canonical.b64(digest)})
    if not signing.verify(container.otk_public, message, otk_signature, labels.SEAL):
        raise Refusal("SIGNATURE", "撤回请求的一次性密钥签名无效，只有封标人可以撤回。")
    with transaction.atomic():
        due_at, closed_at, _ = _share_lock(lot.pk)
        now = clock.now()
        refusal = rules.too_late(now, due_at, closed_at)
        if refusal:
            raise refusal
        if not Seal.objects.filter(pk=row.pk, superseded_by=None, withdrawn_at=None).update(withdrawn_at=now):
            raise Refusal("STATE", "该投标文件已被替换或撤回。")
        facts = {"D": canonical.b64(digest)}
        record_blinded("bid.withdraw", lot=lot.pk, at=now, facts=facts, phase_key=phase_key(lot.pk))


def keep_share_check(lot: Lot, *, digest: bytes, trustee: str, is_sound: bool, signature: bytes, clock: Clock) -> None:
    """Keep a trustee's signed word on its share of a container; an opaque entry like all others."""
    with transaction.atomic():
        _, created = ShareCheck.objects.get_or_create(
            digest=digest, trustee=trustee, defaults={"is_sound": is_sound, "signature": signature}
        )
        if created:
            record_blinded(
                "bid.share_check", lot=lot.pk, at=clock.now(), phase_key=phase_key(lot.pk),
                facts={
                    "D": canonical.b64(digest), "trustee": trustee, "ok": is_sound,
                    "signature": canonical.b64(signature),
                },
            )


def close_lot(lot: Lot, *, actor: Actor, clock: Clock) -> None:
    """Close the lot at the deadline (投标截止): fix the root over all live containers, commit to the hall nonce.

    ``FOR UPDATE`` waits for every seal under way, so a bid is in the root or was refused, never between.
    """
    with transaction.atomic():
        Lot.objects.select_for_update().get(pk=lot.pk)
        digests = sorted(bytes(row.digest) for row in live_seals([lot]))
        root = closing_root(digests)
        nonce = settings.KEYRING.secret(f"hall-{lot.pk}")
        projects.advance_lot(
            lot, "close", actor=actor, clock=clock, closed_at=lambda now: now, closing_root=root,
            facts={
                "closing_root": canonical.b64(root),
                "hall_commitment": canonical.b64(labels.digest(labels.COEFFICIENT, nonce)),
            },
        )


def strike_cover(lot: Lot, *, digest: bytes, trustee: str, signature: bytes, actor: Actor, clock: Clock) -> None:
    """Strike a trustee's own cover container after the close; only its maker holds the one-time key."""
    row, container = find_seal(lot, digest)
    message = canonical.encode({"v": 1, "act": "cover", "lot": str(lot.pk), "D": canonical.b64(digest)})
    if not signing.verify(container.otk_public, message, signature, labels.COVER):
        raise Refusal("SIGNATURE", "掩护件声明的一次性密钥签名无效。")
    with note(
        "bid.strike_cover", lot, lot=lot, actor=actor, clock=clock, trustee=trustee,
        D=canonical.b64(digest), signature=canonical.b64(signature),
    ) as step:
        if lot.closed_at is None:
            raise Refusal("STATE", "投标截止前不能声明掩护件。")
        if row.superseded_by is not None or row.withdrawn_at is not None:
            raise Refusal("STATE", "该掩护件在截止前已被替换或撤回，无需声明。")
        Cover.objects.get_or_create(
            digest=digest, defaults={"lot": lot, "trustee": trustee, "signature": signature, "struck_at": step.now}
        )


def finish_strikes(lot: Lot, *, trustee: str, actor: Actor, clock: Clock) -> None:
    """Keep a trustee's word that it has struck all its covers: the opening may then count."""
    with note("bid.covers_struck", lot, lot=lot, actor=actor, clock=clock, trustee=trustee):
        if lot.closed_at is None:
            raise Refusal("STATE", "投标截止前不能声明掩护件。")
        CoverReport.objects.get_or_create(lot=lot, trustee=trustee)


def lot_blind(lot: UUID) -> bytes:
    """Return what stands for the lot in the seal table, keyed by a secret outside the database."""
    return _keyed("index", lot.bytes)


def live_seals(lots: Iterable[Lot]):
    """Return the containers of these lots that are neither superseded nor withdrawn, covers among them."""
    blinds = [lot_blind(lot.pk) for lot in lots]
    return Seal.objects.filter(lot_blind__in=blinds, superseded_by=None, withdrawn_at=None)


def closing_root(digests: list[bytes]) -> bytes:
    """Return the SM3 Merkle root over the sorted digests D of all live containers."""
    return merkle.root("sm3", [merkle.leaf_hash("sm3", digest) for digest in sorted(digests)])


def find_seal(lot: Lot, digest: bytes) -> tuple[Seal, Container]:
    """Return a seal of this lot and its container; Refusal UNKNOWN when there is none."""
    row = Seal.objects.select_related("upload").filter(digest=digest, lot_blind=lot_blind(lot.pk)).first()
    if row is None:
        raise Refusal("UNKNOWN", "本标段没有这份投标文件。")
    return row, open_manifest(row.upload, lot)


def open_manifest(upload: Upload, lot: Lot) -> Container:
    """Return the container of an upload, its parts read from the store; Refusal UNKNOWN for another lot's."""
    try:
        frame = canonical.decode(unseal(bytes(upload.manifest_sealed), phase_key(lot.pk)))
    except ValueError:
        raise Refusal("UNKNOWN", "本标段没有这份投标文件。") from None

    def read_part(envelope: str, number: int) -> bytes:
        part = upload.parts.get(envelope=envelope, number=number)
        with store.open_sealed(part.object_name.hex) as file:
            return file.read()

    return _container(canonical.unb64(frame["manifest"]), canonical.unb64(frame["signature"]), read_part)


def _missing(upload: Upload, container: Container) -> list[list]:
    there = set(upload.parts.values_list("envelope", "number"))
    return [
        [row["id"], n] for row in container.manifest["envelopes"] for n in range(len(row["parts"]))
        if (row["id"], n) not in there
    ]


def _container(manifest: bytes, signature: bytes, read_part) -> Container:
    return _checked(lambda: Container(manifest, signature, read_part))


def _checked(act):
    try:
        return act()
    except ContainerRefused as refused:
        raise Refusal(refused.code, refused.message) from refused


def _frame(manifest: bytes, signature: bytes) -> bytes:
    # The padding keeps manifests of covers and bids from telling apart by a byte or two.
    body = {"manifest": canonical.b64(manifest), "signature": canonical.b64(signature), "pad": ""}
    short = -len(canonical.encode(body)) % 4096
    return canonical.encode(body | {"pad": "0" * short})


def _lot(text: str) -> Lot:
    try:
        return Lot.objects.get(pk=UUID(text), bids_due_at__isnull=False)
    except (ValueError, Lot.DoesNotExist):
        raise Refusal("LOT", "投标文件所指的标段不存在或尚未发布公告。") from None


def _mismatch(core: dict, lot: Lot, document: TenderDocument) -> Refusal | None:
    return rules.mismatch(
        core, tender=lot.tender_project.code, lot=str(lot.pk), notice_digest=bytes(document.digest),
        corrigendum=document.version - 1,
        trustee_kids=list(lot.trustee_keys.order_by("index").values_list("kid", flat=True)),
    )


def _fit(lot: UUID, document: bytes) -> bytes:
    """Return what ties an upload to a version of the lot's tender document without naming the lot in a dump."""
    return _keyed("fit", lot.bytes + document)


def _share_lock(lot: UUID) -> tuple[datetime, datetime | None, bytes]:
    """Take the lot's row FOR SHARE: seals run side by side, the close (FOR UPDATE) excludes them all.

    Returns deadline, moment of closing, and the digest of the newest published tender document.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT bids_due_at, closed_at FROM projects_lot WHERE id = %s FOR SHARE", [lot])
        due_at, closed_at = cursor.fetchone()
        # A statement of its own: one that waited for the lock would see the documents as they were before it.
        cursor.execute(
            "SELECT digest FROM notices_tenderdocument WHERE lot_id = %s AND published_at IS NOT NULL"
            " ORDER BY version DESC LIMIT 1",
            [lot],
        )
        return due_at, closed_at, cursor.fetchone()[0]


def _keyed(secret: str, data: bytes) -> bytes:
    return hmac.new(settings.KEYRING.secret(secret), data, "sm3").digest()
