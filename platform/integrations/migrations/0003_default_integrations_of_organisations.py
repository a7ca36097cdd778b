"""The integration for web addresses, for organisations that are there already."""

from django.db import migrations


def give_default_integrations(apps, schema_editor):
    Organisation = apps.get_model("accounts", "Organisation")
    Integration = apps.get_model("integrations", "Integration")
    without = Organisation.objects.exclude(integrations__is_default=True)
    for organisation in without.iterator():
        taken = Integration.objects.filter(organisation=organisation, name="Web addresses").exists()
        Integration.objects.create(
            organisation=organisation,
            is_default=True,
            name="Web addresses (built in)" if taken else "Web addresses",
            provider="https",
        )


class Migration(migrations.Migration):

    dependencies = [("integrations", "0002_one_default_integration")]

    operations = [migrations.RunPython(give_default_integrations, migrations.RunPython.noop)]
