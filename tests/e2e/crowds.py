"""More units than anybody uploads in a test, put straight into the database of a stack."""

from pathlib import Path

from tests.stack.running import manage

# Copies of one image and of its unit, each with a name of its own.
_CODE = """
from django.db import connection
from folders.choices import ItemKind, ItemState, UnitKind
from folders.models import Folder, Item, Unit

root = Folder.objects.get(pk={folder!r})
item = Item.objects.create(organisation=root.organisation, folder=root, kind=ItemKind.IMAGE,
                           name="image-0000000.png", state=ItemState.READY)
unit = Unit.objects.create(item=item, kind=UnitKind.IMAGE, folder=root, root=root)

def copies(model, changed, source, key):
    columns = [field.column for field in model._meta.local_concrete_fields]
    if "id" not in changed:
        columns.remove("id")
    values = [changed.get(column, f"one.{{column}}") for column in columns]
    return (f"INSERT INTO {{model._meta.db_table}} ({{', '.join(columns)}}) "
            f"SELECT {{', '.join(values)}} FROM {{model._meta.db_table}} AS one, {{source}} "
            f"WHERE one.id = '{{key}}'")

numbers = "generate_series(1, {count} - 1) AS n"
name = "'image-' || lpad(n::text, 7, '0') || '.png'"
others = (f"(SELECT id AS other FROM folders_item WHERE folder_id = '{{root.pk}}' "
          "ORDER BY name OFFSET 1) AS x")
with connection.cursor() as cursor:
    cursor.execute(copies(Item, {{"id": "gen_random_uuid()", "name": name}}, numbers, item.pk))
    cursor.execute(copies(Unit, {{"item_id": "other"}}, others, unit.pk))
"""


def add_units(data: Path, folder: str, count: int) -> None:
    """Put images without files into an empty root folder, image-0000000.png and on."""
    _run(data, _CODE.format(folder=folder, count=count))


# The unit of image n of m points at the angle n / m.
_VECTORS = """
import numpy as np
from accounts.actor import Actor
from accounts.models import User
from embeddings.services.vectors import write_vectors
from folders.choices import KeyType
from folders.models import Folder, Unit
from folders.services.schema import add_key

root = Folder.objects.get(pk={folder!r})
actor = Actor(user=User.objects.get(email={email!r}), organisation=root.organisation)
key = add_key(actor=actor, name={key!r}, type=KeyType.EMBEDDING, dimensions=2)
units = Unit.objects.filter(root=root).order_by("item__name")
ids = np.array(units.values_list("pk", flat=True), dtype=np.int64)
angles = np.arange(len(ids)) / len(ids)
values = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
write_vectors(key=key, unit_ids=ids, values=values)
"""

_PERSON = """
from accounts.choices import OrganisationRole
from accounts.models import Membership, User
from folders.models import Folder, FolderGrant

folder = Folder.objects.get(pk={folder!r})
user = User.objects.create_user(email={email!r}, password={password!r}, name={name!r})
Membership.objects.create(
    user=user, organisation=folder.organisation, role=OrganisationRole.MEMBER
)
FolderGrant.objects.create(folder=folder, user=user, role={role!r})
"""


def add_vectors(data: Path, folder: str, key: str, email: str) -> None:
    """Give all units of a root folder a vector under a new key: neighbours by name are near."""
    _run(data, _VECTORS.format(folder=folder, key=key, email=email))


def add_person(data: Path, folder: str, *, email: str, password: str, name: str, role: str) -> None:
    """A member of the organisation who holds a role on a folder."""
    code = _PERSON.format(folder=folder, email=email, password=password, name=name, role=role)
    _run(data, code)


def _run(data: Path, code: str) -> None:
    made = manage("shell", "-c", code, KINDRED_DATA=str(data))
    assert made.returncode == 0, made.stderr
