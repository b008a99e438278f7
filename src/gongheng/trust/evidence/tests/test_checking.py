"""What a DBA can do to the stored log, one edit at a time: the check finds each."""

import pytest
from django.db import connection

from gongheng.crypto import canonical
from gongheng.trust.evidence import publishing, witnessing
from gongheng.trust.evidence.checking import fsck
from gongheng.trust.evidence.models import Checkpoint, Entry, Head, Pending, Tile
from gongheng.trust.evidence.tests.conftest import sequence_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def whole(write, witness):
    """A log of two batches with a cosigned head, and no guard triggers: the DBA dropped them first."""
    for batch in range(2):
        for number in range(4):
            write(batch=batch, number=number)
        Entry.objects.bulk_create(Entry(body=canonical.encode({"t": "c", "h": str(number)})) for number in range(130))
        sequence_all()
    witnessing.cosign(Checkpoint.objects.latest("size"))
    sequence_all()
    assert fsck() == []
    with connection.cursor() as cursor:
        # The foreign-key checks of what was written so far must run before the table is altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP TRIGGER entry_is_never_changed ON evidence_entry")
        cursor.execute("DROP TRIGGER leaf_is_never_changed ON evidence_leaf")


def sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in statements:
            cursor.execute(statement)


AT_2 = "WHERE id = (SELECT entry_id FROM evidence_leaf WHERE index = 2)"
OLDEST = "(SELECT min(size) FROM evidence_checkpoint)"

EDITS = {
    "a body": [f"UPDATE evidence_entry SET body = body || ' ' {AT_2}"],
    "a fact in a body": [
        "UPDATE evidence_entry SET body = "
        f"convert_to(replace(convert_from(body, 'UTF8'), '\"number\":2', '\"number\":4'), 'UTF8') {AT_2}"
    ],
    "the verb column": [f"UPDATE evidence_entry SET verb = 'lot.file' {AT_2}"],
    "the time column": [f"UPDATE evidence_entry SET at = at - interval '1 day' {AT_2}"],
    "the lot column": [f"UPDATE evidence_entry SET lot = gen_random_uuid() {AT_2}"],
    "the actor column": [f"UPDATE evidence_entry SET actor = 'p-other' {AT_2}"],
    "a deleted entry": ["DELETE FROM evidence_leaf WHERE index = 100"],
    "the last entry": ["DELETE FROM evidence_leaf WHERE index = (SELECT max(index) FROM evidence_leaf)"],
    "the order": [
        "UPDATE evidence_leaf SET index = -1 WHERE index = 7",
        "UPDATE evidence_leaf SET index = 7 WHERE index = 8",
        "UPDATE evidence_leaf SET index = 8 WHERE index = -1",
    ],
    "an entry that never got in": ["DELETE FROM evidence_pending"],
    "a tile": [
        "UPDATE evidence_tile SET hashes = set_byte(hashes, 40, 255 - get_byte(hashes, 40)) "
        "WHERE algorithm = 'sha256' AND level = 0 AND number = 0"
    ],
    "a tile above": [
        "UPDATE evidence_tile SET hashes = set_byte(hashes, 4, 255 - get_byte(hashes, 4)) "
        "WHERE algorithm = 'sm3' AND level = 1"
    ],
    "a missing tile": ["DELETE FROM evidence_tile WHERE algorithm = 'sm3' AND number = 1"],
    "a tile too many": ["INSERT INTO evidence_tile (algorithm, level, number, hashes) VALUES ('sha256', 3, 0, '')"],
    "the head": ["UPDATE evidence_head SET root_sm3 = root_sha256"],
    "the size": ["UPDATE evidence_head SET size = size - 1"],
    "a note": [f"UPDATE evidence_checkpoint SET note = replace(note, 'gongheng', 'gonghenk') WHERE size = {OLDEST}"],
    "an SM3 note": [
        f"UPDATE evidence_checkpoint SET note_sm3 = (SELECT note_sm3 FROM evidence_checkpoint WHERE size = {OLDEST})"
    ],
    "a cosignature": [
        "UPDATE evidence_checkpoint SET cosignatures = "
        "(SELECT cosignatures FROM evidence_checkpoint WHERE cosigned_at IS NOT NULL)"
    ],
}


@pytest.mark.parametrize("statements", EDITS.values(), ids=EDITS.keys())
def test_each_edit_is_found(statements, write):
    write()  # one entry still waits for its position
    assert Pending.objects.count() == 1
    assert fsck() == []
    sql(*statements)
    assert fsck()


def test_a_forger_with_a_rebuilt_tree_lacks_the_key(write):
    """Rewriting everything consistently still leaves heads that our key did not sign."""
    newest = Checkpoint.objects.latest("size")
    note = publishing.cosigning.sign_checkpoint(
        "gongheng.demo/2026", newest.size, bytes(Head.objects.get().root_sha256), "gongheng.demo/2026", bytes(32)
    )
    Checkpoint.objects.filter(pk=newest.pk).update(note=note)
    assert any("签名无效" in problem for problem in fsck())


def test_the_fixture_spans_more_than_one_tile():
    assert Entry.objects.count() > 256
    assert Tile.objects.filter(algorithm="sha256", level=1).exists()
