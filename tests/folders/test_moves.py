"""Moves of folders and items, within roots and between them."""

from collections import Counter
from collections.abc import Callable
from uuid import UUID

import pytest

from accounts.actor import Actor
from accounts.models import User
from collections_app.models import Collection, CollectionUnit, Preset
from collections_app.querysets import visible_units
from collections_app.telling import tell
from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.models import Job
from embeddings.choices import ReductionState
from embeddings.maps.coverage import map_coverage
from embeddings.models import Reduction, ReductionPoint, UpgradeKey, Vector, VectorSet
from folders import hooks
from folders.choices import FolderRole, ItemKind, UnitKind
from folders.constants import MAX_FOLDER_DEPTH
from folders.models import Folder, FolderGrant, Item, MetadataKey, Unit
from folders.permissions import sees_whole_root
from folders.services import following, moves
from folders.services.moves import move_folder, move_items, resume_moves
from tests.embeddings.worlds import make_key, make_units, put
from tests.factories import FolderFactory, ItemFactory, UnitFactory
from tests.jobs import run_jobs

ActorFor = Callable[[User], Actor]


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[int], UUID, UUID]]:
    """What the hook for moved units was told."""
    calls: list[tuple[list[int], UUID, UUID]] = []
    monkeypatch.setattr(
        hooks.on_units_moved,
        "_functions",
        [lambda ids, old, new, effects: calls.append((ids, old, new))],
    )
    return calls


def test_move_folder__between_roots_takes_units_along(
    birds: Folder,
    night: Folder,
    boats: Folder,
    editor: User,
    admin: User,
    actor_for: ActorFor,
    moved: list[tuple[list[int], UUID, UUID]],
) -> None:
    owls = FolderFactory.create(parent=night, name="Owls")
    unit = UnitFactory.create(item__folder=owls)
    stays = UnitFactory.create(item__folder=birds)
    with pytest.raises(NotAllowed):
        move_folder(actor=actor_for(editor), folder=night, parent=birds)

    move_folder(actor=actor_for(admin), folder=night, parent=boats)

    night.refresh_from_db()
    owls.refresh_from_db()
    unit.refresh_from_db()
    stays.refresh_from_db()
    assert (night.parent, night.root, night.path) == (boats, boats, f"{boats.path}{night.id.hex}/")
    assert (owls.parent, owls.root, owls.path) == (night, boats, f"{night.path}{owls.id.hex}/")
    assert (unit.root, stays.root) == (boats, birds)
    assert moved == [([unit.pk], birds.pk, boats.pk)]


def test_move_folder__within_a_root_moves_no_units(
    birds: Folder,
    night: Folder,
    admin: User,
    actor_for: ActorFor,
    moved: list[tuple[list[int], UUID, UUID]],
) -> None:
    day = FolderFactory.create(parent=birds)
    UnitFactory.create(item__folder=night)

    move_folder(actor=actor_for(admin), folder=night, parent=day)

    night.refresh_from_db()
    assert night.path == f"{day.path}{night.id.hex}/"
    assert moved == []


def test_move_folder__to_the_top_and_back(
    birds: Folder, night: Folder, folder_admin: User, actor_for: ActorFor
) -> None:
    actor = actor_for(folder_admin)
    unit = UnitFactory.create(item__folder=night)

    move_folder(actor=actor, folder=night, parent=None)

    night.refresh_from_db()
    unit.refresh_from_db()
    assert (night.parent, night.root, unit.root) == (None, night, night)
    # The grant above holds no longer.
    assert FolderGrant.objects.get(folder=night).user == folder_admin
    move_folder(actor=actor, folder=night, parent=birds)
    night.refresh_from_db()
    assert (night.root, night.path) == (birds, f"{birds.path}{night.id.hex}/")


def test_move_folder__below_itself_or_too_deep_is_refused(
    birds: Folder, night: Folder, admin: User, actor_for: ActorFor
) -> None:
    with pytest.raises(Conflict):
        move_folder(actor=actor_for(admin), folder=birds, parent=night)
    with pytest.raises(Conflict):
        move_folder(actor=actor_for(admin), folder=birds, parent=birds)
    deep = FolderFactory.create(organisation=birds.organisation)
    for _ in range(MAX_FOLDER_DEPTH - 2):
        deep = FolderFactory.create(parent=deep)
    with pytest.raises(InvalidInput):
        move_folder(actor=actor_for(admin), folder=birds, parent=deep)


