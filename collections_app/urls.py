"""Addresses of the pages of collections."""

from django.urls import URLPattern, URLResolver, path

from collections_app.views import collections as views
from collections_app.views import comparison, replay
from collections_app.views.combining import collection_combine
from collections_app.views.exports import export_file
from collections_app.views.likeness import more_like

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
    path("compare/<uuid:root_id>/more-like/", more_like, name="more-like"),
    path("exports/<uuid:export_id>/file/", export_file, name="export-file"),
    path(
        "collections/folder/<uuid:root_id>/", views.collections_of_root, name="collections-of-root"
    ),
    path("collections/combine/<uuid:root_id>/", collection_combine, name="collection-combine"),
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
    path(
        "collections/<uuid:collection_id>/replay/",
        replay.collection_replay,
        name="collection-replay",
    ),
    path(
        "collections/<uuid:collection_id>/replay/apply/",
        replay.collection_replay_apply,
        name="collection-replay-apply",
    ),
    path(
        "collections/<uuid:collection_id>/replay/save/",
        replay.collection_replay_save,
        name="collection-replay-save",
    ),
]
