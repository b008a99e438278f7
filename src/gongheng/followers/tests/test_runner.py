"""Followers handle each entry once, in order, whatever dies in between; one that fails stops nobody."""

import sys
from types import ModuleType

import pytest

from gongheng.followers import runner
from gongheng.followers.attempts import Attempts
from gongheng.trust.evidence.models import Cursor, Entry, Leaf


@pytest.fixture
def log():
    """Place entries with these verbs at the end of the log."""

    def placed(*verbs: str | None) -> list[Entry]:
        first = Leaf.objects.count()
        entries = Entry.objects.bulk_create([Entry(body=b"{}", verb=verb) for verb in verbs])
        Leaf.objects.bulk_create([Leaf(index=first + n, entry=entry) for n, entry in enumerate(entries)])
        return entries

    return placed


def drain(name, handlers) -> None:
    while runner.advance(name, handlers):
        pass


@pytest.mark.django_db
class TestAdvance:
    def test_each_concerned_entry_is_handled_once_and_in_order(self, log):
        entries, seen = log("a", "b", None, "a", "c"), []
        drain("f", {"a": seen.append, "c": seen.append})
        drain("f", {"a": seen.append, "c": seen.append})
        assert seen == [entries[0], entries[3], entries[4]]
        assert Cursor.objects.get(follower="f").position == 5

    def test_later_entries_are_found_from_the_remembered_position(self, log):
        seen = []
        log("a")
        drain("f", {"a": seen.append})
        (later,) = log("a")
        drain("f", {"a": seen.append})
        assert seen[-1] == later
        assert len(seen) == 2

    def test_an_entry_without_position_waits(self, log):
        Entry.objects.create(body=b"{}", verb="a")
        assert not runner.advance("f", {"a": _raise})

    def test_what_a_failing_handler_wrote_goes_with_its_position(self, log):
        log("a")

        def half(entry):
            Cursor.objects.create(follower="written by the handler")
            raise RuntimeError

        with pytest.raises(RuntimeError):
            runner.advance("f", {"a": half})
        assert not Cursor.objects.filter(follower="written by the handler").exists()
        assert not Cursor.objects.filter(follower="f", position__gt=0).exists()


def _raise(entry):
    raise RuntimeError("this handler always fails")


@pytest.mark.django_db(transaction=True)
class TestRun:
    def test_one_that_fails_does_not_stop_the_others(self, log, monkeypatch, caplog):
        log("a", "a", "a")
        table = {"broken": {"a": _raise}, "sound": {"a": lambda entry: None}}
        wiring = ModuleType("config.wiring")
        wiring.FOLLOWERS = table
        monkeypatch.setitem(sys.modules, "config.wiring", wiring)
        monkeypatch.setattr("gongheng.followers.attempts.log.propagate", True)

        class UntilSoundIsDone:
            def is_set(self):
                return Cursor.objects.filter(follower="sound", position=3).exists()

            def wait(self, seconds):
                raise AssertionError("nothing to wait for before the sound one is done")

        runner.run(UntilSoundIsDone())
        assert not Cursor.objects.filter(follower="broken").exists()
        assert "this handler always fails" in caplog.text

    def test_a_job_that_failed_rests_before_its_next_try(self):
        attempts, calls = Attempts(1), []

        def failing():
            calls.append(1)
            raise RuntimeError

        assert not attempts.run({"one": failing})
        assert not attempts.run({"one": failing})
        assert len(calls) == 1
        attempts.close()
