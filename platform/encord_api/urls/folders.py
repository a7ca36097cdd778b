"""Addresses of folders."""

from django.urls import URLPattern, path

from encord_api.views.folder_config import FolderConfigView
from encord_api.views.folder_groups import FolderGroupsView
from encord_api.views.folders import (
    FolderSearchView,
    FoldersMoveView,
    FoldersPatchView,
    FolderSummaryView,
    FoldersView,
    FolderView,
    OrganisationTagsView,
    SubfoldersView,
)

_FOLDER = "storage/folders/<uuid:folder_id>"

urlpatterns: list[URLPattern] = [
    path("storage/folders", FoldersView.as_view(), name="encord-folders"),
    path("storage/folders/patch-bulk", FoldersPatchView.as_view(), name="encord-folders-patch"),
    path("storage/folders/move", FoldersMoveView.as_view(), name="encord-folders-move"),
    path("storage/search/folders", FolderSearchView.as_view(), name="encord-folder-search"),
    path(_FOLDER, FolderView.as_view(), name="encord-folder"),
    path(f"{_FOLDER}/folders", SubfoldersView.as_view(), name="encord-subfolders"),
    path(f"{_FOLDER}/summary", FolderSummaryView.as_view(), name="encord-folder-summary"),
    path(f"{_FOLDER}/folder-config", FolderConfigView.as_view(), name="encord-folder-config"),
    path(f"{_FOLDER}/groups", FolderGroupsView.as_view(), name="encord-folder-groups"),
    path(
        "organisation/organisation-tags",
        OrganisationTagsView.as_view(),
        name="encord-organisation-tags",
    ),
]
