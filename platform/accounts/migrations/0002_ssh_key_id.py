from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="sshkey", name="ssh_key_is_unique_while_active"
        ),
        migrations.RenameField(model_name="sshkey", old_name="fingerprint", new_name="key_id"),
        migrations.AddConstraint(
            model_name="sshkey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None)),
                fields=("key_id",),
                name="ssh_key_is_unique_while_active",
            ),
        ),
    ]
