"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from embeddings.api.coverage import KeyCoverageView, ZeroVectorListView
from embeddings.api.derived_vectors import DerivedVectorsView
from embeddings.api.embedding_keys import FolderEmbeddingsView
from embeddings.api.forming_maps import FormingMapView, StopMapView
from embeddings.api.item_vectors import ItemVectorView
from embeddings.api.map_data import (
    MapCardsView,
    MapColoursView,
    MapMaskView,
    MapPayloadView,
    MapPointView,
)
from embeddings.api.map_distances import MapDistancesView
from embeddings.api.map_parts import MapGoneView, MapPartsView, MapPartView, MapSeenView
from embeddings.api.map_picture import MapPictureView
from embeddings.api.map_selections import MapSelectionsView
from embeddings.api.map_versions import (
    KeepMapView,
    MapDriftPointsView,
    MapDriftView,
    RecomputeMapView,
)
from embeddings.api.maps import FolderMapsView, MapView
from embeddings.api.matrix_files import MatrixFileRebuildView, MatrixFilesView, VectorIndexView
from embeddings.api.search import DistancesView, SearchView
from embeddings.api.upgrades import FolderUpgradeView
from embeddings.api.vectors import VectorsView

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "folders/<uuid:folder_id>/embeddings/",
        FolderEmbeddingsView.as_view(),
        name="api-folder-embeddings",
    ),
    path(
        "folders/<uuid:folder_id>/embeddings/<str:key>/coverage/",
        KeyCoverageView.as_view(),
        name="api-folder-coverage",
    ),
    path(
        "folders/<uuid:folder_id>/embeddings/<str:key>/zero/",
        ZeroVectorListView.as_view(),
        name="api-folder-zero-vectors",
    ),
    path(
        "items/<uuid:item_id>/vectors/<str:key>/", ItemVectorView.as_view(), name="api-item-vector"
    ),
    path("folders/<uuid:folder_id>/vectors/", VectorsView.as_view(), name="api-folder-vectors"),
    path(
        "folders/<uuid:folder_id>/derived-vectors/",
        DerivedVectorsView.as_view(),
        name="api-folder-derived-vectors",
    ),
    path("folders/<uuid:folder_id>/search/", SearchView.as_view(), name="api-folder-search"),
    path(
        "folders/<uuid:folder_id>/search/distances/",
        DistancesView.as_view(),
        name="api-folder-distances",
    ),
    path(
        "folders/<uuid:folder_id>/upgrade/", FolderUpgradeView.as_view(), name="api-folder-upgrade"
    ),
    path("folders/<uuid:folder_id>/maps/", FolderMapsView.as_view(), name="api-folder-maps"),
    path("maps/<uuid:reduction_id>/", MapView.as_view(), name="map"),
    path("maps/<uuid:reduction_id>/forming/", FormingMapView.as_view(), name="map-forming"),
    path("maps/<uuid:reduction_id>/recompute/", RecomputeMapView.as_view(), name="map-recompute"),
    path("maps/<uuid:reduction_id>/keep/", KeepMapView.as_view(), name="map-keep"),
    path("maps/<uuid:reduction_id>/drift/", MapDriftView.as_view(), name="map-drift"),
    path(
        "maps/<uuid:reduction_id>/drift/points/",
        MapDriftPointsView.as_view(),
        name="map-drift-points",
    ),
    path("maps/<uuid:reduction_id>/stop/", StopMapView.as_view(), name="map-stop"),
    path("maps/<uuid:reduction_id>/payload/", MapPayloadView.as_view(), name="map-payload"),
    path("maps/<uuid:reduction_id>/picture/", MapPictureView.as_view(), name="map-picture"),
    path("maps/<uuid:reduction_id>/parts/", MapPartsView.as_view(), name="map-parts"),
    path("maps/<uuid:reduction_id>/parts/<int:first>/", MapPartView.as_view(), name="map-part"),
    path("maps/<uuid:reduction_id>/gone/", MapGoneView.as_view(), name="map-gone"),
    path("maps/<uuid:reduction_id>/seen/", MapSeenView.as_view(), name="map-seen"),
    path(
        "maps/<uuid:reduction_id>/selections/", MapSelectionsView.as_view(), name="map-selections"
    ),
    path("maps/<uuid:reduction_id>/points/", MapCardsView.as_view(), name="map-cards"),
    path("maps/<uuid:reduction_id>/mask/", MapMaskView.as_view(), name="map-mask"),
    path("maps/<uuid:reduction_id>/colours/", MapColoursView.as_view(), name="map-colours"),
    path("maps/<uuid:reduction_id>/distances/", MapDistancesView.as_view(), name="map-distances"),
    path(
        "maps/<uuid:reduction_id>/points/<int:ordinal>/", MapPointView.as_view(), name="map-point"
    ),
    path("matrix-files/", MatrixFilesView.as_view(), name="api-matrix-files"),
    path(
        "matrix-files/<int:set_id>/rebuild/",
        MatrixFileRebuildView.as_view(),
        name="api-matrix-file-rebuild",
    ),
    path("matrix-files/<int:set_id>/index/", VectorIndexView.as_view(), name="api-vector-index"),
]
