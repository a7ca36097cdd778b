"""Marks of vectors that were computed here; the database removes them with their unit or key."""

import django.db.models.deletion
from django.db import migrations, models

CASCADE = """
ALTER TABLE embeddings_derivedvector
    ADD CONSTRAINT derived_vector_goes_with_its_key FOREIGN KEY (key_id)
        REFERENCES folders_metadatakey (id) ON DELETE CASCADE,
    ADD CONSTRAINT derived_vector_goes_with_its_unit FOREIGN KEY (unit_id)
        REFERENCES folders_unit (id) ON DELETE CASCADE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('embeddings', '0004_units_that_left_maps'),
        ('folders', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DerivedVector',
            fields=[
                ('pk', models.CompositePrimaryKey('key', 'unit', blank=True, editable=False, primary_key=True, serialize=False)),
                ('method', models.CharField(choices=[('mean', 'Mean'), ('medoid', 'Medoid')], max_length=10)),
                ('members', models.PositiveIntegerField()),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('key', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='folders.metadatakey')),
                ('unit', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='folders.unit')),
            ],
        ),
        migrations.RunSQL(CASCADE, migrations.RunSQL.noop),
    ]
