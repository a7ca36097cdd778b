"""Addresses of collections."""

from django.urls import URLPattern, path

from encord_api.views.collection_members import (
    AddItemsView,
    AddPresetView,
    AddTitlesView,
    RemoveItemsView,
    RemovePresetView,
)
from encord_api.views.collections import (
    AccessibleItemsView,
    AllItemsView,
    CollectionsView,
    CollectionView,
)

_ONE = "index/collections/<uuid:collection_id>"
_PARTS = {
    "accessible-items": AccessibleItemsView,
    "all-items": AllItemsView,
    "add-items": AddItemsView,
    "remove-items": RemoveItemsView,
    "add-data-title-items": AddTitlesView,
    "add-preset-items": AddPresetView,
    "remove-preset-items": RemovePresetView,
}

urlpatterns: list[URLPattern] = [
    path("index/collections", CollectionsView.as_view(), name="encord-collections"),
    path(_ONE, CollectionView.as_view(), name="encord-collection"),
    *(
        path(f"{_ONE}/{part}", view.as_view(), name=f"encord-collection-{part}")
        for part, view in _PARTS.items()
    ),
]
