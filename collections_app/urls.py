"""Addresses of the pages of collections."""

from django.urls import URLPattern, URLResolver, path

from collections_app.views import collections as views
from collections_app.views import comparison
from collections_app.views.exports import export_file

urlpatterns: list[URLPattern | URLResolver] = [
    path("collections/", views.collections, name="collections"),
    path("compare/<uuid:root_id>/", comparison.comparison, name="comparison"),
    path(
        "compare/<uuid:root_id>/differences/",
        comparison.comparison_differences,
        name="comparison-differences",
    ),
    path(
        "compare/<uuid:root_id>/nearest/",
        comparison.comparison_nearest,
        name="comparison-nearest",
    ),
    path("exports/<uuid:export_id>/file/", export_file, name="export-file"),
    path("collections/create/<uuid:root_id>/", views.collection_create, name="collection-create"),
    path("collections/<uuid:collection_id>/", views.collection, name="collection"),
    path(
        "collections/<uuid:collection_id>/update/",
        views.collection_update,
        name="collection-update",
    ),
    path(
        "collections/<uuid:collection_id>/delete/",
        views.collection_delete,
        name="collection-delete",
    ),
]
