"""The addresses that the SDK calls, none of which ends with a slash; each noun lists its own."""

from django.urls import include, path

from encord_api.urls import (
    bearer,
    collections,
    folders,
    groups,
    integrations,
    items,
    presets,
    registrations,
    schema,
    uploads,
    users,
)
from encord_api.views.base import NotSupportedView
from encord_api.views.legacy import LegacyView

_NOUNS = (
    bearer,
    schema,
    folders,
    items,
    uploads,
    registrations,
    collections,
    presets,
    integrations,
    groups,
    users,
)

urlpatterns = [
    *(path("v2/public/", include(noun)) for noun in _NOUNS),
    *uploads.signed_urlpatterns,
    # Last: projects, datasets, ontologies and whatever else the SDK may know.
    path("v2/public/<path:rest>", NotSupportedView.as_view(), name="encord-not-supported"),
    path("public", LegacyView.as_view(), name="encord-legacy"),
    path("public/user", LegacyView.as_view(), name="encord-legacy-user"),
]
