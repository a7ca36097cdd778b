"""REST API v1."""

from django.urls import include, path

urlpatterns = [
    path("", include("core.api.urls")),
    path("", include("accounts.api.urls")),
    path("", include("integrations.api.urls")),
    path("", include("folders.api.urls")),
    path("", include("embeddings.api.urls")),
    path("", include("collections_app.api.urls")),
    path("", include("explorer.api.urls")),
]
