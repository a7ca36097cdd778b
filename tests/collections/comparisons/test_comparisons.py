"""Two sets side by side, against counts made by hand."""

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.actor import Actor
from accounts.models import User
from collections_app.comparisons import (
    Difference,
    Overlap,
    Part,
    compare,
    differences,
    nearest_units,
    overlap,
)
from collections_app.comparisons.effects import Effect
from collections_app.models import Preset
from core.errors import InvalidInput, NotFound
from folders import filters
from folders.models import Folder, MetadataKey, Unit
from tests.collections.comparisons.conftest import World
from tests.embeddings.worlds import put

ActorFor = Callable[[User], Actor]


def by_field(world: World, actor: Actor) -> dict[str, Difference]:
    """The differences of Early and Late."""
    compared = compare(actor=actor, root=world.root, **world.refs())
    return {one.field: one for one in differences(compared, overlap(compared))}


def test_overlap__counts_each_part(world: World, viewer: User, actor_for: ActorFor) -> None:
    found = overlap(compare(actor=actor_for(viewer), root=world.root, **world.refs()))

    assert found == Overlap(only_a=4, only_b=4, in_both=2, neither=0)
    assert (found.a, found.b, found.jaccard) == (6, 6, 0.2)


def test_overlap__counts_what_the_person_sees(
    world: World, night_viewer: User, actor_for: ActorFor
) -> None:
    found = overlap(compare(actor=actor_for(night_viewer), root=world.root, **world.refs()))

    assert found == Overlap(only_a=0, only_b=4, in_both=0, neither=0)


