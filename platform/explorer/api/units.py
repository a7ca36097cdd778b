"""Units of a root folder over REST: the query of the Explorer page."""

import json
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of
from core.api.views import APIView
from core.errors import FieldError, InvalidInput
from core.metrics.searches import count_search
from explorer.api.serializers import (
    ExplorerPageSerializer,
    FacetsQuerySerializer,
    FacetsSerializer,
    StateSerializer,
    UnitsQuerySerializer,
)
from explorer.conjuncts import join, parts_of
from explorer.controls import Control, controls_for
from explorer.facets import facets
from explorer.query import Row, unit_page
from explorer.state import DEFAULT_ORDER, ExplorerState
from folders import filters
from folders.addresses import unit_thumbnail_url
from folders.permissions import get_root


class ExplorerUnitsView(APIView):
    """Pages of units."""

    @extend_schema(
        operation_id="folder_units_list",
        tags=["Explorer"],
        parameters=[UnitsQuerySerializer],
        responses=ExplorerPageSerializer,
    )
    def get(self, request: Request, folder_id: UUID) -> Response:
        """List units of a root folder: filtered, ordered, or by similarity to a unit."""
        actor = actor_of(request)
        root = get_root(actor, folder_id)
        asked = _valid(UnitsQuerySerializer, request)
        page = unit_page(
            actor=actor,
            root=root,
            state=_state(asked),
            cursor=asked.get("cursor"),
            limit=asked["limit"],
        )
        if page.search is not None and asked.get("cursor") is None:
            count_search()
        answer = {
            "results": [_described(row) for row in page.rows],
            "next_cursor": page.next_cursor,
            "search": page.search,
            "gone": page.gone,
        }
        return Response(ExplorerPageSerializer(answer).data)


class ExplorerFacetsView(APIView):
    """Counts for a filter rail."""

    @extend_schema(
        operation_id="folder_facets",
        tags=["Explorer"],
        parameters=[FacetsQuerySerializer],
        responses=FacetsSerializer,
    )
    def get(self, request: Request, folder_id: UUID) -> Response:
        """Count values of fields; each field without its own conditions."""
        actor = actor_of(request)
        root = get_root(actor, folder_id)
        state = _state(_valid(StateSerializer, request))
        controls = _chosen(request.query_params.get("fields", ""), controls_for(actor, root))
        found = facets(actor=actor, root=root, state=state, controls=controls)
        return Response(FacetsSerializer({"facets": list(found.values())}).data)


def _valid(serializer: type[StateSerializer], request: Request) -> dict[str, Any]:
    given = serializer(data=request.query_params)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _state(asked: dict[str, Any]) -> ExplorerState:
    """The state of the page that shows the same."""
    said = {
        "embedding": asked.get("embedding", ""),
        "similar": asked.get("similar_to", ""),
        "distance": asked.get("max_distance", ""),
        "order": asked.get("order", DEFAULT_ORDER),
    }
    text = asked.get("filter", "")
    if not text.lstrip().startswith("{"):
        return ExplorerState.from_query(said | {"filter": text})
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        message = "The filter is not JSON."
        raise InvalidInput(message, errors=[FieldError("filter", message)]) from None
    state = ExplorerState.from_query(said)
    return state.changed(filter=join(parts_of(filters.parse(tree).to_json())))


def _described(row: Row) -> dict[str, Any]:
    unit, item = row.unit, row.unit.item
    return {
        "id": unit.pk,
        "item": item.pk,
        "name": item.name,
        "kind": unit.kind,
        "frame": unit.frame,
        "timestamp": unit.timestamp,
        "folder": unit.folder_id,
        "thumbnail": unit_thumbnail_url(unit),
        "distance": row.distance,
        "percentile": row.hit.percentile if row.hit else None,
        "metadata": unit.metadata,
    }


def _chosen(names: str, controls: list[Control]) -> list[Control]:
    """The controls of the named fields.

    Raises:
        InvalidInput: a name is none of them.
    """
    wanted = [name for name in names.split(",") if name]
    if not wanted:
        return controls
    known = {control.field: control for control in controls}
    wrong = [name for name in wanted if name not in known]
    if wrong:
        raise InvalidInput(
            errors=[FieldError("fields", f"There is no field “{name[:80]}”.") for name in wrong]
        )
    return [known[name] for name in wanted]
