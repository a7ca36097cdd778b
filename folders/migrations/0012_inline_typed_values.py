"""Let PostgreSQL take the typed value of a JSON value into the statements that ask for it.

Of functions among the tables of a statement it does so only with those that return rows; a call
for each value took twice as long as the rest of an insert.
"""

from django.db import migrations

BODY = """
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
"""

ROWS = f"""
DROP FUNCTION folders_typed_value;
CREATE FUNCTION folders_typed_value(type text, value jsonb)
RETURNS TABLE (number double precision, moment timestamptz, word text)
LANGUAGE sql STABLE AS $${BODY}$$;
"""

RECORD = f"""
DROP FUNCTION folders_typed_value;
CREATE FUNCTION folders_typed_value(
    type text, value jsonb, OUT number double precision, OUT moment timestamptz, OUT word text
) LANGUAGE sql STABLE AS $${BODY}$$;
"""


class Migration(migrations.Migration):
    dependencies = [("folders", "0011_upload_client_key")]

    operations = [migrations.RunSQL(ROWS, RECORD)]
