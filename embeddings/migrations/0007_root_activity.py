"""Which transactions changed units of which root: what tells whether a kept mask still holds."""

from django.db import migrations

# One row for each root and writing transaction, so that no writer waits for another, as all would
# with a counter. Whoever has kept something that was read under a snapshot looks for rows that the
# snapshot did not show. Rows are kept longer than any transaction lasts.
ACTIVITY = """
CREATE TABLE embeddings_rootactivity (
    root_id uuid NOT NULL,
    xid     xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (root_id, xid)
);

CREATE FUNCTION embeddings_note_activity(root_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO embeddings_rootactivity (root_id) SELECT DISTINCT unnest(root_ids)
    ON CONFLICT DO NOTHING;
    IF random() < 0.002 THEN
        DELETE FROM embeddings_rootactivity
        WHERE root_id = ANY (root_ids) AND at < clock_timestamp() - interval '7 days';
    END IF;
END $$;

CREATE FUNCTION embeddings_note_some_units() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM embeddings_note_activity(ARRAY(SELECT DISTINCT root_id FROM changed));
    RETURN NULL;
END $$;
CREATE TRIGGER embeddings_note_added_units AFTER INSERT ON folders_unit
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION embeddings_note_some_units();
CREATE TRIGGER embeddings_note_deleted_units AFTER DELETE ON folders_unit
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION embeddings_note_some_units();

-- Units and folders can change their root.
CREATE FUNCTION embeddings_note_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM embeddings_note_activity(
        ARRAY(SELECT root_id FROM before UNION SELECT root_id FROM changed)
    );
    RETURN NULL;
END $$;
CREATE TRIGGER embeddings_note_changed_units AFTER UPDATE ON folders_unit
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION embeddings_note_changed();
CREATE TRIGGER embeddings_note_changed_folders AFTER UPDATE ON folders_folder
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION embeddings_note_changed();

-- Items that come and go do so with units.
CREATE FUNCTION embeddings_note_changed_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM embeddings_note_activity(ARRAY(
        SELECT DISTINCT f.root_id FROM folders_folder f
        WHERE f.id IN (SELECT folder_id FROM changed)
    ));
    RETURN NULL;
END $$;
CREATE TRIGGER embeddings_note_changed_items AFTER UPDATE ON folders_item
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION embeddings_note_changed_items();
"""

NO_ACTIVITY = """
DROP TRIGGER embeddings_note_added_units ON folders_unit;
DROP TRIGGER embeddings_note_deleted_units ON folders_unit;
DROP TRIGGER embeddings_note_changed_units ON folders_unit;
DROP TRIGGER embeddings_note_changed_folders ON folders_folder;
DROP TRIGGER embeddings_note_changed_items ON folders_item;
DROP FUNCTION embeddings_note_changed_items;
DROP FUNCTION embeddings_note_changed;
DROP FUNCTION embeddings_note_some_units;
DROP FUNCTION embeddings_note_activity;
DROP TABLE embeddings_rootactivity;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("embeddings", "0006_fast_tsne"),
        ("folders", "0013_uploaded_objects"),
    ]

    operations = [migrations.RunSQL(ACTIVITY, NO_ACTIVITY)]
