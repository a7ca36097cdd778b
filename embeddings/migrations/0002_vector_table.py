"""The vectors table, partitioned by embedding key, and how it follows the units."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models
from pgvector.django import VectorExtension

# No foreign keys: ATTACH PARTITION would take SHARE ROW EXCLUSIVE locks on the tables they point
# to, so that a new key waits for every open import and two new keys deadlock; deleting a unit
# would probe every partition of every organisation; and each copied row would pay three look-ups.
# Instead the one write service locks the units it writes for, and the triggers below remove the
# vectors of deleted units, whoever deletes them.
#
# Storage PLAIN is taken over by partitions of up to 2,000 dimensions and changed for larger ones;
# the default would send everything above 500 dimensions to TOAST and make scans 4 to 5 times slower.
CREATE = """
CREATE TABLE embeddings_vector (
    key_id  bigint NOT NULL,
    unit_id bigint NOT NULL,
    root_id uuid NOT NULL,
    norm    double precision NOT NULL CHECK (norm >= 0 AND norm < 'Infinity'),
    value   vector NOT NULL,
    PRIMARY KEY (key_id, unit_id)
) PARTITION BY LIST (key_id);
ALTER TABLE embeddings_vector ALTER COLUMN value SET STORAGE PLAIN;
-- Queries name the key, so counting by the index alone takes it there.
CREATE INDEX embeddings_vector_by_root ON embeddings_vector (root_id, unit_id) INCLUDE (key_id);
-- Zero vectors have no direction: left out and counted by searches under cosine.
CREATE INDEX embeddings_vector_zero ON embeddings_vector (root_id, unit_id) INCLUDE (key_id)
    WHERE norm = 0;
-- Lengths at which pgvector's float32 sums overflow or underflow; searches treat them apart.
CREATE INDEX embeddings_vector_extreme ON embeddings_vector (root_id)
    WHERE norm > 0 AND norm < 1e-12 OR norm > 1e12;
"""

# A deletion of units is written down as a removal of their vectors, in the same transaction.
# EXECUTE names the key as a literal, so that only its partition is looked at.
FOLLOW_UNITS = """
CREATE FUNCTION embeddings_forget_deleted_units() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    embedding_key bigint;
    roots uuid[];
BEGIN
    FOR embedding_key IN
        SELECT k.id FROM folders_metadatakey k
        WHERE k.type = 'embedding' AND (
            k.organisation_id IN (
                SELECT f.organisation_id FROM folders_folder f
                WHERE f.id IN (SELECT d.root_id FROM deleted d)
            )
            -- The folder went first in the same transaction: its organisation is not known any more.
            OR EXISTS (
                SELECT FROM deleted d
                WHERE NOT EXISTS (SELECT FROM folders_folder f WHERE f.id = d.root_id)
            )
        )
        ORDER BY k.id
    LOOP
        EXECUTE format(
            'SELECT array_agg(DISTINCT v.root_id) FROM embeddings_vector v'
            ' JOIN deleted d ON d.id = v.unit_id WHERE v.key_id = %s', embedding_key
        ) INTO roots;
        CONTINUE WHEN roots IS NULL;
        EXECUTE format(
            'WITH locked AS MATERIALIZED ('
            '  SELECT id FROM embeddings_vectorset WHERE key_id = %1$s AND root_id = ANY ($1)'
            '  ORDER BY root_id FOR NO KEY UPDATE'
            '), touched AS ('
            '  UPDATE embeddings_vectorset s SET revision = s.revision + 1'
            '  FROM locked WHERE s.id = locked.id RETURNING s.id, s.root_id, s.revision'
            '), gone AS ('
            '  DELETE FROM embeddings_vector v USING deleted d'
            '  WHERE v.key_id = %1$s AND v.unit_id = d.id RETURNING v.unit_id, v.root_id'
            ') INSERT INTO embeddings_vectorchange (vector_set_id, revision, unit_id, removed, at)'
            ' SELECT t.id, t.revision, g.unit_id, true, now()'
            ' FROM gone g JOIN touched t ON t.root_id = g.root_id', embedding_key
        ) USING roots;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER embeddings_forget_deleted_units AFTER DELETE ON folders_unit
    REFERENCING OLD TABLE AS deleted
    FOR EACH STATEMENT EXECUTE FUNCTION embeddings_forget_deleted_units();

CREATE FUNCTION embeddings_forget_all_units() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE embeddings_vector;
    RETURN NULL;
END $$;
CREATE TRIGGER embeddings_forget_all_units AFTER TRUNCATE ON folders_unit
    FOR EACH STATEMENT EXECUTE FUNCTION embeddings_forget_all_units();
"""

FOLLOW_NO_MORE = """
DROP TRIGGER embeddings_forget_deleted_units ON folders_unit;
DROP FUNCTION embeddings_forget_deleted_units;
DROP TRIGGER embeddings_forget_all_units ON folders_unit;
DROP FUNCTION embeddings_forget_all_units;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("embeddings", "0001_initial"),
        ("folders", "0001_initial"),
    ]

    operations = [
        VectorExtension(),
        migrations.RunSQL(CREATE, "DROP TABLE embeddings_vector"),
        migrations.RunSQL(FOLLOW_UNITS, FOLLOW_NO_MORE),
        migrations.AlterField(
            model_name="vectorchange",
            name="vector_set",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="changes",
                to="embeddings.vectorset",
            ),
        ),
        migrations.AlterField(
            model_name="vectorchange",
            name="at",
            field=models.DateTimeField(auto_now_add=True),
        ),
        migrations.AddIndex(
            model_name="vectorchange",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["at"], name="vector_change_by_time"
            ),
        ),
    ]
