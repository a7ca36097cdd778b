"""The two forms of a file: a stream of JSON, and tables."""

import io
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput
from folders.choices import ImportState, ItemKind, KeyType
from folders.imports import json_stream
from folders.imports.json_stream import read_entries
from folders.imports.registration.records import default_name
from folders.models import Folder, Item
from folders.reading import full_metadata
from folders.services.schema import add_key
from tests.folders.imports.files import SITE, paths, run_import

ActorFor = Callable[[User], Actor]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Trickle(io.BytesIO):
    """Gives a few bytes at a time, whatever is asked for."""

    def __init__(self, content: bytes, step: int) -> None:
        super().__init__(content)
        self._step = step

    def read(self, size: int | None = -1, /) -> bytes:
        """At most `step` bytes."""
        return super().read(self._step)


def entries(content: bytes, step: int = 1 << 20) -> list[tuple[str, Any]]:
    """Paths and values."""
    return [(entry.path, entry.value) for entry in read_entries(Trickle(content, step))]


@given(
    st.dictionaries(st.text(), st.lists(values, max_size=4) | scalars, max_size=4),
    st.integers(1, 40),
    st.sampled_from([None, 2]),
    st.booleans(),
)
def test_read_entries__gives_what_pythons_parser_gives(
    document: dict[str, Any], step: int, indent: int | None, ascii_only: bool
) -> None:
    content = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode(
        "utf-8", "replace"
    )
    expected = []
    for key, value in json.loads(content).items():
        if isinstance(value, list):
            expected += [(f"{key}.{place}", inner) for place, inner in enumerate(value)]
        else:
            expected.append((key, value))

    found = entries(content, step)

    assert [path for path, _ in found] == [path for path, _ in expected]
    for (_, ours), (_, theirs) in zip(found, expected, strict=True):
        assert ours == theirs


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "line 1, column 1"),
        (b"[1]", "line 1, column 1"),
        (b'{"a": [1, 2', "line 1, column 12"),
        (b'{"a": [1,]}', "line 1, column 10"),
        (b'{"a": [1 2]}', "line 1, column 10"),
        (b'{"a" 1}', "line 1, column 6"),
        (b'{"a": 1} x', "line 1, column 10"),
        (b'{"a": [\n{"b": 1},\n  {"b": nope}]}', "line 3, column 9"),
        (b'{"a": ["\xff"]}', "line 1, column 9"),
        (b'{"a": {"b": "x}', "line 1, column 7"),
        (b'{"a": [[[1}]]}', "line 1, column"),
    ],
)
@pytest.mark.parametrize("step", [1, 7, 1000])
def test_read_entries__says_where_the_file_breaks(content: bytes, place: str, step: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        entries(content, step)

    assert caught.value.code == "not_json"
    assert place in caught.value.message


def test_read_entries__nesting_and_numbers_without_end_are_refused() -> None:
    for content in (b'{"a": ' + b"[" * 100_000, b'{"a": [' + b"9" * 5000 + b"]}"):
        with pytest.raises(InvalidInput):
            entries(content)
    deep = b'{"a": ' + b'{"b":' * 100_000 + b"1" + b"}" * 100_001
    with pytest.raises(InvalidInput, match="nested too deep"):
        entries(deep)


@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_read_entries__members_of_an_object_that_is_asked_for(step: int) -> None:
    content = b' {"a": {"x": [1, 2], "y": {}}, "b": {"x": 1}, "c": {}, "d": {"q": "}"}, "e": [3]} '

    entries = list(read_entries(Trickle(content, step), objects=["a", "c", "d"]))

    assert [(one.path, one.place, one.member, one.value) for one in entries] == [
        ("a.x", None, "x", [1, 2]),
        ("a.y", None, "y", {}),
        ("b", None, None, {"x": 1}),
        ("d.q", None, "q", "}"),
        ("e.0", 0, None, 3),
    ]
    for broken in (b'{"a": {"x": 1,}}', b'{"a": {"x"}}', b'{"a": {"x": 1}', b'{"a": {1: 2}}'):
        with pytest.raises(InvalidInput, match="no valid JSON"):
            list(read_entries(Trickle(broken, step), objects=["a"]))


def test_read_entries__an_entry_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MAX_ENTRY_BYTES", 100)
    monkeypatch.setattr(json_stream, "_CHUNK_BYTES", 10)

    assert entries(b'{"a": ["' + b"x" * 50 + b'"]}')[0][1] == "x" * 50
    with pytest.raises(InvalidInput, match="more than"):
        entries(b'{"a": ["' + b"x" * 500 + b'"]}', 10)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://h.org/path/to/video23.mp4", "/path/to/video23.mp4"),
        ("s3://bucket/dir/a%20b.png?x=1", "/dir/a b.png"),
        ("/data/owls/1.png", "/data/owls/1.png"),
        ("https://h.org", "https://h.org"),
        ("https://[bad/a.png", "https://[bad/a.png"),
        (f"https://h.org/{'x' * 300}/a.png", "a.png"),
    ],
)
def test_default_name__is_path_and_name(url: str, name: str) -> None:
    assert default_name(url) == name


