from django.db import migrations

FORWARDS = """
    UPDATE embeddings_reduction r SET placed_revision = r.revision, segments = jsonb_build_array(
        (SELECT coalesce(max(p.ordinal) + 1, 0) FROM embeddings_reductionpoint p
         WHERE p.reduction_id = r.id)
    ) WHERE r.state = 'ready'
"""


class Migration(migrations.Migration):
    """Maps that are finished have one segment, and nothing placed on them yet."""

    dependencies = [
        ('embeddings', '0008_forming_and_placed_points'),
    ]

    operations = [migrations.RunSQL(FORWARDS, migrations.RunSQL.noop)]
