"""What the SDK reads of items that tests against a live server do not have."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.test import Client, RequestFactory
from encord.orm.storage import StorageItem

from accounts.actor import Actor
from accounts.choices import TokenScope
from accounts.models import User
from accounts.services.tokens import create_token
from encord_api import weights
from encord_api.item_dto import ItemRendering, Metadata
from encord_api.views import items as items_view
from folders.choices import ItemKind, ItemState, KeyType, UnitKind
from folders.models import Folder, Item, Unit
from folders.services.schema import add_key
from integrations.services.integrations import create_integration
from tests.embeddings.worlds import put
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


def test_pages__are_cut_where_their_vectors_would_take_too_much(
    birds: Folder, editor: User, actor_for: ActorFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = add_key(actor=actor_for(editor), name="clip", type=KeyType.EMBEDDING, dimensions=4)
    items = [UnitFactory.create(item__folder=birds, item__name=f"{n}").item for n in range(5)]
    # The third is a video with a frame more than one answer takes; frames of the last have nothing.
    for frame in range(3):
        UnitFactory.create(item=items[2], frame=frame, kind=UnitKind.FRAME)
    put(clip, {unit.pk: [1.0, 2.0, 3.0, 4.0] for unit in Unit.objects.filter(folder=birds)})
    for frame in range(3):
        UnitFactory.create(item=items[4], frame=frame, kind=UnitKind.FRAME)
    monkeypatch.setattr(weights, "PAGE_NUMBERS", 9)
    monkeypatch.setattr(weights, "ITEM_NUMBERS", 15)
    _, token = create_token(actor=actor_for(editor), name="t", scope=TokenScope.READ)
    api = Client(headers={"Authorization": f"Bearer {token}"})
    pages: list[list[tuple[str, bool]]] = []
    after = ""

    while len(pages) < 9:
        query = {"pageSize": "1000", "pageToken": after}
        body = api.get(f"/v2/public/storage/folders/{birds.pk}/items", query).json()
        pages.append([(one["name"], "clip" in one["clientMetadata"]) for one in body["results"]])
        after = body["nextPageToken"]
        if not after:
            break

    told = [[("0", True), ("1", True), ("2", False)], [("3", True)], [("4", True)]]
    assert pages == told
    bare = {"includeClientMetadata": "False"}
    whole = api.get(f"/v2/public/storage/folders/{birds.pk}/items", bare).json()
    assert [one["name"] for one in whole["results"]] == ["0", "1", "2", "3", "4"]
    monkeypatch.setattr(items_view, "_BULK_NUMBERS", 11)
    ids = {"itemUuids": [str(item.pk) for item in items[:4]]}
    path = "/v2/public/storage/items/get-bulk"
    refused = api.post(path, ids, content_type="application/json")
    assert (refused.status_code, "fewer" in refused.json()["message"]) == (400, True)
    fewer = api.post(path, {"itemUuids": ids["itemUuids"][:3]}, content_type="application/json")
    assert fewer.status_code == 200
