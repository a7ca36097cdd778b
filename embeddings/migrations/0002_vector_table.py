"""The vectors table, partitioned by embedding key."""

from django.db import migrations
from pgvector.django import VectorExtension

# Storage PLAIN is inherited by partitions of up to 2,000 dimensions and changed for larger ones;
# the default would send everything above 500 dimensions to TOAST and make scans 4 to 5 times slower.
CREATE = """
CREATE TABLE embeddings_vector (
    key_id  bigint NOT NULL REFERENCES folders_metadatakey (id) ON DELETE CASCADE,
    unit_id bigint NOT NULL REFERENCES folders_unit (id) ON DELETE CASCADE,
    root_id uuid NOT NULL REFERENCES folders_folder (id) ON DELETE CASCADE,
    norm    double precision NOT NULL,
    value   vector NOT NULL,
    PRIMARY KEY (key_id, unit_id)
) PARTITION BY LIST (key_id);
ALTER TABLE embeddings_vector ALTER COLUMN value SET STORAGE PLAIN;
CREATE INDEX embeddings_vector_by_root ON embeddings_vector (root_id, unit_id);
CREATE INDEX embeddings_vector_by_unit ON embeddings_vector (unit_id);
-- Lengths at which pgvector's float32 sums overflow or underflow; searches treat them apart.
CREATE INDEX embeddings_vector_extreme ON embeddings_vector (root_id)
    WHERE norm < 1e-15 OR norm > 1e15;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("embeddings", "0001_initial"),
        ("folders", "0001_initial"),
    ]

    operations = [
        VectorExtension(),
        migrations.RunSQL(CREATE, "DROP TABLE embeddings_vector"),
    ]
