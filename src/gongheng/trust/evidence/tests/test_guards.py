"""The database itself refuses to change the log, and hands every committed entry to the sequencer."""

import pytest
from django.db import IntegrityError, connection, transaction

from gongheng.trust.evidence.models import Entry, Pending
from gongheng.trust.evidence.tests.conftest import sequence_all

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("table", ["evidence_entry", "evidence_leaf"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {0} SET {1} = {1}"])
def test_no_row_of_the_log_is_changed_or_deleted(write, table, statement):
    write()
    sequence_all()
    column = {"evidence_entry": "verb", "evidence_leaf": "index"}[table]
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table, column))
    assert Entry.objects.filter(leaf__isnull=False).exists()


def test_emptying_is_refused_outside_test_databases():
    """The trigger spares databases named test_…; its condition and its function are checked apart."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname LIKE '%%is_never_emptied' ORDER BY 1"
        )
        found = dict(cursor.fetchall())
        assert list(found) == ["entry_is_never_emptied", "leaf_is_never_emptied"]
        assert all("BEFORE TRUNCATE" in text and "test\\_%" in text for text in found.values())
        cursor.execute("CREATE TEMP TABLE emptied (id int)")
        cursor.execute(
            "CREATE TRIGGER never BEFORE TRUNCATE ON emptied FOR EACH STATEMENT EXECUTE FUNCTION evidence_append_only()"
        )
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute("TRUNCATE emptied")


def test_every_entry_waits_for_its_position_even_when_written_in_bulk(write):
    entry = write()
    more = Entry.objects.bulk_create([Entry(body=b'{"t":"c","h":"x"}') for _ in range(3)])
    assert set(Pending.objects.values_list("pk", flat=True)) == {entry.pk, *(one.pk for one in more)}


def test_an_entry_that_was_rolled_back_waits_for_nothing(write):
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert not Entry.objects.exists()
    assert not Pending.objects.exists()
