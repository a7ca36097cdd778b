"""The kinds of places that objects lie in.

To add one (Google Cloud Storage, Azure): a choice in integrations.choices, a module here with a
class derived from `WebProvider` (base.py) that turns an address into a request, and a line in
`PROVIDERS`. Pages, REST and tests of connections follow from its `fields`.
"""

from integrations.choices import Provider
from integrations.guard import FetchPolicy
from integrations.models import Integration
from integrations.policy import fetch_policy
from integrations.providers.base import Field, ObjectProvider
from integrations.providers.directory import DirectoryProvider
from integrations.providers.https import HttpsProvider
from integrations.providers.s3 import S3Provider
from integrations.secret import decrypt

__all__ = ["PROVIDERS", "Field", "ObjectProvider", "provider_of"]

PROVIDERS: dict[str, type[ObjectProvider]] = {
    Provider.HTTPS: HttpsProvider,
    Provider.S3: S3Provider,
    Provider.DIRECTORY: DirectoryProvider,
}


def provider_of(integration: Integration, policy: FetchPolicy | None = None) -> ObjectProvider:
    """What reads the objects of an integration, by the operator's policy unless another is given.

    Raises:
        SecretLost: its credentials cannot be decrypted any more.
    """
    kind = PROVIDERS[integration.provider]
    return kind(integration.settings, decrypt(integration.secret), policy or fetch_policy())
