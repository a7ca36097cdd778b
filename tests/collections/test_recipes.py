"""Recipes: in words, replayed as a preview, applied, saved as a new collection."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from collections_app.matching import Matching, Search
from collections_app.models import Collection, PickedUnits
from collections_app.previews import preview
from collections_app.replaying import replay
from collections_app.services import replaying as replaying_service
from collections_app.services.collections import create_collection, delete_collection
from collections_app.services.matching import add_matching, remove_matching
from collections_app.services.members import add_units, remove_units
from collections_app.services.replaying import Applied, apply_recipe, save_replay
from collections_app.telling import tell
from core.errors import Conflict, InvalidInput, NotAllowed
from core.models import AuditEvent, Job
from folders import filters
from folders.choices import FolderRole
from folders.models import Folder, MetadataKey, Unit
from folders.services.moves import move_folder
from tests.collections.test_members import members
from tests.embeddings.worlds import put
from tests.factories import EmbeddingKeyFactory, UnitFactory
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]
OWL = {"field": "name", "op": "eq", "value": "owl.png"}
NIGHT = {"field": "name", "op": "contains", "value": "night"}
R = {"field": "name", "op": "contains", "value": "r"}


@pytest.fixture
def actor(editor: User, actor_for: ActorFor) -> Actor:
    """The editor."""
    return actor_for(editor)


@pytest.fixture
def clip(birds: Folder, birds_units: list[Unit]) -> MetadataKey:
    """An embedding under which unit i points by (4 - i, i)."""
    key: MetadataKey = EmbeddingKeyFactory.create(
        organisation=birds.organisation, name="clip", dimensions=2
    )
    put(key, {unit.pk: [4.0 - i, float(i)] for i, unit in enumerate(birds_units)})
    return key


def sentences(actor: Actor, collection: Collection) -> list[str]:
    """The recipe in words."""
    collection.refresh_from_db()
    return [step.sentence for step in tell(actor, collection.root, collection.recipe)]


def named(root: Folder, actor: Actor, tree: dict[str, Any]) -> set[str]:
    """Names of the units that a filter leaves."""
    units = filters.units(actor, root, filters.parse(tree))
    return set(units.values_list("item__name", flat=True))


def test_words__name_filters_examples_regions_and_collections(
    birds: Folder,
    night: Folder,
    singers: Collection,
    birds_units: list[Unit],
    clip: MetadataKey,
    actor: Actor,
) -> None:
    robin, wren = birds_units[0].pk, birds_units[1].pk
    others = create_collection(actor=actor, root=birds, name="Others")
    tree = {
        "all": [
            {"field": "folder", "op": "in", "value": [str(night.pk)]},
            {"any": [{"field": "width", "op": "gte", "value": 1200}, {"not": NIGHT}]},
            {"field": "collection", "op": "not_in", "value": [str(others.pk)]},
            {"field": "embedding.clip", "op": "exists", "value": True},
            {"field": "unit", "op": "not_in", "value": [robin, wren]},
        ]
    }
    search = Search(key="clip", unit=robin, minus=(wren,), max_distance=1.5)
    add_matching(actor=actor, collection=singers, matching=Matching(tree))
    add_matching(actor=actor, collection=singers, matching=Matching(search=search))
    add_matching(actor=actor, collection=singers, matching=Matching())
    remove_units(actor=actor, collection=singers, units=[robin])
    delete_collection(actor=actor, collection=others)

    assert sentences(actor, singers) == [
        (
            "Added 1 unit of Birds: in folder Night; (width is at least 1,200 or "
            "not (name contains “night”)); not in Others (deleted); has a clip vector; "
            "not among 2 selected"
        ),
        "Added 2 units of Birds: within distance 1.5 of robin.png, unlike wren.png, under clip",
        "Added 2 units of the whole folder Birds",
        "Removed 1 unit picked by hand",
    ]


def test_replay__follows_the_data_and_keeps_what_was_picked(
    birds: Folder, night: Folder, singers: Collection, birds_units: list[Unit], actor: Actor
) -> None:
    robin, wren, gull, owl, _ = birds_units
    add_matching(actor=actor, collection=singers, matching=Matching(NIGHT))
    add_units(actor=actor, collection=singers, units=[gull.pk, owl.pk])
    remove_matching(actor=actor, collection=singers, matching=Matching(OWL))
    add_units(actor=actor, collection=singers, units=[robin.pk])
    remove_units(actor=actor, collection=singers, units=[robin.pk])
    assert members(singers) == {"gull.png", "nightjar.png"}
    UnitFactory.create(item__folder=night, item__name="nightingale.png")
    gull.item.delete()
    add_units(actor=actor, collection=singers, units=[wren.pk])
    # Somebody changed the members and not the recipe: as from before recipes were kept.
    singers.members.filter(unit=wren).delete()

    shown = preview(actor, singers)

    assert [(step.then, step.now, step.gone) for step in shown.steps] == [
        (1, 2, 0),
        (2, 1, 1),
        (1, 1, 0),
        (1, 1, 0),
        (1, 1, 0),
        (1, 1, 0),
    ]
    assert (shown.added, shown.removed, shown.kept, shown.units) == (2, 0, 1, 3)
    assert named(birds, actor, shown.filters["added"]) == {"nightingale.png", "wren.png"}
    assert named(birds, actor, shown.filters["removed"]) == set()
    assert named(birds, actor, shown.filters["kept"]) == {"nightjar.png"}
    # A preview.
    assert members(singers) == {"nightjar.png"}


def test_replay__a_picked_unit_counts_also_when_it_was_a_member_already(
    singers: Collection, birds_units: list[Unit], actor: Actor
) -> None:
    robin, wren, gull = birds_units[:3]
    add_matching(actor=actor, collection=singers, matching=Matching(R))
    add_units(actor=actor, collection=singers, units=[robin.pk, gull.pk])
    for unit, name in ((robin, "Zilpzalp"), (wren, "Kiebitz")):
        unit.item.name = name
        unit.item.save(update_fields=["name"])

    shown = preview(actor, singers)

    # Both came by the filter, which does not find them any more; robin was asked for by hand, too.
    assert named(singers.root, actor, shown.filters["removed"]) == {"Kiebitz"}
    assert named(singers.root, actor, shown.filters["kept"]) == {
        "Zilpzalp",
        "gull.png",
        "nightjar.png",
    }


def test_replay__says_which_steps_cannot_be_replayed(
    birds: Folder,
    singers: Collection,
    birds_units: list[Unit],
    clip: MetadataKey,
    actor: Actor,
) -> None:
    others = create_collection(actor=actor, root=birds, name="Others")
    inside = {"field": "collection", "op": "in", "value": [str(others.pk)]}
    add_units(actor=actor, collection=others, units=[birds_units[1].pk])
    search = Search(key="clip", unit=birds_units[0].pk, max_distance=0.01)
    add_matching(actor=actor, collection=singers, matching=Matching(search=search))
    add_matching(actor=actor, collection=singers, matching=Matching(inside))
    add_units(actor=actor, collection=singers, units=[birds_units[2].pk])
    add_units(actor=actor, collection=singers, units=[birds_units[3].pk])
    PickedUnits.objects.filter(pk=singers.recipe[3]["picked"]).delete()
    MetadataKey.objects.filter(pk=clip.pk).update(deleted_at="2026-01-01T00:00:00Z")
    delete_collection(actor=actor, collection=others)
    region = {"field": "map", "op": "within"} | {
        "value": {"reduction": str(uuid4()), "rectangle": [0, 0, 1, 1]}
    }
    lost = {**singers.recipe[0], "filter": region}
    del lost["search"]
    singers.recipe = [*singers.recipe, lost]
    singers.save(update_fields=["recipe"])

    problems = [step.problem for step in replay(actor, singers).steps]

    assert problems == [
        "There is no embedding key “clip”.",
        "It takes units from what was deleted: “Others”.",
        "",
        "Which units were picked was not kept when this step was taken.",
        "The map version that its region was drawn on was discarded.",
    ]
    with pytest.raises(Conflict) as refused:
        apply_recipe(actor=actor, collection=singers)
    assert refused.value.code == "steps_not_replayable"
    paths = [error.path for error in refused.value.errors]
    assert paths == ["recipe.0", "recipe.1", "recipe.3", "recipe.4"]
    assert len(members(singers)) == 4

    applied = apply_recipe(actor=actor, collection=singers, leave_out=True)

    assert applied == Applied(added=0, removed=3, kept=1)
    assert members(singers) == {"gull.png"}


def test_replay__of_a_recipe_that_speaks_of_itself_ends(
    birds: Folder, singers: Collection, birds_units: list[Unit], actor: Actor
) -> None:
    add_units(actor=actor, collection=singers, units=[birds_units[0].pk])
    other = create_collection(actor=actor, root=birds, name="Other")
    of_singers = {"field": "recipe", "op": "eq", "value": str(singers.pk)}
    of_other = {"field": "recipe", "op": "ne", "value": str(other.pk)}
    add_matching(actor=actor, collection=other, matching=Matching(of_singers))
    add_matching(actor=actor, collection=singers, matching=Matching(of_other))

    problems = [step.problem for step in replay(actor, other).steps]
    # Within the replay of the other one, the step of this that leads back is left out.
    assert problems == [""]
    assert named(birds, actor, of_singers) == {
        "robin.png",
        "wren.png",
        "gull.png",
        "owl.png",
        "nightjar.png",
    }


def test_replay__is_for_those_who_see_the_whole_root(
    night: Folder,
    singers: Collection,
    birds_units: list[Unit],
    actor: Actor,
    night_viewer: User,
    viewer: User,
    actor_for: ActorFor,
) -> None:
    add_units(actor=actor, collection=singers, units=[unit.pk for unit in birds_units])
    night_viewer.folder_grants.update(role=FolderRole.EDITOR)
    partial = actor_for(night_viewer)

    with pytest.raises(NotAllowed):
        apply_recipe(actor=partial, collection=singers)
    with pytest.raises(NotAllowed):
        save_replay(actor=partial, collection=singers, name="Mine")
    with pytest.raises(InvalidInput):
        named(singers.root, partial, {"field": "recipe", "op": "eq", "value": str(singers.pk)})

    assert preview(actor_for(viewer), singers).kept == 5
    with pytest.raises(NotAllowed):
        apply_recipe(actor=actor_for(viewer), collection=singers)


def test_apply__changes_the_members_and_tells_of_it_once(
    night: Folder, singers: Collection, birds_units: list[Unit], actor: Actor
) -> None:
    add_matching(actor=actor, collection=singers, matching=Matching(NIGHT))
    UnitFactory.create(item__folder=night, item__name="nightingale.png")
    with pytest.raises(Conflict) as refused:
        apply_recipe(actor=actor, collection=singers, expected=(0, 0))
    assert refused.value.code == "changed_since_preview"

    done = apply_recipe(actor=actor, collection=singers, expected=(1, 0))
    again = apply_recipe(actor=actor, collection=singers)

    assert (done, again) == (Applied(1, 0, 1), Applied(0, 0, 2))
    assert members(singers) == {"nightjar.png", "nightingale.png"}
    assert sentences(actor, singers)[1:] == ["Replayed: 1 added, 0 removed, 2 units in all"]
    assert AuditEvent.objects.filter(action="collection.replayed").count() == 1
    # What the note tells of is made by the steps before it.
    assert len(replay(actor, singers).units) == 2


def test_apply__much_by_a_worker_that_may_start_again(
    night: Folder,
    singers: Collection,
    birds_units: list[Unit],
    actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replaying_service, "MAX_UNITS_IN_REQUEST", 2)
    monkeypatch.setattr(replaying_service, "UNITS_PER_BATCH", 2)
    add_matching(actor=actor, collection=singers, matching=Matching(R))
    for n in range(5):
        UnitFactory.create(item__folder=night, item__name=f"robin-{n}.png")
    singers.members.all().delete()
    add_units(actor=actor, collection=singers, units=[birds_units[2].pk])
    picked = singers.recipe[-1]["picked"]
    PickedUnits.objects.filter(pk=picked).update(units=[])

    job = apply_recipe(actor=actor, collection=singers)
    assert isinstance(job, Job)
    assert apply_recipe(actor=actor, collection=singers) == job
    [ended] = run_jobs()
    Job.objects.filter(pk=job.pk).update(state="queued")
    run_jobs()

    assert ended.result == {"added": 8, "removed": 1}
    assert len(members(singers)) == 8
    assert sentences(actor, singers)[2:] == ["Replayed: 8 added, 1 removed, 8 units in all"]


def test_save__makes_a_collection_with_a_recipe_of_its_own(
    night: Folder, singers: Collection, birds_units: list[Unit], actor: Actor
) -> None:
    add_matching(actor=actor, collection=singers, matching=Matching(NIGHT))
    add_units(actor=actor, collection=singers, units=[birds_units[2].pk])
    UnitFactory.create(item__folder=night, item__name="nightingale.png")
    with pytest.raises(Conflict):
        save_replay(actor=actor, collection=singers, name="singers")

    saved = save_replay(actor=actor, collection=singers, name="Singers today", colour=4)
    delete_collection(actor=actor, collection=singers)

    made = saved.collection
    assert members(made) == {"nightjar.png", "nightingale.png", "gull.png"}
    assert made.colour == 4
    assert [step["action"] for step in made.recipe] == ["added", "added", "replayed"]
    assert len(replay(actor, made).units) == 3


def test_replay__units_that_left_the_root_are_gone_and_the_note_changes_nothing(
    night: Folder,
    singers: Collection,
    birds_units: list[Unit],
    admin: User,
    actor_for: ActorFor,
) -> None:
    actor = actor_for(admin)
    add_units(actor=actor, collection=singers, units=[unit.pk for unit in birds_units])
    move_folder(actor=actor, folder=night, parent=None)
    singers.refresh_from_db()

    steps = replay(actor, singers).steps

    assert [(step.units, step.gone) for step in steps] == [(3, 2), (None, 0)]


def test_api__previews_applies_and_saves(
    night: Folder,
    singers: Collection,
    birds_units: list[Unit],
    client: Client,
    outsider: User,
    viewer: User,
    editor: User,
    actor: Actor,
) -> None:
    add_matching(actor=actor, collection=singers, matching=Matching(NIGHT))
    UnitFactory.create(item__folder=night, item__name="nightingale.png")
    target = reverse("api-collection-replay", args=[singers.pk])
    save = reverse("api-collection-replay-save", args=[singers.pk])
    client.force_login(outsider)
    assert client.get(target).status_code == 404
    client.force_login(viewer)
    shown = client.get(target).json()
    assert (shown["added"], shown["removed"], shown["kept"]) == (1, 0, 1)
    assert shown["steps"] == [
        {
            "words": "Added 1 unit of Birds: name contains “night”",
            "then": 1,
            "now": 2,
            "gone": 0,
            "problem": "",
        }
    ]
    for address in (target, save):
        assert _send(client, address, {"name": "N"}).status_code == 403

    client.force_login(editor)
    wrong = _send(client, target, {"expected": {"added": 5, "removed": 0}})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "changed_since_preview")
    made = _send(client, save, {"name": "Today"})
    assert (made.status_code, made.json()["units"]) == (201, 2)
    done = _send(client, target, {"expected": {"added": 1, "removed": 0}})
    assert done.json() == {"added": 1, "removed": 0, "kept": 1}


def test_pages__preview_apply_and_save(
    night: Folder,
    singers: Collection,
    birds_units: list[Unit],
    client: Client,
    outsider: User,
    viewer: User,
    editor: User,
    actor: Actor,
) -> None:
    add_matching(actor=actor, collection=singers, matching=Matching(NIGHT))
    UnitFactory.create(item__folder=night, item__name="nightingale.png")
    page = reverse("collection-replay", args=[singers.pk])
    apply = reverse("collection-replay-apply", args=[singers.pk])
    save = reverse("collection-replay-save", args=[singers.pk])
    client.force_login(outsider)
    for answer in (client.get(page), client.post(apply), client.post(save, {"name": "N"})):
        assert answer.status_code == 404
    client.force_login(viewer)
    shown = client.get(page)
    assert "Names 2 units today" in shown.content.decode()
    assert client.post(apply).status_code == client.post(save, {"name": "N"}).status_code == 403
    # Each number leads to its units.
    listed = client.get(shown.context["links"]["added"])
    assert "nightingale.png" in listed.content.decode()
    assert "nightjar.png" not in listed.content.decode()

    client.force_login(editor)
    assert client.post(save, {"name": "singers"}).status_code == 422
    assert client.post(apply, {"added": "7", "removed": "0"}).status_code == 422
    saved = client.post(save, {"name": "Today", "colour": "5"})
    assert saved["Location"] == reverse(
        "collection", args=[Collection.objects.get(name="Today").pk]
    )
    assert client.post(apply, {"added": "1", "removed": "0"}).status_code == 303
    assert members(singers) == {"nightjar.png", "nightingale.png"}


def _send(client: Client, target: str, body: dict[str, Any]) -> Any:
    return client.post(target, json.dumps(body), content_type="application/json")
