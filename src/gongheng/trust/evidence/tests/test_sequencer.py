"""The sequencer: gapless positions, two trees, signed heads; every failure leaves one true history."""

import uuid

import pytest
from django.db import OperationalError, connection, transaction

from gongheng.crypto import canonical, cosigning, merkle
from gongheng.trust.evidence import publishing, sequencer, tiles
from gongheng.trust.evidence.checking import fsck
from gongheng.trust.evidence.models import Checkpoint, Entry, Head, Leaf, Pending, Tile
from gongheng.trust.evidence.publishing import LogDamaged
from gongheng.trust.evidence.recording import record_blinded
from gongheng.trust.evidence.tests.conftest import sequence_all

KEY = bytes(range(32))


@pytest.mark.django_db
class TestPositions:
    def test_positions_are_gapless_in_order_of_entry(self, write):
        written = [write().pk for _ in range(5)]
        sequence_all()
        assert list(Leaf.objects.order_by("index").values_list("index", "entry_id"))[:5] == list(enumerate(written))
        assert not Pending.objects.exists()

    def test_a_slow_transaction_with_a_smaller_id_comes_later_but_is_never_skipped(self, write):
        slow = write().pk
        Pending.objects.filter(pk=slow).delete()  # as if it had not committed yet
        quick = write().pk
        sequence_all()
        Pending.objects.create(entry_id=slow)
        sequence_all()
        places = dict(Leaf.objects.values_list("entry_id", "index"))
        assert places[slow] > places[quick]
        assert sorted(places.values()) == list(range(len(places)))

    def test_a_batch_takes_no_more_than_its_limit(self, write):
        for _ in range(3):
            write()
        assert sequencer.sequence(limit=2) == 2
        assert Pending.objects.count() == 1

    def test_nothing_to_do_changes_nothing(self):
        assert not sequencer.step()
        assert not Checkpoint.objects.exists()

    def test_nothing_is_appended_to_a_head_that_is_not_signed(self, write):
        write()
        sequencer.sequence()
        write()
        assert sequencer.sequence() == 0
        assert sequencer.publish()
        assert sequencer.sequence() == 2


@pytest.mark.django_db
class TestHeads:
    def test_both_notes_state_the_root_over_all_entries(self, write):
        for number in range(300):
            write(number=number)
        sequence_all()
        newest = Checkpoint.objects.latest("size")
        bodies = [bytes(body) for body in Entry.objects.order_by("leaf__index").values_list("body", flat=True)]
        keys = publishing.policy()
        for note, key, origin, algorithm in (
            (newest.note, keys["log"], "gongheng.demo/2026", "sha256"),
            (newest.note_sm3, keys["log_sm3"], "gongheng.demo/2026/sm3", "sm3"),
        ):
            told = cosigning.verify(note, cosigning.parse_key(key), origin)
            leaves = [merkle.leaf_hash(algorithm, body) for body in bodies]
            assert (told.size, told.root) == (len(bodies), merkle.root(algorithm, leaves))

    def test_an_sm3_head_becomes_one_entry_and_does_not_feed_itself(self, write):
        write()
        sequence_all()
        told = Entry.objects.get(verb=sequencer.CHECKPOINT_VERB)
        facts = canonical.decode(bytes(told.body))["facts"]
        assert facts["size"] == 1
        assert facts["note"] == Checkpoint.objects.get(size=1).note_sm3
        assert Head.objects.get().size == 2
        assert not Pending.objects.exists()

    def test_an_opaque_entry_alone_is_news_too(self, clock):
        with transaction.atomic():
            record_blinded("bid.seal", lot=uuid.uuid4(), at=clock.now(), facts={}, phase_key=KEY)
        sequence_all()
        assert Entry.objects.filter(verb=sequencer.CHECKPOINT_VERB).count() == 1

    def test_the_order_of_steps_sign_after_commit(self, write, monkeypatch):
        def unsigned(head):
            raise OperationalError("the key store is away")

        write()
        monkeypatch.setattr(publishing, "sign", unsigned)
        with pytest.raises(OperationalError):
            sequencer.step()
        assert Head.objects.get().size == 1
        assert not Checkpoint.objects.exists()
        monkeypatch.undo()
        sequence_all()
        assert fsck() == []


