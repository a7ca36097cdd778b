"""The change of the key that credentials are encrypted with."""

from django.db import transaction

from integrations.models import Integration
from integrations.secret import SecretLost, reencrypt


def reencrypt_integrations() -> tuple[int, list[Integration]]:
    """Put all credentials under the present key; whoever calls this runs the server.

    Returns:
        How many were done, and those that no key opens.
    """
    done, lost = 0, []
    for key in Integration.objects.exclude(secret="").values_list("pk", flat=True):
        with transaction.atomic():
            rows = Integration.objects.select_for_update(of=("self",))
            found = rows.select_related("organisation").filter(pk=key).first()
            if found is None:
                continue
            try:
                found.secret = reencrypt(found.secret)
            except SecretLost:
                lost.append(found)
            else:
                found.save(update_fields=["secret", "updated_at"])
                done += 1
    return done, lost
