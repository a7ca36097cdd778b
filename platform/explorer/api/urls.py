"""Addresses of the Explorer's REST endpoints."""

from django.urls import URLPattern, URLResolver, path

from explorer.api.units import ExplorerFacetsView, ExplorerUnitsView

urlpatterns: list[URLPattern | URLResolver] = [
    path("folders/<uuid:folder_id>/units/", ExplorerUnitsView.as_view(), name="api-folder-units"),
    path(
        "folders/<uuid:folder_id>/facets/", ExplorerFacetsView.as_view(), name="api-folder-facets"
    ),
]
