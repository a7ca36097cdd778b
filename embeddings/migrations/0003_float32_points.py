"""Points of maps as float32, which is what they are; the database removes them with map and unit."""

import django.db.models.deletion
from django.db import migrations, models

import embeddings.fields

# Django names its constraints by a hash of the columns; they are replaced by ones with a cascade.
CASCADE = """
DO $$
DECLARE name text;
BEGIN
    FOR name IN
        SELECT conname FROM pg_constraint
        WHERE conrelid = 'embeddings_reductionpoint'::regclass AND contype = 'f'
    LOOP
        EXECUTE format('ALTER TABLE embeddings_reductionpoint DROP CONSTRAINT %I', name);
    END LOOP;
END $$;
ALTER TABLE embeddings_reductionpoint
    ADD CONSTRAINT reduction_point_goes_with_its_map FOREIGN KEY (reduction_id)
        REFERENCES embeddings_reduction (id) ON DELETE CASCADE,
    ADD CONSTRAINT reduction_point_goes_with_its_unit FOREIGN KEY (unit_id)
        REFERENCES folders_unit (id) ON DELETE CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("embeddings", "0002_vector_table"),
    ]

    operations = [
        migrations.AlterField("reductionpoint", "x", embeddings.fields.Float32Field()),
        migrations.AlterField("reductionpoint", "y", embeddings.fields.Float32Field()),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "reductionpoint",
                    "reduction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="points",
                        to="embeddings.reduction",
                    ),
                ),
                migrations.AlterField(
                    "reductionpoint",
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="folders.unit",
                    ),
                ),
            ],
            database_operations=[migrations.RunSQL(CASCADE, migrations.RunSQL.noop)],
        ),
    ]
