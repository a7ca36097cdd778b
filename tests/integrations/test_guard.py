"""Which addresses the server fetches from."""

from ipaddress import ip_address

import pytest

from integrations.errors import Stage
from integrations.guard import (
    FetchPolicy,
    RefusedAddress,
    check_url,
    parse_networks,
    refusal,
)

STRICT = FetchPolicy()


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.9.9.9", "loopback"),
        ("::1", "loopback"),
        ("0.0.0.0", "unspecified"),  # noqa: S104 - judged, not listened on
        ("::", "unspecified"),
        ("10.1.2.3", "private"),
        ("172.16.0.1", "private"),
        ("192.168.1.1", "private"),
        ("fd00:ec2::254", "private"),
        ("fec0::1", "private"),
        ("100.64.0.1", "private"),
        ("100.100.100.200", "private"),
        ("192.0.2.1", "private"),
        ("198.18.0.1", "private"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("168.63.129.16", "link-local"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "private"),
        ("240.0.0.1", "private"),
        ("::ffff:127.0.0.1", "tunnelled"),
        ("::ffff:8.8.8.8", "tunnelled"),
        ("2002:7f00:1::1", "tunnelled"),
        ("2001:0:4136:e378::1", "tunnelled"),
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b::10.0.0.1", "private"),
        ("64:ff9b:1::a00:1", "private"),
    ],
)
def test_refusal__names_the_kind_of_what_is_not_public(address: str, kind: str) -> None:
    assert refusal(ip_address(address), STRICT) == kind


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:4700::1111", "64:ff9b::8.8.8.8"]
)
def test_refusal__lets_public_addresses_through(address: str) -> None:
    assert refusal(ip_address(address), STRICT) == ""


def test_refusal__the_operator_allows_networks() -> None:
    policy = FetchPolicy(allowed=parse_networks(["10.2.0.0/16", " ::1 ", "", "192.168.7.20"]))

    assert refusal(ip_address("10.2.200.1"), policy) == ""
    assert refusal(ip_address("::1"), policy) == ""
    assert refusal(ip_address("192.168.7.20"), policy) == ""
    assert refusal(ip_address("10.3.0.1"), policy) == "private"
    # What is allowed as such is not thereby allowed in disguise.
    assert refusal(ip_address("::ffff:10.2.0.1"), policy) == "tunnelled"


def test_parse_networks__refuses_what_is_none() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8 has host bits set"):
        parse_networks(["10.0.0.1/8"])


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://example.org/a.png", "begins with https://"),
        ("file:///etc/passwd", "begins with https://"),
        ("gopher://127.0.0.1:6379/_FLUSHALL", "begins with https://"),
        ("example.org/a.png", "begins with https://"),
        ("https:///a.png", "names no host"),
        ("https://ann:secret@example.org/a.png", "user name or password"),
        ("https://example.org:port/a.png", "no valid address"),
        ("https://exa\nmple.org/", "no valid address"),
        ("https://xn--0/a.png", "no valid address"),
        ("https://example.org/\ud800.png", "no valid address"),
        ("https://example.org:0/a.png", "no such host or port"),
        ("https://example.org:65536/a.png", "no such host or port"),
        ("https://127.0.0.1/a.png", "loopback address"),
        ("https://[::1]/a.png", "loopback address"),
        ("https://[::ffff:10.0.0.1]/a.png", "tunnelled address"),
        ("http://example.org/a.png", "KINDRED_FETCH_PLAIN_HTTP"),
        ("https://example.org/" + "a" * 9000, "at most 8,192 characters"),
    ],
)
def test_check_url__refuses(url: str, sentence: str) -> None:
    with pytest.raises(RefusedAddress, match=sentence):
        check_url(url, STRICT)


def test_check_url__says_whether_form_or_network_is_wrong() -> None:
    with pytest.raises(RefusedAddress) as form:
        check_url("ftp://example.org/", STRICT)
    with pytest.raises(RefusedAddress) as network:
        check_url("https://10.0.0.1/", STRICT)

    assert form.value.stage == Stage.LOCATION
    assert network.value.stage == Stage.NETWORK


def test_check_url__plain_http_needs_leave() -> None:
    allowed = FetchPolicy(allowed=parse_networks(["127.0.0.0/8"]))
    open_to_all = FetchPolicy(plain_http=True)

    assert check_url("http://127.0.0.1:9000/a", allowed).port == 9000
    # A name may lead into an allowed network: that is seen when it is connected to.
    assert check_url("http://minio.lan/a", allowed).host == "minio.lan"
    with pytest.raises(RefusedAddress, match="KINDRED_FETCH_PLAIN_HTTP"):
        check_url("http://8.8.8.8/a", allowed)
    assert check_url("http://8.8.8.8/a", open_to_all).scheme == "http"


def test_check_url__keeps_names_of_other_languages() -> None:
    assert check_url("https://bücher.example/ä.png", STRICT).raw_host == b"xn--bcher-kva.example"
