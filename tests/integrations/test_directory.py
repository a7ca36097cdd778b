"""Objects in directories of the server."""

import os
from pathlib import Path

import pytest
from django.conf import LazySettings

from integrations.errors import ObjectUnavailable, Stage
from integrations.guard import FetchPolicy
from integrations.providers.directory import DirectoryProvider


@pytest.fixture
def pictures(tmp_path: Path, settings: LazySettings) -> Path:
    """A directory of an integration below one that the operator allows, and a secret beside."""
    folder = tmp_path / "allowed" / "pictures"
    folder.mkdir(parents=True)
    (folder / "owl 1.png").write_bytes(b"owl")
    (tmp_path / "allowed" / "other.png").write_bytes(b"other")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    settings.LOCAL_DIRECTORIES = [str(tmp_path / "allowed")]
    return folder


def provider(folder: Path) -> DirectoryProvider:
    return DirectoryProvider({"directory": str(folder)}, {}, FetchPolicy())


def test_open__in_all_forms_of_an_address(pictures: Path) -> None:
    forms = [
        "owl 1.png",
        f"{pictures}/owl 1.png",
        f"file://{pictures}/owl%201.png",
        f"file://localhost{pictures}/owl%201.png",
        f"file://{pictures}/../pictures/owl%201.png",
    ]

    for url in forms:
        with provider(pictures).open(url) as file:
            assert file.read() == b"owl", url
            assert file.seekable()


@pytest.mark.parametrize(
    "url",
    [
        "../other.png",
        "../../secret.txt",
        "/etc/passwd",
        "file:///etc/passwd",
        "file:///etc/there/is/nothing",
        "../../there-is-nothing.txt",
        "%2e%2e/other.png",
        "s3://bucket/owl.png",
        "file://example.org/owl.png",
        "owl\x00.png",
        "file:///owl%00.png",
        "file://[owl/a.png",
        "",
        ".",
        "a" * 5000,
    ],
)
def test_open__what_lies_outside_or_is_no_file(pictures: Path, url: str) -> None:
    with pytest.raises(ObjectUnavailable):
        provider(pictures).open(url)


def test_open__tells_nothing_of_what_lies_outside(pictures: Path) -> None:
    messages = set()
    for url in ("/etc/passwd", "/etc/there/is/nothing", "../other.png", "../nothing.png"):
        with pytest.raises(ObjectUnavailable) as raised:
            provider(pictures).open(url)
        messages.add(str(raised.value))

    assert messages == {f"The file does not lie below {pictures}."}


def test_open__links_are_resolved_first(pictures: Path, tmp_path: Path) -> None:
    (pictures / "inside.png").symlink_to(pictures / "owl 1.png")
    (pictures / "outside.txt").symlink_to(tmp_path / "secret.txt")
    (pictures / "up").symlink_to(tmp_path)
    (pictures / "loop").symlink_to(pictures / "loop")

    with provider(pictures).open("inside.png") as file:
        assert file.read() == b"owl"
    for url in ("outside.txt", "up/secret.txt", "up/allowed/other.png", "loop"):
        with pytest.raises(ObjectUnavailable):
            provider(pictures).open(url)


def test_open__pipes_do_not_hold_the_worker(pictures: Path) -> None:
    os.mkfifo(pictures / "pipe.png")

    with pytest.raises(ObjectUnavailable, match="no file"):
        provider(pictures).open("pipe.png")


def test_open__directory_that_is_no_longer_allowed(pictures: Path, settings: LazySettings) -> None:
    settings.LOCAL_DIRECTORIES = []

    with pytest.raises(ObjectUnavailable, match="KINDRED_LOCAL_DIRECTORIES") as raised:
        provider(pictures).open("owl 1.png")
    assert raised.value.stage == Stage.LOCATION


@pytest.mark.parametrize("directory", ["/", "/etc", "pictures", "", "{allowed}/../.."])
def test_problems__directories_that_are_not_allowed(pictures: Path, directory: str) -> None:
    values = {"directory": directory.format(allowed=pictures.parent)}

    errors = DirectoryProvider.problems(values, {}, FetchPolicy())

    assert [error.path for error in errors] == ["directory"]


def test_problems__link_that_leads_out(pictures: Path, tmp_path: Path) -> None:
    (pictures.parent / "way-out").symlink_to(tmp_path)
    values = {"directory": str(pictures.parent / "way-out")}

    assert DirectoryProvider.problems(values, {}, FetchPolicy()) != []
    assert DirectoryProvider.problems({"directory": str(pictures)}, {}, FetchPolicy()) == []


def test_inspect__size_type_and_version(pictures: Path) -> None:
    before = provider(pictures).inspect("owl 1.png")
    (pictures / "owl 1.png").write_bytes(b"another owl")
    after = provider(pictures).inspect(f"file://{pictures}/owl%201.png")

    assert (before.size, before.mime) == (3, "image/png")
    assert (after.size, after.mime) == (11, "image/png")
    assert before.version != after.version


def test_browser_url__there_is_none(pictures: Path) -> None:
    assert provider(pictures).browser_url("owl 1.png", seconds=60) is None
    assert provider(pictures).origins() == []


def test_test__looks_into_the_directory_or_at_a_file(pictures: Path) -> None:
    assert provider(pictures).test("") == "The directory can be read."
    assert provider(pictures).test("owl 1.png") == "image/png, 3 bytes."
    with pytest.raises(ObjectUnavailable, match="no such file"):
        provider(pictures).test("robin.png")
    with pytest.raises(ObjectUnavailable, match="no such file or directory"):
        provider(pictures / "gone").test("")
