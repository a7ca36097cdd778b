"""What the SDK reads of items that tests against a live server do not have."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import RequestFactory
from encord.orm.storage import StorageItem

from accounts.actor import Actor
from accounts.models import User
from encord_api.item_dto import ItemRendering, Metadata
from folders.choices import ItemKind, ItemState
from folders.models import Folder, Item
from integrations.services.integrations import create_integration
from tests.factories import UnitFactory

ActorFor = Callable[[User], Actor]


def render(item: Item, *, sign: bool = False, metadata: Metadata = Metadata.WHOLE) -> StorageItem:
    """The item as the SDK's own model parses it."""
    request = RequestFactory().get("/")
    shown = ItemRendering(request, sign=sign, metadata=metadata).one(item)
    return StorageItem.model_validate(shown)


@pytest.mark.parametrize("kind", ItemKind.values)
def test_item__of_each_kind_is_one_that_the_sdk_knows(birds: Folder, kind: str) -> None:
    item = UnitFactory.create(item__folder=birds, item__kind=kind, kind=kind).item

    assert render(item).item_type.value.lower() == kind.replace("_", "")


def test_item__while_it_is_read_is_a_placeholder(birds: Folder) -> None:
    item = UnitFactory.create(item__folder=birds, item__state=ItemState.PROCESSING).item

    assert render(item).is_placeholder
    assert render(item, metadata=Metadata.OMITTED).client_metadata == ""


@pytest.mark.parametrize(
    ("settings_of_bucket", "location"),
    [
        ({"bucket": "owls", "endpoint": "https://minio.invalid"}, "s3Compatible"),
        ({"bucket": "owls", "region": "eu-west-1"}, "s3"),
    ],
)
def test_item__in_a_bucket_says_where(
    birds: Folder,
    admin: User,
    actor_for: ActorFor,
    settings_of_bucket: dict[str, str],
    location: str,
) -> None:
    integration = create_integration(
        actor=actor_for(admin), name="Owls", provider="s3", settings=settings_of_bucket
    )
    item = UnitFactory.create(
        item__folder=birds, item__object_url="s3://owls/a.png", item__integration=integration
    ).item

    shown = render(item)

    assert shown.storage_location.value == location
    assert (shown.url, shown.integration_hash) == ("s3://owls/a.png", integration.pk)


def test_signed_url__is_at_the_public_address(birds: Folder, settings: LazySettings) -> None:
    item = UnitFactory.create(item__folder=birds, item__storage_key="items/a").item
    here = render(item, sign=True).signed_url
    assert here is not None
    assert here.startswith("http://testserver/media/items/")

    settings.PUBLIC_URL = "https://kindred.example.org"

    public = render(item, sign=True).signed_url
    assert public is not None
    assert public.startswith("https://kindred.example.org/media/items/")
    assert render(item).signed_url is None
