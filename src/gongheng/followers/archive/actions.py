"""The only writer of volumes (归档)."""

import io
import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from django.db import transaction

from gongheng.crypto import canonical, certs, labels
from gongheng.followers.archive import checking, holdings, packing, printing, rules
from gongheng.followers.archive.bundle import write_bundle
from gongheng.followers.archive.models import Volume
from gongheng.followers.archive.queries import archive_root, is_keeper
from gongheng.kernel.clock import SHANGHAI, Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.trading.projects import actions as projects
from gongheng.trading.projects.models import Lot
from gongheng.trust.documents import typesetting
from gongheng.trust.documents.actions import PDF, keep_document
from gongheng.trust.evidence.models import Entry
from gongheng.trust.evidence.proofs import NotYetProved


def archive_lot(lot: Lot, *, actor: Actor, clock: Clock) -> Volume:
    """Write the lot's volume, check it, read it back, and archive the lot (归档): only staff of the main venue.

    Written outside the lock, for it takes seconds; kept only if nothing happened to the lot meanwhile.
    Raises Refusal PARTY, STATE, HOLD, SCOPE naming what is missing, PROPERTIES, WITNESS, CHANGED, READ-BACK.
    """
    if not is_keeper(lot, actor):
        raise Refusal("PARTY", "只有主场交易中心可以归档本标段。")
    now = clock.now()
    refusal = lot.lifecycle.refusal(lot, "archive", actor.role, now, is_held=lot.is_held())
    if refusal:
        raise refusal
    newest = _newest_entry(lot)
    root = archive_root()
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".building-") as building:
        folder, target = Path(building) / lot.code, Path(building) / f"{lot.code}.zip"
        volume = _build(lot, folder, actor, now, clock)
        packing.write_zip(folder, target)
        try:
            packing.read_back(target, volume.package_digest)
        except packing.ReadBackDiffers as differs:
            raise Refusal("READ-BACK", f"归档包写入后读回不一致（{differs}），请检查存储后重试。") from differs
        index = (folder / packing.INDEX).read_bytes()
        with transaction.atomic():
            step = projects.advance_lot(
                lot,
                "archive",
                actor=actor,
                clock=clock,
                facts={
                    "number": volume.number,
                    "package": volume.package_digest,
                    "files": volume.file_count,
                    "bytes": volume.byte_count,
                    "result": volume.report["result"],
                    "document": canonical.b64(labels.digest(labels.FILE, index)),
                },
            )
            if _newest_entry(lot, before=step.entry.pk) != newest:
                raise Refusal("CHANGED", "归档期间标段有新的记录，请重新归档。")
            volume.index = keep_document(
                "archive_index",
                f"{lot.name}归档目录",
                io.BytesIO(index),
                media_type=PDF,
                lot=lot.pk,
                is_public=False,
                now=step.now,
            )
            volume.sealed_at, volume.checked_at = now, step.now
            volume.save(force_insert=True)
            _settle(folder, target, root)
    return volume


def _build(lot: Lot, folder: Path, actor: Actor, now: datetime, clock: Clock) -> Volume:
    try:
        items = holdings.items_of(lot, now)
        missing = rules.missing(item.number for item in items)
        if missing:
            raise Refusal("SCOPE", f"缺少归档必备件：{'、'.join(missing)}；补齐后再归档。")
        folder.mkdir()
        placed = packing.place_items(folder, items)
        write_bundle(lot, folder / "存证包", is_public=False, clock=clock)
    except NotYetProved as late:
        raise Refusal("WITNESS", "最近的存证正在等待见证方联署，请数秒后重试。") from late
    findings = checking.examine(lot, folder, placed)
    failed = [one for one in findings if one.result == "fail"]
    if failed:
        raise Refusal("PROPERTIES", f"四性检测未通过：{'；'.join(f'{one.item}：{one.evidence}' for one in failed)}")
    number = f"{now.astimezone(SHANGHAI):%Y}-ZTB-{lot.code}"
    report = checking.report(findings, now)
    packing.write_lists(folder, lot, number, placed, report, now)
    digest = packing.seal_volume(folder)
    signer = (actor.name, _serial(actor))
    (folder / packing.INDEX).write_bytes(
        typesetting.render("archive_index", printing.index(lot, number, placed, findings, digest, signer, now))
    )
    files = [path for path in folder.rglob("*") if path.is_file()]
    return Volume(
        lot=lot,
        number=number,
        folder=lot.code,
        package_digest=digest,
        report=report,
        file_count=len(files),
        byte_count=sum(path.stat().st_size for path in files),
        contents=[
            {
                "number": one.item.number,
                "title": one.item.title,
                "responsible": one.item.responsible,
                "date": canonical.timestamp(one.item.date),
                "path": one.path,
                "size": one.size,
                "digest": one.digest,
            }
            for one in placed
        ],
    )


def _settle(folder: Path, target: Path, root: Path) -> None:
    """Move what was built to its place; a leftover there belongs to an attempt that never committed."""
    shutil.rmtree(root / folder.name, ignore_errors=True)
    os.replace(folder, root / folder.name)
    os.replace(target, root / target.name)


def _newest_entry(lot: Lot, before: int | None = None) -> int:
    entries = Entry.objects.filter(lot=lot.pk)
    return (entries.filter(pk__lt=before) if before else entries).latest("id").pk


def _serial(actor: Actor) -> str:
    return certs.parse(bytes(actor.act.certificate.der)).serial_text if actor.act else ""
