"""Triggers: a committed entry awaits its position, and nothing in the log is ever changed.

They are defence in depth only: who owns the database can drop them, but not the witnesses.
"""

from django.db import migrations

AWAIT_POSITION = """
CREATE FUNCTION evidence_await_position() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO evidence_pending (entry_id) SELECT id FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_awaits_position AFTER INSERT ON evidence_entry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION evidence_await_position();
"""
AWAIT_POSITION_UNDONE = """
DROP TRIGGER entry_awaits_position ON evidence_entry;
DROP FUNCTION evidence_await_position();
"""

APPEND_ONLY = """
CREATE FUNCTION evidence_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the evidence log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER entry_is_never_changed BEFORE UPDATE OR DELETE ON evidence_entry
    FOR EACH STATEMENT EXECUTE FUNCTION evidence_append_only();
CREATE TRIGGER leaf_is_never_changed BEFORE UPDATE OR DELETE ON evidence_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION evidence_append_only();
-- A test database is emptied between tests, and only a test database bears such a name.
CREATE TRIGGER entry_is_never_emptied BEFORE TRUNCATE ON evidence_entry
    FOR EACH STATEMENT WHEN (current_database() NOT LIKE 'test\\_%') EXECUTE FUNCTION evidence_append_only();
CREATE TRIGGER leaf_is_never_emptied BEFORE TRUNCATE ON evidence_leaf
    FOR EACH STATEMENT WHEN (current_database() NOT LIKE 'test\\_%') EXECUTE FUNCTION evidence_append_only();
"""
APPEND_ONLY_UNDONE = """
DROP TRIGGER entry_is_never_changed ON evidence_entry;
DROP TRIGGER leaf_is_never_changed ON evidence_leaf;
DROP TRIGGER entry_is_never_emptied ON evidence_entry;
DROP TRIGGER leaf_is_never_emptied ON evidence_leaf;
DROP FUNCTION evidence_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]

    operations = [
        migrations.RunSQL(AWAIT_POSITION, AWAIT_POSITION_UNDONE),
        migrations.RunSQL(APPEND_ONLY, APPEND_ONLY_UNDONE),
    ]
