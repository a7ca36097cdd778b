"""Addresses of items. Data groups and re-encoding are not supported, as all that is not listed."""

from django.urls import URLPattern, path

from encord_api.views.item_lists import FolderItemsView, ItemSearchView
from encord_api.views.items import (
    ChildItemsView,
    FolderItemView,
    ItemMetadataView,
    ItemsBulkView,
    ItemsDeleteView,
    ItemsMoveView,
    ItemsPatchView,
    ItemSummaryView,
    ItemView,
)

_FOLDER = "storage/folders/<uuid:folder_id>/items"
_IN_FOLDER = f"{_FOLDER}/<uuid:item_id>"

urlpatterns: list[URLPattern] = [
    path("storage/items/get-bulk", ItemsBulkView.as_view(), name="encord-items-bulk"),
    path("storage/items/patch-bulk", ItemsPatchView.as_view(), name="encord-items-patch"),
    path("storage/items/<uuid:item_id>", ItemView.as_view(), name="encord-item"),
    path(
        "storage/items/<uuid:item_id>/client-metadata",
        ItemMetadataView.as_view(),
        name="encord-item-metadata",
    ),
    path("storage/search/items", ItemSearchView.as_view(), name="encord-item-search"),
    path(_FOLDER, FolderItemsView.as_view(), name="encord-folder-items"),
    path(f"{_FOLDER}/delete", ItemsDeleteView.as_view(), name="encord-items-delete"),
    path(f"{_FOLDER}/move", ItemsMoveView.as_view(), name="encord-items-move"),
    path(_IN_FOLDER, FolderItemView.as_view(), name="encord-folder-item"),
    path(f"{_IN_FOLDER}/child-items", ChildItemsView.as_view(), name="encord-item-children"),
    path(f"{_IN_FOLDER}/summary", ItemSummaryView.as_view(), name="encord-item-summary"),
]
