"""Objects at addresses, read through an integration."""

from collections.abc import Callable
from typing import IO

from integrations.errors import ObjectUnavailable, Stage
from integrations.fetching.objects import ObjectInfo
from integrations.models import Integration
from integrations.providers import ObjectProvider, provider_of
from integrations.secret import SecretLost

__all__ = ["ObjectInfo", "address_checker", "browser_url", "inspect_object", "open_object"]


def open_object(integration: Integration, url: str) -> IO[bytes]:
    """Open an object for reading and seeking.

    It is read by range where the server can, else from a temporary file. Use it in a `with` block:
    what goes wrong while it is read is raised at the block's end even where a decoder has made an
    error of its own out of it.

    Raises:
        ObjectUnavailable: it cannot be had; the message is for the user.
        ObjectUnreachable: it cannot be had just now.
    """
    return _provider(integration).open(url)


def inspect_object(integration: Integration, url: str) -> ObjectInfo:
    """Ask for size, type and version of an object without reading it.

    Raises:
        ObjectUnavailable: it cannot be had; the message is for the user.
        ObjectUnreachable: it cannot be had just now.
    """
    return _provider(integration).inspect(url)


def browser_url(
    integration: Integration,
    url: str,
    *,
    seconds: int = 3600,
    content_type: str = "",
    save_as: str = "",
) -> str | None:
    """An address that a browser gets the object from without us, None when there is none.

    Args:
        integration: through which the object is read.
        url: of the object.
        seconds: how long the address opens the object.
        content_type: as which it is to be served, where the store lets us say that.
        save_as: the name of the file that it is to be saved as; "" to be shown.

    Raises:
        ObjectUnavailable: the address is none of the integration's.
    """
    provider = _provider(integration)
    return provider.browser_url(url, seconds=seconds, content_type=content_type, save_as=save_as)


def address_checker(integration: Integration) -> Callable[[str], str]:
    """A function that says why an address cannot be read through the integration; "" when it can.

    Nothing is connected to. It is made once for many addresses.

    Raises:
        ObjectUnavailable: the integration cannot be used at all.
    """
    provider = _provider(integration)

    def check(url: str) -> str:
        try:
            provider.check_address(url)
        except ObjectUnavailable as error:
            return str(error)
        return ""

    return check


def _provider(integration: Integration) -> ObjectProvider:
    try:
        return provider_of(integration)
    except SecretLost:
        raise ObjectUnavailable(
            f"The credentials of “{integration.name}” cannot be decrypted any more. "
            "An administrator has to enter them again.",
            stage=Stage.LOCATION,
        ) from None
