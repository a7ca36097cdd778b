"""The API's description for people: Swagger UI under the strict Content-Security-Policy."""

from drf_spectacular.views import SpectacularSwaggerSplitView


class ApiDocsView(SpectacularSwaggerSplitView):
    """The page, and with `?script` the script that starts Swagger UI: nothing stands inline."""

    template_name = "core/api_docs.html"
    template_name_js = "core/api_docs.js"
    url_name = "api-schema"