@pytest.mark.django_db
class TestDamage:
    """Whoever edits the store under the sequencer makes it stop, not sign."""

    @pytest.fixture(autouse=True)
    def grown(self, write):
        for number in range(5):
            write(number=number)
        sequence_all()
        write()

    def refused(self):
        before = Checkpoint.objects.count()
        with pytest.raises(LogDamaged), transaction.atomic():
            sequencer.step()
        assert Checkpoint.objects.count() == before
        assert Pending.objects.count() == 1

    def test_a_changed_tile(self):
        tile = Tile.objects.get(algorithm="sha256", level=0, number=0)
        hashes = bytes(tile.hashes)
        Tile.objects.filter(pk=tile.pk).update(hashes=hashes[32:64] + hashes[:32] + hashes[64:])
        self.refused()

    def test_a_changed_tile_of_the_sm3_tree(self):
        tile = Tile.objects.get(algorithm="sm3", level=0, number=0)
        Tile.objects.filter(pk=tile.pk).update(hashes=bytes(32) + bytes(tile.hashes)[32:])
        self.refused()

    def test_a_changed_root(self):
        Head.objects.update(root_sha256=bytes(32))
        self.refused()

    def test_a_head_set_back(self):
        Head.objects.update(size=1)
        self.refused()

    def test_a_forged_checkpoint(self):
        newest = Checkpoint.objects.latest("size")
        Checkpoint.objects.filter(pk=newest.pk).update(note=newest.note.replace("demo", "fake"))
        self.refused()

    def test_a_store_that_gives_back_other_bytes(self, monkeypatch):
        fetch, written = tiles.fetch, []

        def lying(algorithm, level, number):
            return bytes(64) if written else fetch(algorithm, level, number)

        create = Tile.objects.bulk_create
        monkeypatch.setattr(tiles, "fetch", lying)
        monkeypatch.setattr(Tile.objects, "bulk_create", lambda *a, **k: written.append(create(*a, **k)))
        with pytest.raises(OSError, match="not stored"), transaction.atomic():
            sequencer.sequence()


class Injected(OperationalError):
    pass


class FailAt:
    """Fail at one statement: before it reaches the database, or after it took effect there."""

    def __init__(self, number: int = -1, *, is_done: bool = False):
        self.number, self.is_done, self.seen = number, is_done, 0

    def __call__(self, execute, sql, params, many, context):
        mine, self.seen = self.seen == self.number, self.seen + 1
        if mine and not self.is_done:
            raise Injected(sql)
        result = execute(sql, params, many, context)
        if mine:
            raise Injected(sql)
        return result


@pytest.mark.django_db(transaction=True)
class TestFailureInjection:
    """Each step of the sequencer fails in both forms; afterwards the log is whole and nothing is lost."""

    def whole(self, written: int):
        sequence_all()
        assert fsck() == []
        assert Leaf.objects.exclude(entry__verb=sequencer.CHECKPOINT_VERB).count() == written

    def test_at_every_statement(self, write):
        write()
        sequence_all()
        write()
        counter = FailAt()
        with connection.execute_wrapper(counter):
            assert sequencer.step()
        assert counter.seen > 10
        written = 2
        for number in range(counter.seen):
            for is_done in (False, True):
                write()
                written += 1
                with connection.execute_wrapper(FailAt(number, is_done=is_done)), pytest.raises(Injected):
                    sequence_all()
        self.whole(written)

    @pytest.mark.parametrize("is_done", [False, True])
    @pytest.mark.parametrize("which", [0, 1, 2])
    def test_at_every_commit(self, write, monkeypatch, which, is_done):
        write()
        commits, commit = [], connection._commit

        def failing():
            commits.append(1)
            mine = len(commits) == which + 1
            if is_done or not mine:
                commit()
            if mine:
                raise Injected("commit")

        monkeypatch.setattr(connection, "_commit", failing)
        with pytest.raises(Injected):
            sequencer.step()
        monkeypatch.undo()
        self.whole(1)


class StopWhen:
    """A stop signal that sets itself once a condition holds; the loops ask it in every round."""

    def __init__(self, condition, rounds: int = 20_000):
        self.condition, self.rounds = condition, rounds

    def is_set(self) -> bool:
        self.rounds -= 1
        return self.rounds < 0 or self.condition()

    def wait(self, seconds: float) -> bool:
        return self.is_set()


@pytest.mark.django_db(transaction=True)
def test_run_publishes_and_has_the_head_cosigned(write, witness):
    entry = write()
    stop = StopWhen(lambda: Checkpoint.objects.filter(cosigned_at__isnull=False, size__gte=3).exists())
    sequencer.run(stop)
    assert stop.rounds >= 0
    assert Leaf.objects.filter(entry=entry).exists()
    assert Entry.objects.filter(verb="log.witness").count() == 1
    assert fsck() == []


@pytest.mark.django_db(transaction=True)
def test_run_survives_a_database_that_goes_away_and_works_without_a_witness(write, monkeypatch):
    write()
    real, failures = sequencer.step, [Injected("gone"), Injected("still gone")]
    monkeypatch.setattr(sequencer, "step", lambda: _raise(failures.pop()) if failures else real())
    stop = StopWhen(lambda: Checkpoint.objects.count() == 2)
    sequencer.run(stop)
    assert stop.rounds >= 0
    assert not failures


def _raise(error):
    raise error
