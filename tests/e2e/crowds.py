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
    code = _CODE.format(folder=folder, count=count)
    made = manage("shell", "-c", code, KINDRED_DATA=str(data))
    assert made.returncode == 0, made.stderr