def made_map(root: Folder, key: MetadataKey, unit_ids: list[int]) -> Reduction:
    """A finished map of the units."""
    reduction = Reduction.objects.create(root=root, key=key, version=1, state=ReductionState.READY)
    ReductionPoint.objects.bulk_create(
        ReductionPoint(reduction=reduction, unit_id=unit, x=place, y=0, ordinal=place)
        for place, unit in enumerate(unit_ids)
    )
    return reduction


def collected(root: Folder, name: str, unit_ids: list[int]) -> Collection:
    """A collection of the units."""
    collection = Collection.objects.create(root=root, name=name)
    CollectionUnit.objects.bulk_create(
        CollectionUnit(collection=collection, unit_id=unit) for unit in unit_ids
    )
    return collection


@pytest.mark.parametrize("at_once", [True, False])
def test_move_folder__between_roots_carries_vectors_and_leaves_collections_and_maps(
    birds: Folder,
    night: Folder,
    boats: Folder,
    admin: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
    *,
    at_once: bool,
) -> None:
    if not at_once:
        monkeypatch.setattr(moves, "_UNITS_AT_ONCE", 0)
        monkeypatch.setattr(following, "BATCH_SIZE", 2)
    actor = actor_for(admin)
    going, staying = make_units(night, 3), make_units(birds, 2)
    key = make_key(birds)
    put(key, {unit: [1, 2, place] for place, unit in enumerate(going + staying)})
    collection = collected(birds, "Singers", [*going[:2], staying[0]])
    reduction = made_map(birds, key, [*going, staying[0]])

    effects: Counter[str] = Counter()
    moved = move_folder(actor=actor, folder=night, parent=boats, effects=effects)
    if at_once:
        assert effects == {hooks.MEMBERS_LEFT: 2, hooks.POINTS_LEFT: 3, "units": 3}
    else:
        assert moved.moved_from == birds.pk
        # What is still to follow is shown to nobody by its old root alone.
        assert not sees_whole_root(actor, birds)
        (job,) = run_jobs()
        assert job.result == {hooks.MEMBERS_LEFT: 2, hooks.POINTS_LEFT: 3, "units": 3}
        moved.refresh_from_db()

    assert moved.moved_from is None
    assert sees_whole_root(actor, birds)
    assert set(Unit.objects.filter(root=boats).values_list("pk", flat=True)) == set(going)
    assert set(Vector.objects.filter(root=boats).values_list("unit_id", flat=True)) == set(going)
    assert set(Vector.objects.filter(root=birds).values_list("unit_id", flat=True)) == set(staying)
    assert {unit.pk for unit in visible_units(actor, collection)} == {staying[0]}
    assert CollectionUnit.objects.filter(collection=collection).count() == 1
    collection.refresh_from_db()
    (step,) = tell(actor, collection.root, collection.recipe)
    assert step.words == "Lost 2 units that moved to another root folder"
    reduction.refresh_from_db()
    assert reduction.units_left == 3
    covered = map_coverage(actor, reduction)
    assert covered.text.endswith("3 units left since this map was computed")
    assert covered.shown == 1


def test_move_folder__absorbed_root_takes_collections_presets_and_maps_along(
    birds: Folder, boats: Folder, admin: User, viewer: User, actor_for: ActorFor
) -> None:
    actor = actor_for(admin)
    units, there = make_units(birds, 3), make_units(boats, 1)
    clip, dino = make_key(birds), make_key(birds)
    for key in (clip, dino):
        put(key, {unit: [1, 2, 3] for unit in units})
        UpgradeKey.objects.create(root=birds, key=key)
    put(dino, {there[0]: [3, 2, 1]})
    UpgradeKey.objects.create(root=boats, key=dino)
    kept = made_map(birds, clip, units)
    dropped, present = made_map(birds, dino, units), made_map(boats, dino, there)
    singers = collected(birds, "singers", units)
    collected(boats, "Singers", there)
    Preset.objects.create(root=birds, name="Bright", filter={})
    with pytest.raises(NotAllowed):
        move_folder(actor=actor_for(viewer), folder=birds, parent=boats)

    move_folder(actor=actor, folder=birds, parent=boats)

    singers.refresh_from_db()
    assert (singers.root, singers.name) == (boats, "singers (Birds)")
    assert {unit.pk for unit in visible_units(actor, singers)} == set(units)
    assert singers.recipe == []
    assert Preset.objects.get().root == boats
    assert {row.key_id for row in UpgradeKey.objects.filter(root=boats)} == {clip.pk, dino.pk}
    kept.refresh_from_db()
    assert (kept.root, kept.points.count(), kept.units_left) == (boats, 3, 0)
    assert not Reduction.objects.filter(pk=dropped.pk).exists()
    assert present.points.count() == 1
    assert map_coverage(actor, present).unplaced == 3
    assert not Vector.objects.filter(root=birds).exists()
    assert Vector.objects.filter(root=boats).count() == 7


