"""Keep the typed values of units, whoever writes units; enter those that are there."""

from django.db import migrations

# What a value is under a key of a type; the same as folders.filters.expressions read from the JSON.
# Words beyond 1 kB fit no entry of the index, and no enum has such values.
TYPED_VALUE = """
CREATE FUNCTION folders_typed_value(
    type text, value jsonb, OUT number double precision, OUT moment timestamptz, OUT word text
) LANGUAGE sql STABLE AS $$
    SELECT
        CASE WHEN type = 'number' AND jsonb_typeof(value) = 'number'
             AND pg_input_is_valid(value #>> '{}', 'double precision')
             THEN (value #>> '{}')::double precision END,
        CASE WHEN type = 'datetime' AND jsonb_typeof(value) = 'string'
             AND (value #>> '{}') ~ '^([0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?|[0-9]{8}(T[0-9]{6}Z?)?)$'
             AND pg_input_is_valid(value #>> '{}', 'timestamptz')
             THEN (value #>> '{}')::timestamptz END,
        CASE WHEN type = 'boolean' AND jsonb_typeof(value) = 'boolean'
               OR type = 'enum' AND jsonb_typeof(value) = 'string'
                  AND octet_length(value #>> '{}') <= 1024
             THEN value #>> '{}' END
$$;
"""

# Texts without a zone are moments in UTC, whatever the session of the writer says.
TRIGGERS = """
CREATE FUNCTION folders_index_added_units() RETURNS trigger LANGUAGE plpgsql
SET timezone TO 'UTC' AS $$
BEGIN
    INSERT INTO folders_indexedvalue (unit_id, key_id, root_id, number, moment, word)
    SELECT u.id, k.id, u.root_id, t.number, t.moment, t.word
    FROM added u
    JOIN folders_folder f ON f.id = u.root_id
    JOIN folders_metadatakey k ON k.organisation_id = f.organisation_id
        AND k.deleted_at IS NULL AND k.type IN ('number', 'datetime', 'boolean', 'enum')
    CROSS JOIN LATERAL folders_typed_value(k.type, u.metadata -> k.name) t
    WHERE jsonb_typeof(u.metadata -> k.name) <> 'null';
    RETURN NULL;
END $$;
CREATE TRIGGER folders_index_added_units AFTER INSERT ON folders_unit
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION folders_index_added_units();

CREATE FUNCTION folders_index_changed_units() RETURNS trigger LANGUAGE plpgsql
SET timezone TO 'UTC' AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM after u JOIN before o ON o.id = u.id
        WHERE u.metadata IS DISTINCT FROM o.metadata OR u.root_id <> o.root_id
    ) THEN
        RETURN NULL;
    END IF;
    DELETE FROM folders_indexedvalue v USING after u, before o
    WHERE v.unit_id = u.id AND o.id = u.id AND u.metadata IS DISTINCT FROM o.metadata
        AND NOT EXISTS (
            SELECT FROM folders_metadatakey k
            WHERE k.id = v.key_id AND k.deleted_at IS NULL
                AND jsonb_typeof(u.metadata -> k.name) <> 'null'
        );
    INSERT INTO folders_indexedvalue AS v (unit_id, key_id, root_id, number, moment, word)
    SELECT u.id, k.id, u.root_id, t.number, t.moment, t.word
    FROM after u
    JOIN before o ON o.id = u.id
    JOIN folders_folder f ON f.id = u.root_id
    JOIN folders_metadatakey k ON k.organisation_id = f.organisation_id
        AND k.deleted_at IS NULL AND k.type IN ('number', 'datetime', 'boolean', 'enum')
    CROSS JOIN LATERAL folders_typed_value(k.type, u.metadata -> k.name) t
    WHERE jsonb_typeof(u.metadata -> k.name) <> 'null'
        AND (u.root_id <> o.root_id
             OR (u.metadata -> k.name) IS DISTINCT FROM (o.metadata -> k.name))
    ON CONFLICT (unit_id, key_id) DO UPDATE
        SET root_id = excluded.root_id, number = excluded.number, moment = excluded.moment,
            word = excluded.word
        WHERE (v.root_id, v.number, v.moment, v.word)
            IS DISTINCT FROM (excluded.root_id, excluded.number, excluded.moment, excluded.word);
    RETURN NULL;
END $$;
CREATE TRIGGER folders_index_changed_units AFTER UPDATE ON folders_unit
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION folders_index_changed_units();

CREATE FUNCTION folders_index_deleted_units() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM folders_indexedvalue v USING gone WHERE v.unit_id = gone.id;
    RETURN NULL;
END $$;
CREATE TRIGGER folders_index_deleted_units AFTER DELETE ON folders_unit
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION folders_index_deleted_units();

CREATE FUNCTION folders_index_no_units() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The table may be part of the same TRUNCATE, which allows no second one.
    DELETE FROM folders_indexedvalue;
    RETURN NULL;
END $$;
CREATE TRIGGER folders_index_no_units AFTER TRUNCATE ON folders_unit
    FOR EACH STATEMENT EXECUTE FUNCTION folders_index_no_units();
"""

# Triggers exist from here on and hold writers off until the transaction ends: nothing is missed.
FILL = """
SET LOCAL timezone TO 'UTC';
INSERT INTO folders_indexedvalue (unit_id, key_id, root_id, number, moment, word)
SELECT u.id, k.id, u.root_id, t.number, t.moment, t.word
FROM folders_unit u
JOIN folders_folder f ON f.id = u.root_id
JOIN folders_metadatakey k ON k.organisation_id = f.organisation_id
    AND k.deleted_at IS NULL AND k.type IN ('number', 'datetime', 'boolean', 'enum')
CROSS JOIN LATERAL folders_typed_value(k.type, u.metadata -> k.name) t
WHERE jsonb_typeof(u.metadata -> k.name) <> 'null';
UPDATE folders_metadatakey SET indexed_at = now()
WHERE deleted_at IS NULL AND type IN ('number', 'datetime', 'boolean', 'enum');
"""

NO_TRIGGERS = """
DROP TRIGGER folders_index_added_units ON folders_unit;
DROP TRIGGER folders_index_changed_units ON folders_unit;
DROP TRIGGER folders_index_deleted_units ON folders_unit;
DROP TRIGGER folders_index_no_units ON folders_unit;
DROP FUNCTION folders_index_added_units;
DROP FUNCTION folders_index_changed_units;
DROP FUNCTION folders_index_deleted_units;
DROP FUNCTION folders_index_no_units;
"""


class Migration(migrations.Migration):
    dependencies = [("folders", "0009_value_index")]

    operations = [
        migrations.RunSQL(TYPED_VALUE, "DROP FUNCTION folders_typed_value"),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
        migrations.RunSQL(FILL, "DELETE FROM folders_indexedvalue"),
    ]
