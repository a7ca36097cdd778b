"""Addresses of the REST endpoints of collections."""

from django.urls import URLPattern, URLResolver, path

from collections_app.api.collections import (
    CollectionsView,
    CollectionUnitsView,
    CollectionView,
    CombinationView,
)
from collections_app.api.comparison import ComparisonView
from collections_app.api.exports import ExportFileView, ExportsView, ExportView
from collections_app.api.presets import PresetsView, PresetView
from collections_app.api.replay import ReplayView, SaveReplayView

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "folders/<uuid:folder_id>/collections/",
        CollectionsView.as_view(),
        name="api-folder-collections",
    ),
    path(
        "folders/<uuid:folder_id>/collections/combine/",
        CombinationView.as_view(),
        name="api-folder-combine",
    ),
    path(
        "folders/<uuid:folder_id>/comparison/",
        ComparisonView.as_view(),
        name="api-folder-comparison",
    ),
    path("folders/<uuid:folder_id>/exports/", ExportsView.as_view(), name="api-folder-exports"),
    path("folders/<uuid:folder_id>/presets/", PresetsView.as_view(), name="api-folder-presets"),
    path("presets/<uuid:preset_id>/", PresetView.as_view(), name="api-preset"),
    path("exports/<uuid:export_id>/", ExportView.as_view(), name="api-export"),
    path("exports/<uuid:export_id>/file/", ExportFileView.as_view(), name="api-export-file"),
    path("collections/<uuid:collection_id>/", CollectionView.as_view(), name="api-collection"),
    path(
        "collections/<uuid:collection_id>/units/",
        CollectionUnitsView.as_view(),
        name="api-collection-units",
    ),
    path(
        "collections/<uuid:collection_id>/replay/",
        ReplayView.as_view(),
        name="api-collection-replay",
    ),
    path(
        "collections/<uuid:collection_id>/replay/save/",
        SaveReplayView.as_view(),
        name="api-collection-replay-save",
    ),
]
