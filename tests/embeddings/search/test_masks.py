"""Masks are kept for as long as nothing changed that they look at, and not a statement longer."""

from collections.abc import Callable

import pytest
from django.db.models import Q

from accounts.actor import Actor
from accounts.models import User
from embeddings.filters import own_vector
from embeddings.models import ReductionPoint
from embeddings.search import VectorExample, masks
from embeddings.search.masks import Masks
from embeddings.search.question import ask
from embeddings.services.vectors import delete_vectors
from folders.choices import FolderRole
from folders.models import Folder, FolderGrant, Item, MetadataKey, Unit
from folders.querysets import UnitQuerySet
from tests.embeddings.connections import writers
from tests.embeddings.worlds import make_key, make_units, put

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key(birds: Folder) -> MetadataKey:
    return make_key(birds, dimensions=2)


@pytest.fixture
def units(birds: Folder, key: MetadataKey) -> list[int]:
    units = make_units(birds, 6)
    put(key, {unit: [1, place] for place, unit in enumerate(units)})
    return units


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that were read, not answered from memory."""
    statements: list[str] = []
    read = masks._read

    def noted(statement: str) -> masks.Mask:
        statements.append(statement)
        return read(statement)

    monkeypatch.setattr(masks, "_read", noted)
    return statements


@pytest.fixture
def look(
    birds: Folder, key: MetadataKey, admin: User, actor_for: Callable[[User], Actor]
) -> Callable[..., list[int]]:
    """Asks for the mask of a filter, as one process does again and again."""
    kept = Masks()

    def ids(condition: Q | None = None, *, user: User = admin) -> list[int]:
        chosen: UnitQuerySet | None = None
        if condition is not None:
            chosen = Unit.objects.filter(condition)
        question = ask(
            actor=actor_for(user),
            root=birds,
            key=key,
            example=VectorExample([1, 0]),
            units=chosen,
            max_distance=None,
        )
        mask = kept.of(question)
        assert mask is not None
        found: list[int] = mask.unit_ids.tolist()
        return found

    return ids


NAMED = Q(item__name__lt="image-00003.png")


def test_mask__is_read_once(
    units: list[int], look: Callable[..., list[int]], reads: list[str]
) -> None:
    assert look(NAMED) == units[:3]
    assert look(NAMED) == units[:3]
    assert len(reads) == 1
    assert look(Q(kind="image")) == units
    assert len(reads) == 2


def rename(birds: Folder, units: list[int]) -> None:
    Item.objects.filter(units=units[4]).update(name="a.png")


def change_metadata(birds: Folder, units: list[int]) -> None:
    Unit.objects.filter(pk=units[4]).update(metadata={"place": 1})


def add(birds: Folder, units: list[int]) -> None:
    make_units(birds, 1)


def remove(birds: Folder, units: list[int]) -> None:
    Unit.objects.filter(pk=units[0]).delete()


def hide_folder(birds: Folder, units: list[int]) -> None:
    Folder.everything.filter(pk=birds.pk).update(path=f"/elsewhere{birds.path}")


@pytest.mark.parametrize("change", [rename, change_metadata, add, remove, hide_folder])
def test_mask__is_read_again_after_a_change(
    change: Callable[[Folder, list[int]], None],
    birds: Folder,
    units: list[int],
    look: Callable[..., list[int]],
    reads: list[str],
) -> None:
    condition = NAMED | Q(metadata__place=1)
    assert look(condition) == units[:3]

    change(birds, units)

    expected = Unit.objects.filter(condition, root=birds).order_by("pk")
    assert look(condition) == list(expected.values_list("pk", flat=True))
    assert len(reads) == 2
    look(condition)
    assert len(reads) == 2


def test_mask__of_vectors_is_read_again_after_a_change_of_vectors(
    birds: Folder,
    key: MetadataKey,
    units: list[int],
    look: Callable[..., list[int]],
    reads: list[str],
) -> None:
    covered = own_vector(key, birds)
    assert look(covered) == units

    delete_vectors(key=key, unit_ids=units[:1])

    assert look(covered) == units[1:]
    assert look(NAMED) == units[:3]
    put(key, {units[0]: [3, 3]})
    # One that does not look at vectors stays.
    look(NAMED)
    assert len(reads) == 3


def test_mask__outlives_changes_of_other_roots(
    boats: Folder, units: list[int], look: Callable[..., list[int]], reads: list[str]
) -> None:
    look(NAMED)
    make_units(boats, 2)
    look(NAMED)

    assert len(reads) == 1


def test_mask__of_another_view_is_another_one(
    night: Folder,
    night_viewer: User,
    units: list[int],
    look: Callable[..., list[int]],
    reads: list[str],
) -> None:
    assert look(NAMED) == units[:3]
    assert look(NAMED, user=night_viewer) == []
    moved = Unit.objects.filter(pk=units[0])
    moved.update(folder=night)
    assert look(NAMED, user=night_viewer) == units[:1]

    FolderGrant.objects.filter(user=night_viewer).delete()

    assert look(NAMED, user=night_viewer) == []
    FolderGrant.objects.create(folder=night.root, user=night_viewer, role=FolderRole.VIEWER)
    assert look(NAMED, user=night_viewer) == units[:3]


def test_mask__that_looks_at_what_nobody_watches_is_never_kept(
    units: list[int], look: Callable[..., list[int]], reads: list[str]
) -> None:
    placed = Q(pk__in=ReductionPoint.objects.filter(x__gt=0).values("unit_id"))
    for _ in range(2):
        assert look(placed) == []

    assert len(reads) == 2


@pytest.mark.parametrize("commits", [True, False])
def test_mask__read_while_a_change_was_under_way(
    commits: bool, units: list[int], look: Callable[..., list[int]], reads: list[str]
) -> None:
    def rename_in_there() -> None:
        Item.objects.filter(units=units[4]).update(name="a.png")

    with writers(1) as (writer,):
        writer.begin()
        writer.do(rename_in_there)
        assert look(NAMED) == units[:3]
        assert look(NAMED) == units[:3]
        assert len(reads) == 1
        if commits:
            writer.commit()
            assert look(NAMED) == [*units[:3], units[4]]
            assert len(reads) == 2
        else:
            writer.rollback()
            assert look(NAMED) == units[:3]
            assert len(reads) == 1


def test_mask__in_a_transaction_with_changes_of_its_own(
    units: list[int], look: Callable[..., list[int]], reads: list[str]
) -> None:
    def rename_and_look(name: str) -> list[int]:
        Item.objects.filter(units=units[4]).update(name=name)
        return look(NAMED)

    look(NAMED)
    with writers(1) as (writer,):
        writer.begin()
        assert writer.do(lambda: rename_and_look("a.png")) == [*units[:3], units[4]]
        assert writer.do(lambda: rename_and_look("z.png")) == units[:3]
        assert writer.do(lambda: rename_and_look("a.png")) == [*units[:3], units[4]]
        writer.rollback()
    assert look(NAMED) == units[:3]


def test_masks__beyond_their_budget_are_forgotten(
    units: list[int],
    look: Callable[..., list[int]],
    reads: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(masks, "_KEPT_BYTES", 2 * 8 * 9)
    first, second = Q(pk__in=units[:6]), Q(pk__in=units[1:])
    for condition in (first, second, second, first):
        look(condition)

    assert len(reads) == 3
