"""The witness sees every head; after a restored backup nothing more is signed."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from gongheng.trust.evidence import publishing, sequencer, witnessing
from gongheng.trust.evidence.checking import fsck
from gongheng.trust.evidence.models import Checkpoint, Entry
from gongheng.trust.evidence.publishing import LogDamaged
from gongheng.trust.evidence.tests.conftest import sequence_all

pytestmark = pytest.mark.django_db


def grow(write, count=3):
    for _ in range(count):
        write()
    sequence_all()
    return Checkpoint.objects.latest("size")


class Backup:
    """A backup of the database, taken now and restored later, while the witness lives on."""

    def __init__(self):
        self.taken = transaction.savepoint()

    def restore(self):
        transaction.savepoint_rollback(self.taken)


def test_the_first_contact_introduces_us_pins_its_key_and_is_told_in_the_log(write, witness, clock):
    head = grow(write)
    assert witnessing.cosign(head) == clock.now()
    head.refresh_from_db()
    assert publishing.is_cosigned(head)
    assert len(head.cosignatures) == 1
    assert publishing.policy()["witnesses"] == [witness.key().text.strip()]
    assert Entry.objects.filter(verb="log.witness").count() == 1


def test_the_latest_time_stands_beside_the_first(write, witness, clock):
    head = grow(write)
    witnessing.cosign(head)
    clock.moment += timedelta(minutes=5)
    witnessing.cosign(head)
    clock.moment += timedelta(minutes=5)
    assert witnessing.fresh_cosignature() == clock.now()
    head.refresh_from_db()
    key = publishing.witness_key()
    times = [publishing.cosigned_at(head.note, line, key) for line in head.cosignatures]
    assert times[1] - times[0] == 600
    assert head.cosigned_at == clock.now()


def test_a_lost_answer_is_no_fork(write, witness):
    """The witness persisted our head but its answer never arrived: we ask again from an older size."""
    head = grow(write)
    witnessing.cosign(head)
    Checkpoint.objects.update(cosigned_at=None, cosignatures=[])
    assert witnessing.cosign(head)


def test_the_head_of_a_faster_process_is_the_one_that_is_kept(write, witness):
    older = grow(write)
    newer = grow(write)
    witnessing.cosign(newer)
    Checkpoint.objects.update(cosigned_at=None, cosignatures=[])
    witnessing.cosign(older)
    newer.refresh_from_db()
    assert publishing.is_cosigned(newer)
    assert newer.cosigned_at


def test_a_cosignature_by_another_key_counts_for_nothing(write, witness):
    head = grow(write)
    witnessing.cosign(head)
    other = type(witness)(witness.store.parent / "other", "witness.test", witness.clock)
    witness._private = other._private
    with pytest.raises(witnessing.WitnessAway):
        witnessing.cosign(head)
    head.refresh_from_db()
    assert publishing.is_cosigned(head)


def test_without_an_answer_there_is_no_fresh_time(write, settings):
    grow(write)
    assert witnessing.fresh_cosignature() is None
    settings.WITNESS_URL = "http://127.0.0.1:1"
    assert witnessing.fresh_cosignature() is None
    with pytest.raises(witnessing.WitnessAway):
        sequencer.guard()


class TestRestoredBackup:
    @pytest.fixture
    def restored(self, write, witness):
        witnessing.cosign(grow(write))
        backup = Backup()
        witnessing.cosign(grow(write))
        sequencer.guard()
        backup.restore()

    def test_the_guard_refuses_a_log_that_is_shorter_than_what_was_witnessed(self, restored):
        with pytest.raises(LogDamaged, match="旧备份"):
            sequencer.guard()

    def test_the_sequencer_does_not_start(self, restored, write):
        write()
        before = Checkpoint.objects.count()

        class Never:
            def is_set(self):
                return False

        with pytest.raises(LogDamaged):
            sequencer.run(Never())
        assert Checkpoint.objects.count() == before

    def test_a_second_history_of_equal_size_is_refused_and_kept_as_proof(self, restored, write, witness):
        size = publishing.cosigning.parse(witness.newest("gongheng.demo/2026").text)[0].size
        while Checkpoint.objects.latest("size").size < size:
            write("other")
            sequence_all()
        with pytest.raises(LogDamaged):
            sequencer.guard()
        other = Checkpoint.objects.get(size=size)
        with pytest.raises(LogDamaged, match="另一个日志头"):
            witnessing.cosign(other)
        (fraud,) = witness.store.glob("logs/*/fraud-*")
        assert other.note in fraud.read_text()

    def test_a_longer_second_history_is_refused_too(self, restored, write):
        with pytest.raises(LogDamaged):
            witnessing.cosign(grow(write, 20))

    def test_the_check_command_says_so(self, restored, capsys):
        assert fsck() == []
        with pytest.raises(CommandError):
            call_command("log_fsck")
        assert "旧备份" in capsys.readouterr().err


def test_a_log_with_another_key_does_not_go_on(write, witness, settings, tmp_path):
    witnessing.cosign(grow(write))
    settings.KEYRING = type(settings.KEYRING)(tmp_path / "new-keys")
    with pytest.raises(LogDamaged, match="密钥"):
        sequencer.guard()


def test_the_check_command_is_content_with_a_whole_log(write, witness, capsys):
    witnessing.cosign(grow(write))
    sequence_all()
    call_command("log_fsck")
    assert "完整" in capsys.readouterr().out
