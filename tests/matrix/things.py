"""What lies in the folder Birds: one of each thing that an address names."""

import io

from accounts.actor import Actor
from accounts.models import User
from collections_app.services.collections import create_collection
from collections_app.services.exports import start_export
from collections_app.services.presets import create_preset
from embeddings.models import Reduction, VectorSet
from embeddings.services.upgrades import UpgradeChoice, save_upgrade
from folders.choices import FolderRole, ItemKind, ItemState, KeyType
from folders.models import Unit
from folders.services.data_imports import start_import
from folders.services.grants import grant_folder
from folders.services.groups import group_items
from folders.services.items import upload_item
from folders.services.processing import process_item
from folders.services.schema import add_key, delete_key
from integrations.services.integrations import create_integration
from tests.embeddings.worlds import put
from tests.factories import UnitFactory, UserFactory
from tests.folders.media_files import png
from tests.jobs import run_jobs
from tests.matrix.world import World


def fill(world: World, actor: Actor) -> None:
    """Put one of each into the world; the administrator makes them all."""
    _fill_schema(world, actor)
    _fill_items(world, actor)
    _fill_map(world, actor)
    world.things["integration"] = create_integration(
        actor=actor,
        name="Elsewhere",
        provider="s3",
        settings={"bucket": "owls", "endpoint": "https://nothing.invalid"},
    )
    world.things["collection"] = create_collection(actor=actor, root=world["birds"], name="Singers")
    world.things["export"] = start_export(actor=actor, root=world["birds"], format="json", units=[])
    run_jobs()
    world.things["preset"] = create_preset(
        actor=actor,
        root=world["birds"],
        name="Large",
        filter_tree={"field": "width", "op": "gte", "value": 1000},
    )
    world.things["registration"] = start_import(
        actor=actor,
        folder=world["birds"],
        kind="registration",
        file=io.BytesIO(b'{"images": []}'),
        file_name="nothing.json",
    )
    world.things["grant"] = grant_folder(
        actor=actor, folder=world["birds"], role=FolderRole.VIEWER, user=_somebody(world)
    )


def _fill_schema(world: World, actor: Actor) -> None:
    world.things["key"] = add_key(actor=actor, name="clip", type=KeyType.EMBEDDING, dimensions=2)
    world.things["enum_key"] = add_key(
        actor=actor, name="label", type=KeyType.ENUM, values=["a", "b"]
    )
    gone = add_key(actor=actor, name="gone", type=KeyType.NUMBER)
    world.things["deleted_key"] = delete_key(actor=actor, key=gone)


def _fill_items(world: World, actor: Actor) -> None:
    """A picture that a worker has read, and one that could not be read."""
    birds, file = world["birds"], png()
    item = upload_item(actor=actor, folder=birds, file=io.BytesIO(file), name="owl.png")
    assert process_item(item_id=item.pk) == ItemState.READY
    world.things |= {
        "png": file,
        "item": item,
        "unit": Unit.objects.get(item=item),
        "failed_item": UnitFactory.create(item__folder=birds, item__state=ItemState.FAILED).item,
    }
    part = upload_item(actor=actor, folder=birds, file=io.BytesIO(file), name="flight.png")
    assert process_item(item_id=part.pk) == ItemState.READY
    world.things["sequence"] = group_items(
        actor=actor, folder=birds, items=[part], kind=ItemKind.IMAGE_SEQUENCE, name="Flight"
    )


def _fill_map(world: World, actor: Actor) -> None:
    """A map of the one unit, made by the real job; the jobs of the uploads run along."""
    put(world["key"], {world["unit"].pk: [1.0, 2.0]})
    world.things["vector_set"] = VectorSet.objects.get(root=world["birds"], key=world["key"])
    choice = UpgradeChoice(key=world["key"], reduce=True, method="pca")
    save_upgrade(actor=actor, root=world["birds"], keys=[choice])
    run_jobs()
    world.things["map"] = Reduction.objects.get(root=world["birds"])
    assert world["map"].is_ready


def _somebody(world: World) -> User:
    user: User = UserFactory.create(email="visitor@example.org")
    user.memberships.create(organisation=world["organisation"])
    return user
