"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from embeddings.views.derived import folder_derived_vectors
from embeddings.views.map_compare import map_compare
from embeddings.views.map_versions import map_version
from embeddings.views.matrix_files import matrix_file_index, matrix_file_rebuild, matrix_files
from embeddings.views.upgrades import folder_upgrade, upgrade_key, upgrade_progress

urlpatterns: list[URLPattern | URLResolver] = [
    path("files/<uuid:folder_id>/upgrade/", folder_upgrade, name="folder-upgrade"),
    path("files/<uuid:folder_id>/upgrade/progress/", upgrade_progress, name="upgrade-progress"),
    path(
        "files/<uuid:folder_id>/upgrade/versions/<uuid:reduction_id>/",
        map_version,
        name="map-version",
    ),
    path(
        "files/<uuid:folder_id>/upgrade/versions/<uuid:reduction_id>/compare/",
        map_compare,
        name="map-compare",
    ),
    path("files/<uuid:folder_id>/upgrade/keys/<int:key_id>/", upgrade_key, name="upgrade-key"),
    path(
        "files/<uuid:folder_id>/derived-vectors/",
        folder_derived_vectors,
        name="folder-derived-vectors",
    ),
    path("schema/matrix-files/", matrix_files, name="matrix-files"),
    path(
        "schema/matrix-files/<int:set_id>/rebuild/", matrix_file_rebuild, name="matrix-file-rebuild"
    ),
    path("schema/matrix-files/<int:set_id>/index/", matrix_file_index, name="matrix-file-index"),
]
