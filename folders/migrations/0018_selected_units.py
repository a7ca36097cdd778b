"""Batches of units that a bulk job is for."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('folders', '0017_import_side_file'),
    ]

    operations = [
        migrations.CreateModel(
            name='SelectedUnits',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('selection', models.UUIDField()),
                ('number', models.PositiveIntegerField()),
                ('units', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('selection', 'number'), name='selected_units_have_one_place')],
            },
        ),
    ]
