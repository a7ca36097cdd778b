"""The Explorer's server: the first grid page, order and counts, under each filter, over HTTP."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any

import httpx
from django.core.management import call_command

from benchmarks.filled import Tree, fill, tenths
from benchmarks.live import LiveServer
from benchmarks.measure import Comparison, side_by_side
from benchmarks.report import as_json, table
from benchmarks.samples import shaken
from benchmarks.searched import Place, searched_place
from explorer.state import ExplorerState

_DIMENSIONS = 8
_ORDERS = ("-created_at", "name", "metadata.score")


def add_arguments(parser: ArgumentParser) -> None:
    """Sizes."""
    parser.add_argument("--units", type=int, default=1_000_000, help="of the folder (1000000)")
    parser.add_argument("--rounds", type=int, default=10, help="of each page (10)")


def run(arguments: Namespace) -> dict[str, Any]:
    """Fill a folder, then ask for its pages as a browser does."""
    place = searched_place(None, arguments.units, _DIMENSIONS)
    fill(place, shaken(place.vectors, 1)[0])
    every: dict[str, Tree | None] = {
        "nothing": None,
        **tenths(place),
        "embedding": {"field": f"embedding.{place.key.name}", "op": "exists", "value": True},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    with LiveServer(place.world.actor) as server, server.browser() as client:
        rounds = range(arguments.rounds)
        comparisons = [
            Comparison(
                f"{what}, a tenth by each kind of field",
                side_by_side(
                    {
                        name: _asking(client, place, part, ExplorerState(filter=tree))
                        for name, tree in every.items()
                    },
                    rounds,
                ),
                "nothing",
            )
            for what, part in (("Page", ""), ("Rail with its counts", "rail/"))
        ]
        for what, part in (("Page", ""), ("Order of all units", "sequence/")):
            asked = {
                order: _asking(client, place, part, ExplorerState(order=order)) for order in _ORDERS
            }
            comparisons.append(
                Comparison(f"{what}, in an order", side_by_side(asked, rounds), _ORDERS[0])
            )
    return {"sizes": {"units": len(place.unit_ids)}, "comparisons": as_json(comparisons)}


def report(result: dict[str, Any]) -> str:
    """One line for each filter and order."""
    return table(result)


def _asking(
    client: httpx.Client, place: Place, part: str, state: ExplorerState
) -> Callable[[int], None]:
    address = f"/explorer/{place.world.root.pk}/{part}?{state.query()}"

    def ask(_round: int) -> None:
        client.get(address).raise_for_status()

    ask(0)
    return ask
