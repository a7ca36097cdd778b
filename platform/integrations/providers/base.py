"""What every provider offers, and what those that speak HTTP share."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, ClassVar, Literal

from django.conf import settings

from core.errors import FieldError
from integrations.errors import Stage
from integrations.fetching.objects import ObjectInfo, ObjectRequest
from integrations.guard import FetchPolicy


@dataclass(frozen=True, slots=True)
class Field:
    """A value that an integration of this kind has, as forms and the API ask for it.

    Secrets are stored encrypted and shown to nobody; one that `goes_with` a setting is forgotten
    when that is emptied. A flag is "1" or "".
    """

    name: str
    label: str
    kind: Literal["text", "secret", "choice", "flag"] = "text"
    required: bool = False
    hint: str = ""
    placeholder: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""
    advanced: bool = False
    goes_with: str = ""


class ObjectProvider(ABC):
    """Reads objects of one integration.

    All reading methods raise ObjectUnavailable or ObjectUnreachable.
    """

    fields: ClassVar[tuple[Field, ...]] = ()
    # Settings that decide who gets to see the secrets: who changes one gives the secrets anew.
    guards_secret: ClassVar[tuple[str, ...]] = ()
    # Whether a connection can only be tested with the address of an object.
    needs_test_url: ClassVar[bool] = True
    # How an address of this kind looks.
    example: ClassVar[str] = ""

    def __init__(
        self, settings: Mapping[str, str], secret: Mapping[str, str], policy: FetchPolicy
    ) -> None:
        self.settings = settings
        self.secret = secret
        self.policy = policy

    @classmethod
    def problems(
        cls, settings: Mapping[str, str], secret: Mapping[str, str], policy: FetchPolicy
    ) -> list[FieldError]:
        """What is wrong with values that are each well-formed; nothing is connected to."""
        return []

    @abstractmethod
    def open(self, url: str) -> IO[bytes]:
        """The object as a file that can seek."""

    @abstractmethod
    def check_address(self, url: str) -> None:
        """Raise ObjectUnavailable for an address that this integration does not serve; nothing is
        connected to.
        """

    @abstractmethod
    def inspect(self, url: str) -> ObjectInfo:
        """Size, type and version, without reading the object."""

    @abstractmethod
    def test(self, url: str) -> str:
        """Read an object, or without one look whether the place can be reached.

        Returns:
            What was found, for people.
        """

    @abstractmethod
    def stages(self, url: str) -> list[tuple[Stage, str]]:
        """The steps of `test` in their order, each with its name."""

    def browser_url(
        self, url: str, *, seconds: int, content_type: str = "", save_as: str = ""
    ) -> str | None:
        """An address that a browser gets the object from without us, None when there is none.

        Its origin is one of `origins`, so pages allow it.

        Args:
            url: of the object.
            seconds: how long the address opens it.
            content_type: as which it is to be served, where the store lets us say that.
            save_as: the name of the file that it is to be saved as; "" to be shown. There is no
                address where the store does not let us say that.
        """
        return None

    def origins(self) -> list[str]:
        """Where `browser_url` leads to, as scheme://host:port."""
        return []


class WebProvider(ObjectProvider):
    """A provider whose objects are fetched by HTTP; it says which request brings an object."""

    @abstractmethod
    def request(self, url: str) -> ObjectRequest:
        """The request for an object.

        Raises:
            ObjectUnavailable: the address is none of this integration's.
        """

    def open(self, url: str) -> IO[bytes]:
        """The object, read by range where the server can."""
        from integrations.fetching.files import open_remote

        return open_remote(lambda: self.request(url), self.policy)

    def check_address(self, url: str) -> None:
        """Make the request, without sending it."""
        self.request(url)

    def inspect(self, url: str) -> ObjectInfo:
        """What the server says of the object."""
        from integrations.fetching.inspection import inspect_remote

        return inspect_remote(self.request(url), self.policy)

    def test(self, url: str) -> str:
        """Read the beginning of the object."""
        from integrations.fetching.answers import fetching

        found = self.inspect(url)
        with fetching(self.request(url), self.policy, headers={"Range": "bytes=0-1023"}) as answer:
            whole = answer.status_code == 200
            next(answer.iter_raw(), b"")
        size = f"{found.size:,} bytes" if found.size is not None else "of unknown size"
        how = "; the server cannot send parts of it" if whole and found.size else ""
        return f"{found.mime or 'Object'}, {size}{how}."

    def is_encrypted(self, url: str) -> bool:
        """Whether the object is asked for over TLS."""
        return url.startswith("https:")

    def stages(self, url: str) -> list[tuple[Stage, str]]:
        """From the address to the object."""
        steps = [
            (Stage.LOCATION, "Address"),
            (Stage.NAME, "Name resolution"),
            (Stage.NETWORK, "Allowed network"),
            (Stage.CONNECTION, "Connection"),
            (Stage.TLS, "Encryption (TLS)"),
            (Stage.AUTHENTICATION, "Authentication"),
            (Stage.READING, "Reading the object"),
        ]
        return [step for step in steps if step[0] != Stage.TLS or self.is_encrypted(url)]


def blocked_as_mixed(origin: str) -> bool:
    """Whether browsers refuse to load from there, since our own pages come over TLS."""
    return origin.startswith("http://") and settings.SESSION_COOKIE_SECURE
