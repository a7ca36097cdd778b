"""Objects behind web addresses: any public ones, or those of one server, with a header for it."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote

from core.errors import FieldError
from integrations.errors import ObjectUnavailable, Stage
from integrations.fetching.objects import ObjectRequest
from integrations.guard import FetchPolicy, RefusedAddress, check_url, read_url
from integrations.providers.base import Field, WebProvider, blocked_as_mixed

if TYPE_CHECKING:
    import httpx

# These belong to the transfer itself.
_RESERVED = {"host", "range", "if-range", "accept-encoding", "content-length", "connection"}

# Folder and name of an address in which nothing is encoded, dotted or left to a parser's mind.
_PLAIN = re.compile(r"(https://[a-z][a-z0-9.-]*/(?:[A-Za-z0-9_-]+/)*)[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_MAX_PLAIN_LENGTH = 1000
_MAX_FOLDERS = 1000


class HttpsProvider(WebProvider):
    """Plain web addresses.

    With a prefix it takes only addresses that begin so, and may send a header along, such as
    `Authorization`. Without one it takes all addresses and sends nothing: a header for everybody's
    addresses would be handed to everybody's servers.
    """

    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            "prefix",
            "Addresses begin with",
            required=True,
            hint="Only addresses below this one are read through the integration.",
            placeholder="https://pictures.example.org/archive/",
        ),
        Field(
            "header_name",
            "Header",
            hint="Sent with each request to that server; leave both empty for none.",
            placeholder="Authorization",
        ),
        Field(
            "header_value",
            "Its value",
            kind="secret",
            goes_with="header_name",
            placeholder="Bearer …",
        ),
    )
    guards_secret: ClassVar[tuple[str, ...]] = ("prefix", "header_name")
    example: ClassVar[str] = "https://pictures.example.org/archive/owl.jpg"

    def __init__(
        self, settings: Mapping[str, str], secret: Mapping[str, str], policy: FetchPolicy
    ) -> None:
        super().__init__(settings, secret, policy)
        # Folders of plain addresses that are right.
        self._right: set[str] = set()

    @classmethod
    def problems(
        cls, settings: Mapping[str, str], secret: Mapping[str, str], policy: FetchPolicy
    ) -> list[FieldError]:
        """The prefix is an address; header and value come together."""
        errors = []
        try:
            url = check_url(settings.get("prefix", ""), policy)
        except RefusedAddress as error:
            errors.append(FieldError("prefix", str(error)))
        else:
            if url.query or url.fragment or not url.path.endswith("/"):
                message = "End the address with a slash: it is the beginning of others."
                errors.append(FieldError("prefix", message))
        name, value = settings.get("header_name", ""), secret.get("header_value", "")
        if name and not value:
            errors.append(FieldError("header_value", "Say what the header holds.", "required"))
        if value and not name:
            errors.append(FieldError("header_name", "Name the header.", "required"))
        if name and (not name.replace("-", "").isalnum() or name.lower() in _RESERVED):
            errors.append(FieldError("header_name", "This is no header that can be sent."))
        if not (value.isascii() and value.isprintable()):
            errors.append(FieldError("header_value", "A header holds printable ASCII only."))
        return errors

    def request(self, url: str) -> ObjectRequest:
        """The address itself, if it begins as it should."""
        try:
            asked = check_url(url, self.policy)
        except RefusedAddress as error:
            raise ObjectUnavailable(str(error), stage=error.stage) from None
        prefix = self.settings.get("prefix", "")
        if not prefix:
            return ObjectRequest(str(asked))
        if not _is_below(asked, read_url(prefix)):
            reason = f"The address does not begin with {prefix}"
            raise ObjectUnavailable(reason, stage=Stage.LOCATION)
        name = self.settings.get("header_name", "")
        headers = {name: self.secret["header_value"]} if name else {}
        return ObjectRequest(str(asked), headers)

    def check_address(self, url: str) -> None:
        """Make the request, unless that of a plain address in the same folder could be made.

        For a plain name decides nothing; and many addresses are checked that differ in it alone.
        """
        plain = _PLAIN.fullmatch(url) if len(url) <= _MAX_PLAIN_LENGTH else None
        if plain is not None and plain[1] in self._right:
            return
        self.request(url)
        if plain is not None and len(self._right) < _MAX_FOLDERS:
            self._right.add(plain[1])

    def browser_url(
        self, url: str, *, seconds: int, content_type: str = "", save_as: str = ""
    ) -> str | None:
        """The address itself, where pages can allow its server and no header is needed."""
        if save_as or not self.origins():
            return None
        return self.request(url).address

    def origins(self) -> list[str]:
        """The one server, unless what it has is not for everybody."""
        prefix = self.settings.get("prefix", "")
        if not prefix or self.settings.get("header_name"):
            return []
        url = read_url(prefix)
        origin = f"{url.scheme}://{url.netloc.decode()}"
        return [] if blocked_as_mixed(origin) else [origin]


def _is_below(url: "httpx.URL", prefix: "httpx.URL") -> bool:
    """Whether an address lies below a prefix, also for servers that undo percent signs first."""
    if (url.scheme, url.host, url.port) != (prefix.scheme, prefix.host, prefix.port):
        return False
    path = url.raw_path.decode().partition("?")[0]
    return path.startswith(prefix.raw_path.decode()) and ".." not in unquote(path).split("/")