def test_move_folder__large_absorbed_root_shows_its_collections_again_unit_by_unit(
    birds: Folder,
    boats: Folder,
    admin: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(moves, "_UNITS_AT_ONCE", 0)
    actor, units = actor_for(admin), make_units(birds, 3)
    collection = collected(birds, "Singers", units)

    move_folder(actor=actor, folder=birds, parent=boats)
    collection.refresh_from_db()
    assert (collection.root, visible_units(actor, collection).count()) == (boats, 0)
    run_jobs()

    assert visible_units(actor, collection).count() == 3
    assert CollectionUnit.objects.count() == 3


def test_move_folder__that_is_on_its_way_waits(
    birds: Folder,
    night: Folder,
    boats: Folder,
    admin: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(moves, "_UNITS_AT_ONCE", 0)
    actor = actor_for(admin)
    below = FolderFactory.create(parent=night)
    make_units(night, 1)
    move_folder(actor=actor, folder=night, parent=boats)

    for folder in (night, below, boats):
        with pytest.raises(Conflict, match="still being moved"):
            move_folder(actor=actor, folder=folder, parent=None if folder != boats else birds)
    run_jobs()
    move_folder(actor=actor, folder=night, parent=birds)


def test_resume_moves__begins_a_lost_move_anew(
    birds: Folder,
    night: Folder,
    boats: Folder,
    admin: User,
    actor_for: ActorFor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(moves, "_UNITS_AT_ONCE", 0)
    make_units(night, 1)
    move_folder(actor=actor_for(admin), folder=night, parent=boats)
    assert resume_moves() == 0
    Job.objects.update(state="cancelled")

    assert resume_moves() == 1
    run_jobs()

    assert not Unit.objects.filter(root=birds).exists()
    assert resume_moves() == 0


def test_move_items__with_parts_units_and_vectors(
    birds: Folder,
    night: Folder,
    boats: Folder,
    editor: User,
    viewer: User,
    admin: User,
    actor_for: ActorFor,
) -> None:
    group = UnitFactory.create(
        item__folder=night, item__kind=ItemKind.IMAGE_GROUP, kind=UnitKind.IMAGE_GROUP
    )
    part = UnitFactory.create(item__folder=night, item__parent=group.item, item__position=0)
    key = make_key(birds)
    put(key, {part.pk: [1, 2, 3]})
    with pytest.raises(NotAllowed):
        move_items(actor=actor_for(viewer), item_ids=[group.item_id], folder=birds)
    with pytest.raises(NotAllowed):
        move_items(actor=actor_for(editor), item_ids=[group.item_id], folder=boats)
    with pytest.raises(Conflict):
        move_items(actor=actor_for(editor), item_ids=[part.item_id], folder=birds)

    assert move_items(actor=actor_for(editor), item_ids=[group.item_id], folder=birds) == 1
    assert move_items(actor=actor_for(editor), item_ids=[group.item_id], folder=birds) == 0
    assert {unit.folder for unit in Unit.objects.all()} == {birds}
    assert {item.folder for item in Item.objects.all()} == {birds}
    assert Vector.objects.get().root == birds

    move_items(actor=actor_for(admin), item_ids=[group.item_id], folder=boats)

    assert {unit.root for unit in Unit.objects.all()} == {boats}
    assert Vector.objects.get().root == boats
    revisions = VectorSet.objects.filter(key=key).values_list("root", "revision")
    assert dict(revisions) == {birds.pk: 2, boats.pk: 1}


def test_move_items__role_is_needed_on_both_sides(
    birds: Folder, boats: Folder, member: User, actor_for: ActorFor
) -> None:
    item = ItemFactory.create(folder=birds)
    FolderGrant.objects.create(folder=boats, user=member, role=FolderRole.EDITOR)
    with pytest.raises(NotFound):
        move_items(actor=actor_for(member), item_ids=[item.pk], folder=boats)
    grant = FolderGrant.objects.create(folder=birds, user=member, role=FolderRole.VIEWER)
    with pytest.raises(NotAllowed):
        move_items(actor=actor_for(member), item_ids=[item.pk], folder=boats)
    grant.role = FolderRole.EDITOR
    grant.save()

    assert move_items(actor=actor_for(member), item_ids=[item.pk], folder=boats) == 1
