import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_team_description'),
        ('collections_app', '0003_exports'),
        ('folders', '0017_import_side_file'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='preset',
            name='preset_name_is_unique_in_root',
        ),
        migrations.AddField(
            model_name='preset',
            name='shared',
            field=models.BooleanField(default=True),
        ),
        migrations.AddConstraint(
            model_name='preset',
            constraint=models.UniqueConstraint(models.F('root'), django.db.models.functions.text.Lower('name'), condition=models.Q(('shared', True)), name='preset_name_is_unique_among_shared_of_root'),
        ),
        migrations.AddConstraint(
            model_name='preset',
            constraint=models.UniqueConstraint(models.F('root'), models.F('created_by'), django.db.models.functions.text.Lower('name'), condition=models.Q(('shared', False)), name='preset_name_is_unique_among_own_of_root'),
        ),
        migrations.AddConstraint(
            model_name='preset',
            constraint=models.CheckConstraint(condition=models.Q(('shared', True), ('root__isnull', False), _connector='OR'), name='preset_of_the_organisation_is_shared'),
        ),
    ]
