"""The API's description: the schema, and Swagger UI under the strict Content-Security-Policy."""

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response


class ApiSchemaView(SpectacularAPIView):
    """The OpenAPI schema. It is the same for everybody and takes a second to make: made once."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send the schema as YAML or JSON."""
        return Response(api_schema())


class ApiDocsView(SpectacularSwaggerSplitView):
    """The page, and with `?script` the script that starts Swagger UI: nothing stands inline."""

    template_name = "core/api_docs.html"
    template_name_js = "core/api_docs.js"
    url_name = "api-schema"


@cache
def api_schema() -> dict[str, Any]:
    """The description of the whole REST API."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    schema: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema
