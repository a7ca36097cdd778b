"""Objects in buckets, on a server that checks signatures."""

import re
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from django.conf import LazySettings

from integrations.errors import ObjectUnavailable, Stage
from integrations.fetching.files import BLOCK
from integrations.guard import FetchPolicy
from integrations.providers.s3 import S3Provider
from tests.integrations.s3_server import (
    ACCESS_KEY,
    FORBIDDEN,
    OPEN_BUCKET,
    REGION,
    SECRET_KEY,
    S3Server,
)
from tests.integrations.web_server import WebServer

BUCKET = "field-cameras"


def provider(s3: S3Server, policy: FetchPolicy, **values: str) -> S3Provider:
    """The bucket, read with the right keys unless told otherwise."""
    secret = {"secret_key": values.pop("secret_key", SECRET_KEY)}
    settings = {
        "bucket": BUCKET,
        "endpoint": s3.endpoint,
        "region": REGION,
        "access_key": ACCESS_KEY,
    } | values
    return S3Provider({key: value for key, value in settings.items() if value}, secret, policy)


@pytest.mark.parametrize(
    "key",
    [
        "owl.png",
        "2026/cameras 7/owl (1).png",
        "Eule+Käuzchen & Co=100%.png",
        "a//b.png",
        "~tilde/star*'!.png",
        "with?question#and-fragment.png",
        "%41.png",
    ],
)
def test_open__keys_of_every_kind(s3: S3Server, policy: FetchPolicy, key: str) -> None:
    url = s3.put(BUCKET, key, b"owl")

    with provider(s3, policy).open(url) as file:
        assert file.read() == b"owl"


def test_open__large_objects_by_ranges(s3: S3Server, policy: FetchPolicy) -> None:
    content = bytes(range(256)) * 4096 * 4
    url = s3.put(BUCKET, "video.mp4", content, "video/mp4")

    with provider(s3, policy).open(url) as file:
        file.seek(2 * BLOCK + 5)
        assert file.read(100) == content[2 * BLOCK + 5 : 2 * BLOCK + 105]


def test_inspect__size_type_and_version(s3: S3Server, policy: FetchPolicy) -> None:
    url = s3.put(BUCKET, "owl.png", b"owl")

    found = provider(s3, policy).inspect(url)

    assert (found.size, found.mime) == (3, "image/png")
    assert re.fullmatch(r'"[0-9a-f]{32}"', found.version)


def test_open__wrong_secret_is_refused(s3: S3Server, policy: FetchPolicy) -> None:
    url = s3.put(BUCKET, "owl.png", b"owl")
    wrong = provider(s3, policy, secret_key="another secret")

    with pytest.raises(ObjectUnavailable, match="SignatureDoesNotMatch") as raised:
        wrong.open(url)

    assert raised.value.stage == Stage.AUTHENTICATION


def test_open__unknown_key_and_no_key_are_refused(s3: S3Server, policy: FetchPolicy) -> None:
    url = s3.put(BUCKET, "owl.png", b"owl")

    with pytest.raises(ObjectUnavailable, match="InvalidAccessKeyId") as unknown:
        provider(s3, policy, access_key="SOMEBODY").open(url)
    with pytest.raises(ObjectUnavailable, match="AccessDenied"):
        provider(s3, policy, access_key="").open(url)

    assert unknown.value.stage == Stage.AUTHENTICATION


def test_open__good_keys_that_do_not_open_everything(s3: S3Server, policy: FetchPolicy) -> None:
    url = s3.put(BUCKET, "owl.png", b"owl").replace("owl.png", f"{FORBIDDEN}owl.png")

    with pytest.raises(ObjectUnavailable, match="refuses access") as raised:
        provider(s3, policy).open(url)

    assert raised.value.stage == Stage.READING


def test_open__what_is_not_there(s3: S3Server, policy: FetchPolicy) -> None:
    with pytest.raises(ObjectUnavailable, match="404 NoSuchKey"):
        provider(s3, policy).open(f"s3://{BUCKET}/nothing.png")


def test_open__public_bucket_takes_no_keys(s3: S3Server, policy: FetchPolicy) -> None:
    url = s3.put(OPEN_BUCKET, "owl.png", b"owl")
    public = provider(s3, policy, bucket=OPEN_BUCKET, access_key="")

    with public.open(url) as file:
        assert file.read() == b"owl"
    assert "?" not in (public.browser_url(url, seconds=60, content_type="image/png") or "?")


def test_addresses__in_all_their_forms(s3: S3Server, policy: FetchPolicy) -> None:
    s3.put(BUCKET, "a b/owl.png", b"owl")
    host = s3.endpoint.removeprefix("http://")
    forms = [
        f"s3://{BUCKET}/a b/owl.png",
        f"{s3.endpoint}/{BUCKET}/a%20b/owl.png",
        f"{s3.endpoint}/{BUCKET}/a%20b/owl.png?X-Amz-Signature=outdated",
        f"http://{BUCKET}.{host}/a%20b/owl.png",
    ]

    for url in forms:
        with provider(s3, policy).open(url) as file:
            assert file.read() == b"owl", url


