"""Addresses of the REST endpoints of collections."""

from django.urls import URLPattern, URLResolver, path

from collections_app.api.collections import CollectionsView, CollectionUnitsView, CollectionView
from collections_app.api.comparison import ComparisonView

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "folders/<uuid:folder_id>/collections/",
        CollectionsView.as_view(),
        name="api-folder-collections",
    ),
    path(
        "folders/<uuid:folder_id>/comparison/",
        ComparisonView.as_view(),
        name="api-folder-comparison",
    ),
    path("collections/<uuid:collection_id>/", CollectionView.as_view(), name="api-collection"),
    path(
        "collections/<uuid:collection_id>/units/",
        CollectionUnitsView.as_view(),
        name="api-collection-units",
    ),
]
