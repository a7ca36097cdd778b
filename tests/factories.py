"""Rows for tests; every default is valid."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.choices import OrganisationRole
from accounts.models import Membership, Organisation, Team, User
from folders.choices import FolderRole, ItemKind, ItemState, KeyType, UnitKind
from folders.models import Folder, FolderGrant, Item, MetadataKey, Unit


class UserFactory(DjangoModelFactory[User]):
    """A person; his password is "correct horse battery"."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password("correct horse battery")


class OrganisationFactory(DjangoModelFactory[Organisation]):
    """A tenant without people."""

    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Organisation {n}")


class MembershipFactory(DjangoModelFactory[Membership]):
    """A plain member."""

    class Meta:
        model = Membership

    organisation = factory.SubFactory(OrganisationFactory)
    user = factory.SubFactory(UserFactory)
    role = OrganisationRole.MEMBER


class TeamFactory(DjangoModelFactory[Team]):
    """A team without members."""

    class Meta:
        model = Team

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Team {n}")


class FolderFactory(DjangoModelFactory[Folder]):
    """A root folder, or with `parent=` a folder below it."""

    class Meta:
        model = Folder

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Folder {n}")

    @classmethod
    def _create(cls, model_class: type[Folder], *args: Any, **kwargs: Any) -> Folder:
        parent: Folder | None = kwargs.get("parent")
        folder = model_class(**kwargs)
        folder.path = f"{parent.path if parent else '/'}{folder.id.hex}/"
        folder.root = parent.root if parent else folder
        if parent:
            folder.organisation = parent.organisation
        folder.save(force_insert=True)
        return folder


class FolderGrantFactory(DjangoModelFactory[FolderGrant]):
    """A viewer's grant."""

    class Meta:
        model = FolderGrant

    folder = factory.SubFactory(FolderFactory)
    user = factory.SubFactory(UserFactory)
    role = FolderRole.VIEWER


class ItemFactory(DjangoModelFactory[Item]):
    """A ready image without a file; see UnitFactory for its unit."""

    class Meta:
        model = Item

    folder = factory.SubFactory(FolderFactory)
    organisation = factory.SelfAttribute("folder.organisation")
    kind = ItemKind.IMAGE
    name = factory.Sequence(lambda n: f"image-{n:05}.png")
    mime_type = "image/png"
    size = 1000
    width = 32
    height = 24
    state = ItemState.READY


class UnitFactory(DjangoModelFactory[Unit]):
    """The unit of a whole image; `item__folder=` puts it somewhere."""

    class Meta:
        model = Unit

    item = factory.SubFactory(ItemFactory)
    kind = UnitKind.IMAGE
    folder = factory.SelfAttribute("item.folder")
    root = factory.SelfAttribute("item.folder.root")
    metadata = factory.SelfAttribute("item.client_metadata")


class EmbeddingKeyFactory(DjangoModelFactory[MetadataKey]):
    """The row of an embedding key alone; folders.services.schema.add_key also makes its storage."""

    class Meta:
        model = MetadataKey

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"embedding-{n}")
    type = KeyType.EMBEDDING
    dimensions = 3
