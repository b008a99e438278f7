"""A tender from notice to volume: written, checked, read back, and proved by the outsiders' verifier."""

import zipfile
from pathlib import Path

import pytest
from django.conf import settings

from gongheng.crypto import canonical
from gongheng.followers.archive import actions, queries, rules
from gongheng.followers.archive.models import Volume
from gongheng.followers.archive.publishing import public_bundle
from gongheng.kernel.refusal import Refusal
from gongheng.trading.projects.lifecycle import State
from gongheng.trust.documents import store
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.models import Entry
from tools.verify.__main__ import verify

pytestmark = pytest.mark.django_db


def refused(play, actor=None) -> Refusal:
    before = Entry.objects.count(), Document.objects.count()
    with pytest.raises(Refusal) as caught:
        actions.archive_lot(play.lot, actor=actor or play.centre, clock=play.clock)
    assert (Entry.objects.count(), Document.objects.count()) == before
    assert not Volume.objects.exists()
    assert not [one for one in queries.archive_root().glob("**/*") if one.is_file()]
    return caught.value


def test_a_whole_tender_is_archived_and_its_bundles_are_verified_offline(contracted, tmp_path):
    play = contracted
    volume = actions.archive_lot(play.lot, actor=play.centre, clock=play.clock)
    assert play.lot.state == State.ARCHIVED
    assert {one["result"] for one in volume.report["checks"]} == {"pass", "warn"}
    assert rules.missing(one["number"] for one in volume.contents) == []
    facts = canonical.decode(bytes(Entry.objects.get(verb="lot.archive").body))["facts"]
    assert (facts["package"], facts["document"]) == (volume.package_digest, volume.index.digest)
    folder = tmp_path / "volume"
    with zipfile.ZipFile(queries.zip_of(volume)) as archive:
        archive.extractall(folder)
    assert {one.name for one in folder.iterdir()} >= {"目录.pdf", "说明文件.TXT", "其他", "存证包", "6 定标"}
    assert (folder / volume.contents[0]["path"]).stat().st_size == volume.contents[0]["size"]
    report = verify(folder / "存证包")
    assert report.faults == []
    play.world.cosign()
    public = tmp_path / "public"
    with zipfile.ZipFile(public_bundle(play.lot, clock=play.clock)) as archive:
        archive.extractall(public)
    report = verify(public)
    assert report.faults == []
    assert not [*public.rglob("E1.bin"), *public.rglob("E2.bin")]


def test_only_the_main_venue_archives_once(contracted):
    play = contracted
    assert refused(play, play.agency).rule == "PARTY"
    actions.archive_lot(play.lot, actor=play.centre, clock=play.clock)
    with pytest.raises(Refusal) as caught:
        actions.archive_lot(play.lot, actor=play.centre, clock=play.clock)
    assert caught.value.rule == "STATE"
    assert Volume.objects.count() == 1


def test_a_missing_item_is_named(contracted):
    contract = contracted.lot.contract
    contract.document = None
    contract.save()
    Document.objects.filter(lot=contracted.lot.pk, kind="contract").delete()
    refusal = refused(contracted)
    assert (refusal.rule, "6.3 合同" in refusal.message) == ("SCOPE", True)


def test_a_document_changed_on_the_disk_is_not_archived(contracted):
    document = Document.objects.get(lot=contracted.lot.pk, kind="award_notice")
    Path(store.path(document.digest)).write_bytes(b"%PDF-1.7 forged")
    refusal = refused(contracted)
    assert refusal.rule == "PROPERTIES"


def test_archiving_waits_for_the_witness(contracted):
    Entry.objects.create(body=canonical.encode({"v": 1}), verb="x", lot=contracted.lot.pk)
    assert refused(contracted).rule == "WITNESS"
    assert settings.WITNESS_URL
