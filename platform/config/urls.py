"""Every address of the platform; each app lists its own."""

from django.urls import include, path

from console.site import console

urlpatterns = [
    path("", include("core.urls")),
    path("", include("portal.urls")),
    path("", include("accounts.urls")),
    path("", include("integrations.urls")),
    path("", include("folders.urls")),
    path("", include("embeddings.urls")),
    path("", include("collections_app.urls")),
    path("", include("explorer.urls")),
    path("console/", console.urls),
    path("", include("encord_api.urls")),
    path("api/v1/", include("config.api_urls")),
]
