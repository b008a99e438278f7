"""A tender from notice to volume: refused while anything is amiss, then written, read back, and proved by outsiders.

One story, for its way to the contract takes longer than all that is asked of it here.
"""

import zipfile
from pathlib import Path

import pytest

from gongheng.crypto import canonical
from gongheng.followers.archive import actions, queries, rules
from gongheng.followers.archive.models import Volume
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trading.projects.lifecycle import State
from gongheng.trust.documents import store
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.models import Entry
from gongheng.trust.evidence.moving import note
from tools.verify.__main__ import verify

pytestmark = pytest.mark.django_db


def test_a_tender_is_archived_once_when_all_is_sound_and_anybody_can_verify_it(contracted, tmp_path):
    play = contracted
    assert refused(play, play.agency).rule == "PARTY"
    assert refused(play, play.actor("青岛交易中心", Role.CENTRE)).rule == "PARTY"
    missing_item_is_named(play)
    forged_document_is_found(play)
    archiving_waits_for_the_witness(play)
    page = f"/archive/{play.lot.pk}/"
    centre = signed_in(play, "济南交易中心")
    assert "签名并归档" in centre.get(page).text()
    shown = centre.act(page, form="archive")
    assert "已归档" in shown.text()
    volume = Volume.objects.get(lot=play.lot)
    volume_is_whole(play, volume, unpacked(centre, f"{page}volume.zip", tmp_path / "volume"))
    assert play.lot.state == State.ARCHIVED
    with pytest.raises(Refusal) as caught:
        actions.archive_lot(play.lot, actor=play.centre, clock=play.clock)
    assert caught.value.rule == "STATE"
    doors_stand_as_declared(play, page)
    play.world.cosign()
    public = unpacked(play.world.in_process(), f"{page}bundle.zip", tmp_path / "public")
    assert verify(public).faults == []
    assert not [*public.rglob("E1.bin"), *public.rglob("E2.bin")]
    assert b'"expert"' not in (public / "acts.json").read_bytes()


def refused(play, actor=None) -> Refusal:
    before = Entry.objects.count(), Document.objects.count()
    with pytest.raises(Refusal) as caught:
        actions.archive_lot(play.lot, actor=actor or play.centre, clock=play.clock)
    assert (Entry.objects.count(), Document.objects.count()) == before
    assert not Volume.objects.exists()
    assert not [one for one in queries.archive_root().glob("**/*") if one.is_file()]
    return caught.value


def missing_item_is_named(play) -> None:
    contract = Document.objects.filter(lot=play.lot.pk, kind="contract")
    pks = list(contract.values_list("pk", flat=True))
    contract.update(kind="other")
    refusal = refused(play)
    assert (refusal.rule, "6.3 合同" in refusal.message) == ("SCOPE", True)
    Document.objects.filter(pk__in=pks).update(kind="contract")


def forged_document_is_found(play) -> None:
    place = Path(store.path(Document.objects.get(lot=play.lot.pk, kind="award_notice").digest))
    sound = place.read_bytes()
    place.write_bytes(sound[:-20] + b" " + sound[-20:])
    refusal = refused(play)
    assert (refusal.rule, "中标通知书" in refusal.message) == ("PROPERTIES", True)
    place.write_bytes(sound)


def archiving_waits_for_the_witness(play) -> None:
    with note("lot.revise", play.lot, lot=play.lot, actor=play.agency, clock=play.clock):
        pass
    assert refused(play).rule == "WITNESS"
    play.world.cosign()


def volume_is_whole(play, volume: Volume, folder: Path) -> None:
    assert {one["result"] for one in volume.report["checks"]} <= {"pass", "warn"}
    assert rules.missing(one["number"] for one in volume.contents) == []
    facts = canonical.decode(bytes(Entry.objects.get(verb="lot.archive").body))["facts"]
    assert (facts["package"], facts["document"]) == (volume.package_digest, volume.index.digest)
    assert "act" in facts
    assert {one.name for one in folder.iterdir()} >= {"目录.pdf", "说明文件.TXT", "其他", "存证包", "6 定标"}
    for one in volume.contents:
        assert (folder / one["path"]).stat().st_size == one["size"]
    assert "评标委员会名单" in (folder / "其他" / "移交清单.xml").read_text()
    assert verify(folder / "存证包").faults == []


def doors_stand_as_declared(play, page: str) -> None:
    assert "四性检测" in signed_in(play, "招标").get(page).text()
    anyone = play.world.in_process()
    assert anyone.get(page).status_code == 302
    assert anyone.get(f"{page}volume.zip").status_code == 302
    stranger = signed_in(play, "青岛交易中心")
    assert stranger.http.get(page).status_code == 404
    assert stranger.http.get(f"{page}volume.zip").status_code == 404


def signed_in(play, name: str):
    visitor = play.world.players[name].visitor
    visitor.sign_in()
    return visitor


def unpacked(client, path: str, folder: Path) -> Path:
    answer = getattr(client, "http", client).get(path)
    assert answer.status_code == 200
    place = folder.with_suffix(".zip")
    place.write_bytes(answer.content)
    with zipfile.ZipFile(place) as archive:
        archive.extractall(folder)
    return folder
