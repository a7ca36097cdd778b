"""Pages of folders with very many items and subfolders, beside those of small ones."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.test import Client

from benchmarks.measure import Comparison, side_by_side
from benchmarks.report import as_json, table
from benchmarks.world import World, add_many_images, new_world
from folders.models import Folder

_SUBFOLDERS_AT_ONCE = 1000
_FEW = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """A root folder, who looks at it, and where the last page of its items begins."""

    world: World
    client: Client
    late: str

    def get(self, path: str) -> None:
        """Ask for an address; `{root}` is the folder's id."""
        answer = self.client.get(path.format(root=self.world.root.pk, late=self.late))
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")


PAGES = {
    "Files: the folder's page": "/files/{root}/",
    "REST: first page of items": "/api/v1/folders/{root}/items/",
    "REST: a page of items far behind": "/api/v1/folders/{root}/items/?{late}",
    "REST: items whose names begin with": "/api/v1/folders/{root}/items/?search=image-77",
    "Explorer: the page": "/explorer/{root}/",
    "Explorer: by name": "/explorer/{root}/?order=name",
}


def add_arguments(parser: ArgumentParser) -> None:
    """The sizes."""
    parser.add_argument("--items", type=int, default=1_000_000, help="in one folder (1000000)")
    parser.add_argument("--subfolders", type=int, default=5_000, help="beside them (5000)")
    parser.add_argument("--rounds", type=int, default=7, help="of each page (7)")


def run(arguments: Namespace) -> dict[str, Any]:
    """Fill a small and a large folder, and look at both in turn."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.SECURE_SSL_REDIRECT = False
    # Static files were not collected: pages name them as they lie.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    small = _place("Small", _FEW, 5)
    large = _place("Large", arguments.items, arguments.subfolders)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE folders_item, folders_unit, folders_folder")
    few, many = f"{_FEW:,} items", f"{arguments.items:,} items"
    found = []
    for name, path in PAGES.items():
        contenders = {many: _asking(large, path), few: _asking(small, path)}
        for ask in contenders.values():
            ask(0)
        series = side_by_side(contenders, range(arguments.rounds))
        found.append(Comparison(name, series, few))
    sizes = {name: getattr(arguments, name) for name in ("items", "subfolders", "rounds")}
    return {"sizes": sizes, "comparisons": as_json(found)}


def report(result: dict[str, Any]) -> str:
    """A table."""
    return table(result)


def _asking(place: Place, path: str) -> Callable[[int], None]:
    return lambda _: place.get(path)


def _place(name: str, items: int, subfolders: int) -> Place:
    world = new_world(name)
    add_many_images(world, items)
    root = world.root
    for start in range(0, subfolders, _SUBFOLDERS_AT_ONCE):
        made = [
            Folder(organisation=root.organisation, parent=root, root=root, name=f"part {number}")
            for number in range(start, min(start + _SUBFOLDERS_AT_ONCE, subfolders))
        ]
        for folder in made:
            folder.path = f"{root.path}{folder.id.hex}/"
        Folder.objects.bulk_create(made)
    client = Client()
    client.force_login(world.actor.user)
    return Place(world, client, _late(client, world))


def _late(client: Client, world: World) -> str:
    """The query of a page some hundred pages behind the first."""
    query = ""
    for _ in range(5):
        address = f"/api/v1/folders/{world.root.pk}/items/?limit=200&{query}"
        following = client.get(address).json()["next"]
        if following is None:
            break
        query = f"cursor={quote(following.partition('cursor=')[2].partition('&')[0], safe='%')}"
    return query