@pytest.mark.parametrize(
    ("values", "url", "address"),
    [
        ({"region": "eu-west-1"}, "s3://b1/k", "https://b1.s3.eu-west-1.amazonaws.com/k"),
        ({}, "https://b1.s3.amazonaws.com/k", "https://b1.s3.us-east-1.amazonaws.com/k"),
        ({}, "https://s3.amazonaws.com/b1/k", "https://b1.s3.us-east-1.amazonaws.com/k"),
        ({"addressing": "path"}, "s3://b1/k", "https://s3.us-east-1.amazonaws.com/b1/k"),
        ({"bucket": "b.1"}, "s3://b.1/k", "https://s3.us-east-1.amazonaws.com/b.1/k"),
        (
            {"endpoint": "https://oss.example.org/", "addressing": "host"},
            "s3://b1/k",
            "https://b1.oss.example.org/k",
        ),
    ],
)
def test_addresses__of_services(values: dict[str, str], url: str, address: str) -> None:
    public = S3Provider({"bucket": "b1", **values}, {}, FetchPolicy())

    assert public.request(url).address == address


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("s3://other/owl.png", "of the bucket other"),
        ("https://example.org/field-cameras/owl.png", "not in the bucket"),
        (f"s3://{BUCKET}/", "names no object"),
        (f"s3://{BUCKET}/in/../out.png", "names no object"),
        (f"s3://{BUCKET}/out/owl.png", "does not begin with in/"),
        ("owl.png", "not in the bucket"),
    ],
)
def test_addresses__of_others(s3: S3Server, policy: FetchPolicy, url: str, sentence: str) -> None:
    with pytest.raises(ObjectUnavailable, match=sentence) as raised:
        provider(s3, policy, prefix="in/").open(url)
    assert raised.value.stage == Stage.LOCATION


def test_browser_url__opens_the_object_without_our_keys(s3: S3Server, policy: FetchPolicy) -> None:
    url = s3.put(BUCKET, "a b.png", b"owl", "application/octet-stream")

    address = provider(s3, policy).browser_url(url, seconds=60, content_type="image/png")

    assert address is not None
    assert SECRET_KEY not in address
    assert parse_qs(urlsplit(address).query)["X-Amz-Expires"] == ["60"]
    with urlopen(address) as answer:  # noqa: S310 - http, on loopback
        assert answer.read() == b"owl"
        assert answer.headers["Content-Type"] == "image/png"


def test_browser_url__whoever_alters_it_is_refused(s3: S3Server, policy: FetchPolicy) -> None:
    url = s3.put(BUCKET, "owl.png", b"owl")
    s3.put(BUCKET, "secret.png", b"secret")
    address = provider(s3, policy).browser_url(url, seconds=60) or ""

    with pytest.raises(OSError, match="403"):
        urlopen(address.replace("owl.png", "secret.png"))  # noqa: S310 - http, on loopback
    with pytest.raises(OSError, match="403"):
        urlopen(address.replace("Expires=60", "Expires=600"))  # noqa: S310 - http, on loopback


def test_browser_url__where_browsers_reach_it(
    s3: S3Server, policy: FetchPolicy, settings: LazySettings
) -> None:
    outside = provider(s3, policy, browser_endpoint="https://files.example.org")

    assert outside.origins() == ["https://files.example.org"]
    address = outside.browser_url(f"s3://{BUCKET}/owl.png", seconds=60) or ""
    assert address.startswith(f"https://files.example.org/{BUCKET}/owl.png?")

    through_us = provider(s3, policy, through_us="1")
    assert through_us.origins() == []
    assert through_us.browser_url(f"s3://{BUCKET}/owl.png", seconds=60) is None

    # Pages over TLS load nothing without it.
    assert provider(s3, policy).origins() == [s3.endpoint]
    settings.SESSION_COOKIE_SECURE = True
    assert provider(s3, policy).origins() == []


def test_test__lists_the_bucket(s3: S3Server, policy: FetchPolicy) -> None:
    s3.put(BUCKET, "zebras/1.png", b"zebra")

    assert "zebras/1.png" in provider(s3, policy, prefix="zebras/").test("")
    assert "nothing in it" in provider(s3, policy, prefix="unicorns/").test("")
    assert provider(s3, policy).test(f"s3://{BUCKET}/zebras/1.png") == "image/png, 5 bytes."


def test_test__of_what_is_no_object_store(web: WebServer, policy: FetchPolicy) -> None:
    web.add("/field-cameras/", content=b"<html>Welcome</html>")
    wrong = S3Provider({"bucket": BUCKET, "endpoint": web.url("")}, {}, policy)

    with pytest.raises(ObjectUnavailable, match="as an object store does"):
        wrong.test("")


def test_open__endpoint_in_a_refused_network(s3: S3Server) -> None:
    """Whoever may make integrations must not thereby look into the server's network."""
    with pytest.raises(ObjectUnavailable) as raised:
        provider(s3, FetchPolicy()).open(f"s3://{BUCKET}/owl.png")
    assert raised.value.stage == Stage.NETWORK


@pytest.mark.parametrize(
    ("values", "secret", "path"),
    [
        ({"bucket": "a/b"}, {}, "bucket"),
        ({"bucket": "a b"}, {}, "bucket"),
        ({"region": "eu west"}, {}, "region"),
        ({"endpoint": "minio.example.org"}, {}, "endpoint"),
        ({"endpoint": "https://minio.example.org/a"}, {}, "endpoint"),
        ({"endpoint": "https://10.0.0.1:9000"}, {}, "endpoint"),
        ({"endpoint": "http://minio.example.org"}, {}, "endpoint"),
        ({"browser_endpoint": "files"}, {}, "browser_endpoint"),
        ({"access_key": "AK"}, {}, "secret_key"),
        ({}, {"secret_key": "s"}, "access_key"),
    ],
)
def test_problems__name_the_field(
    values: dict[str, str], secret: dict[str, str], path: str
) -> None:
    errors = S3Provider.problems({"bucket": "b1", **values}, secret, FetchPolicy())

    assert [error.path for error in errors] == [path]


def test_problems__browsers_have_a_network_of_their_own() -> None:
    values = {"bucket": "b1", "browser_endpoint": "https://10.0.0.1:9000"}

    assert S3Provider.problems(values, {}, FetchPolicy()) == []
