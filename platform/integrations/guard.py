"""Which addresses the server fetches from, so that nobody reaches into its own network through it.

Users give addresses, so a name may lead anywhere: to a service on loopback, to a machine of the
private network, to the metadata service of a cloud. What a name leads to is judged when the
connection is made (integrations.fetching.network), on the address that is connected to; judging the
name before would leave the time between, in which it can be made to lead elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import TYPE_CHECKING, Final

from integrations.errors import Stage

if TYPE_CHECKING:
    import httpx

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MAX_URL_LENGTH: Final = 8192

# IPv6 addresses that stand for an IPv4 address: a gateway leads on to it, and so to what is behind.
_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_TUNNELS: Final = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))
# Public by its number, yet Azure answers there for the machine itself, credentials included.
_CLOUD_HOSTS: Final = (IPv4Address("168.63.129.16"),)


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """What the operator of the server allows.

    Attributes:
        allowed: networks that are fetched from although they are not public.
        plain_http: whether public servers are also asked without encryption.
        max_bytes: how large an object may be.
        seconds: how long one answer may take in all.
        ca_file: certificates of authorities to trust besides the usual ones; "" for none.
    """

    allowed: tuple[Network, ...] = ()
    plain_http: bool = False
    max_bytes: int = 10 * 2**30
    seconds: float = 300
    ca_file: str = ""


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks as the operator writes them: 10.0.0.0/8, ::1, 192.168.7.20.

    Raises:
        ValueError: one of them is no network.
    """
    return tuple(ip_network(text.strip()) for text in texts if text.strip())


def is_allowed(address: Address, policy: FetchPolicy) -> bool:
    """Whether the operator names the address's network."""
    return any(
        address.version == network.version and address in network for network in policy.allowed
    )


def refusal(address: Address, policy: FetchPolicy) -> str:
    """What kind of address it is that must not be connected to; "" when it may be."""
    if is_allowed(address, policy):
        return ""
    return _kind(address)


def _kind(address: Address) -> str:
    """The kind of a non-public address; "" for a public one."""
    if isinstance(address, IPv6Address):
        # No honest name leads to these: a resolver gives the IPv4 address itself.
        if address.ipv4_mapped is not None or any(address in tunnel for tunnel in _TUNNELS):
            return "tunnelled"
        if address in _NAT64[1] or address.is_site_local:
            return "private"
        if address in _NAT64[0]:
            return _kind(IPv4Address(int(address) & 0xFFFF_FFFF))
    if address in _CLOUD_HOSTS or address.is_link_local:
        return "link-local"
    for kind in ("unspecified", "loopback", "multicast", "private", "reserved"):
        if getattr(address, f"is_{kind}"):
            return kind
    # What is left is neither private nor public: addresses shared by the customers of a carrier.
    return "" if address.is_global else "private"


class RefusedAddress(ValueError):
    """An address that is not fetched; the message is for the user."""

    def __init__(self, message: str, stage: Stage = Stage.LOCATION) -> None:
        super().__init__(message)
        self.stage = stage


def read_url(text: str) -> "httpx.URL":
    """Read an address as it will be asked for; one parser for all, so that none is deceived.

    Raises:
        RefusedAddress: it is malformed.
    """
    # Loaded with the first address: see integrations.fetching.
    import httpx

    if len(text) > MAX_URL_LENGTH:
        raise RefusedAddress(f"An address has at most {MAX_URL_LENGTH:,} characters.")
    try:
        url = httpx.URL(text)
        # The host is decoded only when it is asked for, and may turn out to be none.
        named = url.host.isprintable()
    except (httpx.InvalidURL, UnicodeError) as error:
        raise RefusedAddress(f"This is no valid address: {error}.") from None
    if not named or not (url.port is None or 0 < url.port < 2**16):
        raise RefusedAddress("This is no valid address: there is no such host or port.")
    return url


def check_url(text: str, policy: FetchPolicy) -> "httpx.URL":
    """Read an address and judge what can be judged of it without asking anybody.

    Raises:
        RefusedAddress: it is malformed, of another scheme, or leads where it must not.
    """
    url = read_url(text)
    number = _number(url.host)
    if url.scheme not in ("http", "https"):
        raise RefusedAddress("An address begins with https://.")
    if not url.host:
        raise RefusedAddress("The address names no host.")
    if url.userinfo:
        raise RefusedAddress("An address must not hold a user name or password.")
    if number is not None and (kind := refusal(number, policy)):
        raise RefusedAddress(refused_network(kind), Stage.NETWORK)
    if url.scheme == "http" and not plain_http_possible(number, policy):
        raise RefusedAddress(PLAIN_HTTP, Stage.NETWORK)
    return url


def plain_http_possible(number: Address | None, policy: FetchPolicy) -> bool:
    """Whether http:// may do: in networks that the operator allows, elsewhere if he says so.

    In the open, whoever is on the way reads what is fetched, and the signature in the address that
    opens it; a public server that has no TLS can still be wanted, hence the setting.
    """
    if policy.plain_http:
        return True
    return is_allowed(number, policy) if number is not None else bool(policy.allowed)


PLAIN_HTTP: Final = (
    "Addresses begin with https://. The operator of the server can allow http:// "
    "(KINDRED_FETCH_PLAIN_HTTP)."
)


def refused_network(kind: str) -> str:
    """The sentence for an address of a kind that is not connected to."""
    article = "an" if kind[0] in "aeiou" else "a"
    return (
        f"The host has {article} {kind} address, which this server does not fetch from. "
        "The operator of the server can allow its network (KINDRED_FETCH_ALLOW)."
    )


def _number(host: str) -> Address | None:
    """The address that a host is written as; None for names."""
    try:
        return ip_address(host)
    except ValueError:
        return None
