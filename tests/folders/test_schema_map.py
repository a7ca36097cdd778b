"""Saving the schema as a map."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from accounts.actor import Actor
from accounts.models import User
from core.errors import InvalidInput, NotAllowed
from core.models import AuditEvent, Job
from folders.choices import KeyType
from folders.constants import OPEN_EMBEDDING_SIZE
from folders.models import Folder, MetadataKey
from folders.services.schema import add_key, delete_key
from folders.services.schema_map import read_legacy_map, read_map, save_legacy_map, save_map
from tests.folders.metadata.test_schema_map import Key, keys

ActorFor = Callable[[User], Actor]


def everything() -> list[tuple[Any, ...]]:
    """All that could change, but the times of changes."""
    columns = ("pk", "name", "type", "values", "dimensions", "metric", "deleted_at", "erased")
    return list(MetadataKey.objects.order_by("pk").values_list(*columns, "index_revision"))


def test_save_map__needs_an_editor(
    birds: Folder, viewer: User, editor: User, outsider: User, actor_for: ActorFor
) -> None:
    given = {"score": {"ty": "variant", "hint": "number"}}
    with pytest.raises(NotAllowed):
        save_map(actor=actor_for(viewer), given=given)

    save_map(actor=actor_for(editor), given=given)

    assert read_map(actor=actor_for(viewer)) == given
    assert read_map(actor=actor_for(outsider)) == {}


def test_saving_what_was_read__changes_nothing(
    birds: Folder, admin: User, editor: User, actor_for: ActorFor
) -> None:
    organisation = birds.organisation

    @given(keys())
    @hypothesis_settings(max_examples=30)
    def holds(made: list[Key]) -> None:
        MetadataKey.objects.all().delete()
        for key in made:
            MetadataKey.objects.create(organisation=organisation, **vars(key))
        before, events, jobs = everything(), AuditEvent.objects.count(), Job.objects.count()
        # Whoever may add keys may save what is there already, tombstones included.
        actor = actor_for(editor)
        save_map(actor=actor, given=read_map(actor=actor))
        save_legacy_map(actor=actor, given=read_legacy_map(actor=actor))

        assert everything() == before
        assert (AuditEvent.objects.count(), Job.objects.count()) == (events, jobs)

    holds()


def test_save_map__carries_out_the_differences(admin: User, actor_for: ActorFor) -> None:
    actor = actor_for(admin)
    add_key(actor=actor, name="note", type="text")
    add_key(actor=actor, name="label", type="enum", values=["owl"])
    add_key(actor=actor, name="gone", type="number")
    delete_key(actor=actor, key=add_key(actor=actor, name="back", type="number"))
    given = read_map(actor=actor) | {
        "note": {"ty": "variant", "hint": "varchar"},
        "label": {"ty": "enum", "values": ["owl", "tit"]},
        "gone": {"ty": "tombstone", "deleted_ty": {"ty": "variant", "hint": "number"}},
        "back": {"ty": "variant", "hint": "datetime"},
        "clip": {"ty": "embedding", "size": 3, "api": None},
        "never": {"ty": "tombstone", "deleted_ty": None},
    }

    save_map(actor=actor, given=given)

    assert read_map(actor=actor) == given
    assert MetadataKey.objects.get(name="never").erased


def test_save_map__keeps_what_it_leaves_out(admin: User, actor_for: ActorFor) -> None:
    actor = actor_for(admin)
    add_key(actor=actor, name="score", type="number")

    save_map(actor=actor, given={"size": {"ty": "variant", "hint": "number"}})

    assert set(read_legacy_map(actor=actor)) == {"score", "size"}


def test_save_map__names_every_wrong_key_and_changes_nothing(
    admin: User, actor_for: ActorFor
) -> None:
    actor = actor_for(admin)
    add_key(actor=actor, name="clip", type="embedding", dimensions=3)
    add_key(actor=actor, name="place", type="geospatial")
    erased = add_key(actor=actor, name="never", type="number")
    delete_key(actor=actor, key=erased, hard=True)
    before = everything()

    with pytest.raises(InvalidInput) as caught:
        save_map(
            actor=actor,
            given={
                "fine": {"ty": "variant", "hint": "number"},
                "clip": {"ty": "embedding", "size": 4, "api": None},
                "place": {"ty": "variant", "hint": "number"},
                "never": {"ty": "variant", "hint": "number"},
                "$x": {"ty": "geospatial"},
                "key_frames": {"ty": "geospatial"},
                "my clip": {"ty": "embedding", "size": 5000, "api": None},
                "w": {"ty": "enum", "values": []},
                "s": {"ty": "sculpture"},
            },
        )

    assert {error.path for error in caught.value.errors} == {
        *("clip.dimensions", "place.type", "never", "$x.name", "key_frames.name"),
        *("my clip.name", "my clip.dimensions", "w.values", "s"),
    }
    assert everything() == before


def test_legacy__the_published_script_works(
    birds: Folder, editor: User, actor_for: ActorFor
) -> None:
    actor = actor_for(editor)
    schema = read_legacy_map(actor=actor)
    schema["my-embedding"] = "embedding"

    save_legacy_map(actor=actor, given=schema)

    key = MetadataKey.objects.get()
    assert (key.name, key.type, key.dimensions) == ("my-embedding", KeyType.EMBEDDING, None)
    shown = read_map(actor=actor)
    assert shown["my-embedding"]["size"] == OPEN_EMBEDDING_SIZE
    save_map(actor=actor, given=shown)
    key.refresh_from_db()
    assert key.dimensions is None
    shown["my-embedding"]["size"] = 7
    save_map(actor=actor, given=shown)
    key.refresh_from_db()
    assert key.dimensions == 7


def test_legacy__leaving_a_key_out_deletes_it_and_naming_it_brings_it_back(
    birds: Folder, admin: User, editor: User, actor_for: ActorFor
) -> None:
    add_key(actor=actor_for(admin), name="label", type="enum", values=["owl"])
    add_key(actor=actor_for(admin), name="ring", type="uuid")
    with pytest.raises(NotAllowed):
        save_legacy_map(actor=actor_for(editor), given={"ring": "string"})

    save_legacy_map(actor=actor_for(admin), given={"ring": "string"})

    assert read_legacy_map(actor=actor_for(admin)) == {"ring": "string"}
    save_legacy_map(actor=actor_for(admin), given={"ring": "string", "label": "enum"})
    label = MetadataKey.objects.live().get(name="label")
    assert (label.values, MetadataKey.objects.get(name="ring").type) == (["owl"], KeyType.UUID)


def test_legacy__a_new_enum_has_no_values(admin: User, actor_for: ActorFor) -> None:
    with pytest.raises(InvalidInput) as caught:
        save_legacy_map(actor=actor_for(admin), given={"label": "enum"})

    assert [error.path for error in caught.value.errors] == ["label.values"]


def test_save_map__of_many_keys_asks_for_one_job(admin: User, actor_for: ActorFor) -> None:
    given = {f"key-{n}": {"ty": "variant", "hint": "number"} for n in range(20)}

    save_map(actor=actor_for(admin), given=given)

    assert Job.objects.count() == 1
