"""Objects behind web addresses: of one server, with a header for it, or of all."""

import pytest

from accounts.models import Organisation
from integrations.errors import ObjectUnavailable, Stage
from integrations.guard import FetchPolicy
from integrations.middleware import media_origins
from integrations.models import Integration
from integrations.providers.https import HttpsProvider
from tests.integrations.web_server import WebServer, web_server

ARCHIVE = "https://pictures.example.org/archive/"


def archive(prefix: str = ARCHIVE, **header: str) -> HttpsProvider:
    """One server's addresses, perhaps with a header."""
    settings = {"prefix": prefix}
    if header:
        settings["header_name"] = header["name"]
    secret = {"header_value": header["value"]} if header else {}
    return HttpsProvider(settings, secret, FetchPolicy())


@pytest.mark.parametrize(
    "url",
    [
        ARCHIVE + "owl.png",
        ARCHIVE + "2026/owl%201.png?size=full",
        "HTTPS://Pictures.Example.org/archive/owl.png",
        "https://pictures.example.org:443/archive/owl.png",
    ],
)
def test_prefix__takes_what_lies_below(url: str) -> None:
    assert archive().request(url).address.startswith(ARCHIVE)


@pytest.mark.parametrize(
    "url",
    [
        "https://pictures.example.org/other/owl.png",
        "https://pictures.example.org/archive",
        "https://pictures.example.org:8443/archive/owl.png",
        "https://pictures.example.org.evil.example/archive/owl.png",
        "https://evil.example/archive/owl.png?https://pictures.example.org/archive/",
        ARCHIVE + "../other/owl.png",
        ARCHIVE + "%2e%2e/other/owl.png",
        ARCHIVE + "..%2fother/owl.png",
        "https://pictures.example.org/archive%2f..%2fother",
        "https://pictures.example.org\\@evil.example/archive/",
    ],
)
def test_prefix__refuses_what_lies_elsewhere(url: str) -> None:
    with pytest.raises(ObjectUnavailable) as raised:
        archive().request(url)
    assert raised.value.stage == Stage.LOCATION


def test_check_address__a_right_folder_says_nothing_of_other_addresses() -> None:
    below = HttpsProvider({"prefix": "https://pictures.example.org/a/"}, {}, FetchPolicy())
    for name in ("owl.jpg", "tit.jpg", "b/owl.jpg"):
        below.check_address(f"https://pictures.example.org/a/{name}")

    for wrong in ("a/../owl.jpg", "a/..", "a/%2e%2e/owl.jpg", "c/owl.jpg", "owl.jpg"):
        with pytest.raises(ObjectUnavailable):
            below.check_address(f"https://pictures.example.org/{wrong}")


def test_without_prefix__takes_every_public_address_and_sends_nothing() -> None:
    everything = HttpsProvider({}, {}, FetchPolicy())

    assert everything.request("https://example.org/owl.png").headers == {}
    assert everything.origins() == []
    with pytest.raises(ObjectUnavailable) as raised:
        everything.request("https://127.0.0.1/owl.png")
    assert raised.value.stage == Stage.NETWORK


def test_header__goes_to_the_server_and_not_to_where_it_redirects(
    web: WebServer, policy: FetchPolicy
) -> None:
    settings = {"prefix": web.url("/archive/"), "header_name": "X-Api-Key"}
    provider = HttpsProvider(settings, {"header_value": "geheim"}, policy)
    web.add("/archive/owl.png", content=b"owl")
    with web_server() as other:
        other.add("/owl.png", content=b"owl")
        web.add("/archive/away.png", status=302, headers={"Location": other.url("/owl.png")})

        for path in ("/archive/owl.png", "/archive/away.png"):
            with provider.open(web.url(path)) as file:
                assert file.read() == b"owl"

        assert [headers.get("X-Api-Key") for _, headers in web.asked] == ["geheim", "geheim"]
        assert "X-Api-Key" not in other.asked[0][1]
    assert "geheim" not in repr(provider.request(web.url("/archive/owl.png")))


def test_browser_url__where_no_header_is_needed() -> None:
    plain = archive("https://pictures.example.org:8443/archive/")
    url = "https://pictures.example.org:8443/archive/owl.png"

    assert plain.browser_url(url, seconds=60) == url
    assert plain.origins() == ["https://pictures.example.org:8443"]
    keyed = archive(name="Authorization", value="Bearer geheim")
    assert keyed.browser_url(ARCHIVE + "owl.png", seconds=60) is None
    assert keyed.origins() == []


def test_media_origins__nothing_can_be_smuggled_into_the_policy(
    organisation: Organisation,
) -> None:
    """The services refuse such endpoints; should one get past them, pages stay strict."""
    for number, endpoint in enumerate(
        ["https://a.org; script-src *", "https://a.org, https://b.org", "https://*", "data:"]
    ):
        Integration.objects.create(
            organisation=organisation,
            name=f"Hostile {number}",
            provider="s3",
            settings={"bucket": "owls", "endpoint": endpoint},
        )
    Integration.objects.create(
        organisation=organisation,
        name="Lost",
        provider="s3",
        settings={"bucket": "owls"},
        secret="opened by no key",
    )
    Integration.objects.create(
        organisation=organisation,
        name="Good",
        provider="s3",
        settings={"bucket": "owls", "endpoint": "https://[2001:db8::1]:9000"},
    )

    assert media_origins(organisation) == ["https://[2001:db8::1]:9000"]
