"""Whatever is done to a small tree, in whatever order: rows, counts and rights agree with a model.

The model is as naive as can be: folders with a parent, units with a folder, vectors and memberships
as sets. What the platform keeps twice for speed, it must keep in step with it.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.actor import Actor
from accounts.choices import OrganisationRole
from collections_app.models import Collection, CollectionUnit
from core.errors import Conflict
from embeddings.models import Vector, VectorChange, VectorSet
from folders.choices import FolderRole
from folders.models import Folder, Item, MetadataKey, Unit, UnitCount
from folders.permissions import sees_whole_root
from folders.services import following, moves, removal
from folders.services.deletion import delete_folder, delete_items
from folders.services.folders import create_folder
from folders.services.grants import grant_folder
from folders.services.moves import move_folder, move_items
from tests.embeddings.worlds import make_key, make_units, put
from tests.factories import MembershipFactory, OrganisationFactory, UserFactory
from tests.jobs import run_jobs


@dataclass
class Model:
    """What there ought to be."""

    parents: dict[UUID, UUID | None] = field(default_factory=dict)
    units: dict[int, UUID] = field(default_factory=dict)
    collections: dict[UUID, set[int]] = field(default_factory=dict)
    roots: dict[UUID, UUID] = field(default_factory=dict)
    grants: set[UUID] = field(default_factory=set)

    def root(self, folder: UUID) -> UUID:
        """The topmost folder above."""
        parent = self.parents[folder]
        return folder if parent is None else self.root(parent)

    def below(self, folder: UUID) -> set[UUID]:
        """The folder and all that lies in it."""
        return {folder} | {
            deeper
            for child, parent in self.parents.items()
            if parent == folder
            for deeper in self.below(child)
        }

    def move(self, folder: UUID, parent: UUID | None) -> None:
        """Units that change their root leave its collections; those of a whole root go along."""
        was_root, old = self.parents[folder] is None, self.root(folder)
        self.parents[folder] = parent
        new = self.root(folder)
        if was_root and new != old:
            for collection, root in self.roots.items():
                if root == old:
                    self.roots[collection] = new
        self.leave(old)

    def leave(self, old: UUID) -> None:
        """Drop members that do not lie in the root of their collection any more."""
        for collection, members in self.collections.items():
            root = self.roots[collection]
            self.collections[collection] = {
                unit for unit in members if self.root(self.units[unit]) == root
            }

    def delete(self, folder: UUID) -> None:
        """With all it holds."""
        gone = self.below(folder)
        root = self.root(folder)
        for unit in [unit for unit, where in self.units.items() if where in gone]:
            self.drop(unit)
        if root == folder:
            for collection in [one for one, at in self.roots.items() if at == root]:
                del self.collections[collection], self.roots[collection]
        for one in gone:
            del self.parents[one]
        self.grants -= gone

    def drop(self, unit: int) -> None:
        """Forget a unit."""
        del self.units[unit]
        for members in self.collections.values():
            members.discard(unit)


class Player:
    """Does random things to the platform and to the model alike."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        organisation = OrganisationFactory.create()
        self.actor = Actor(user=UserFactory.create(), organisation=organisation)
        self.guest = Actor(user=UserFactory.create(), organisation=organisation)
        MembershipFactory.create(
            organisation=organisation, user=self.actor.user, role=OrganisationRole.ADMIN
        )
        MembershipFactory.create(organisation=organisation, user=self.guest.user)
        self.model = Model()
        self.key: MetadataKey | None = None

    def folder(self) -> Folder:
        """Any folder."""
        return Folder.objects.get(pk=self.random.choice(sorted(self.model.parents)))

    def create(self) -> None:
        """A folder, sometimes at the top."""
        top = not self.model.parents or self.random.random() < 0.3
        parent = None if top else self.folder()
        made = create_folder(actor=self.actor, name="f", parent=parent)
        self.model.parents[made.pk] = parent.pk if parent else None
        self.key = self.key or make_key(made, dimensions=2)

    def fill(self) -> None:
        """Items with vectors."""
        folder = self.folder()
        units = make_units(folder, self.random.randint(1, 4))
        assert self.key is not None
        put(self.key, {unit: [1.0, unit] for unit in units[1:]})
        self.model.units |= dict.fromkeys(units, folder.pk)

    def collect(self) -> None:
        """A collection of some units of a root."""
        root = self.model.root(self.folder().pk)
        inside = [u for u, where in self.model.units.items() if self.model.root(where) == root]
        members = self.random.sample(inside, self.random.randint(0, len(inside)))
        name = f"c{self.random.random()}"
        made = Collection.objects.create(root_id=root, name=name)
        CollectionUnit.objects.bulk_create(
            CollectionUnit(collection=made, unit_id=unit) for unit in members
        )
        self.model.collections[made.pk], self.model.roots[made.pk] = set(members), root

    def move(self) -> None:
        """A folder to anywhere."""
        folder = self.folder()
        parent = None if self.random.random() < 0.25 else self.folder()
        if parent and parent.pk in self.model.below(folder.pk):
            with pytest.raises(Conflict):
                move_folder(actor=self.actor, folder=folder, parent=parent)
            return
        if self.model.parents[folder.pk] == (parent.pk if parent else None):
            return
        move_folder(actor=self.actor, folder=folder, parent=parent)
        self.model.move(folder.pk, parent.pk if parent else None)
        self.check_hidden()
        run_jobs()

    def carry(self) -> None:
        """Some items to another folder."""
        if not self.model.units:
            return
        units = self.random.sample(
            sorted(self.model.units), self.random.randint(1, min(3, len(self.model.units)))
        )
        folder = self.folder()
        items = list(Item.objects.filter(units__in=units).values_list("pk", flat=True))
        move_items(actor=self.actor, item_ids=items, folder=folder)
        for unit in units:
            self.model.units[unit] = folder.pk
        self.model.leave(folder.pk)

    def drop(self) -> None:
        """An item."""
        if not self.model.units:
            return
        unit = self.random.choice(sorted(self.model.units))
        delete_items(actor=self.actor, item_ids=[Unit.objects.get(pk=unit).item_id])
        self.model.drop(unit)

    def delete(self) -> None:
        """A folder."""
        folder = self.folder()
        delete_folder(actor=self.actor, folder=folder)
        self.model.delete(folder.pk)
        self.check_hidden()
        if self.random.random() < 0.7:
            run_jobs()

    def grant(self) -> None:
        """To the guest."""
        folder = self.folder()
        grant_folder(actor=self.actor, folder=folder, role=FolderRole.VIEWER, user=self.guest.user)
        self.model.grants.add(folder.pk)

    def check_hidden(self) -> None:
        """What each person sees, also while jobs are still to run."""
        model = self.model
        assert set(Folder.objects.visible_to(self.actor).values_list("pk", flat=True)) == set(
            model.parents
        )
        seen = set(Unit.objects.visible_to(self.actor).values_list("pk", flat=True))
        assert seen == set(model.units)
        granted = {deeper for folder in model.grants for deeper in model.below(folder)}
        visible = Folder.objects.visible_to(self.guest)
        assert set(visible.values_list("pk", flat=True)) == granted
        units = {unit for unit, folder in model.units.items() if folder in granted}
        assert set(Unit.objects.visible_to(self.guest).values_list("pk", flat=True)) == units
        for folder in Folder.objects.filter(parent=None):
            if sees_whole_root(self.actor, folder):
                in_root = set(Unit.objects.filter(root=folder).values_list("pk", flat=True))
                # Some may still be on their way here; none that has left is shown any more.
                assert in_root <= {
                    unit for unit, at in model.units.items() if model.root(at) == folder.pk
                }

    def check(self) -> None:
        """Every row, after all jobs."""
        run_jobs()
        self.check_hidden()
        model = self.model
        assert set(Folder.everything.values_list("pk", flat=True)) == set(model.parents)
        for folder in Folder.objects.all():
            above = "/" if folder.parent is None else folder.parent.path
            assert folder.path == f"{above}{folder.pk.hex}/"
            assert (folder.parent_id, folder.root_id) == (
                model.parents[folder.pk],
                model.root(folder.pk),
            )
            assert folder.moved_from is None
        rows = Unit.objects.values_list("pk", "folder", "root", "item__folder")
        assert {unit: (folder, root, at) for unit, folder, root, at in rows} == {
            unit: (folder, model.root(folder), folder) for unit, folder in model.units.items()
        }
        self._check_kept_twice()

    def _check_kept_twice(self) -> None:
        """Vectors and their sets, memberships, counts."""
        model = self.model
        for unit, root in Vector.objects.values_list("unit_id", "root_id"):
            assert model.root(model.units[unit]) == root
        held: dict[int, set[int]] = {
            one: set() for one in VectorSet.objects.values_list("pk", flat=True)
        }
        changes = VectorChange.objects.order_by("revision")
        for held_by, unit, removed in changes.values_list("vector_set", "unit_id", "removed"):
            if held_by in held:
                (held[held_by].discard if removed else held[held_by].add)(unit)
        for vector_set in VectorSet.objects.all():
            present = Vector.objects.filter(root=vector_set.root_id, key=vector_set.key_id)
            assert held[vector_set.pk] == set(present.values_list("unit_id", flat=True))
        members: dict[UUID, set[int]] = {one: set() for one in model.collections}
        for one, unit in CollectionUnit.objects.values_list("collection_id", "unit_id"):
            members[one].add(unit)
        assert members == model.collections
        assert dict(Collection.objects.values_list("pk", "root")) == model.roots
        counted: Counter[UUID] = Counter()
        for folder, units in UnitCount.objects.values_list("folder_id", "units"):
            counted[folder] += units
        assert +counted == Counter(model.units.values())


ACTIONS = ("create", "fill", "collect", "move", "carry", "drop", "delete", "grant")


class TreeProperty(TestCase):
    """Random plays; each in a transaction of its own."""

    @settings(max_examples=10)
    @given(
        seed=st.integers(0, 2**32),
        actions=st.lists(st.sampled_from(ACTIONS), min_size=5, max_size=25),
        large=st.booleans(),
    )
    def test_any_play_leaves_the_tree_as_the_model_says(
        self, seed: int, actions: list[str], *, large: bool
    ) -> None:
        with pytest.MonkeyPatch.context() as patch:
            if large:
                patch.setattr(moves, "_UNITS_AT_ONCE", 0)
                patch.setattr(following, "BATCH_SIZE", 2)
                patch.setattr(removal, "BATCH_SIZE", 2)
                patch.setattr("folders.services.deletion.is_small", lambda ids: False)
            player = Player(seed)
            for _ in range(3):
                player.create()
                player.fill()
            for action in actions:
                if action != "create" and not player.model.parents:
                    continue
                getattr(player, action)()
            player.check()
