"""Maps while they form: their points now, and the wish to stop here and keep them."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.middleware import actor_of
from core.api.views import APIView
from core.errors import Conflict
from embeddings.forming import hold_snapshot
from embeddings.maps.access import View, get_map, view_any_map
from embeddings.maps.framing import CONTENT_TYPE
from embeddings.maps.payload import map_payload
from embeddings.models import Reduction
from embeddings.services.reductions import stop_reduction


class FormingMapView(APIView):
    """The points of a map that is being computed."""

    @extend_schema(
        operation_id="map_forming",
        tags=["Maps"],
        parameters=[
            OpenApiParameter("after", int, description="The number of the last one received."),
            OpenApiParameter(
                "hold", int, description="A number whose points are kept for some minutes more."
            ),
        ],
        responses={
            (200, CONTENT_TYPE): OpenApiTypes.BINARY,
            204: None,
        },
    )
    def get(self, request: Request, reduction_id: UUID) -> HttpResponse:
        """Send the points as they are now, as of a finished map; 204 while there is nothing new.

        Who draws on the points of one number says so by `hold`, every minute at least: none are
        sent then, and the region can be kept by `map_select` although the layout goes on.

        Headers say how far it is: X-Kindred-State whether it still forms (pending, running) or how
        it ended (ready, failed, cancelled), X-Kindred-Step what it does, percent-encoded,
        X-Kindred-Percent how much is done, X-Kindred-Number which snapshot this is.
        """
        actor = actor_of(request)
        reduction = get_map(actor, reduction_id)
        held = _number(request, "hold")
        if held:
            hold_snapshot(reduction_id, held)
        view = _forming(actor, reduction_id) if reduction.is_active and not held else None
        known = _number(request, "after")
        if view is None or view.snapshot is None or known == view.snapshot.number:
            response = HttpResponse(status=204)
        else:
            response = HttpResponse(map_payload(view), content_type=CONTENT_TYPE)
        number = view.snapshot.number if view and view.snapshot else ""
        for name, value in _headers(reduction, number).items():
            response[name] = value
        response["Cache-Control"] = "private, no-store"
        return response


def _number(request: Request, name: str) -> int:
    """The number of a snapshot; 0 for none."""
    text = str(request.query_params.get(name, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _headers(reduction: Reduction, number: int | str) -> dict[str, str]:
    """How far the map is; the step is percent-encoded, for it may hold any letter."""
    job = reduction.job
    return {
        "X-Kindred-State": reduction.current_state.value,
        "X-Kindred-Number": str(number),
        "X-Kindred-Step": quote(job.step) if job else "",
        "X-Kindred-Percent": str((job and job.percent) or 0),
    }


def _forming(actor: Actor, reduction_id: UUID) -> View | None:
    """None before the first points."""
    try:
        return view_any_map(actor, reduction_id)
    except Conflict:
        return None


class StopSerializer(serializers.Serializer[Any]):
    """A run that was asked to stop."""

    id = serializers.UUIDField()
    stop_requested = serializers.BooleanField()


class StopMapView(APIView):
    """The end of a run, with its points."""

    @extend_schema(operation_id="map_stop", tags=["Maps"], request=None, responses=StopSerializer)
    def post(self, request: Request, reduction_id: UUID) -> Response:
        """Stop the layout within moments and keep the map as it is then."""
        actor = actor_of(request)
        reduction = get_map(actor, reduction_id)
        stop_reduction(actor=actor, reduction=reduction)
        return Response({"id": reduction.pk, "stop_requested": reduction.is_active})
