"""What we hand out is checked here as an outsider would: with the policy and crypto alone."""

import uuid

import pytest
from django.db import transaction

from gongheng.crypto import canonical, cosigning, labels, merkle
from gongheng.trust.evidence import proofs, publishing, queries, witnessing
from gongheng.trust.evidence.models import Checkpoint, Entry
from gongheng.trust.evidence.recording import phase_key, record_blinded
from gongheng.trust.evidence.tests.conftest import sequence_all

pytestmark = pytest.mark.django_db
LOT, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


def holds(head: dict, row: dict, policy: dict) -> bool:
    """Verify one entry under both heads, as tools/verify does."""
    body, good = canonical.unb64(row["entry"]), []
    for note, path, key, origin, algorithm in (
        (head["checkpoint"], row["path"], policy["log"], policy["origin"], "sha256"),
        (head["checkpoint_sm3"], row["path_sm3"], policy["log_sm3"], policy["origin"] + "/sm3", "sm3"),
    ):
        told = cosigning.verify(note, cosigning.parse_key(key), origin)
        leaf, hashes = merkle.leaf_hash(algorithm, body), [canonical.unb64(one) for one in path]
        good.append(merkle.verify_inclusion(algorithm, leaf, row["index"], told.size, hashes, told.root))
    return all(good)


def test_an_entry_is_proved_in_both_trees(write):
    written = [write(number=number) for number in range(300)]
    sequence_all()
    for entry in (written[0], written[255], written[299]):
        proof = proofs.proof_of(entry)
        assert holds(proof, proof, publishing.policy())
        assert not holds(proof, proof | {"entry": canonical.b64(b"{}")}, publishing.policy())
        assert not holds(proof, proof | {"index": proof["index"] ^ 1}, publishing.policy())


def test_there_is_no_proof_before_a_position_and_a_head(write):
    entry = write()
    assert proofs.proof_of(entry) is None
    sequence_all()
    first = Checkpoint.objects.earliest("size")
    later = write()
    sequence_all()
    assert proofs.proof_of(later, first) is None
    assert proofs.proof_of(entry, first)["index"] == 0


def test_the_first_cosigned_head_is_preferred(write, witness):
    entry = write()
    sequence_all()
    write()
    sequence_all()
    newest = Checkpoint.objects.latest("size")
    assert proofs.proof_of(entry)["checkpoint"] == Checkpoint.objects.get(size=1).note
    witnessing.cosign(newest)
    newest.refresh_from_db()
    note = proofs.proof_of(entry)["checkpoint"]
    assert cosigning.parse(note)[0].size == newest.size
    keys = [cosigning.parse_key(one) for one in publishing.policy()["witnesses"]]
    assert len(cosigning.quorum_times(note, keys, 1)) == 1


def test_consistency_between_two_heads(write):
    write()
    sequence_all()
    write()
    sequence_all()
    sizes = list(Checkpoint.objects.order_by("size").values_list("size", flat=True))
    proof = proofs.consistency(sizes[0], sizes[-1])
    notes = [cosigning.parse(Checkpoint.objects.get(size=size).note)[0] for size in (sizes[0], sizes[-1])]
    hashes = [canonical.unb64(one) for one in proof["proof"]]
    assert merkle.verify_consistency("sha256", sizes[0], sizes[-1], notes[0].root, notes[1].root, hashes)


class TestExport:
    @pytest.fixture
    def traded(self, write, clock):
        """Two lots, each with clear entries and one opaque entry."""
        for lot in (LOT, OTHER):
            write("lot.announce", lot=lot)
        with transaction.atomic():
            for lot in (LOT, OTHER):
                facts = {"D": str(lot)}
                record_blinded("bid.seal", lot=lot, at=clock.now(), facts=facts, phase_key=phase_key(lot))
        Entry.objects.bulk_create(
            Entry(body=canonical.encode({"v": 1}), verb="lot.close", lot=lot) for lot in (LOT, OTHER)
        )

    def test_it_waits_for_positions_and_cosignatures(self, traded, witness):
        with pytest.raises(proofs.NotYetProved):
            proofs.export_lot(LOT)
        sequence_all()
        with pytest.raises(proofs.NotYetProved):
            proofs.export_lot(LOT)
        witnessing.cosign(Checkpoint.objects.latest("size"))
        assert proofs.export_lot(LOT)["entries"]

    def test_every_entry_of_the_lot_is_proved_under_one_head(self, traded):
        sequence_all()
        export = proofs.export_lot(LOT)
        assert [row["index"] for row in export["entries"]] == [0, 4]
        assert all(holds(export, row, export["policy"]) for row in export["entries"])

    def test_the_sealed_phase_is_revealed_for_this_lot_only(self, traded):
        sequence_all()
        export = proofs.export_lot(LOT, reveal=True)
        (row,) = [row for row in export["entries"] if "reveal" in row]
        assert row["index"] == 2
        assert row["reveal"]["hidden"]["facts"] == {"D": str(LOT)}
        hidden = canonical.unb64(row["reveal"]["salt"]) + canonical.encode(row["reveal"]["hidden"])
        committed = canonical.b64(labels.digest(labels.EVIDENCE_BLIND, hidden))
        assert canonical.decode(canonical.unb64(row["entry"])) == {"t": "c", "h": committed}


def test_history_reads_what_was_proved(write, clock):
    write("lot.announce", lot=LOT, code="A")
    sequence_all()
    write("lot.close", lot=LOT)
    newest, oldest = queries.history(queries.entries_of_lot(LOT))
    assert (newest.verb, newest.position) == ("lot.close", None)
    assert (oldest.verb, oldest.position, oldest.facts) == ("lot.announce", 0, {"code": "A"})
    assert (oldest.actor, oldest.role, oldest.at) == ("p-agent", "agency", clock.now())
    assert len(queries.history(queries.entries_of_subject(f"lot:{LOT}"))) == 2
