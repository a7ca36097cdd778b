"""The picture of a map, for who cannot draw its points."""

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from accounts.middleware import actor_of
from core.api.views import APIView
from core.errors import FieldError, InvalidInput
from embeddings.maps.access import view_map
from embeddings.maps.density import SCHEMES, Scheme
from embeddings.maps.still import map_picture


class MapPictureView(APIView):
    """Where the points of a map lie."""

    @extend_schema(
        operation_id="map_picture",
        tags=["Maps"],
        parameters=[
            OpenApiParameter("scheme", str, enum=SCHEMES, description="light without it."),
            OpenApiParameter(
                "mark", str, description="Of the rows that the caller knows; another: 409."
            ),
        ],
        responses={
            (200, "image/png"): OpenApiResponse(
                OpenApiTypes.BINARY,
                "X-Kindred-Bounds says what it shows: smallest x and y, largest x and y.",
            )
        },
    )
    def get(self, request: Request, reduction_id: UUID) -> HttpResponse:
        """Send a picture of how densely the points lie that the caller sees of a finished map."""
        asked = str(request.query_params.get("mark", ""))
        scheme = _scheme(request)
        view = view_map(actor_of(request), reduction_id, asked)
        picture = map_picture(view, scheme)
        response = HttpResponse(picture.png, content_type="image/png")
        response["X-Kindred-Bounds"] = ",".join(map(repr, picture.bounds))
        response["ETag"] = f'"{view.mark}-{scheme}"'
        lifetime = "max-age=31536000, immutable" if asked else "no-cache"
        response["Cache-Control"] = f"private, {lifetime}"
        # The rows are cut by who looks.
        response["Vary"] = "Cookie, Authorization"
        return response


def _scheme(request: Request) -> Scheme:
    scheme = request.query_params.get("scheme", "light")
    if scheme not in SCHEMES:
        message = "The scheme is light or dark."
        error = FieldError("scheme", message, "unknown_choice", "light, dark", str(scheme)[:80])
        raise InvalidInput(message, errors=[error])
    return scheme
