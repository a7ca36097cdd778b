"""Keep the counts of units per folder, whoever writes units; count those that are there."""

from django.db import migrations

# One row for each statement, folder and kind. Adding rows up is left to a writer now and then: it
# takes the rows that nobody else is adding up, so that no writer ever waits for another one.
COUNT = """
CREATE FUNCTION folders_sum_unit_counts(folder_ids uuid[]) RETURNS void LANGUAGE sql AS $$
    WITH gone AS (
        DELETE FROM folders_unitcount WHERE id IN (
            SELECT id FROM folders_unitcount WHERE folder_id = ANY (folder_ids)
            FOR UPDATE SKIP LOCKED
        ) RETURNING folder_id, kind, units
    )
    INSERT INTO folders_unitcount (folder_id, kind, units)
    SELECT folder_id, kind, sum(units) FROM gone GROUP BY folder_id, kind HAVING sum(units) <> 0
$$;

CREATE FUNCTION folders_count_added_units() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO folders_unitcount (folder_id, kind, units)
    SELECT folder_id, kind, count(*) FROM changed GROUP BY folder_id, kind;
    IF random() < 0.02 THEN
        PERFORM folders_sum_unit_counts(ARRAY(SELECT DISTINCT folder_id FROM changed));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER folders_count_added_units AFTER INSERT ON folders_unit
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION folders_count_added_units();

CREATE FUNCTION folders_count_deleted_units() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO folders_unitcount (folder_id, kind, units)
    SELECT folder_id, kind, -count(*) FROM changed GROUP BY folder_id, kind;
    IF random() < 0.02 THEN
        PERFORM folders_sum_unit_counts(ARRAY(SELECT DISTINCT folder_id FROM changed));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER folders_count_deleted_units AFTER DELETE ON folders_unit
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION folders_count_deleted_units();

-- By row: with transition tables each change of metadata would be copied just to be passed over.
CREATE FUNCTION folders_count_moved_unit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO folders_unitcount (folder_id, kind, units)
    VALUES (OLD.folder_id, OLD.kind, -1), (NEW.folder_id, NEW.kind, 1);
    IF random() < 0.002 THEN
        PERFORM folders_sum_unit_counts(ARRAY[OLD.folder_id, NEW.folder_id]);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER folders_count_moved_unit AFTER UPDATE OF folder_id, kind ON folders_unit
    FOR EACH ROW WHEN (OLD.folder_id <> NEW.folder_id OR OLD.kind <> NEW.kind)
    EXECUTE FUNCTION folders_count_moved_unit();

CREATE FUNCTION folders_forget_unit_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM folders_unitcount WHERE folder_id IN (SELECT id FROM gone);
    RETURN NULL;
END $$;
CREATE TRIGGER folders_forget_unit_counts AFTER DELETE ON folders_folder
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION folders_forget_unit_counts();

CREATE FUNCTION folders_forget_all_unit_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The table may be part of the same TRUNCATE, which allows no second one.
    DELETE FROM folders_unitcount;
    RETURN NULL;
END $$;
CREATE TRIGGER folders_forget_all_unit_counts AFTER TRUNCATE ON folders_unit
    FOR EACH STATEMENT EXECUTE FUNCTION folders_forget_all_unit_counts();

-- Triggers exist from here on and hold writers off until the transaction ends: nothing is missed.
INSERT INTO folders_unitcount (folder_id, kind, units)
SELECT folder_id, kind, count(*) FROM folders_unit GROUP BY folder_id, kind;
"""

COUNT_NO_MORE = """
DROP TRIGGER folders_count_added_units ON folders_unit;
DROP TRIGGER folders_count_deleted_units ON folders_unit;
DROP TRIGGER folders_count_moved_unit ON folders_unit;
DROP TRIGGER folders_forget_all_unit_counts ON folders_unit;
DROP TRIGGER folders_forget_unit_counts ON folders_folder;
DROP FUNCTION folders_count_added_units;
DROP FUNCTION folders_count_deleted_units;
DROP FUNCTION folders_count_moved_unit;
DROP FUNCTION folders_forget_all_unit_counts;
DROP FUNCTION folders_forget_unit_counts;
DROP FUNCTION folders_sum_unit_counts;
DELETE FROM folders_unitcount;
"""


class Migration(migrations.Migration):
    dependencies = [("folders", "0006_removal_moves_and_counts")]

    operations = [migrations.RunSQL(COUNT, COUNT_NO_MORE)]