def test_overlap__with_the_rest_has_nothing_in_common(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    early = f"collection:{world.early.pk}"

    found = overlap(compare(actor=actor_for(viewer), root=world.root, a=early, b="rest"))

    assert found == Overlap(only_a=6, only_b=4, in_both=0, neither=0)


def test_overlap__of_rest_first(world: World, viewer: User, actor_for: ActorFor) -> None:
    late = f"collection:{world.late.pk}"

    found = overlap(compare(actor=actor_for(viewer), root=world.root, a="rest", b=late))

    assert found == Overlap(only_a=4, only_b=6, in_both=0, neither=0)


def test_overlap__of_presets_and_filters(world: World, viewer: User, actor_for: ActorFor) -> None:
    tree = {"field": "metadata.label", "op": "eq", "value": "b"}
    preset = Preset.objects.create(root=world.root, name="Of b", filter=tree)
    low = filters.encode(filters.parse({"field": "metadata.ink", "op": "lte", "value": 5}))

    found = overlap(
        compare(
            actor=actor_for(viewer), root=world.root, a=f"preset:{preset.pk}", b=f"filter:{low}"
        )
    )

    assert found == Overlap(only_a=4, only_b=5, in_both=1, neither=0)


def test_overlap__of_empty_sets(world: World, viewer: User, actor_for: ActorFor) -> None:
    nothing = filters.encode(filters.parse({"any": []}))
    refs = {"a": f"filter:{nothing}", "b": f"filter:{nothing}"}

    found = overlap(compare(actor=actor_for(viewer), root=world.root, **refs))

    assert found.jaccard is None
    assert found.neither == 10


def test_differences__come_by_falling_effect(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    compared = compare(actor=actor_for(viewer), root=world.root, **world.refs())

    found = differences(compared, overlap(compared))

    weights = [one.effect.weight for one in found if one.effect]
    assert weights == sorted(weights, reverse=True)
    # Without any value on either side, a key is not there.
    assert "metadata.empty" not in {one.field for one in found}


def test_differences__of_numbers(world: World, viewer: User, actor_for: ActorFor) -> None:
    ink = by_field(world, actor_for(viewer))["metadata.ink"]

    # 0 to 5 and 4 to 9: means 2.5 and 6.5, both of variance 3.5.
    assert ink.effect is not None
    assert ink.effect.letter == "d"
    assert ink.effect.value == pytest.approx(4 / 3.5**0.5)
    assert (sum(part.a for part in ink.parts), sum(part.b for part in ink.parts)) == (6, 6)
    assert (ink.parts[0].low, ink.parts[-1].high) == (0.0, 9.0)
    assert (ink.parts[0].a, ink.parts[-1].b) == (1, 1)


def test_differences__of_moments_are_those_of_days(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    taken = by_field(world, actor_for(viewer))["metadata.taken"]

    assert taken.effect is not None
    assert taken.effect.value == pytest.approx(4 / 3.5**0.5)


def test_differences__of_categories(world: World, viewer: User, actor_for: ActorFor) -> None:
    label = by_field(world, actor_for(viewer))["metadata.label"]

    assert set(label.parts) == {Part("a", 5, 1), Part("b", 1, 5)}
    assert label.effect is not None
    assert label.effect.letter == "V"
    assert label.effect.value == pytest.approx(2 / 3)


def test_differences__of_booleans_compare_the_shares_of_true(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    seen = by_field(world, actor_for(viewer))["metadata.seen"]

    assert seen.effect == Effect("h", 0.0)


def test_differences__count_units_without_a_value(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    Unit.objects.filter(pk=world.units[0].pk).update(metadata={})

    ink = by_field(world, actor_for(viewer))["metadata.ink"]

    assert (ink.a.with_value, ink.a.units) == (5, 6)


def test_differences__say_what_cannot_be_averaged(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    for unit in world.units[:2]:
        Unit.objects.filter(pk=unit.pk).update(metadata={"ink": 1e308 if unit.pk % 2 else -1e308})

    found = by_field(world, actor_for(viewer))

    assert found["metadata.ink"].effect is None
    assert "too large" in found["metadata.ink"].reason
    assert found["metadata.label"].effect is not None


def test_nearest__is_measured_from_the_mean_direction(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    compared = compare(actor=actor_for(viewer), root=world.root, **world.refs())

    near = nearest_units(
        compared, key=world.clip, of=compared.a, among=compared.only(compared.b), limit=10
    )

    assert near.vectors == 6
    assert near.page is not None
    # Angles grow with the unit: of those in Late alone, unit 6 is next to Early; 9 has no vector.
    assert [hit.unit_id for hit in near.page.hits] == [unit.pk for unit in world.units[6:9]]


def test_nearest__without_vectors_says_so(world: World, viewer: User, actor_for: ActorFor) -> None:
    only_last = filters.encode(filters.parse({"field": "metadata.ink", "op": "eq", "value": 9}))
    compared = compare(actor=actor_for(viewer), root=world.root, a=f"filter:{only_last}", b="rest")

    near = nearest_units(
        compared, key=world.clip, of=compared.a, among=compared.only(compared.b), limit=10
    )

    assert (near.vectors, near.page) == (0, None)


def test_nearest__of_vectors_that_cancel_out_says_so(
    world: World, viewer: User, actor_for: ActorFor
) -> None:
    put(world.clip, {world.units[0].pk: [1.0, 0.0], world.units[1].pk: [-1.0, 0.0]})
    two = filters.encode(filters.parse({"field": "metadata.ink", "op": "lt", "value": 2}))
    compared = compare(actor=actor_for(viewer), root=world.root, a=f"filter:{two}", b="rest")

    near = nearest_units(
        compared, key=world.clip, of=compared.a, among=compared.only(compared.b), limit=10
    )

    assert (near.vectors, near.page) == (2, None)


@pytest.mark.parametrize("ref", ["", "collection:x", "preset:1", "all:x", "words", "filter:%"])
def test_compare__refuses_what_names_no_set(
    ref: str, world: World, viewer: User, actor_for: ActorFor
) -> None:
    with pytest.raises(InvalidInput):
        compare(actor=actor_for(viewer), root=world.root, a=ref, b="all")


def test_compare__refuses_two_rests(world: World, viewer: User, actor_for: ActorFor) -> None:
    with pytest.raises(InvalidInput, match="One side must be a set"):
        compare(actor=actor_for(viewer), root=world.root, a="rest", b="rest")


def test_compare__does_not_find_another_roots_collection(
    world: World, boats: Folder, admin: User, actor_for: ActorFor
) -> None:
    with pytest.raises(NotFound):
        compare(actor=actor_for(admin), root=boats, **world.refs())


def test_differences__ask_the_database_per_field_not_per_value(
    world: World,
    viewer: User,
    actor_for: ActorFor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    keys = MetadataKey.objects.count()

    with django_assert_max_num_queries(30 + 6 * (keys + 5)):
        by_field(world, actor_for(viewer))
