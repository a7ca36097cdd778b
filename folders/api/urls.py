"""REST addresses of the folders app."""

from django.urls import URLPattern, URLResolver, path

from folders.api.batches import FolderGroupsView, FolderPathsView, FolderSidecarsView
from folders.api.finding import FindView
from folders.api.folders import FolderContentsView, FolderListView, FolderMoveView, FolderView
from folders.api.grants import GrantListView, GrantView
from folders.api.imports import (
    FolderImportListView,
    ImportCancelView,
    ImportErrorsView,
    ImportStartView,
    ImportView,
)
from folders.api.items import ItemListView, ItemRetryView, ItemView
from folders.api.metadata import FolderMetadataView
from folders.api.schema import (
    KeyConvertView,
    KeyListView,
    KeyRestoreView,
    KeyUsageView,
    KeyView,
)
from folders.api.selections import ItemsDeleteView, ItemsEditView, ItemsMoveView
from folders.api.units import ItemUnitListView
from folders.api.uploads import UploadListView, UploadView

urlpatterns: list[URLPattern | URLResolver] = [
    path("find/", FindView.as_view(), name="api-find"),
    path("folders/", FolderListView.as_view(), name="api-folders"),
    path("folders/<uuid:folder_id>/", FolderView.as_view(), name="api-folder"),
    path(
        "folders/<uuid:folder_id>/contents/",
        FolderContentsView.as_view(),
        name="api-folder-contents",
    ),
    path("folders/<uuid:folder_id>/move/", FolderMoveView.as_view(), name="api-folder-move"),
    path("folders/<uuid:folder_id>/grants/", GrantListView.as_view(), name="api-grants"),
    path("folders/<uuid:folder_id>/grants/<int:grant_id>/", GrantView.as_view(), name="api-grant"),
    path("folders/<uuid:folder_id>/items/", ItemListView.as_view(), name="api-items"),
    path(
        "folders/<uuid:folder_id>/items/delete/",
        ItemsDeleteView.as_view(),
        name="api-items-delete",
    ),
    path("folders/<uuid:folder_id>/items/move/", ItemsMoveView.as_view(), name="api-items-move"),
    path(
        "folders/<uuid:folder_id>/items/metadata/",
        ItemsEditView.as_view(),
        name="api-items-metadata",
    ),
    path("folders/<uuid:folder_id>/imports/", FolderImportListView.as_view(), name="api-imports"),
    path(
        "folders/<uuid:folder_id>/metadata/",
        FolderMetadataView.as_view(),
        name="api-folder-metadata",
    ),
    path("imports/<uuid:import_id>/", ImportView.as_view(), name="api-import"),
    path("imports/<uuid:import_id>/start/", ImportStartView.as_view(), name="api-import-start"),
    path("imports/<uuid:import_id>/cancel/", ImportCancelView.as_view(), name="api-import-cancel"),
    path("imports/<uuid:import_id>/errors/", ImportErrorsView.as_view(), name="api-import-errors"),
    path("folders/<uuid:folder_id>/groups/", FolderGroupsView.as_view(), name="api-groups"),
    path("folders/<uuid:folder_id>/paths/", FolderPathsView.as_view(), name="api-folder-paths"),
    path(
        "folders/<uuid:folder_id>/sidecars/",
        FolderSidecarsView.as_view(),
        name="api-folder-sidecars",
    ),
    path("folders/<uuid:folder_id>/uploads/", UploadListView.as_view(), name="api-uploads"),
    path(
        "folders/<uuid:folder_id>/uploads/<uuid:upload_id>/",
        UploadView.as_view(),
        name="api-upload",
    ),
    path("items/<uuid:item_id>/", ItemView.as_view(), name="api-item"),
    path("items/<uuid:item_id>/retry/", ItemRetryView.as_view(), name="api-item-retry"),
    path("items/<uuid:item_id>/units/", ItemUnitListView.as_view(), name="api-item-units"),
    path("schema/keys/", KeyListView.as_view(), name="api-schema-keys"),
    path("schema/keys/<int:key_id>/", KeyView.as_view(), name="api-schema-key"),
    path("schema/keys/<int:key_id>/usage/", KeyUsageView.as_view(), name="api-schema-key-usage"),
    path(
        "schema/keys/<int:key_id>/convert-texts/",
        KeyConvertView.as_view(),
        name="api-schema-key-convert",
    ),
    path(
        "schema/keys/<int:key_id>/restore/",
        KeyRestoreView.as_view(),
        name="api-schema-key-restore",
    ),
]
