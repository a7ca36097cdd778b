"""What the templates of the Explorer are given."""

from dataclasses import dataclass
from typing import Any

from accounts.actor import Actor
from core.errors import DomainError, InvalidInput, NotFound
from embeddings.search.ranked import MAX_RANKED
from explorer.badges import Badges, badge_keys
from explorer.chips import chips_of, map_chip
from explorer.choices import TILE_SIZES, View
from explorer.conjuncts import leaves_of
from explorer.controls import Control, controls_for
from explorer.mapping import map_data
from explorer.menus import (
    Embedding,
    active_embedding,
    direction_entries,
    embedding_entries,
    embeddings_of,
    has_entries,
    order_entries,
    view_entries,
)
from explorer.permissions import may_collect
from explorer.presets import preset_menu
from explorer.query import Row, UnitPage, count_units, unit_page
from explorer.rail import rail_sections
from explorer.state import ExplorerState
from explorer.strip import Strip, search_strip
from explorer.tiles import Tile, tiles_of
from folders.models import Folder, Unit


@dataclass(frozen=True, slots=True)
class Shown:
    """What a state shows: a page, how many units in all, and the search strip; or what is wrong."""

    page: UnitPage
    count: int
    strip: Strip | None = None
    problem: DomainError | None = None


def page_context(
    actor: Actor,
    root: Folder,
    state: ExplorerState,
    controls: list[Control],
    badges: Badges,
    cursor: str | None,
) -> dict[str, Any]:
    """The whole page; its rail is without counts, which follow by themselves."""
    return {
        **results_context(actor, root, state, controls, badges, cursor),
        "sections": rail_sections(controls, state.filter),
        "badge_keys": badge_keys(controls),
    }


def results_context(
    actor: Actor,
    root: Folder,
    state: ExplorerState,
    controls: list[Control],
    badges: Badges,
    cursor: str | None = None,
) -> dict[str, Any]:
    """The parts of the page that depend on the state."""
    embeddings = embeddings_of(root, controls, state)
    active = active_embedding(state, embeddings)
    if state.is_search and not state.embedding and active is not None:
        state = state.changed(embedding=active.key.name, distance=state.distance)
    shown = _shown(actor, root, state, cursor)
    on_map = map_data(actor, root, state, active, controls)
    find = leaves_of(state.filter, "name")
    return {
        "root": root,
        "state": state,
        "query": state.query(),
        "hidden": state.parameters(),
        "find": find[0]["value"] if find and find[0]["op"] == "contains" else "",
        "chips": chips_of(state, controls),
        "map_chip": map_chip(state, active.map, active.newest) if active else None,
        "tiles": _tiles(shown.page, active, badges),
        "badges": badges,
        "similar_query": _similar_query(state, active),
        "split_query": state.changed(view=View.SPLIT).query(),
        "next_cursor": shown.page.next_cursor,
        "left_out": shown.page.gone,
        "search": shown.page.search,
        "count": shown.count,
        "ranked_most": MAX_RANKED,
        "strip": shown.strip,
        "problem": shown.problem,
        "embedding": active.key.name if active else "",
        "embeddings": embedding_entries(state, embeddings, active),
        "orders": order_entries(state, controls),
        "directions": direction_entries(state),
        "views": view_entries(state),
        "has_entries": has_entries(state, controls),
        "controls": controls,
        "cleared": state.changed(filter=None, similar=None).query(),
        "without_search": state.changed(similar=None).query(),
        "turned": state.changed(farthest=not state.farthest).query(),
        "rolled": state.changed(roll_up=not state.roll_up).query(),
        "is_empty_root": not shown.count and _is_empty(actor, root),
        "tile_sizes": TILE_SIZES,
        "tile_stop": TILE_SIZES.index(state.size),
        "map_data": on_map,
        "map_picture": on_map.get("picture-url", ""),
        "may_collect": may_collect(actor, root),
        **preset_menu(actor, root, state),
    }


def tiles_context(
    actor: Actor, root: Folder, state: ExplorerState, badges: Badges, cursor: str | None
) -> dict[str, Any]:
    """Tiles behind a cursor; their state names its embedding, as the page's links do."""
    page = unit_page(actor=actor, root=root, state=state, cursor=cursor)
    controls = controls_for(actor, root)
    active = active_embedding(state, embeddings_of(root, controls, state))
    return {
        "root": root,
        "state": state,
        "query": state.query(),
        "tiles": _tiles(page, active, badges),
        "badges": badges,
        "next_cursor": page.next_cursor,
        "left_out": page.gone,
        "embedding": active.key.name if active else "",
        "similar_query": _similar_query(state, active),
    }


def named_tiles_context(
    actor: Actor, root: Folder, state: ExplorerState, badges: Badges, rows: list[Row]
) -> dict[str, Any]:
    """Tiles of some units, as those of a page."""
    controls = controls_for(actor, root)
    active = active_embedding(state, embeddings_of(root, controls, state))
    return {
        "root": root,
        "state": state,
        "tiles": _tiles(UnitPage(rows, None), active, badges),
        "badges": badges,
        "embedding": active.key.name if active else "",
        "similar_query": _similar_query(state, active),
    }


def _shown(actor: Actor, root: Folder, state: ExplorerState, cursor: str | None) -> Shown:
    """A link may outlive the key, folder, collection or unit that it names: the page says so."""
    try:
        if state.search is None:
            page = unit_page(actor=actor, root=root, state=state, cursor=cursor)
            return Shown(page, count_units(actor=actor, root=root, state=state))
        page = unit_page(actor=actor, root=root, state=state, cursor=cursor, histogram=True)
        strip = search_strip(actor=actor, root=root, state=state, page=page.search)
        return Shown(page, strip.count, strip)
    except (InvalidInput, NotFound) as problem:
        return Shown(UnitPage(rows=[], next_cursor=None), 0, problem=problem)


def _tiles(page: UnitPage, active: Embedding | None, badges: Badges) -> list[Tile]:
    """The tiles of a page; those of videos and groups tell of vectors under the active key."""
    if active is None:
        return tiles_of(page.rows, badges=badges)
    return tiles_of(page.rows, active.map, active.key, badges)


def _similar_query(state: ExplorerState, active: Embedding | None) -> str:
    """The state that a similarity search starts from, but for the unit."""
    name = active.key.name if active else ""
    return state.changed(embedding=name, similar=None).query()


def _is_empty(actor: Actor, root: Folder) -> bool:
    return not Unit.objects.visible_to(actor).filter(root=root).exists()
