"""Whatever a valid registration says is read back as it was written: a property."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.models import User
from folders.choices import ImportState, ItemKind, KeyType
from folders.models import Folder, Item
from folders.reading import full_metadata
from folders.services.schema import add_key
from tests.folders.imports.files import SITE, image, run_import, video

LISTS = {"images": ItemKind.IMAGE, "videos": ItemKind.VIDEO}

# What PostgreSQL stores as JSON: no NUL, no halves of surrogate pairs.
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
float32s = st.floats(width=32, allow_nan=False, allow_infinity=False)
numbers = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
plain = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    # Lists of numbers alone are kept as text, as documented.
    lambda inner: (
        st.lists(texts | st.booleans(), min_size=1, max_size=3)
        | st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=6,
)
own = st.fixed_dictionaries(
    {},
    optional={
        "clip": st.lists(float32s, min_size=3, max_size=3),
        "score": numbers,
        "label": st.sampled_from(["owl", "tit"]),
        "free": plain,
    },
)


@st.composite
def with_frames(draw: st.DrawFn, count: int) -> dict[str, Any]:
    """Metadata of something with so many frames."""
    metadata: dict[str, Any] = draw(own)
    chosen = draw(st.lists(st.integers(0, count - 1), unique=True, max_size=3))
    encord: dict[str, Any] = {}
    if draw(st.booleans()):
        encord["config"] = {"sampling_rate": draw(st.sampled_from([0, 0.5, 1, "2"]))}
    if chosen:
        # A frame of which nothing is said is not told apart from one that was never named.
        encord["frames"] = {str(n): {"score": n, **draw(own)} for n in chosen}
    if encord:
        metadata["$encord"] = encord
    return metadata


wholes = st.tuples(st.booleans(), st.integers(1, 4)).flatmap(
    lambda choice: st.tuples(
        st.just(choice),
        with_frames(choice[1]) if choice[0] else own,
    )
)
registrations = st.fixed_dictionaries(
    {
        "images": st.lists(own, max_size=3),
        "videos": st.lists(with_frames(30), max_size=2),
        "image_groups": st.lists(wholes, max_size=2),
    }
).filter(lambda parts: any(parts.values()))


def document_of(parts: dict[str, Any]) -> dict[str, Any]:
    """The file."""
    groups = []
    for number, ((is_sequence, count), metadata) in enumerate(parts["image_groups"]):
        urls = {f"objectUrl_{n}": f"{SITE}/g{number}-{n}.png" for n in range(count)}
        groups.append(
            {"title": f"g{number}", "createVideo": is_sequence, "clientMetadata": metadata, **urls}
        )
    return {
        "images": [
            image(f"i{n}.png", clientMetadata=metadata)
            for n, metadata in enumerate(parts["images"])
        ],
        "videos": [
            video(f"v{n}.mp4", clientMetadata=metadata)
            for n, metadata in enumerate(parts["videos"])
        ],
        "image_groups": groups,
    }


def bits(metadata: Any) -> Any:
    """Metadata with vectors as their bits.

    PostgreSQL keeps numbers as decimals: 6e16 comes back without its exponent, which Python reads
    as an integer; as floats both are the same.
    """
    if isinstance(metadata, dict):
        return {
            name: np.array(value, dtype=np.float32).tobytes() if name == "clip" else bits(value)
            for name, value in metadata.items()
        }
    is_number = isinstance(metadata, int | float) and not isinstance(metadata, bool)
    return float(metadata) if is_number else metadata


@pytest.mark.django_db
# Whatever an example writes is rolled back, so all of them may share one world.
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=registrations)
def test_registration__reads_back_as_it_was_written(
    round_trip_world: tuple[Actor, Folder], parts: dict[str, Any]
) -> None:
    actor, folder = round_trip_world
    document = document_of(parts)
    with transaction.atomic():
        row = run_import(actor, folder, document)

        assert (row.state, row.errors) == (ImportState.DONE, [])
        items = {item.name: item for item in Item.objects.filter(parent=None)}
        written = full_metadata(list(items.values()))
        for list_name, kind in LISTS.items():
            for entry in document[list_name]:
                item = items[entry["objectUrl"].removeprefix(SITE)]
                assert item.kind == kind
                assert bits(written[item.pk]) == bits(entry["clientMetadata"])
        for entry in document["image_groups"]:
            item = items[entry["title"]]
            wanted = "image_sequence" if entry["createVideo"] else "image_group"
            assert item.kind == wanted
            assert bits(written[item.pk]) == bits(entry["clientMetadata"])
            urls = item.parts.order_by("position").values_list("object_url", flat=True)
            assert list(urls) == [entry[f"objectUrl_{n}"] for n in range(len(urls))]
        transaction.set_rollback(True)


@pytest.fixture
def round_trip_world(
    birds: Folder, admin: User, actor_for: Callable[[User], Actor]
) -> tuple[Actor, Folder]:
    """A folder and a schema."""
    actor = actor_for(admin)
    add_key(actor=actor, name="clip", type=KeyType.EMBEDDING, dimensions=3)
    add_key(actor=actor, name="score", type=KeyType.NUMBER)
    add_key(actor=actor, name="label", type=KeyType.ENUM, values=["owl", "tit"])
    return actor, birds