@pytest.fixture
def actor(editor: User, actor_for: ActorFor) -> Actor:
    """Edits Birds."""
    return actor_for(editor)


@pytest.fixture
def keys(admin: User, actor_for: ActorFor) -> None:
    """A schema."""
    administrator = actor_for(admin)
    add_key(actor=administrator, name="clip", type=KeyType.EMBEDDING, dimensions=2)
    add_key(actor=administrator, name="tame", type=KeyType.BOOLEAN)
    add_key(actor=administrator, name="score", type=KeyType.NUMBER)
    add_key(actor=administrator, name="label", type=KeyType.VARCHAR)


def test_csv__is_a_registration(birds: Folder, actor: Actor, keys: None) -> None:
    table = (
        "\ufeffobjectUrl;title;kind;metadata.label;metadata.score;metadata.tame;metadata.clip;"
        "clientMetadata;group;position;width;height;fileSize;mimeType;fps;duration\r\n"
        f'{SITE}/a.png;"An ""owl""; brown";image;7;7.5;TRUE;[0.5, -1];;;;32;24;9;image/png;;\r\n'
        f'{SITE}/b.mp4;;video;;;;;"{{""label"":\r\n""xy""}}";;;64;48;9;video/mp4;10;2\r\n'
        "\r\n"
        f"{SITE}/1.png;;image_sequence;seq;;;;;Both;1;;;;;;\r\n"
        f"{SITE}/0.png;;image_sequence;;;;;;Both;0;;;;;;\r\n"
    ).encode()

    row = run_import(actor, birds, table, file_name="owls.csv")

    assert (row.state, row.failure, row.errors) == (ImportState.DONE, "", [])
    owl, clip, both = (Item.objects.get(name=n) for n in ('An "owl"; brown', "/b.mp4", "Both"))
    assert full_metadata([owl])[owl.pk] == {
        "label": "7",
        "score": 7.5,
        "tame": True,
        "clip": [0.5, -1],
    }
    assert (owl.width, owl.mime_type) == (32, "image/png")
    assert (clip.kind, clip.frame_count) == (ItemKind.VIDEO, 20)
    assert clip.client_metadata == {"label": "xy"}
    assert (both.kind, both.client_metadata) == (ItemKind.IMAGE_SEQUENCE, {"label": "seq"})
    assert [part.name for part in both.parts.order_by("position")] == ["/0.png", "/1.png"]


def test_csv__errors_are_named_by_lines(birds: Folder, actor: Actor, keys: None) -> None:
    table = (
        "objectUrl,kind,metadata.score,metadata.clip,width\n"
        f"{SITE}/a.png,,1,,\n"
        ",,1,,\n"
        f'"{SITE}/b.png",,"many\nlines",,\n'
        f'{SITE}/c.png,,,"[1]",\n'
        f"{SITE}/d.mp3,audio,,,\n"
        f"{SITE}/e.png,,,,32\n"
    ).encode()

    row = run_import(actor, birds, table, file_name="owls.csv")

    assert paths(row) == [
        "line 3.objectUrl",
        "line 4.clientMetadata.score",
        "line 6.clientMetadata.clip",
        "line 7",
        "line 8.imageMetadata.fileSize",
        "line 8.imageMetadata.height",
    ]


@pytest.mark.parametrize(
    "table",
    [
        b"",
        b"title,kind\nx,y\n",
        b"objectUrl,url\nx,y\n",
        b"objectUrl\n\xff\xfe\n",
        b'objectUrl,title\n"x,y\n',
        b"objectUrl\n",
        b"objectUrl\na,b,c\n",
    ],
)
def test_csv__what_is_no_such_table_fails(birds: Folder, actor: Actor, table: bytes) -> None:
    row = run_import(actor, birds, table, file_name="owls.csv", ignore_errors=True)

    assert row.state == ImportState.FAILED
    assert row.failure


def test_placeholders__must_be_new_and_may_be_of_any_version(birds: Folder, actor: Actor) -> None:
    given = str(uuid5(UUID(int=1), "owl"))
    document = {
        "images": [
            {"objectUrl": f"{SITE}/{name}.png", "placeholderItemUuid": given} for name in "ab"
        ]
    }

    row = run_import(actor, birds, document)
    assert paths(row) == ["images.1.placeholderItemUuid"]

    document["images"].pop()
    assert run_import(actor, birds, document).state == ImportState.DONE
    assert str(Item.objects.get().pk) == given


def test_placeholders_of_other_forms_are_errors(birds: Folder, actor: Actor) -> None:
    entry = {"objectUrl": f"{SITE}/a.png", "placeholderItemUuid": 7}
    group = {"imageItems": [str(UUID(int=4)), "x"], "clientMetadata": []}

    row = run_import(actor, birds, {"images": [entry], "imageGroupsFromItems": [group]})

    assert paths(row) == [
        "images.0.placeholderItemUuid",
        "imageGroupsFromItems.0.imageItems.1",
        "imageGroupsFromItems.0.clientMetadata",
        "imageGroupsFromItems.0.imageItems",
    ]
