"""Addresses of the metadata schema."""

from django.urls import URLPattern, path

from encord_api.views.schema import LegacySchemaView, SchemaView

urlpatterns: list[URLPattern] = [
    path(
        "organisation/client-metadata-schema",
        LegacySchemaView.as_view(),
        name="encord-legacy-schema",
    ),
    path("organisation/client-metadata-schema-v2", SchemaView.as_view(), name="encord-schema"),
]
